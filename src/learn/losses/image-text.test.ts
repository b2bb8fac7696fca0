import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { relativeDifference, testSeed } from '../../../test/numbers.js';
import { readSafetensors } from '../../formats/safetensors.js';
import { gradients, ops } from '../../graph/index.js';
import { interpret } from '../../graph/interpret.js';
import { Rng } from '../../rng.js';
import { clip, imageText } from './image-text.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const recorded = join(root, process.env.SYNCLR_LEARNERS ?? '../shared/reference/evaluation/learners');
const seed = testSeed('image-text.test.ts');

const dim = 12;

describe('losses and gradients of open implementations', () => {
  if (!existsSync(recorded)) {
    test('are not here', () =>
      console.log(`image-text.test.ts: ${recorded} is not here (SYNCLR_LEARNERS): not compared`));
    return;
  }
  const values = async () => {
    const about = JSON.parse(await readFile(join(recorded, 'losses.json'), 'utf8'));
    return { about, tensors: (await readSafetensors(join(recorded, 'losses.safetensors'))).tensors };
  };

  test.each(['clip_init', 'clip_scale100', 'clip_low'])('%s', async (name) => {
    const { about, tensors } = await values();
    const of = (key: string) => tensors.get(`${name}/${key}`)!.data as Float32Array;
    const inputs = [ops.input('image', [9, dim]), ops.input('text', [9, dim]), ops.input('log_scale', [1])] as const;
    const loss = clip(...inputs);
    const [image, text, scale] = gradients(loss, inputs);
    const feeds = { image: of('image'), text: of('text'), log_scale: of('log_scale') };
    const found = interpret({ loss, image: image!, text: text!, scale: scale! }, feeds);
    expect(relativeDifference(found.loss, [about[name].loss])).toBeLessThan(1e-6);
    expect(relativeDifference(found.image, of('grad.image'))).toBeLessThan(1e-5);
    expect(relativeDifference(found.text, of('grad.text'))).toBeLessThan(1e-5);
    expect(relativeDifference(found.scale, of('grad.log_scale'))).toBeLessThan(1e-5);
  });

  test('image_text_only', async () => {
    const { about, tensors } = await values();
    const of = (key: string) => tensors.get(`image_text_only/${key}`)!.data as Float32Array;
    const inputs = [ops.input('images', [24, dim]), ops.input('texts', [6, dim]), ops.input('scale', [1])] as const;
    const [images, texts, scale] = inputs;
    const loss = imageText(images, texts, ops.input('labels', [24]), scale);
    const [dImages, dTexts, dScale] = gradients(loss, inputs);
    const feeds = {
      images: of('image_emb'),
      texts: of('text_emb'),
      labels: of('image_labels'),
      scale: of('log_scale'),
    };
    const found = interpret({ loss, dImages: dImages!, dTexts: dTexts!, dScale: dScale! }, feeds);
    expect(relativeDifference(found.loss, [about.image_text_only.loss])).toBeLessThan(1e-6);
    expect(relativeDifference(found.dImages, of('grad.image_emb'))).toBeLessThan(1e-5);
    expect(relativeDifference(found.dTexts, of('grad.text_emb'))).toBeLessThan(1e-5);
    expect(relativeDifference(found.dScale, of('grad.log_scale'))).toBeLessThan(1e-5);
  });
});

test('images of one caption share its weight, however many there are', () => {
  const rng = Rng.of(seed, 'shared');
  const noise = (n: number) => Float32Array.from({ length: n * dim }, () => rng.normal());
  const [texts, two] = [noise(2), noise(2)];
  const loss = (count: number, images: Float32Array, labels: number[]) => {
    const graph = imageText(
      ops.input('images', [count, dim]),
      ops.input('texts', [2, dim]),
      ops.input('labels', [count]),
      ops.input('scale', [1]),
    );
    return interpret({ graph }, { images, texts, labels, scale: [1.3] }).graph[0];
  };
  // Every image twice: each direction is a mean, and a caption's softmax gains ln 2.
  const twice = loss(4, Float32Array.from([...two, ...two]), [0, 1, 0, 1]);
  expect(twice - loss(2, two, [0, 1])).toBeCloseTo(Math.log(2) / 2, 6);
});
