import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testSeed } from '../../test/numbers.js';
import { randomParameters } from '../../test/small-step.js';
import { CLIP_TEXT, type TextConfig, textParameters } from '../model/text.js';
import { Rng } from '../rng.js';
import type { Executors } from '../runtime/executor.js';
import { cpuExecutors } from '../runtime/open-executors.js';
import { learnMerges, vocabularySize, writeMergeList } from '../text/learn-vocabulary.js';
import { readClassNames, readTemplates, TEMPLATES } from './templates.js';
import { openWords, type Words } from './words.js';
import { classFeatures, zeroShot, zeroShotKey } from './zero-shot.js';

const seed = testSeed('zero-shot.test.ts');
let dir: string;
let on: Executors;
let words: Words;
let text: { config: TextConfig; parameters: Map<string, Float32Array> };
const CAPTIONS = ['a red panda in a forest', 'a fox in the rain', 'a green bus'];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'zero-shot-'));
  const merges = await learnMerges(CAPTIONS, 20);
  await writeMergeList(join(dir, 'vocabulary.txt'), merges);
  const sizes = { width: 16, depth: 2, heads: 2, context: 12, out: 8, vocabulary: vocabularySize(merges.length) };
  const config = { ...CLIP_TEXT, ...sizes };
  text = { config, parameters: randomParameters(textParameters(config), Rng.of(seed, 'tower')) };
  on = cpuExecutors(1);
  words = await openWords(text, dir, on);
});
afterAll(async () => {
  await words?.close();
  await on?.close();
  await rm(dir, { recursive: true });
});

test('features of texts are of length 1, and do not depend on what is beside them', async () => {
  const texts = Array.from({ length: 70 }, (_, i) => `${CAPTIONS[i % 3]} ${i}`);
  const all = await words.texts(texts);
  for (const i of [0, 63, 64, 69]) {
    const one = await words.texts([texts[i]]);
    const there = all.subarray(i * 8, (i + 1) * 8);
    expect(Math.hypot(...there)).toBeCloseTo(1, 6);
    one.forEach((x, j) => {
      expect(x).toBeCloseTo(there[j], 5);
    });
  }
});

test('images that lie at a class’s words are of that class', async () => {
  const classes = ['red_panda', 'fox', 'bus'];
  const features = await classFeatures(words, classes, { templates: TEMPLATES });
  // One name with one template is that text alone.
  const one = await classFeatures(words, ['fox'], { templates: ['a {} in the rain'] });
  (await words.texts(['a fox in the rain'])).forEach((x, i) => {
    expect(x).toBeCloseTo(one[i], 6);
  });
  // Without a projection an image's feature is compared as it is, whatever its length.
  const labels = Int32Array.of(2, 0, 1);
  const images = Float32Array.from(
    [...labels].flatMap((c) => [...features.subarray(c * 8, (c + 1) * 8)].map((v) => 3 * v)),
  );
  expect(zeroShot({ x: images, dim: 8, labels }, undefined, features)).toEqual(labels);
  // With one, after it: here the features' order turned around.
  const turned = Float32Array.from({ length: 64 }, (_, i) => ((i % 8) + Math.floor(i / 8) === 7 ? 1 : 0));
  const back = images.map((_, i) => images[Math.floor(i / 8) * 8 + (7 - (i % 8))]);
  expect(zeroShot({ x: back, dim: 8, labels }, { weight: turned, out: 8 }, features)).toEqual(labels);
});

test('templates and names decide the key', () => {
  const key = (templates: string[], names?: Map<string, string[]>) =>
    zeroShotKey(words, undefined, ['a', 'b'], { templates, names });
  expect(key(['a {}'])).toBe(key(['a {}'], new Map([['other', ['x']]])));
  expect(key(['a {}'])).not.toBe(key(['the {}']));
  expect(key(['a {}'])).not.toBe(key(['a {}'], new Map([['a', ['x']]])));
});

test('a vocabulary that the tower is too small for is refused', async () => {
  const small = { ...text, config: { ...text.config, vocabulary: text.config.vocabulary - 1 } };
  await expect(openWords(small, dir, on)).rejects.toThrow('they belong to different models');
});

describe('files of one’s own', () => {
  const file = async (content: string) => {
    const path = join(dir, `file-${Math.random()}`);
    await writeFile(path, content);
    return path;
  };
  test('templates are lines with a place for the name', async () => {
    expect(await readTemplates(await file('# ours\n\na {} of {}\r\nthe {}\n'))).toEqual(['a {} of {}', 'the {}']);
    await expect(readTemplates(await file('a photo\n'))).rejects.toThrow('line 1: "a photo" has no {}');
    await expect(readTemplates(await file('\n'))).rejects.toThrow('no templates');
  });
  test('names are JSON or lines', async () => {
    const expected = new Map([
      ['n1', ['tabby cat']],
      ['n2', ['Egyptian cat', 'mau']],
    ]);
    expect(await readClassNames(await file('{"n1": "tabby cat", "n2": ["Egyptian cat", "mau"]}'))).toEqual(expected);
    expect(await readClassNames(await file('n1: tabby cat\nn2\tEgyptian cat, mau\n'))).toEqual(expected);
    await expect(readClassNames(await file('tabby cat\n'))).rejects.toThrow('line 1: expected a folder, a colon');
    await expect(readClassNames(await file('{"n1": 3}'))).rejects.toThrow('neither a name nor a list of names');
    await expect(readClassNames(await file('a: b\na: c'))).rejects.toThrow('line 2: a is named a second time');
  });
});
