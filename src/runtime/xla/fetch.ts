import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../errors.js';
import { makeFolder } from '../../files/folders.js';
import { writeFileAtomic } from '../../files/write.js';
import { plainName } from '../../formats/wheel.js';
import { oneLine } from '../../printable.js';
import { type Fetcher, type Ran, run } from './fetchers.js';
import type { Recipe, Requirement } from './recipes.js';

/** What was fetched: wheels as files, or, by uv, what it unpacked of wheels whose hashes it compared with a lock. */
export type Fetched =
  | { kind: 'wheels'; files: string[] }
  | { kind: 'unpacked'; prefix: string; sha256: ReadonlyMap<string, readonly string[]> };

export interface FetchHooks {
  signal?: AbortSignal;
  /** One line: what is being fetched. */
  note?(line: string): void;
  /** @param mb MB that lie in the folder by now */
  onMegabytes?(mb: number): void;
}

/** How often the folder is looked at, milliseconds. */
const EVERY_MS = 1000;

/**
 * Lets pip or uv fetch what a recipe names, from wherever their own configuration says, into a new folder. Wheels alone are taken: nothing
 * of a package is run.
 * @throws UserError with what the tool said
 */
export async function fetchWheels(recipe: Recipe, fetcher: Fetcher, dir: string, hooks: FetchHooks): Promise<Fetched> {
  await makeFolder(join(dir, 'tmp'));
  let failed: UserError | undefined;
  for (const { requirements, python } of attempts(recipe)) {
    const isWatched = hooks.onMegabytes && setInterval(() => void watch(dir, hooks.onMegabytes!), EVERY_MS);
    try {
      return await (fetcher.tool === 'pip' ? byPip : byUv)({ recipe, fetcher, dir, hooks, requirements, python });
    } catch (e) {
      if (!(e instanceof NoRelease)) throw e;
      failed ??= e;
    } finally {
      clearInterval(isWatched);
    }
  }
  throw failed!;
}

/** No release of a package fits: another way of asking may find one. */
class NoRelease extends UserError {}

function* attempts(recipe: Recipe): Generator<{ requirements: readonly Requirement[]; python?: string }> {
  const { requirements, pythons, fallback } = recipe;
  if (!pythons) yield { requirements };
  for (const python of pythons ?? []) yield { requirements, python };
  if (fallback) yield { requirements: fallback };
}

interface Attempt {
  recipe: Recipe;
  fetcher: Fetcher;
  dir: string;
  hooks: FetchHooks;
  requirements: readonly Requirement[];
  python?: string;
}

async function byPip({ recipe, fetcher, dir, hooks, requirements, python }: Attempt): Promise<Fetched> {
  const wheels = join(dir, 'wheels');
  const args = [
    'download',
    ...['--only-binary', ':all:', '--dest', wheels, '--no-input', '--disable-pip-version-check'],
    ...['--progress-bar', 'off'],
    ...(recipe.withDependencies ? [] : ['--no-deps']),
    ...(python ? ['--python-version', python] : []),
    ...(requirements.every((r) => r.sha256) ? ['--require-hashes'] : []),
    ...['--requirement', await writeRequirements(dir, requirements)],
  ];
  const ran = await run(fetcher.command, args, {
    env: temporaryIn(dir),
    signal: hooks.signal,
    onLine: (line) => {
      const found = /^\s*(?:Downloading|Using cached|Processing) (\S+\.whl)\S*( \([^)]*\))?/.exec(line);
      if (found) hooks.note?.(`fetching ${found[1].replace(/^.*[\\/]/, '')}${found[2] ?? ''}`);
    },
  });
  if (ran.code !== 0) throw refusal(fetcher, ran);
  const files = (await readdir(wheels)).filter((name) => name.endsWith('.whl')).sort();
  const wanted = files.filter((name) => !recipe.isLeftOut(plainName(name.split('-')[0])));
  return { kind: 'wheels', files: wanted.map((name) => join(wheels, name)) };
}

async function byUv({ recipe, fetcher, dir, hooks, requirements, python }: Attempt): Promise<Fetched> {
  const options = { env: temporaryIn(dir), signal: hooks.signal };
  const lock = join(dir, 'lock.txt');
  const compiled = await run(
    fetcher.command,
    [
      ...['pip', 'compile', '--quiet', '--generate-hashes', '--no-header', '--no-annotate', '--only-binary', ':all:'],
      ...(recipe.withDependencies ? [] : ['--no-deps']),
      ...(python ? ['--python-version', python] : []),
      // By the variable alone uv would ask it to be of that version.
      ...(process.env.UV_PYTHON ? ['--python', process.env.UV_PYTHON] : []),
      ...['--output-file', lock, await writeRequirements(dir, requirements)],
    ],
    options,
  );
  if (compiled.code !== 0) throw refusal(fetcher, compiled);
  const pins = parseLock(await readFile(lock, 'utf8')).filter(({ name }) => !recipe.isLeftOut(name));
  for (const { text } of pins) hooks.note?.(`fetching ${text}`);
  const prefix = join(dir, 'prefix');
  const installed = await run(
    fetcher.command,
    [
      ...['pip', 'install', '--quiet', '--no-deps', '--only-binary', ':all:', '--require-hashes'],
      ...['--link-mode', 'copy', '--prefix', prefix, '--requirement', await writeRequirements(dir, pins)],
    ],
    options,
  );
  if (installed.code !== 0) throw refusal(fetcher, installed);
  return { kind: 'unpacked', prefix, sha256: new Map(pins.map(({ name, sha256 }) => [name, sha256])) };
}

/** What uv resolved: `name==version` with hashes, a package an entry. */
function parseLock(text: string): (Requirement & { name: string; sha256: string[] })[] {
  return text
    .replaceAll('\\\n', ' ')
    .split('\n')
    .flatMap((line) => {
      const found = /^\s*([\w.-]+)==([^\s;]+)/.exec(line);
      if (!found) return [];
      const sha256 = [...line.matchAll(/--hash=sha256:([\da-f]{64})/g)].map((m) => m[1]);
      return [{ text: `${found[1]}==${found[2]}`, name: plainName(found[1]), sha256 }];
    });
}

async function writeRequirements(dir: string, requirements: readonly Requirement[]): Promise<string> {
  const path = join(dir, 'requirements.txt');
  const lines = requirements.map(({ text, sha256 = [] }) =>
    [text, ...sha256.map((h) => `--hash=sha256:${h}`)].join(' '),
  );
  await writeFileAtomic(path, `${lines.join('\n')}\n`);
  return path;
}

/** Downloads on their way lie beside their place: a system's own folder for temporaries may be small. */
function temporaryIn(dir: string): NodeJS.ProcessEnv {
  const tmp = join(dir, 'tmp');
  return { TMPDIR: tmp, TMP: tmp, TEMP: tmp };
}

const BY_HAND = 'or fetch the wheels on another machine and name each with --wheel FILE';

/** What tools say of failures that a person can mend, and what that means; the first that fits. */
const KNOWN: readonly (readonly [said: RegExp, means: (tool: Fetcher['tool']) => string])[] = [
  [
    /DO NOT MATCH THE HASHES|Hash mismatch/i,
    () =>
      'fetched a wheel whose SHA-256 is not the expected one: nothing was installed; its index or a cache on the way gives another file',
  ],
  [
    /no space left|ENOSPC|quota exceeded/i,
    () => 'has no space left on the disk: free some, or set SYNCLR_BACKENDS to a folder elsewhere',
  ],
  [
    /python-build-standalone|No (?:Python )?interpreter found/i,
    () => `finds no Python, by which it tells which wheels fit: install one (uv python install), ${BY_HAND}`,
  ],
  [
    /NewConnectionError|ConnectionError|ConnectTimeout|ReadTimeout|name resolution|Failed to fetch|client error|timed out/i,
    (tool) =>
      `does not reach its index: look at its configuration (${{ pip: 'pip config list', uv: 'uv.toml, UV_INDEX_URL' }[tool]}) and the network, ${BY_HAND}`,
  ],
];
const NONE_FITS = /No matching distribution|No solution found|not found in the package registry/i;

/** What a tool's failure means to a person. */
function refusal({ version, tool }: Fetcher, { code, err }: Ran): UserError {
  const known = KNOWN.find(([said]) => said.test(err));
  if (known) return new UserError(`${version} ${known[1](tool)}`);
  const lines = err.split('\n').map((line) => line.trim());
  const errors = lines.flatMap((line) => /^(?:ERROR|error|cause): *(.+)/.exec(line)?.[1] ?? []);
  // Of pip the last error says most, of uv the first two.
  const said = tool === 'pip' ? errors.slice(-1) : errors.slice(0, 2);
  const reason = oneLine((said.length > 0 ? said : [lines.filter(Boolean).at(-1) ?? `exit code ${code}`]).join(': '));
  const text = `${version} could not fetch it: ${hideCredentials(reason).slice(0, 300)}`;
  return NONE_FITS.test(err)
    ? new NoRelease(`${text}; its index may not hold it for this platform: see its configuration, ${BY_HAND}`)
    : new UserError(text);
}

const hideCredentials = (text: string): string => text.replace(/:\/\/[^/\s@]*@/g, '://…@');

async function watch(dir: string, tell: (mb: number) => void): Promise<void> {
  const names = await readdir(dir, { recursive: true }).catch(() => []);
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(dir, name)).then(
        (s) => (s.isFile() ? s.size : 0),
        () => 0,
      ),
    ),
  );
  tell(sizes.reduce((sum, n) => sum + n, 0) / 1e6);
}
