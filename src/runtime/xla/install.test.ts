import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Behaviour, buildPlugin, hasCompiler } from '../../../test/fake-plugin.js';
import { type WheelParts, writeWheel, zipOf } from '../../../test/wheels.js';
import { sha256File } from '../../files/digest.js';
import { damageIn, installBackend, removeBackend } from './install.js';
import { findPlugins } from './plugins.js';
import { tryPlugin } from './trial.js';

let dir: string;
let built: string;
const plugins = new Map<Behaviour, Buffer>();
beforeAll(() => {
  built = mkdtempSync(join(tmpdir(), 'synclr-fakes-'));
  if (!hasCompiler) console.log('not run: what needs a plugin that starts or misbehaves (no C compiler on Linux)');
});
afterAll(() => rmSync(built, { recursive: true }));
beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'synclr-install-')));
  mkdirSync(join(dir, 'wheels'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const folder = () => join(dir, 'backends');
const env = () => ({ SYNCLR_BACKENDS: folder() });
function plugin(behaviour: Behaviour): Buffer {
  if (!plugins.has(behaviour))
    plugins.set(behaviour, readFileSync(buildPlugin(join(built, `${behaviour.replaceAll(' ', '-')}.so`), behaviour)));
  return plugins.get(behaviour)!;
}

const LIBRARY = 'tiny_pjrt_cpu/pjrt_c_api_cpu_plugin.so';
/** A wheel with a plugin in it, or with text where it should be. */
const tiny = (behaviour: Behaviour | undefined, more: Partial<WheelParts> = {}): string =>
  writeWheel(join(dir, 'wheels'), {
    name: 'tiny-pjrt-cpu',
    files: { [LIBRARY]: behaviour ? plugin(behaviour) : 'no library', 'tiny_pjrt_cpu/__init__.py': '' },
    ...more,
  });

async function install(wheels: string[], name: 'cpu' | 'cuda' = 'cpu', controller = new AbortController()) {
  const warned: string[] = [];
  const hooks = { signal: controller.signal, progress: () => {}, warn: (line: string) => warned.push(line) };
  return { ...(await installBackend({ name, wheels, hooks, env: env() })), warned };
}
const list = () => readdirSync(folder()).sort();
/** Is refused in one line, and leaves our folder as it was. */
async function refused(wheels: string[], says: string | RegExp): Promise<void> {
  const before = existsSync(folder()) ? list() : [];
  await expect(install(wheels)).rejects.toMatchObject({ name: 'UserError', message: expect.stringMatching(says) });
  expect(list()).toEqual(before);
}

describe.skipIf(!hasCompiler)('wheels brought by hand', () => {
  test('are laid out, tried and noted; then found, replaced and removed', async () => {
    const wheel = tiny('works', {
      files: {
        [LIBRARY]: plugin('works'),
        'tiny_pjrt_cpu-1.0.data/data/lib/libhelp.so': 'help',
        'tiny_pjrt_cpu-1.0.data/purelib/more/a.txt': 'a',
        'tiny_pjrt_cpu-1.0.data/scripts/run': '#!/bin/sh\n',
      },
    });
    const made = await install([wheel]);
    expect(made.trial).toMatchObject({
      works: true,
      platform: 'fake',
      api: [0, 110],
      devices: [{ kind: 'Fake Card 9000' }],
    });
    expect(made.trial.devices[0].memory).toEqual({ limit: 3 * 2 ** 30, inUse: 2 ** 20 });
    expect(made.wheels).toEqual([{ name: 'tiny-pjrt-cpu', version: '1.0', sha256: [await sha256File(wheel)] }]);
    expect(list()).toEqual(['cpu']);
    const site = join(folder(), 'cpu', 'lib', 'python', 'site-packages');
    expect(readFileSync(join(folder(), 'cpu', 'lib', 'libhelp.so'), 'utf8')).toBe('help');
    expect(readFileSync(join(site, 'more', 'a.txt'), 'utf8')).toBe('a');
    expect(readdirSync(join(folder(), 'cpu')).sort()).toEqual(['.synclr.json', 'backend.json', 'lib']);
    expect(statSync(join(site, LIBRARY)).mode & 0o777).toBe(0o755);
    expect(findPlugins({ env: env() })).toEqual([
      { kind: 'cpu', path: join(site, LIBRARY), source: 'own', package: 'tiny-pjrt-cpu 1.0' },
    ]);
    expect(await damageIn(made.dir)).toBeUndefined();

    await install([tiny('no device', { version: '2.0' })]);
    expect(findPlugins({ env: env() })[0].package).toBe('tiny-pjrt-cpu 2.0');
    expect(list()).toEqual(['cpu']);
    expect(await removeBackend('cpu', env())).toBe(join(folder(), 'cpu'));
    expect(list()).toEqual([]);
    await expect(removeBackend('cpu', env())).rejects.toThrow(`no backend cpu in ${folder()}`);
  });

  test('of several packages share a namespace, and say which are missing', async () => {
    const cuda = writeWheel(join(dir, 'wheels'), {
      name: 'jax-cuda13-pjrt',
      files: { 'jax_plugins/xla_cuda13/xla_cuda_plugin.so': plugin('no driver'), 'nvidia/__init__.py': '' },
    });
    const nvvm = writeWheel(join(dir, 'wheels'), {
      name: 'nvidia-nvvm',
      files: { 'nvidia/cu13/bin/ptxas': 'x', 'nvidia/__init__.py': '' },
    });
    const made = await install([cuda, nvvm], 'cuda');
    // It can compile, so it is installed; what keeps it from running is said.
    expect(made.trial).toMatchObject({ works: false, loads: true });
    expect(made.trial.error).toMatch(/no driver of version 999 is here/);
    expect(made.trial.error).not.toContain(dir);
    expect(made.warned[0]).toMatch(/not among the wheels: nvidia-cublas, .*nvidia-cudnn-cu13/);
    expect(statSync(join(made.dir, 'lib/python/site-packages/nvidia/cu13/bin/ptxas')).mode & 0o111).not.toBe(0);
    const other = writeWheel(join(dir, 'wheels'), { name: 'nvidia-other', files: { 'nvidia/__init__.py': 'other' } });
    await expect(install([cuda, nvvm, other], 'cuda')).rejects.toThrow(/nvidia\/__init__\.py is in another wheel, too/);
    expect(list()).toEqual(['cuda']);
  });

  test('whose plugin crashes after it was loaded are installed with a word', async () => {
    const { trial } = await install([tiny('crashes later')]);
    expect(trial).toMatchObject({
      works: false,
      loads: true,
      error: expect.stringMatching(/^crashed in starting \(SIGABRT\)/),
    });
  });

  test.each<[Behaviour | undefined, RegExp]>([
    ['no plugin', /tiny-pjrt-cpu 1\.0 does not load here: the plugin is a library, but no PJRT plugin/],
    ['crashes', /does not load here: crashed in starting \(SIGABRT\)/],
    ['other API', /speaks PJRT API 1\.110/],
    [undefined, /is no shared library/],
  ])('whose plugin is none that works (%s) are refused', async (behaviour, says) => {
    await refused([tiny(behaviour)], says);
    await install([tiny('works')]);
    const before = readFileSync(join(folder(), 'cpu', 'backend.json'), 'utf8');
    await refused([tiny(behaviour)], says);
    expect(readFileSync(join(folder(), 'cpu', 'backend.json'), 'utf8')).toBe(before);
  });

  test('an interruption leaves nothing', async () => {
    const controller = new AbortController();
    const hooks = { signal: controller.signal, progress: () => controller.abort(), warn: () => {} };
    await expect(installBackend({ name: 'cpu', wheels: [tiny('works')], hooks, env: env() })).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(list()).toEqual([]);
  });

  test('that were changed since are told, and neither replaced nor removed', async () => {
    const { dir: made } = await install([tiny('works')]);
    const library = join(made, 'lib/python/site-packages', LIBRARY);
    const bytes = readFileSync(library);
    writeFileSync(library, Buffer.concat([bytes.subarray(0, -1), Buffer.from([bytes.at(-1)! ^ 1])]));
    expect(await damageIn(made)).toMatch(/pjrt_c_api_cpu_plugin\.so was changed since synclr wrote it/);
    await expect(removeBackend('cpu', env())).rejects.toThrow('was changed since');
    await refused([tiny('works')], /was changed since/);
    writeFileSync(library, bytes);
    writeFileSync(join(made, 'mine.txt'), 'mine');
    expect(await damageIn(made)).toContain('mine.txt');
    await expect(removeBackend('cpu', env())).rejects.toThrow(/holds mine\.txt/);
    expect(readFileSync(join(made, 'mine.txt'), 'utf8')).toBe('mine');
    rmSync(join(made, 'mine.txt'));
    rmSync(library);
    expect(await damageIn(made)).toMatch(/is missing/);
  });
});

describe('a wheel is refused, and nothing of it stays, for', () => {
  const infoOf = 'tiny_pjrt_cpu-1.0.dist-info';
  test.each<[string, Partial<WheelParts>, RegExp]>([
    [
      'a file beside its record',
      { more: [{ name: 'tiny_pjrt_cpu/evil.so', data: 'x' }] },
      /evil\.so is not in its list/,
    ],
    [
      'another content than its record says',
      { record: (text) => text.replace(/__init__\.py,sha256=.{43}/, `__init__.py,sha256=${'A'.repeat(43)}`) },
      /__init__\.py has another content than its list says/,
    ],
    ['another size', { record: (text) => text.replace(/(__init__\.py,[^,]*),0/, '$1,1') }, /has another size/],
    ['a file that is missing', { record: (text) => `gone.py,,\n${text}` }, /gone\.py is in its list, but not in it/],
    ['a weak hash', { record: (text) => `${text}\nx,md5=abc,1` }, /a hash that is no SHA-256/],
    ['a file without a hash', { record: (text) => text.replace(/(__init__\.py),[^,]*,/, '$1,,') }, /not in its list/],
    ['a path that leads out', { more: [{ name: '../../evil', data: 'x' }] }, /invalid relative path/],
    ['a link', { more: [{ name: 'tiny_pjrt_cpu/l', data: '/etc', mode: 0o120777 }] }, /is a link or a device/],
    [
      'a claim of more than a disk holds',
      {
        more: [
          { name: 'big', data: 'x', claims: 2 ** 32 - 2 },
          { name: 'big2', claims: 2 ** 32 - 2 },
          { name: 'big3', claims: 2 ** 32 - 2 },
        ],
      },
      /holds more than/,
    ],
    ['two records', { more: [{ name: 'other-1.dist-info/RECORD', data: '' }] }, /is no wheel/],
    ['another platform', { platform: 'manylinux_2_99_x86_64' }, /glibc 2\.99|this machine is/],
    [
      'no plugin in it',
      { files: { 'tiny_pjrt_cpu/notes.txt': 'x' } },
      /no PJRT plugin for cpu is in tiny-pjrt-cpu 1\.0/,
    ],
    [
      'a plugin of another kind',
      { files: { 'jax_plugins/xla_cuda13/xla_cuda_plugin.so': 'x' } },
      /no PJRT plugin for cpu is in/,
    ],
    ['a path out of its data', { files: { 'tiny_pjrt_cpu-1.0.data/data/../../../x': 'x' } }, /invalid relative path/],
  ])('%s', async (_, parts, says) => {
    await refused([tiny(undefined, parts)], says);
    expect(readdirSync(dir).sort()).toEqual(['backends', 'wheels']);
  });

  test('a name that does not fit what is in it, or is no wheel’s', async () => {
    const wheel = tiny(undefined);
    const [wrong, none] = ['other_pjrt_cpu-1.0-py3-none-any.whl', 'a.zip'].map((name) => join(dir, 'wheels', name));
    for (const path of [wrong, none]) writeFileSync(path, readFileSync(wheel));
    await refused([wrong], new RegExp(`holds ${infoOf}, which is not what its own name says`));
    await refused([none], /is not named as wheels are/);
    await refused([wheel, wheel], /tiny-pjrt-cpu is given twice/);
    await expect(install([join(dir, 'wheels', 'gone-1.0-py3-none-any.whl')])).rejects.toThrow(/ENOENT/);
    writeFileSync(wrong, zipOf([]));
    await refused([wrong], /is no wheel: it has no list of its files/);
    writeFileSync(wrong, 'text');
    await refused([wrong], /is no sound zip archive/);
    expect(list()).toEqual([]);
  });

  test('the pinned version with other bytes', async () => {
    const pinned = tiny(undefined, {
      name: 'lammps-jax-pjrt-cpu',
      version: '0.11.2',
      files: { 'x/libpjrt_cpu.so': 'x' },
    });
    await refused([pinned], /is not the lammps-jax-pjrt-cpu 0\.11\.2 that synclr was tried with: its SHA-256 is/);
  });
});

test.skipIf(!hasCompiler)('a plugin that hangs is left after a while', async () => {
  const path = buildPlugin(join(dir, 'xla_cuda_plugin.so'), 'hangs');
  const start = performance.now();
  const trial = await tryPlugin(path, { patience: 2000 });
  expect(trial).toMatchObject({ works: false, loads: true, error: 'did not start within 2 s' });
  expect(performance.now() - start).toBeLessThan(60_000);
});
