import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testSeed } from '../../test/numbers.js';
import { randomParameters } from '../../test/small-step.js';
import { resolveSettings } from '../config/resolve.js';
import { readSafetensors, type SafeTensor, writeSafetensors } from '../formats/safetensors.js';
import { learnerOf } from '../learn/learners/index.js';
import { Rng } from '../rng.js';
import { learnMerges, vocabularySize, writeMergeList } from '../text/learn-vocabulary.js';
import { openTokenizer } from '../text/tokenizer.js';
import type { Backbone } from './backbone.js';
import { checkpointText, isTextTensor, readText, TEXT_FILES, writeText } from './own-text.js';
import { CLIP_TEXT, textParameters } from './text.js';

const seed = testSeed('own-text.test.ts');
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'own-text-'));
});
afterAll(() => rm(dir, { recursive: true }));

const config = { ...CLIP_TEXT, width: 8, depth: 1, heads: 2, vocabulary: vocabularySize(5), context: 6, out: 4 };
const backbone = (): Backbone => ({
  ...{
    vit: { dim: 6, depth: 1, heads: 1, patch: 4, imageSize: 8, mlpRatio: 1 },
    origin: 'here',
    parameters: new Map(),
  },
  preprocessing: undefined as never,
  projection: { weight: Float32Array.from({ length: 24 }, (_, i) => i), out: 4 },
  text: { config, parameters: randomParameters(textParameters(config), Rng.of(seed, 'tower')), logitScale: 1.5 },
});

test('a text side is read back as it was written, with its vocabulary', async () => {
  const [run, out] = [await mkdtemp(join(dir, 'run')), await mkdtemp(join(dir, 'out'))];
  await writeMergeList(join(run, 'vocabulary.txt'), await learnMerges(['a red fox, a red bus'], 5));
  const b = backbone();
  expect(await writeText(out, b, run)).toEqual(Object.values(TEXT_FILES));
  expect(await readText(out)).toEqual({ text: b.text, projection: b.projection });
  const [ours, theirs] = await Promise.all([run, out].map(openTokenizer));
  expect(theirs.encode('a red fox')).toEqual(ours.encode('a red fox'));
});

test('without a text side there are no files, and without a vocabulary its weights alone', async () => {
  const { text: _, ...plain } = backbone();
  const [none, alone] = [await mkdtemp(join(dir, 'none')), await mkdtemp(join(dir, 'alone'))];
  expect(await writeText(none, plain, dir)).toEqual([]);
  expect(await readdir(none)).toEqual([]);
  expect(await readText(none)).toEqual({});
  expect(await writeText(alone, backbone(), join(dir, 'nowhere', 'file'))).toEqual([TEXT_FILES.weights]);
});

test('what is damaged is named', async () => {
  const out = await mkdtemp(join(dir, 'damaged'));
  await writeText(out, backbone(), dir);
  const file = join(out, TEXT_FILES.weights);
  const { metadata, tensors } = await readSafetensors(file);
  const { 'synclr.sha256': _, ...plain } = metadata;
  const written = (changed: Map<string, SafeTensor>, said: Record<string, string> = plain) =>
    writeSafetensors(file, changed, said).then(() => readText(out));
  const without = new Map(tensors);
  without.delete('text.norm.bias');
  await expect(written(without)).rejects.toThrow(
    `${file}: not the text side of its own settings: text.norm.bias is missing`,
  );
  await expect(written(tensors, { format: 'pt' })).rejects.toThrow('says nothing of its form');
  const other = { ...plain, 'synclr.text': JSON.stringify({ ...config, depth: 0 }) };
  await expect(written(tensors, other)).rejects.toThrow(/text\.safetensors.*depth/);
});

test('of a checkpoint the learner’s own parameters are its text side', () => {
  const flags = { 'learn.method': 'clip', 'learn.textWidth': 8, 'learn.textHeads': 2, 'learn.merges': 7 };
  const settings = resolveSettings({ flags });
  const values = randomParameters(learnerOf(settings).parameters, Rng.of(seed, 'student'));
  const all = learnerOf(settings).parameters.map(({ name, shape }): [string, SafeTensor] => [
    `student.${name}`,
    { dtype: 'F32', shape: [...shape], data: values.get(name)! },
  ]);
  const tensors = new Map(all.filter(([name]) => isTextTensor(name)));
  const { text, projection } = checkpointText(settings, tensors, 'file');
  expect(text!.config.vocabulary).toBe(vocabularySize(7));
  expect(text!.parameters.get('text.positional_embedding')).toBe(values.get('text.positional_embedding'));
  expect(projection!.weight).toBe(values.get('image_projection.weight'));
  expect(text!.logitScale).toBe(values.get('logit_scale')![0]);
  expect(checkpointText(resolveSettings(), tensors, 'file')).toEqual({});
});
