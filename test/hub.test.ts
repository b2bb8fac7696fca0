import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Interrupted, UserError } from '../src/errors.js';
import type { ResolveOptions } from '../src/hub/model.js';
import type { DownloadProgress } from '../src/hub/progress.js';
import { resolveDiffusion, resolveGguf, resolveModel } from '../src/hub/resolve.js';
import { bytes, client, FakeHub, gitSha1, sha256 } from './hub-fixture.js';
import { testSeed } from './numbers.js';

/** Downloads from a real server process that answers as the hub does, well and badly. */

const seed = testSeed('hub.test.ts');
const COMMIT = `${'c0ffee'.repeat(6)}abcd`;
const OLD = 'ba5eba11'.repeat(5);
const TOKEN = 'hf_secretsecretsecret';
const README = 'Kleine Modelle, große Wörter.\n';
const weights = bytes(seed, 3_000_000);
const tiny = bytes(seed + 1, 1000);
const pipeline = {
  'model_index.json': '{}',
  'scheduler/scheduler_config.json': '{"a": 1}',
  'text_encoder/model.onnx': tiny,
  'unet/model.onnx': bytes(seed + 2, 5000),
  'unet/model.onnx_data': weights,
  'unet/model.safetensors': bytes(seed + 3, 5000),
  'vae_decoder/model.onnx': bytes(seed + 4, 5000),
  // Twice the same content: one download.
  'text_encoder_2/model.onnx': tiny,
};
const OPEN = { commit: COMMIT, refs: { main: COMMIT, 'refs/pr/1': OLD, 'old/branch': OLD } };

let hub: FakeHub;
let cache: string;
let warnings: string[];

beforeAll(async () => {
  hub = await FakeHub.start(
    {
      'o/lm': { ...OPEN, files: { 'README.md': README, 'lm q4.gguf': weights, 'empty.txt': '', 'sub/other.txt': 'x' } },
      'o/painter': { ...OPEN, files: pipeline },
      'o/gated': { ...OPEN, gated: true, token: TOKEN, files: { 'm.gguf': tiny, 'config.json': '{}' } },
      'o/private': { ...OPEN, private: true, token: TOKEN, files: { 'm.gguf': tiny } },
      'o/huge': { ...OPEN, files: { 'm.gguf': { content: tiny, size: 8e15 } } },
      'o/renamed': { ...OPEN, files: {}, movedTo: 'o/lm' },
      'o/many': { ...OPEN, files: Object.fromEntries(Array.from({ length: 25 }, (_, i) => [`d/${i}.txt`, `${i}`])) },
    },
    { pageSize: 7 },
  );
});
afterAll(() => hub.stop());
beforeEach(async () => {
  cache = hub.newCache();
  warnings = [];
  await hub.faults();
  await hub.asked();
});

/** The options of a test: its own cache, what is warned of noted. */
function options(env: NodeJS.ProcessEnv = {}, more: ResolveOptions = {}): ResolveOptions {
  return { hub: hub.settings(cache, env), onWarn: (line) => warnings.push(line), ...more };
}

const blobs = (repo = 'o--lm') => join(cache, `models--${repo}`, 'blobs');
const leftovers = (repo?: string) => readdirSync(blobs(repo)).filter((name) => name.includes('incomplete'));

describe('a download', () => {
  it('lies in the cache as huggingface_hub would have put it there', async () => {
    const progress: DownloadProgress[] = [];
    const model = await resolveModel('hf:o/lm', options({}, { onProgress: (p) => progress.push(p) }));
    expect(model.commit).toBe(COMMIT);
    expect(model.path).toBe(join(cache, 'models--o--lm', 'snapshots', COMMIT));
    expect(model.files).toContainEqual({ path: 'lm q4.gguf', size: weights.length, sha256: sha256(weights) });
    expect(model.files).toContainEqual({ path: 'README.md', size: Buffer.byteLength(README) });
    expect(readFileSync(join(model.path, 'lm q4.gguf')).equals(weights)).toBe(true);
    expect(readlinkSync(join(model.path, 'sub/other.txt'))).toBe(`../../../blobs/${gitSha1('x')}`);
    expect(readlinkSync(join(model.path, 'lm q4.gguf'))).toBe(`../../blobs/${sha256(weights)}`);
    expect(statSync(join(model.path, 'empty.txt')).size).toBe(0);
    expect(readFileSync(join(cache, 'models--o--lm', 'refs', 'main'), 'utf8')).toBe(COMMIT);
    expect(readdirSync(blobs()).sort()).toEqual([sha256(weights), ...[README, '', 'x'].map(gitSha1)].sort());

    const total = weights.length + Buffer.byteLength(README) + 1;
    expect(progress[0]).toEqual({ reference: 'hf:o/lm', done: 0, total });
    expect(progress.at(-1)).toEqual({ reference: 'hf:o/lm', done: total, total });
    expect(warnings).toEqual([]);
    const asked = await hub.asked();
    expect(asked.filter((r) => r.on === 'storage')).toHaveLength(1);
    expect(
      asked.every((r) => r.authorization === undefined && (r.url.startsWith('/api') || r.encoding === 'identity')),
    ).toBe(true);
  });

  it('happens once; a commit asks nobody, a branch asks only where it is', async () => {
    await resolveModel('hf:o/lm', options());
    await hub.asked();
    const onProgress = () => expect.unreachable();
    await resolveModel('hf:o/lm', options({}, { onProgress }));
    expect((await hub.asked()).map((r) => r.url)).toEqual(['/api/models/o/lm/revision/main']);
    await resolveModel(`hf:o/lm@${COMMIT}`, options({}, { onProgress }));
    expect(await hub.asked()).toEqual([]);
  });

  it('brings only what is wanted, of a folder or a file', async () => {
    const some = await resolveModel('hf:o/many/d', options({}, { include: (p) => /^1\d/.test(p) }));
    expect(some.files.map((f) => f.path).sort()).toEqual(Array.from({ length: 10 }, (_, i) => `1${i}.txt`));
    expect(some.path.endsWith(`${COMMIT}/d`)).toBe(true);
    expect(readdirSync(some.path)).toHaveLength(10);
    const one = await resolveModel('hf:o/many/d/24.txt', options());
    expect(readFileSync(one.path, 'utf8')).toBe('24');
    await expect(resolveModel('hf:o/many', options({}, { include: () => false }))).rejects.toThrow(
      /no file of the kind/,
    );
    await expect(resolveModel('hf:o/many/d/99.txt', options())).rejects.toThrow(
      /has no file or folder d\/99\.txt; there is/,
    );
  });

  it('follows the pages of a long list', async () => {
    const { files } = await resolveModel('hf:o/many', options());
    expect(files).toHaveLength(25);
    const pages = (await hub.asked()).filter((r) => r.url.includes('/tree/'));
    expect(pages.map((r) => new URLSearchParams(r.url.split('?')[1]).get('cursor'))).toEqual([null, '7', '14', '21']);
  });

  it('finds language models and painters', async () => {
    const lm = await resolveGguf('hf:o/lm', options());
    expect(lm.path).toBe(join(cache, 'models--o--lm/snapshots', COMMIT, 'lm q4.gguf'));
    expect((await resolveGguf('hf:o/lm/lm q4.gguf', options())).path).toBe(lm.path);
    expect((await resolveGguf(lm.path)).path).toBe(lm.path);
    expect((await resolveGguf(lm.folder)).path).toBe(lm.path);

    const painter = await resolveDiffusion('hf:o/painter', options());
    const wanted = Object.keys(pipeline).filter((p) => !p.endsWith('safetensors'));
    expect(painter.files.map((f) => f.path).sort()).toEqual([...wanted].sort());
    for (const path of wanted)
      expect(readFileSync(join(painter.path, path)).equals(Buffer.from(pipeline[path as never]))).toBe(true);
    const local = await resolveDiffusion(painter.path);
    expect({ ...local, files: local.files.map((f) => f.path) }).toEqual({
      path: painter.path,
      folder: painter.path,
      commit: '',
      files: wanted.sort(),
    });
    await expect(resolveDiffusion('hf:o/lm', options())).rejects.toThrow(/hf:o\/lm holds no ONNX files/);
    await expect(resolveDiffusion('hf:o/painter/unet/model.onnx', options())).rejects.toThrow(
      /is a file: name the folder/,
    );
    await expect(resolveModel('no/such/model')).rejects.toThrow(/no model at no\/such\/model/);
  });

  it('takes a content that two files share once', async () => {
    await resolveDiffusion('hf:o/painter', options());
    const storage = (await hub.asked()).filter((r) => r.on === 'storage' && r.url.includes(sha256(tiny)));
    expect(storage).toHaveLength(1);
  });

  it('follows a renamed repository', async () => {
    const model = await resolveModel('hf:o/renamed/README.md', options());
    expect(readFileSync(model.path, 'utf8')).toBe(README);
  });

  it('reads revisions with slashes', async () => {
    for (const revision of ['refs/pr/1', 'old%2Fbranch']) {
      // The commit is listed by no one: asking for its files says so.
      await expect(resolveModel(`hf:o/lm@${revision}`, options())).rejects.toThrow(OLD);
    }
    expect((await hub.asked()).map((r) => r.url).filter((u) => u.includes('/revision/'))).toEqual([
      '/api/models/o/lm/revision/refs%2Fpr%2F1',
      '/api/models/o/lm/revision/old%2Fbranch',
    ]);
  });

  it('is refused before it begins where the disk is too small', async () => {
    const refused = resolveModel('hf:o/huge', options());
    await expect(refused).rejects.toThrow(/not enough disk.*hf:o\/huge needs 8000 TB more.*HF_HUB_CACHE/);
    expect((await hub.asked()).some((r) => r.url.includes('/resolve/'))).toBe(false);
  });
});

describe('trouble', () => {
  it('broken connections cost only what is missing', async () => {
    await hub.faults({ match: sha256(weights), on: 'storage', cut: 1_000_000, times: 2 });
    const { path } = await resolveModel('hf:o/lm', options());
    expect(readFileSync(join(path, 'lm q4.gguf')).equals(weights)).toBe(true);
    const [first, ...rest] = (await hub.asked()).filter((r) => r.on === 'storage').map((r) => r.range);
    expect(first).toBe(undefined);
    expect(rest).toHaveLength(2);
    // What the socket had not handed over when it broke is asked for again.
    for (const [i, range] of rest.entries())
      expect(Number(/^bytes=(\d+)-$/.exec(range!)![1])).toBeGreaterThan((i + 1) * 900_000 - i * 1_000);
  });

  it('silence is trouble', async () => {
    await hub.faults(
      { match: sha256(weights), on: 'storage', hang: 500_000, times: 1 },
      { match: '/revision/', silent: true, times: 1 },
    );
    await resolveModel('hf:o/lm', options({ HF_HUB_DOWNLOAD_TIMEOUT: '0.3' }));
    const ranges = (await hub.asked()).filter((r) => r.on === 'storage').map((r) => r.range);
    expect(ranges).toHaveLength(2);
    // How much of it the socket had handed over when the clock ran out is the machine's business.
    expect(ranges[1]).toMatch(/^bytes=\d+-$/);
  });

  it('busy servers, lost connections, garbage and stale addresses are asked again', async () => {
    await hub.faults(
      { match: '/revision/', status: 429, headers: { 'retry-after': '0' }, times: 1 },
      { match: '/revision/', status: 500, times: 1 },
      { match: '/revision/', garbage: true, times: 1 },
      { match: '/tree/', drop: true, times: 2 },
      { match: '/README.md', status: 503, times: 2 },
      { match: sha256(weights), on: 'storage', status: 403, times: 1 },
    );
    const { files } = await resolveModel('hf:o/lm', options());
    expect(files).toHaveLength(4);
    const asked = await hub.asked();
    expect(asked.filter((r) => r.url.includes('/revision/')).map((r) => r.status)).toEqual([429, 500, 200, 200]);
    // A new signed address is asked for, not the stale one again.
    expect(asked.filter((r) => r.url.includes('/resolve/') && r.url.includes('gguf'))).toHaveLength(2);
  });

  it('waits as long as it is asked to', async () => {
    await hub.faults(
      { match: '/revision/', status: 429, headers: { 'retry-after': '1' }, times: 1 },
      { match: '/tree/', status: 429, headers: { ratelimit: '"api";r=0;t=1' }, times: 1 },
    );
    // Timers never fire early, so that this much is sure on any machine.
    const begun = Date.now();
    await resolveModel('hf:o/lm/README.md', options());
    expect(Date.now() - begun).toBeGreaterThanOrEqual(2000);
    await hub.faults({ match: '/revision/', status: 429, headers: { 'retry-after': '7200' }, times: 1 });
    cache = hub.newCache();
    await expect(resolveModel('hf:o/lm', options())).rejects.toThrow(/answered 429.*run the same command/);
  });

  it('gives up in one line, and keeps what came', async () => {
    await hub.faults(
      { match: sha256(weights), on: 'storage', cut: 1_000_000, times: 1 },
      { match: sha256(weights), on: 'storage', drop: true, times: 100 },
    );
    const failed = resolveModel('hf:o/lm', options());
    await expect(failed).rejects.toThrow(UserError);
    await expect(failed).rejects.toThrow(
      /^cannot read from localhost:\d+: it closed the connection without an answer \[ECONNRESET\]; .*HF_ENDPOINT.*$/,
    );
    expect(leftovers()).toEqual([`${sha256(weights)}.synclr.free.incomplete`]);
    await hub.faults();
    await hub.asked();
    await resolveModel('hf:o/lm', options());
    expect((await hub.asked()).filter((r) => r.on === 'storage').map((r) => r.range)).toEqual([
      expect.stringMatching(/^bytes=\d{6,7}-$/),
    ]);
    expect(leftovers()).toEqual([]);
  });

  it('a server that ignores ranges begins anew', async () => {
    await hub.faults(
      { match: sha256(weights), on: 'storage', cut: 1_000_000, times: 1 },
      { match: sha256(weights), on: 'storage', ignoreRange: true, times: 1 },
    );
    const { path } = await resolveModel('hf:o/lm', options());
    expect(readFileSync(join(path, 'lm q4.gguf')).equals(weights)).toBe(true);
    expect(warnings).toEqual([]);
  });

  it.each(['corrupt', 'longer'] as const)('wrong bytes (%s) are fetched again once, then refused', async (how) => {
    await hub.faults({ match: sha256(weights), on: 'storage', [how]: true, times: 1 });
    const { path } = await resolveModel('hf:o/lm', options());
    expect(readFileSync(join(path, 'lm q4.gguf')).equals(weights)).toBe(true);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/lm q4\.gguf has checksum \w{64} where the hub lists \w{64}: fetching it again/);

    cache = hub.newCache();
    await hub.faults(
      { match: sha256(weights), on: 'storage', [how]: true, times: 2 },
      { match: '/README.md', [how]: true, times: 2 },
    );
    await expect(resolveModel('hf:o/lm/README.md', options())).rejects.toThrow(
      new RegExp(`README.md has checksum \\w{40} where the hub lists ${gitSha1(README)}, twice`),
    );
    await expect(resolveModel('hf:o/lm', options())).rejects.toThrow(
      new RegExp(`lm q4.gguf has checksum \\w{64} where the hub lists ${sha256(weights)}, twice`),
    );
    expect(readdirSync(blobs())).not.toContain(sha256(weights));
    expect(leftovers()).toEqual([]);
  });

  it('stops when asked to and goes on from there', async () => {
    await hub.faults({ match: sha256(weights), on: 'storage', slow: 100_000, times: 1 });
    const stop = new AbortController();
    const onProgress = ({ done }: DownloadProgress) => {
      if (done > 500_000) stop.abort();
    };
    const stopped = resolveModel('hf:o/lm', options({}, { signal: stop.signal, onProgress }));
    await expect(stopped).rejects.toThrow(Interrupted);
    const [left] = leftovers();
    const { size } = statSync(join(blobs(), left));
    expect(size).toBeGreaterThan(500_000);
    await hub.faults();
    await hub.asked();
    const begun: DownloadProgress[] = [];
    await resolveModel('hf:o/lm', options({}, { onProgress: (p) => begun.push(p) }));
    expect(begun[0].done).toBeGreaterThanOrEqual(size);
    expect((await hub.asked()).filter((r) => r.on === 'storage').map((r) => r.range)).toEqual([`bytes=${size}-`]);
  });

  it('trusts nothing unsynced from before the machine started', async () => {
    mkdirSync(blobs(), { recursive: true });
    const left = join(blobs(), `${sha256(weights)}.synclr.free.incomplete`);
    writeFileSync(left, Buffer.alloc(1_000_000)); // zeros, as after a power cut
    utimesSync(left, 1, 1);
    await resolveModel('hf:o/lm', options());
    expect((await hub.asked()).filter((r) => r.on === 'storage').map((r) => r.range)).toEqual([undefined]);
    expect(warnings).toEqual([]);
  });
});

describe('access', () => {
  it('sends the token to the hub and to nobody else', async () => {
    await resolveModel('hf:o/gated', options({ HF_TOKEN: TOKEN }));
    await resolveModel('hf:o/private', options({ HF_TOKEN: TOKEN }));
    const asked = await hub.asked();
    expect(asked.filter((r) => r.on === 'hub').every((r) => r.authorization === `Bearer ${TOKEN}`)).toBe(true);
    const storage = asked.filter((r) => r.on === 'storage');
    expect(storage).toHaveLength(2);
    expect(storage.every((r) => r.authorization === undefined)).toBe(true);
  });

  it('finds the token that `hf auth login` stored', async () => {
    mkdirSync(join(hub.dir, 'login'));
    writeFileSync(join(hub.dir, 'login', 'token'), `${TOKEN}\n`);
    await resolveModel('hf:o/private', options({ HF_HOME: join(hub.dir, 'login') }));
  });

  it.each([
    ['hf:o/gated', '', /o\/gated is gated: accept its licence at http:\S+\/o\/gated, then set HF_TOKEN/],
    [
      'hf:o/gated',
      'hf_another',
      /o\/gated is gated: accept its licence at http:\S+\/o\/gated with the account of your HF_TOKEN/,
    ],
    ['hf:o/private', '', /o\/private: no such model, or one that is private.*set HF_TOKEN/],
    ['hf:o/private', 'hf_another', /no model o\/private at/],
    ['hf:o/absent', '', /o\/absent: no such model/],
    ['hf:o/lm@v9', '', /no model o\/lm with a revision "v9"/],
    ['hf:o/lm/README.txt', '', /hf:o\/lm has no file or folder README\.txt; there is README\.md/],
    ['hf:o/lm/README.md@v2', '', /a revision stands after the name/],
  ])('says what is wrong with %s (token "%s")', async (reference, token, message) => {
    const refused = resolveModel(reference, options({ HF_TOKEN: token }));
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toThrow(UserError);
    await expect(refused).rejects.toThrow(/^(?!.*hf_)[^\n]*$/);
  });

  it('works with a mirror below a path that gives no error codes', async () => {
    const files = { 'm.gguf': tiny };
    const mirror = await FakeHub.start({ 'o/lm': { ...OPEN, files } }, { plain: true, prefix: '/mirror/hf' });
    try {
      const at = { hub: mirror.settings(cache, { HF_ENDPOINT: `${mirror.hub}/mirror/hf/`, HF_TOKEN: TOKEN }) };
      const { path } = await resolveModel('hf:o/lm/m.gguf', at);
      expect(readFileSync(path).equals(tiny)).toBe(true);
      await expect(resolveModel('hf:o/absent', at)).rejects.toThrow(
        /no model o\/absent with a revision "main" at http:\S+\/mirror\/hf:/,
      );
    } finally {
      await mirror.stop();
    }
  });

  it('says when there is no hub', async () => {
    const absent = { hub: { ...hub.settings(cache), endpoint: 'http://127.0.0.1:1' } };
    await expect(resolveModel('hf:o/lm', absent)).rejects.toThrow(/127\.0\.0\.1:1.*HF_ENDPOINT/);
  });
});

describe('the cache', () => {
  /** Fills it as the Python tools do: no list of files, no notes of ours. */
  function fill(content: Uint8Array = weights): void {
    const snapshot = join(cache, 'models--o--lm', 'snapshots', COMMIT);
    for (const dir of [blobs(), snapshot, join(cache, 'models--o--lm', 'refs')]) mkdirSync(dir, { recursive: true });
    writeFileSync(join(blobs(), sha256(weights)), content);
    writeFileSync(join(blobs(), gitSha1(README)), README);
    symlinkSync(`../../blobs/${sha256(weights)}`, join(snapshot, 'lm q4.gguf'));
    symlinkSync(`../../blobs/${gitSha1(README)}`, join(snapshot, 'README.md'));
    writeFileSync(join(cache, 'models--o--lm', 'refs', 'main'), COMMIT);
  }

  it('of Python tools is used as it is', async () => {
    fill();
    const { path } = await resolveGguf('hf:o/lm', options());
    expect(readFileSync(path).equals(weights)).toBe(true);
    expect((await hub.asked()).some((r) => r.url.includes('/resolve/'))).toBe(false);
  });

  it('is used where links are missing, and where only the blob is there', async () => {
    const snapshot = join(cache, 'models--o--lm', 'snapshots', COMMIT);
    mkdirSync(snapshot, { recursive: true });
    mkdirSync(blobs(), { recursive: true });
    writeFileSync(join(snapshot, 'README.md'), README);
    writeFileSync(join(blobs(), sha256(weights)), weights);
    const model = await resolveModel('hf:o/lm', options({}, { include: (p) => /gguf|README/.test(p) }));
    expect((await hub.asked()).some((r) => r.url.includes('/resolve/'))).toBe(false);
    expect(lstatSync(join(model.path, 'README.md')).isFile()).toBe(true);
    expect(lstatSync(join(model.path, 'lm q4.gguf')).isSymbolicLink()).toBe(true);
  });

  it('is checked once: a wrong content is fetched again', async () => {
    const wrong = weights.slice();
    wrong[7] ^= 1;
    fill(wrong);
    const { path } = await resolveGguf('hf:o/lm', options());
    expect(readFileSync(path).equals(weights)).toBe(true);
    expect(warnings[0]).toMatch(/is not what its checksum says: fetching it again/);
    // Checked: the same size and time are not read again.
    const blob = join(blobs(), sha256(weights));
    const { atime, mtime } = statSync(blob);
    writeFileSync(blob, wrong);
    utimesSync(blob, atime, mtime);
    warnings = [];
    await resolveGguf('hf:o/lm', options());
    expect(warnings).toEqual([]);
  });

  it('a cut blob is fetched again', async () => {
    fill();
    truncateSync(join(blobs(), sha256(weights)), 1000);
    const { path } = await resolveGguf('hf:o/lm', options());
    expect(readFileSync(path).equals(weights)).toBe(true);
  });

  it('is all that is used offline', async () => {
    const offline = { HF_HUB_OFFLINE: '1' };
    await expect(resolveModel('hf:o/lm', options(offline))).rejects.toThrow(
      /hf:o\/lm: offline \(HF_HUB_OFFLINE\).*lacks this model/,
    );
    fill();
    expect((await resolveModel('hf:o/lm', options(offline))).files.map((f) => f.path)).toEqual([
      'README.md',
      'lm q4.gguf',
    ]);
    expect(await hub.asked()).toEqual([]);
    // Once the list of files is known, what is missing has a name.
    await resolveModel('hf:o/lm/README.md', options());
    await expect(resolveModel('hf:o/lm', options(offline))).rejects.toThrow(/cache lacks empty\.txt, sub\/other\.txt/);
  });

  it('serves while the hub cannot be reached', async () => {
    fill();
    await hub.faults({ match: '/api/', drop: true, times: 100 });
    const { path } = await resolveGguf('hf:o/lm', options());
    expect(existsSync(path)).toBe(true);
    expect(warnings.at(-1)).toMatch(/using what the cache has of hf:o\/lm \(commit c0ffeec0\)/);
  });
});

describe('processes', () => {
  it('hold no file in memory', async () => {
    const piece = bytes(seed + 5, 1_000_000);
    const big = new Uint8Array(150 * piece.length);
    for (let i = 0; i < 150; i++) big.set(piece, i * piece.length);
    const server = await FakeHub.start({ 'o/big': { ...OPEN, files: { 'm.gguf': big } } });
    try {
      const { lines } = await client('hf:o/big', server.env(cache));
      expect(lines.at(-1)!.model!.files).toHaveLength(1);
      expect(lines.at(-1)!.peakMb).toBeLessThan(150);
    } finally {
      await server.stop();
    }
  });

  it('one killed in mid-file is continued by the next', async () => {
    await hub.faults({ match: sha256(weights), on: 'storage', slow: 50_000, times: 1 });
    const env = hub.env(cache);
    const killed = await client('hf:o/lm', env, ({ progress }, child) => {
      if (progress && progress.done > 700_000) child.kill('SIGKILL');
    });
    expect(killed.signal).toBe('SIGKILL');
    const [left] = leftovers();
    const { size } = statSync(join(blobs(), left));
    expect(size).toBeGreaterThan(600_000);
    await hub.asked();
    const { lines } = await client('hf:o/lm', env);
    expect(lines.at(-1)!.error).toBeUndefined();
    expect(readFileSync(join(lines.at(-1)!.model!.path, 'lm q4.gguf')).equals(weights)).toBe(true);
    expect((await hub.asked()).filter((r) => r.on === 'storage').map((r) => r.range)).toEqual([`bytes=${size}-`]);
    expect(leftovers()).toEqual([]);
  });

  it('several at once share one download', async () => {
    await hub.faults({ match: sha256(weights), on: 'storage', slow: 50_000, times: 9 });
    const env = hub.env(cache);
    const all = await Promise.all(Array.from({ length: 3 }, () => client('hf:o/lm', env)));
    for (const { lines } of all) {
      expect(lines.at(-1)!.error).toBeUndefined();
      expect(lines.filter((l) => l.warning)).toEqual([]);
      expect(readFileSync(join(lines.at(-1)!.model!.path, 'lm q4.gguf')).equals(weights)).toBe(true);
    }
    expect((await hub.asked()).filter((r) => r.on === 'storage')).toHaveLength(1);
    expect(leftovers()).toEqual([]);
  });

  it('two calls in one process do, too', async () => {
    await hub.faults({ match: sha256(weights), on: 'storage', slow: 50_000, times: 9 });
    const both = await Promise.all([resolveModel('hf:o/lm', options()), resolveGguf('hf:o/lm', options())]);
    expect(readFileSync(both[1].path).equals(weights)).toBe(true);
    expect((await hub.asked()).filter((r) => r.on === 'storage')).toHaveLength(1);
    expect(leftovers()).toEqual([]);
  });

  it('who waits takes over when the other is killed', async () => {
    await hub.faults({ match: sha256(weights), on: 'storage', slow: 20_000, times: 1 });
    const env = hub.env(cache);
    let second: ReturnType<typeof client> | undefined;
    const first = client('hf:o/lm', env, ({ progress }, child) => {
      if (!progress || progress.done < 200_000 || second) return;
      second = client('hf:o/lm', env, (line) => line.progress && line.progress.done > 200_000 && child.kill('SIGKILL'));
    });
    expect((await first).signal).toBe('SIGKILL');
    const { lines } = await second!;
    expect(readFileSync(join(lines.at(-1)!.model!.path, 'lm q4.gguf')).equals(weights)).toBe(true);
    const ranges = (await hub.asked()).filter((r) => r.on === 'storage').map((r) => r.range);
    expect(ranges).toHaveLength(2);
    expect(Number(/\d+/.exec(ranges[1]!)![0])).toBeGreaterThanOrEqual(200_000);
  });
});
