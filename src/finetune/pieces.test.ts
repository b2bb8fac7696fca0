import { describe, expect, test } from 'vitest';
import { testSeed } from '../../test/numbers.js';
import { drawDropPath, dropPathRates } from '../learn/drop-path.js';
import { lrScale } from '../learn/layer-decay.js';
import { Rng } from '../rng.js';
import { rotate, translateX } from './affine.js';
import { autoContrast, equalize, posterize, sharpness, solarize } from './colours.js';
import { drawRectangle, erase, sidesOf } from './erasing.js';
import { isDecayed } from './groups.js';
import { cutBox, drawMixes, flipped, mixPictures, mixTargets } from './mixing.js';
import { PictureOrder } from './order.js';
import { type Planes, planesOf } from './planes.js';
import { applyRandAugment, drawRandAugment, fillOf } from './rand-augment.js';
import { lengthOf, recipeOf } from './recipe.js';
import { rateAt } from './schedule.js';
import { subset } from './subset.js';

const seed = testSeed('finetune/pieces.test.ts');
const rng = Rng.of(seed, 'pieces');
const noise = (width: number, height: number): Planes =>
  planesOf(
    width,
    height,
    Uint8Array.from({ length: 3 * width * height }, () => rng.int(256)),
  );
const one = (value: number, width = 3, height = 2): Planes => ({
  ...{ width, height },
  data: new Uint8Array(3 * width * height).fill(value),
});
const changed = (p: Planes, change: (p: Planes) => void): Uint8Array => {
  change(p);
  return p.data;
};

describe('RandAugment', () => {
  test('one colour stays that colour, whatever spreads the contrast', () => {
    for (const change of [autoContrast, equalize, (p: Planes) => sharpness(p, 1.9)])
      expect([...new Set(changed(one(77), change))]).toEqual([77]);
  });

  test('the ends of what magnitudes mean', () => {
    expect([...new Set(changed(one(200), (p) => posterize(p, 0)))]).toEqual([0]);
    expect([...new Set(changed(one(200), (p) => posterize(p, 8)))]).toEqual([200]);
    expect([...new Set(changed(one(200), (p) => solarize(p, 256)))]).toEqual([200]);
    expect([...new Set(changed(one(200), (p) => solarize(p, 0)))]).toEqual([55]);
  });

  test('turned by nothing or moved by nothing it is the same; four quarters bring a square back', () => {
    const p = noise(7, 7);
    const fill = [1, 2, 3] as const;
    expect(rotate(p, 0, fill).data).toEqual(p.data);
    expect(translateX(p, 0, fill).data).toEqual(p.data);
    let turned = p;
    for (let i = 0; i < 4; i++) turned = rotate(turned, 90, fill);
    expect(turned.data).toEqual(p.data);
    // Moved by whole pixels: the row is cut, and the rest is the fill.
    const moved = translateX(noise(4, 1), 0.25, fill).data;
    expect([moved[3], moved[7], moved[11]]).toEqual([1, 2, 3]);
  });

  test('what is drawn: how often, of what, and none where there is none to draw', () => {
    const s = { ops: 2, probability: 0.5, magnitude: 9, deviation: 0.5 };
    const drawn = Array.from({ length: 4000 }, () => drawRandAugment(s, rng));
    expect(drawn.flat().length / drawn.length).toBeGreaterThan(0.9);
    expect(drawn.flat().length / drawn.length).toBeLessThan(1.1);
    expect(new Set(drawn.flat().map((d) => d.op.name)).size).toBe(15);
    expect(drawRandAugment({ ...s, ops: 0 }, rng)).toEqual([]);
    const p = noise(5, 4);
    expect(applyRandAugment(p, [], fillOf([0.48, 0.46, 0.41])).data).toBe(p.data);
    // A picture of one pixel goes through all of them.
    for (const d of drawn.slice(0, 60)) expect(applyRandAugment(noise(1, 1), d, [0, 0, 0]).data.length).toBe(3);
  });
});

describe('random erasing', () => {
  const s = { probability: 1, area: [0.02, 1 / 3], aspect: [0.3, 10 / 3] } as const;
  test('sides are rounded to the even number, and smaller than the picture', () => {
    expect(sidesOf(2.5 ** 2, 1)).toEqual({ height: 2, width: 2 });
    expect(sidesOf(3.5 ** 2, 1)).toEqual({ height: 4, width: 4 });
    for (let i = 0; i < 500; i++) {
      const r = drawRectangle(9, 6, s, rng);
      if (!r) continue;
      expect(r.height).toBeLessThan(9);
      expect(r.width).toBeLessThan(6);
      expect(r.top + r.height).toBeLessThanOrEqual(9);
      expect(r.left + r.width).toBeLessThanOrEqual(6);
    }
    expect(drawRectangle(1, 1, { ...s, area: [1, 1] }, rng)).toBeUndefined();
  });

  test('what is erased is noise in every channel, the rest stays', () => {
    const x = new Float32Array(3 * 64).fill(7);
    erase(x, 8, 8, s, rng);
    const gone = Array.from(x, (v) => v !== 7);
    const [r, g, b] = [0, 1, 2].map((c) => gone.slice(c * 64, (c + 1) * 64));
    expect(r).toEqual(g);
    expect(r).toEqual(b);
    expect(r.filter(Boolean).length).toBeLessThan(64);
    expect(r.filter(Boolean).length).toBeGreaterThan(0);
  });
});

describe('mixing', () => {
  const s = { mixup: 0.8, cutmix: 1, probability: 1, switch: 0.5, smoothing: 0.1 } as const;

  test.each(['batch', 'elem', 'pair'] as const)('targets are shares of both pictures, summing to one: %s', (mode) => {
    for (const batch of [6, 5]) {
      const mixes = drawMixes(batch, 8, 10, { ...s, mode }, rng);
      expect(mixes.length).toBe(batch);
      if (mode === 'batch') expect(new Set(mixes).size).toBe(1);
      if (mode === 'pair') for (let i = 0; i < batch; i++) expect(mixes[i]).toBe(mixes[batch - 1 - i]);
      const labels = Int32Array.from({ length: batch }, (_, i) => i % 4);
      const targets = mixTargets(labels, 4, mixes, flipped(batch), s.smoothing);
      for (let i = 0; i < batch; i++)
        expect(targets.subarray(4 * i, 4 * i + 4).reduce((sum, x) => sum + x, 0)).toBeCloseTo(1, 5);
      // A picture that is one value tells what became of it.
      const x = Float32Array.from({ length: batch * 3 * 80 }, (_, k) => Math.floor(k / 240));
      mixPictures(x, 8, 10, mixes, flipped(batch));
      for (const [i, { lam }] of mixes.entries()) {
        const mean = x.subarray(240 * i, 240 * (i + 1)).reduce((sum, v) => sum + v, 0) / 240;
        expect(mean).toBeCloseTo(lam * i + (1 - lam) * (batch - 1 - i), 4);
      }
    }
  });

  test('with neither, and at probability 0, pictures and targets are untouched', () => {
    for (const off of [{ mixup: 0, cutmix: 0 }, { probability: 0 }])
      expect(drawMixes(4, 8, 8, { ...s, mode: 'elem', ...off }, rng).every((m) => m.lam === 1 && !m.box)).toBe(true);
    const { lam, box } = cutBox(5, 5, 1, 2, 2);
    expect([lam, box.bottom - box.top]).toEqual([1, 0]);
  });
});

test('rates: by layer, over training, of dropped branches', () => {
  const groups = { depth: 3, layerDecay: 0.5, finalNorm: 'head' } as const;
  const scales = ['backbone.pos_embed', 'backbone.blocks.0.norm1.weight', 'backbone.blocks.2.x', 'backbone.norm.bias'];
  expect(scales.map((name) => lrScale(name, groups))).toEqual([1 / 16, 1 / 8, 1 / 2, 1]);
  expect(lrScale('backbone.norm.bias', { ...groups, finalNorm: 'block' })).toBe(0.5);
  expect(lrScale('head.weight', groups)).toBe(1);
  expect(isDecayed('backbone.cls_token', [1, 1, 4])).toBe(false);
  expect(isDecayed('backbone.blocks.11.attn.qkv.weight', [12, 4])).toBe(true);
  const schedule = { peak: 1, least: 0.1, warmupEpochs: 2, epochs: 2 };
  expect([rateAt(schedule, 0), rateAt(schedule, 1), rateAt(schedule, 2)]).toEqual([0, 0.5, 0.1]);
  expect(rateAt({ ...schedule, warmupEpochs: 0, epochs: 4 }, 2)).toBeCloseTo(0.55, 12);
  expect(dropPathRates(0.3, 1)).toEqual([0]);
  const keep = drawDropPath(dropPathRates(0.5, 3), 2000, rng);
  expect(keep.subarray(0, 4000).every((x) => x === 1)).toBe(true);
  const last = keep.subarray(8000);
  expect(new Set(last)).toEqual(new Set([0, 2]));
  expect(last.reduce((s, x) => s + x, 0) / last.length).toBeCloseTo(1, 0);
});

test('parts of the training pictures: every class in them, smaller ones inside larger ones', () => {
  const labels = Int32Array.from({ length: 157 }, (_, i) => (i < 7 ? 4 : i % 4));
  const parts = [0.01, 0.05, 0.1, 0.5, 1].map((f) => subset(labels, f, seed));
  for (const [i, part] of parts.entries()) {
    expect(new Set(Array.from(part, (k) => labels[k])).size).toBe(5);
    if (i > 0) for (const k of parts[i - 1]) expect(part.includes(k)).toBe(true);
  }
  expect(parts[4]).toEqual(Int32Array.from(labels, (_, i) => i));
  expect(subset(labels, 0.1, seed + 1)).not.toEqual(parts[2]);
});

test('epochs hold every picture once; what is broken is replaced by the next', () => {
  const order = new PictureOrder(10, 4, seed);
  const whole = () => false;
  const epoch = [...order.of(0, whole), ...order.of(1, whole)];
  expect(new Set(epoch).size).toBe(8);
  expect(order.of(2, whole)).not.toEqual(order.of(0, whole));
  expect(new PictureOrder(10, 4, seed).of(1, whole)).toEqual(order.of(1, whole));
  const bad = epoch[2];
  const replaced = order.of(0, (i) => i === bad);
  expect([...replaced]).toEqual([epoch[0], epoch[1], epoch[3], epoch[3]]);
  // Three pictures in batches of eight: all of them over and over.
  const few = new PictureOrder(3, 8, seed);
  const two = [...few.of(0, whole), ...few.of(1, whole)];
  for (let i = 0; i + 3 <= two.length; i += 3) expect(new Set(two.slice(i, i + 3)).size).toBe(3);
});

test('recipes: the paper’s numbers; what is not known or cannot be is refused by name', () => {
  const b = recipeOf('paper-b16');
  expect((b.baseLr * b.batch) / 256).toBeCloseTo(2e-4, 12);
  expect(lengthOf(b, 1_281_167)).toMatchObject({ stepsPerEpoch: 1251, steps: 125_100 });
  expect(lengthOf({ ...b, steps: 50 }, 2048)).toEqual({ stepsPerEpoch: 2, steps: 50, epochs: 25, warmupEpochs: 5 });
  expect(lengthOf({ ...b, leastSteps: 500 }, 2048)).toMatchObject({ steps: 500, epochs: 250, warmupEpochs: 50 });
  expect(recipeOf('paper-l14')).toMatchObject({ layerDecay: 0.8, dropPath: 0.3, epochs: 50, warmupEpochs: 5 });
  expect(recipeOf('small', { augment: { magnitude: 3 } }).augment).toMatchObject({ ops: 1, magnitude: 3 });
  const refused = (name: string, o: unknown) => () => recipeOf(name, o);
  expect(refused('paper', {})).toThrow('fine-tuning: no recipe "paper": paper-b16, paper-l14, small');
  expect(refused('small', { layerDecy: 1 })).toThrow('no setting "layerDecy": did you mean layerDecay?');
  expect(refused('small', { layerDecay: 2 })).toThrow(/layerDecay: /);
  expect(refused('small', { warmupEpochs: 60 })).toThrow('warmupEpochs 60 are more than epochs');
  expect(refused('small', { cropScale: [1, 0.5] })).toThrow('cropScale 1 … 0.5: the least comes first');
  expect(refused('small', { batch: 7, mixMode: 'pair' })).toThrow('needs an even batch');
  expect(refused('small', 3)).toThrow(/fine-tuning: /);
});
