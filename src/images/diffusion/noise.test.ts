import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { testSeed } from '../../../test/numbers.js';
import { Rng } from '../../rng.js';
import { noiseKey } from '../painter.js';

const seed = testSeed('diffusion/noise.test.ts');

/** The generator of docs/diffusion.md, written from its words alone, on BigInts. */
function fromTheDocs(key: readonly (string | number)[]): () => bigint {
  const word = (x: bigint) => BigInt.asUintN(32, x);
  const h = [0x243f6a88n, 0x85a308d3n, 0x13198a2en, 0x03707344n];
  const absorb = (x: bigint) => {
    for (let i = 0; i < 4; i++) {
      let y = h[i] ^ word((x + BigInt(i)) * 0x9e3779b1n);
      y = word((y ^ (y >> 15n)) * 0x85ebca77n);
      y = word((y ^ (y >> 13n)) * 0xc2b2ae3dn);
      h[i] = word((y ^ (y >> 16n)) + h[(i + 1) % 4]);
    }
  };
  for (const part of key) {
    if (typeof part === 'string') {
      for (let i = 0; i < part.length; i++) absorb(BigInt(part.charCodeAt(i)));
      absorb(65536n + BigInt(part.length));
    } else {
      absorb(word(BigInt(part)));
      absorb(BigInt(part) >> 32n);
    }
  }
  let [a, b, c, d] = [h[0], h[1], h[2], h[3] | 1n];
  const sfc32 = () => {
    const out = word(a + b + d);
    d = word(d + 1n);
    a = b ^ (b >> 9n);
    b = word(c + (c << 3n));
    c = word(((c << 21n) | (c >> 11n)) + out);
    return out;
  };
  for (let i = 0; i < 12; i++) sfc32();
  return sfc32;
}

it('is drawn as the documentation says, so that others can draw it too', () => {
  for (const key of [
    [0, 'noise', 0, 0, 0],
    [seed, 'noise', 5_000_000_123, 3, 1],
  ]) {
    const [runSeed, , captionId, image, attempt] = key as [number, string, number, number, number];
    const rng = Rng.of(...noiseKey({ caption: '', captionId, image, attempt, seed: runSeed, size: 64 }));
    const next = fromTheDocs(key);
    for (let i = 0; i < 100; i++) {
      const radius = Math.sqrt(-2 * Math.log(1 - Number(next()) / 2 ** 32));
      const angle = (2 * Math.PI * Number(next())) / 2 ** 32;
      expect(rng.normal()).toBe(radius * Math.cos(angle));
      expect(rng.normal()).toBe(radius * Math.sin(angle));
    }
  }
});

it('begins with the numbers that the documentation prints', () => {
  const text = readFileSync(new URL('../../../docs/diffusion.md', import.meta.url), 'utf8');
  const [, integers, normals] = /integers begin ([\d, ]+) and the normal values ([-\d., −]+)\./.exec(text) ?? [];
  const numbers = (list: string) => list.replaceAll('−', '-').split(',').map(Number);
  const next = fromTheDocs([0, 'noise', 0, 0, 0]);
  expect(numbers(integers)).toEqual([0, 1, 2, 3].map(() => Number(next())));
  const rng = Rng.of(0, 'noise', 0, 0, 0);
  for (const x of numbers(normals)) expect(rng.normal()).toBeCloseTo(x, 6);
});
