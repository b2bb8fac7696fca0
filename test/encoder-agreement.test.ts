import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exportEncoder } from '../src/encoders/export.js';
import { openEmbedder } from '../src/probe/embedder.js';
import { chromiumPath } from './chromium.js';
import { layPhotos, type Photo } from './photos.js';
import { synclr } from './process.js';
import { writeRun } from './tiny-encoder.js';

/**
 * One encoder, everywhere the same: features of real photos by the command line, by the library, by ONNX Runtime with the docs' lines, and
 * by Transformers.js with the README's lines, in Node and in Chromium. SYNCLR_AGREEMENT names a trained run to measure in place of random weights.
 */

const ROOT = resolve(import.meta.dirname, '..');
const BIND = 0.999;

type Features = Map<string, Float32Array>;

let dir: string;
let photos: Photo[] | undefined;
let expected: Features;
const table: string[][] = [];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'agreement-'));
  photos = await layPhotos(join(dir, 'photos'));
  if (!photos) return;
  const run = join(dir, 'runs', 'tiny');
  if (process.env.SYNCLR_AGREEMENT) cpSync(process.env.SYNCLR_AGREEMENT, run, { recursive: true });
  else await writeRun(run);
  await exportEncoder({ checkpoint: run, out: join(run, 'encoder') });
  symlinkSync(join(ROOT, 'node_modules'), join(dir, 'node_modules'));
  const embedded = await synclr(['embed', 'photos', '--encoder', 'runs/tiny', '--out', 'photos.jsonl'], dir);
  expect(embedded).toMatchObject({ code: 0, stderr: expect.not.stringContaining('left out') });
  expected = new Map();
  for (const line of readFileSync(join(dir, 'photos.jsonl'), 'utf8').trim().split('\n')) {
    const { file, feature } = JSON.parse(line);
    expected.set(file, Float32Array.from(feature));
  }
  expect([...expected.keys()].sort()).toEqual(photos.map((p) => p.file).sort());
}, 300_000);

afterAll(() => {
  if (table.length > 0) console.log(markdown());
  rmSync(dir, { recursive: true });
});

const cosine = (a: Float32Array, b: Float32Array): number => {
  const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, v, i) => sum + v * y[i], 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
};

/** Beside their mean features of different photos are alike, and beside it they must still agree. */
function centred(features: Features, mean: Float32Array): Features {
  return new Map([...features].map(([file, f]) => [file, f.map((v, i) => v - mean[i])]));
}

function meanOf(features: Features): Float32Array {
  const all = [...features.values()];
  return all[0].map((_, i) => all.reduce((sum, f) => sum + f[i], 0) / all.length);
}

/** @param apart kinds that differ by nature, with the least that they must reach */
function compare(way: string, got: Features, apart: Readonly<Record<string, number>> = {}): void {
  const mean = meanOf(expected);
  const [a, b] = [centred(expected, mean), centred(got, mean)];
  const rows = photos!.map(({ file, kind }) => ({
    file,
    kind,
    cosine: cosine(expected.get(file)!, got.get(file)!),
    beside: cosine(a.get(file)!, b.get(file)!),
  }));
  const kept = rows.filter((r) => apart[r.kind] === undefined);
  const least = kept.reduce((x, y) => (x.cosine < y.cosine ? x : y));
  const figure = (x: number) => x.toFixed(6);
  const others = rows.filter((r) => apart[r.kind] !== undefined);
  table.push([
    way,
    figure(kept.reduce((sum, r) => sum + r.cosine, 0) / kept.length),
    `${figure(least.cosine)} (${least.kind})`,
    figure(Math.min(...kept.map((r) => r.beside))),
    others.map((r) => `${r.kind} ${figure(r.cosine)}`).join(', '),
  ]);
  for (const r of rows) {
    const bound = apart[r.kind] ?? BIND;
    expect(r.cosine, `${way}: ${r.file} (${r.kind})`).toBeGreaterThanOrEqual(bound);
    if (bound === BIND)
      expect(r.beside, `${way}, without the mean: ${r.file} (${r.kind})`).toBeGreaterThanOrEqual(BIND);
  }
}

const markdown = (): string =>
  [
    '',
    `${photos!.length} photos, features beside those of \`synclr embed\``,
    '| way | mean cosine | least | least, without the mean feature | apart |',
    '|---|---|---|---|---|',
  ]
    .concat(table.map((row) => `| ${row.join(' | ')} |`))
    .join('\n');

/** The lines of a page that hold some text, as code that does for every photo what they do for one. */
function linesOf(page: string, holding: string, each: string): string {
  const blocks = [...readFileSync(join(ROOT, page), 'utf8').matchAll(/^```js\n(.*?)^```$/gms)].map((m) => m[1]);
  const block = blocks.find((b) => b.includes(holding) && b.includes("'photo.jpg'"));
  expect(block, `${page}: lines with ${holding}`).toBeDefined();
  const lines = block!.split('\n');
  const first = lines.findIndex((l) => l.includes("'photo.jpg'"));
  const rest = lines.slice(first).join('\n').replace("'photo.jpg'", 'photo');
  return `${lines.slice(0, first).join('\n')}\nfor (const photo of photos) {\n${rest}\n${each}\n}\n`;
}

/** Runs a script of Node's in a process of its own. @returns by file */
async function inNode(name: string, script: string): Promise<Features> {
  const files = photos!.map((p) => `photos/${p.file}`);
  const file = join(dir, `${name}.mjs`);
  writeFileSync(
    file,
    `const photos = ${JSON.stringify(files)};\nconst out = {};\n${script}\nconsole.log(JSON.stringify(out));\n`,
  );
  const said = await new Promise<string>((done, fail) => {
    const child = spawn(process.execPath, [file], { cwd: dir, stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (d) => (text += d));
    child.on('error', fail);
    child.on('close', (code) => (code === 0 ? done(text) : fail(new Error(`${name} ended with ${code}`))));
  });
  return read(JSON.parse(said.trim().split('\n').at(-1)!));
}

const read = (found: Record<string, number[]>): Features =>
  new Map(Object.entries(found).map(([path, f]) => [path.replace('photos/', ''), Float32Array.from(f)]));

const KEEP = 'out[photo] = Array.from(feature);';

test('the library gives what the command line gives', { timeout: 120_000 }, async () => {
  if (!photos) return;
  // Photos are told apart: what agrees here is no constant.
  const beside = [...centred(expected, meanOf(expected)).values()];
  const pairs = beside.flatMap((a, i) => beside.slice(i + 1).map((b) => cosine(a, b)));
  expect(pairs.reduce((sum, c) => sum + Math.abs(c), 0) / pairs.length).toBeLessThan(0.6);

  for (const encoder of ['runs/tiny', 'runs/tiny/encoder']) {
    await using embedder = await openEmbedder({ encoder: join(dir, encoder) });
    const got: Features = new Map();
    for (const { file } of photos) got.set(file, await embedder.image(join(dir, 'photos', file)));
    compare(encoder.endsWith('encoder') ? 'library, exported' : 'library', got);
  }
});

test('ONNX Runtime gives it by the lines of docs/encoder.md', { timeout: 120_000 }, async () => {
  if (!photos) return;
  compare('onnxruntime-node', await inNode('ort', linesOf('docs/encoder.md', 'onnxruntime-node', KEEP)));
});

test('Transformers.js gives it in Node by the README’s lines', { timeout: 120_000 }, async () => {
  if (!photos) return;
  for (const page of ['README.md', 'docs/encoder.md'])
    compare(`Transformers.js in Node, ${page}`, await inNode('tjs', linesOf(page, 'image-feature-extraction', KEEP)));
});

test('Transformers.js gives it in Chromium by the README’s lines', { tags: 'nightly', timeout: 240_000 }, async () => {
  if (!photos) return;
  if (!chromiumPath) {
    console.log('no Chromium here (SYNCLR_CHROMIUM names one): Transformers.js is not tried in a browser');
    return;
  }
  const server = await serve();
  let browser: Browser | undefined;
  try {
    const { port } = server.address() as AddressInfo;
    browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox'] });
    const tab = await browser.newPage();
    const said: string[] = [];
    tab.on('pageerror', (e) => said.push(String(e)));
    await tab.goto(`http://127.0.0.1:${port}/page.html`);
    await tab.waitForFunction('window.done !== undefined || window.failed !== undefined', undefined, {
      timeout: 200_000,
    });
    expect(await tab.evaluate('window.failed'), said.join('\n')).toBeUndefined();
    compare('Transformers.js in Chromium', read(await tab.evaluate<Record<string, number[]>>('window.done')), {
      // Browsers take the inks' colours without their profile.
      'CMYK JPEG': 0.9,
    });
  } finally {
    await browser?.close();
    server.close();
  }
});

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
};

/** Serves the run, the photos, the libraries and a page with the README's lines to this machine alone. */
async function serve(): Promise<Server> {
  const modules = '/node_modules';
  const map = {
    '@huggingface/transformers': '/transformers.js',
    'onnxruntime-web/webgpu': `${modules}/onnxruntime-web/dist/ort.webgpu.bundle.min.mjs`,
    'onnxruntime-common': `${modules}/onnxruntime-common/dist/esm/index.js`,
  };
  const files = JSON.stringify(photos!.map((p) => `photos/${p.file}`));
  // What the page's own bundler or a content network would give: the library and its WebAssembly.
  const library = `export * from '${modules}/@huggingface/transformers/dist/transformers.web.js';
import { env } from '${modules}/@huggingface/transformers/dist/transformers.web.js';
env.useWasmCache = false;
env.backends.onnx.wasm.wasmPaths = '${modules}/onnxruntime-web/dist/';`;
  const script = linesOf('README.md', 'image-feature-extraction', KEEP);
  const imports = /^import .*;$/gm;
  const page = `<!doctype html><script type="importmap">${JSON.stringify({ imports: map })}</script>
<script type="module">
${(script.match(imports) ?? []).join('\n')}
try {
const photos = ${files};
const out = {};
${script.replace(imports, '')}
window.done = out;
} catch (e) { window.failed = String(e?.stack ?? e); }
</script>`;
  mkdirSync(join(dir, 'site'));
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url!, 'http://x').pathname);
    const given: Record<string, string> = { '/page.html': page, '/transformers.js': library };
    try {
      const body = given[path] ?? readFileSync(join(dir, path));
      response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream' }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return server;
}
