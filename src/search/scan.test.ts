import { mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testSeed } from '../../test/numbers.js';
import { npyHeader } from '../probe/npy.js';
import { Rng } from '../rng.js';
import { unit } from './best.js';
import { encodeBlock, encodeQuery, strideOf } from './codes.js';
import { alikePairs, openScanner, sampleMean, writeCodes } from './scan.js';
import { openVectors, type Vectors } from './vectors.js';

const seed = testSeed('scan.test.ts');
let dir: string;
const handles: FileHandle[] = [];
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'synclr-scan-'));
});
afterAll(async () => {
  for (const handle of handles) await handle.close();
  rmSync(dir, { recursive: true });
});

type Row = (rng: Rng, i: number, dim: number) => ArrayLike<number>;
const gaussian = (rng: Rng, dim: number) => Float64Array.from({ length: dim }, () => rng.normal());

/** Vectors that a search by approximations goes wrong on. */
const KINDS: Record<string, Row> = {
  'independent directions': (rng, _, dim) => gaussian(rng, dim),
  'all near one direction': (rng, _, dim) => gaussian(rng, dim).map((v) => 1 + 0.02 * v),
  'copies of nine': (_, i, dim) => gaussian(Rng.of('copy', i % 9), dim),
  'all the same': (_, __, dim) => new Float64Array(dim).fill(1),
  'the same but for the last bits': (rng, _, dim) =>
    Float64Array.from({ length: dim }, (_, j) => Math.sin(j + 1) * (1 + 1e-7 * rng.normal())),
  'one number holds nearly all': (rng, i, dim) => {
    const x = gaussian(rng, dim).map((v) => 1e-4 * v);
    x[i % 3] = i % 2 ? 1 : -1;
    return x;
  },
  'one number, all else 0': (_, i, dim) => {
    const x = new Float64Array(dim);
    x[i % dim] = i % 5 < 3 ? 1 : -1;
    return x;
  },
  'far apart in size': (rng, _, dim) => gaussian(rng, dim).map((v, j) => v * 10 ** -(j % 12)),
  'in steps of codes': (rng, _, dim) => Float64Array.from({ length: dim }, () => rng.int(255) - 127),
  'half a step beside codes': (rng, _, dim) => Float64Array.from({ length: dim }, () => rng.int(254) - 126.5),
};

async function file(name: string, rows: number, dim: number, row: Row): Promise<{ x: Float32Array; v: Vectors }> {
  const rng = Rng.of(seed, name, rows, dim);
  const x = new Float32Array(rows * dim);
  for (let i = 0; i < rows; i++) x.set(unit(row(rng, i, dim))!, i * dim);
  const path = join(dir, `${name}-${rows}-${dim}.npy`);
  writeFileSync(path, Buffer.concat([npyHeader([rows, dim]), new Uint8Array(x.buffer)]));
  const handle = await open(path, 'r');
  handles.push(handle);
  return { x, v: await openVectors(path, handle) };
}

/** What comparing with every vector says: sums in float64 from the first number on, rows of equal scores in their order. */
function naive(x: Float32Array, query: Float32Array, k: number, from: number, to: number) {
  const dim = query.length;
  const all: { row: number; score: number }[] = [];
  for (let row = from; row < Math.min(to, x.length / dim); row++) {
    let score = 0;
    for (let j = 0; j < dim; j++) score += query[j] * x[row * dim + j];
    all.push({ row, score });
  }
  return all.sort((a, b) => b.score - a.score || a.row - b.row).slice(0, k);
}

const modifiedOf = (path: string) => statSync(path).mtimeMs;

describe.each(Object.entries(KINDS))('%s', (name, row) => {
  it.each([
    [8200, 40],
    [300, 33],
  ])('%i vectors of %i numbers: codes on threads find what every vector says', async (rows, dim) => {
    const { x, v } = await file(name, rows, dim, row);
    const codes = `${v.path}.codes`;
    const modified = modifiedOf(v.path);
    const scanners = [
      await openScanner(v, { plain: false, threads: 2, codes, modified }),
      await openScanner(v, { plain: true, modified }),
    ];
    const rng = Rng.of(seed, name, 'queries');
    const queries = [
      unit(gaussian(rng, dim))!,
      // One of them, and one beside it.
      x.slice(dim * (rows - 1), dim * rows),
      unit(x.slice(0, dim).map((v) => v + 1e-6 * rng.normal()))!,
      unit(Float64Array.from({ length: dim }, (_, j) => (j === 0 ? 1e-30 : 1e-38)))!,
    ];
    for (const query of queries)
      for (const [k, from, to] of [
        [1, 0, rows],
        [10, 0, rows],
        [rows + 5, 0, rows],
        [5, Math.floor(rows / 3), Math.floor(rows / 3) + 20],
      ])
        for (const scanner of scanners)
          expect(await scanner.search(query, k, from, to)).toEqual(naive(x, query, k, from, to));
    for (const scanner of scanners) await scanner.close();
  });
});

describe('the bounds of codes', () => {
  it.each(Object.entries(KINDS))('hold every score: %s', (name, row) => {
    const dim = 37;
    const rows = 200;
    const rng = Rng.of(seed, 'bounds', name);
    const x = new Float32Array(rows * dim);
    for (let i = 0; i < rows; i++) x.set(unit(row(rng, i, dim))!, i * dim);
    // Any mean will do, a wrong one too.
    for (const mean of [new Float32Array(dim), x.slice(0, dim), Float32Array.from(gaussian(rng, dim))]) {
      const block = encodeBlock(x, mean);
      const stride = strideOf(dim);
      const codes = new Int8Array(block.buffer, 0, rows * stride);
      const scales = new Float32Array(block.buffer, rows * stride, rows);
      const residuals = new Float32Array(block.buffer, rows * stride + 4 * rows, rows);
      for (let n = 0; n < 20; n++) {
        const query = unit(n % 2 ? gaussian(rng, dim) : x.slice(n * dim, (n + 1) * dim))!;
        const q = encodeQuery(query, mean);
        for (let i = 0; i < rows; i++) {
          let [score, products, length] = [0, 0, 0];
          for (let j = 0; j < dim; j++) {
            score += query[j] * x[i * dim + j];
            products += q.numbers[j] * codes[i * stride + j];
            length += (x[i * dim + j] - mean[j]) ** 2;
          }
          const off = Math.abs(score - (q.offset + q.unit * scales[i] * products));
          const bound = q.norm * residuals[i] + q.rest * Math.sqrt(length) + 1e-12;
          // Not by `expect`, of which so many take a minute.
          if (off > bound || Math.abs(products) >= 2 ** 31) throw new Error(`row ${i}: off by ${off}, bound ${bound}`);
        }
      }
    }
  });

  it('leave few vectors to look at: the rows of codes are near', () => {
    const rng = Rng.of(seed, 'near');
    const x = unit(gaussian(rng, 384))!;
    const residual = new Float32Array(encodeBlock(x, new Float32Array(384)).buffer, 384 + 4, 1)[0];
    expect(residual).toBeLessThan(0.012);
  });
});

it('sums of products stay within 32 bits for the worst query', () => {
  const dim = 16_384;
  for (const value of [1, -1]) {
    const q = encodeQuery(unit(new Float32Array(dim).fill(value))!, new Float32Array(dim));
    const sum = q.numbers.reduce((a, n) => a + 127 * Math.abs(n), 0);
    expect(sum).toBeLessThan(2 ** 31);
    expect(q.rest).toBeLessThan(1e-3);
  }
});

describe('the file of codes', () => {
  it('is made anew where it is damaged, of other vectors, or not there', async () => {
    const { x, v } = await file('anew', 9000, 24, (rng, _, dim) => gaussian(rng, dim));
    const codes = join(dir, 'anew.codes');
    const query = x.slice(24, 48);
    const expected = naive(x, query, 5, 0, 9000);
    const search = async () => {
      const notes: string[] = [];
      const note = (line: string) => notes.push(line);
      const scanner = await openScanner(v, { plain: false, codes, modified: modifiedOf(v.path), note });
      expect(await scanner.search(query, 5, 0, 9000)).toEqual(expected);
      await scanner.close();
      return notes.length;
    };
    expect(await search()).toBe(1);
    const sound = readFileSync(codes);
    expect(await search()).toBe(0);
    for (const at of [100, 4096, 4096 + 95, 5000, 200_000, sound.length - 16, sound.length - 12]) {
      const bytes = Buffer.from(sound);
      bytes[at] ^= 4;
      writeFileSync(codes, bytes);
      expect(await search(), `byte ${at}`).toBe(1);
      expect(readFileSync(codes).equals(sound)).toBe(true);
    }
    // Not to be known as ours any more: it stays, and what it is for is done without it.
    const foreign = Buffer.concat([Buffer.from('x'), sound]);
    writeFileSync(codes, foreign);
    expect(await search()).toBe(1);
    expect(readFileSync(codes).equals(foreign)).toBe(true);
    writeFileSync(codes, sound.subarray(0, sound.length - 40_000));
    expect(await search()).toBe(1);
    utimesSync(v.path, new Date(), new Date(1e12));
    expect(await search()).toBe(1);
  });

  it('takes the place of nothing that is somebody’s', async () => {
    const { v } = await file('theirs', 100, 8, (rng, _, dim) => gaussian(rng, dim));
    const path = join(dir, 'theirs.codes');
    writeFileSync(path, 'mine');
    await expect(writeCodes(path, v, { modified: 0 })).rejects.toMatchObject({ name: 'UserError' });
    expect(readFileSync(path, 'utf8')).toBe('mine');
  });
});

it('pairs are those that comparing each with each finds', async () => {
  const dim = 20;
  for (const [name, rows, least] of [
    ['copies', 3000, 0.97],
    ['few', 5, 0.5],
  ] as const) {
    const { x, v } = await file(`pairs ${name}`, rows, dim, (rng, i, dim) =>
      gaussian(Rng.of(name, i % 100 < 3 ? i % 100 : i), dim).map((y) => y + 0.1 * rng.normal()),
    );
    const expected: unknown[] = [];
    for (let a = 0; a < rows; a++)
      for (let b = a + 1; b < rows; b++) {
        let score = 0;
        for (let j = 0; j < dim; j++) score += x[a * dim + j] * x[b * dim + j];
        if (score >= least) expected.push({ first: a, second: b, score });
      }
    expect(expected.length).toBeGreaterThan(name === 'few' ? -1 : 300);
    expect(await alikePairs(v, { least, threads: 2 })).toEqual(expected);
  }
});

it('a vector that is not of length 1 is named', async () => {
  const { x, v } = await file('long', 600, 8, (rng, _, dim) => gaussian(rng, dim));
  x[8 * 7] = Number.NaN;
  writeFileSync(v.path, Buffer.concat([npyHeader([600, 8]), new Uint8Array(x.buffer)]));
  for (const plain of [true, false])
    await expect(openScanner(v, { plain, modified: 0 })).rejects.toThrow(/vector 7 has length NaN, not 1/);
  expect(sampleMean(v).every(Number.isFinite)).toBe(true);
});
