import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { resolveSettings } from '../src/config/resolve.js';
import { buildIndex } from '../src/search/build.js';
import { type Match, openIndex } from '../src/search/photo-index.js';
import { writeMatches } from '../src/search/sheet.js';
import { MICRO } from './micro.js';
import { writeEncoder, writeImages } from './tiny-encoder.js';

/** The lines of docs/search.md for a browser, in Chromium, against the library; and a page of matches as it is shown. */

const executablePath = [process.env.SYNCLR_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser'].find(
  (path) => path !== undefined && existsSync(path),
);
const DATA = resolve(import.meta.dirname, '..', process.env.SYNCLR_DATA ?? '../shared/data', 'clothing-small/test');
const lines = /```js\n([\s\S]*?)```/.exec(readFileSync(resolve(import.meta.dirname, '../docs/search.md'), 'utf8'))![1];

let cwd: string;
let browser: Browser | undefined;
let server: Server;
let photos: string;
beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'synclr-search-browser-'));
  await writeEncoder(join(cwd, 'encoder'), resolveSettings({ flags: MICRO }));
  photos = DATA;
  if (!existsSync(DATA)) {
    console.log(`no photos in ${DATA} (SYNCLR_DATA names another folder): drawn ones take their place`);
    photos = join(cwd, 'photos');
    await writeImages(photos, { train: 6, test: 4 });
  }
  const index = join(cwd, 'photos.index');
  const hooks = { signal: new AbortController().signal, progress: () => {}, warn: () => {} };
  await buildIndex({ photos, encoder: join(cwd, 'encoder'), out: index, hooks });
  server = createServer((request, response) => {
    const name = request.url!.slice(1);
    if (name === '') response.setHeader('content-type', 'text/html').end('<!doctype html><title>search</title>');
    else if (/^photos\.index\/[\w.]+$/.test(name)) response.end(readFileSync(join(cwd, name)));
    else response.writeHead(404).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  if (executablePath) browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  else console.log('no Chromium here (SYNCLR_CHROMIUM names one): nothing is shown in a browser');
});
afterAll(async () => {
  await browser?.close();
  server.close();
  rmSync(cwd, { recursive: true });
});

it('the lines of the docs rank in a browser as the library does', async () => {
  await using index = await openIndex(join(cwd, 'photos.index'));
  const names = readdirSync(photos, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.jpg'));
  const feature = await index.vectorOf({ like: join(photos, names.sort()[3]) });
  const expected = await index.search({ vector: feature }, { k: 10 });
  if (!browser) return;
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  const code = `(async () => {\n${lines}\nreturn search(await openIndex('photos.index'), ${JSON.stringify([...feature])}, 10);\n})()`;
  const found = (await page.evaluate(code)) as { file: string; score: number }[];
  expect(found.map((m) => m.file)).toEqual(expected.map((m) => m.file));
  for (const [i, m] of found.entries()) expect(m.score).toBeCloseTo(expected[i].score, 6);
  await page.close();
});

it('a page of matches shows every thumbnail and asks for nothing', async () => {
  await using index = await openIndex(join(cwd, 'photos.index'));
  const names = readdirSync(photos, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.jpg'));
  const like = join(photos, names.sort()[0]);
  const matches: Match[] = await index.search({ like }, { k: 12 });
  const gone = { file: 'gone.jpg', path: join(cwd, 'gone.jpg'), score: -1 };
  const path = join(cwd, 'found.html');
  const shown = { dir: 'photos.index', count: index.length };
  await writeMatches(path, { what: 'Photos like <b>', images: [like] }, [...matches, gone], shown);
  if (!browser) return;
  const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
  const asked: string[] = [];
  const errors: string[] = [];
  page.on('request', (r) => asked.push(r.url()));
  page.on('console', (m) => errors.push(m.text()));
  await page.goto(`file://${path}`);
  const sizes = await page.$$eval('img', (all) =>
    all.map((img) => (img as { naturalWidth: number } & object).naturalWidth),
  );
  expect(sizes).toHaveLength(13);
  expect(Math.min(...sizes)).toBeGreaterThan(20);
  expect(asked.filter((url) => !url.startsWith('data:'))).toEqual([`file://${path}`]);
  expect(errors).toEqual([]);
  expect(await page.textContent('h1')).toBe('Photos like <b>');
  expect(await page.textContent('.none')).toMatch(/cannot be shown/);
  for (const width of [390, 1200]) {
    await page.setViewportSize({ width, height: 900 });
    const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
    expect(await page.evaluate(overflow)).toBe(0);
  }
  await page.close();
});
