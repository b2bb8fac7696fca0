import { describe, expect, it } from 'vitest';
import { type Colours, naiveColours } from '../../test/naive-views.js';
import { testSeed } from '../../test/numbers.js';
import { settingsSchema } from '../config/schema.js';
import { Rng } from '../rng.js';
import { Augmenter } from './augment.js';
import { Kernels } from './kernels.js';
import { applyPhotometric, blurRadius, drawPhotometric, PHOTOMETRIC, photometricWidth } from './photometric.js';

const seed = testSeed('photometric.test.ts');
const rng = Rng.of(seed, 'photometric test');
const { views } = settingsSchema.parse({});

/** Bytes in which black, white, grey and pure colours are frequent. */
const bytes = (size: number): Uint8Array => {
  const n = size * size;
  const out = Uint8Array.from({ length: 3 * n }, () => (rng.chance(0.2) ? 255 * rng.int(2) : rng.int(256)));
  for (let i = 0; i < n; i++) if (rng.chance(0.1)) out[n + i] = out[2 * n + i] = out[i];
  return out;
};

function apply(crop: Uint8Array, row: Float32Array, size: number, v = views): Float32Array {
  const out = new Float32Array(3 * size * size);
  applyPhotometric(Kernels.get().put('crop', crop), row, size, v, out);
  return out;
}

const identity = (size: number): Float32Array => {
  const row = new Float32Array(photometricWidth(views, size));
  for (let i = 0; i < 4; i++) row[4 * i] = 1;
  row[PHOTOMETRIC.blur] = 1;
  return row;
};

/** A row in the words of torchvision. @param sigma which the weights of its blur are checked against */
function wordsOf(row: Float32Array, sigma: number): Colours {
  const jitter: [Colours['jitter'][number][0], number][] = [];
  for (let i = 0; i < 4; i++) {
    const [keep, mean, luma, turn] = row.subarray(4 * i, 4 * i + 4);
    if (turn !== 0) jitter.push(['hue', turn]);
    else if (mean !== 0) jitter.push(['contrast', keep]);
    else if (luma !== 0) jitter.push(['saturation', keep]);
    else jitter.push(['brightness', keep]);
    if (mean !== 0) expect(mean).toBeCloseTo(1 - keep, 6);
    if (luma !== 0) expect(luma).toBeCloseTo(1 - keep, 6);
  }
  const { grey, solarise } = PHOTOMETRIC;
  return { jitter, grey: row[grey] === 1, sigma, solarise: row[solarise] === 1, mean: views.mean, std: views.std };
}

function expectClose(a: Float32Array, b: readonly number[], bar: number): void {
  let most = 0;
  for (let i = 0; i < b.length; i++) most = Math.max(most, Math.abs(a[i] - b[i]));
  expect(most).toBeLessThan(bar);
}

/** Planes [3, 4, 4]. */
const TORCHVISION: Record<string, number[]> = {
  brightness: [
    0, 0.652549, 0.3772549, 0.4792157, 0.9584314, 0.5098039, 0.4384314, 0.7443137, 0.1223529, 1, 0.0101961, 0.52,
    0.1019608, 0.0611765, 0.3976471, 1, 0.8972549, 1, 0.2956863, 1, 1, 0.265098, 1, 0.8258824, 1, 0.2854902, 1, 1,
    0.3466667, 1, 0.9686275, 1, 0.4894117, 0.1631373, 0.2141176, 0.6423529, 0.1427451, 0.0203922, 0.2752941, 0.907451,
    0.6117647, 0.6933333, 1, 0.6831372, 0.5913725, 0.8768628, 0.2345098, 1,
  ],
  contrast: [
    0.1679702, 0.5193427, 0.3711074, 0.4260094, 0.6840485, 0.44248, 0.4040486, 0.5687544, 0.2338525, 0.8048329,
    0.1734603, 0.4479702, 0.2228721, 0.2009113, 0.3820878, 0.7664015, 0.6511074, 0.7389505, 0.3271858, 0.8213034,
    0.8158132, 0.3107152, 0.7114995, 0.612676, 0.7169898, 0.3216956, 0.8322839, 0.8432642, 0.3546368, 0.7718917,
    0.6895388, 0.8103231, 0.4314996, 0.2558133, 0.2832643, 0.5138525, 0.2448329, 0.1789505, 0.3162054, 0.6565976,
    0.4973819, 0.5413035, 0.7883623, 0.5358133, 0.4864015, 0.640127, 0.2942446, 0.8542446,
  ],
  saturation: [
    0, 0.473723, 0.3004293, 0.2994772, 0.7294768, 0.4228471, 0.2885589, 0.562333, 0.004507, 0.9994348, 0, 0.3308504,
    0.0477506, 0, 0.2571857, 0.8446916, 0.7386228, 0.8501936, 0.2251352, 0.9771242, 0.9553592, 0.1969647, 0.8156178,
    0.6376272, 0.8327423, 0.1711994, 1, 1, 0.273633, 0.9158159, 0.7842446, 0.9199858, 0.3621522, 0.0219583, 0.1498411,
    0.4500655, 0, 0, 0.1379707, 0.7129213, 0.4562717, 0.54767, 0.9314387, 0.4814386, 0.4995154, 0.6899335, 0.1065975,
    0.9952799,
  ],
  hue: [
    0, 0.1292549, 0.2851765, 0.3686275, 0.2967844, 0.377098, 0.2117647, 0.5775687, 0.0941176, 0.9098039, 0.0078432, 0.4,
    0.0934903, 0.0470588, 0.1803921, 0.8599216, 0.6312153, 0.8156863, 0.2901961, 0.9333333, 0.9254902, 0.3921569,
    0.7764706, 0.572549, 0.7253329, 0.2785882, 0.5035287, 0.9647059, 0.0784314, 0.6105092, 0.7450981, 0.854902,
    0.6901961, 0.1254902, 0.1647059, 0.7990589, 0.1098039, 0.0156863, 0.3912159, 0.6980392, 0.7843137, 0.2196079,
    0.9490196, 0.8304314, 0.454902, 0.8627451, 0.3598433, 0.9803922,
  ],
};

describe('colours', () => {
  it.each([8, 13, 5, 32])('are those of double precision, %i px', (size) => {
    const always = { ...views, blur: { probability: 0, sigma: views.blur.sigma } };
    for (let i = 0; i < 60; i++) {
      const crop = bytes(size);
      const row = new Float32Array(photometricWidth(always, size));
      drawPhotometric(always, size, rng, row);
      expectClose(apply(crop, row, size, always), naiveColours(crop, size, wordsOf(row, 0)), 2e-5);
    }
  });

  it.each([
    [24, 0.4],
    [17, 0.9],
    [10, 2.1],
    [6, 2.7],
  ])('blurred are those of double precision, %i px, sigma %f', (size, sigma) => {
    const one = {
      ...views,
      blur: { probability: 1, sigma: [(sigma * 224) / size, (sigma * 224) / size] as [number, number] },
    };
    for (let i = 0; i < 5; i++) {
      const crop = bytes(size);
      const row = new Float32Array(photometricWidth(one, size));
      expect(row.length).toBe(PHOTOMETRIC.blur + 1 + Math.ceil(3 * sigma));
      drawPhotometric(one, size, rng, row);
      expectClose(apply(crop, row, size, one), naiveColours(crop, size, wordsOf(row, sigma)), 2e-5);
    }
  });

  it('each alone is torchvision’s', () => {
    // torchvision 0.29.2, float tensors: adjust_*(x, f), x = a / 255. Its weight of red is 0.2989, PIL's and ours 0.299.
    const size = 4;
    const crop = Uint8Array.from({ length: 48 }, (_, i) => (i * i * 37 + i * 91) % 256);
    for (const [name, stage] of [
      ['brightness', [1.3, 0, 0, 0]],
      ['contrast', [0.7, 0.3, 0, 0]],
      ['saturation', [1.2, 0, -0.2, 0]],
      ['hue', [1, 0, 0, 0.09]],
    ] as const) {
      const row = identity(size);
      row.set(stage, 4);
      const plain = {
        ...views,
        mean: [0, 0, 0] as [number, number, number],
        std: [1, 1, 1] as [number, number, number],
      };
      expectClose(apply(crop, row, size, plain), TORCHVISION[name], 5e-5);
    }
  });

  it('without anything drawn are the bytes, normalised', () => {
    const crop = bytes(9);
    const expected = [...crop].map(
      (v, k) => (v / 255 - views.mean[Math.floor(k / 81)]) / views.std[Math.floor(k / 81)],
    );
    expectClose(apply(crop, identity(9), 9), expected, 1e-6);
  });
});

describe('what is drawn', () => {
  it('has the frequencies and ranges of the settings, the jitter in every order', () => {
    const orders = new Map<string, number>();
    let [jittered, grey, solarised, blurred] = [0, 0, 0, 0];
    const row = new Float32Array(photometricWidth(views, 224));
    for (let i = 0; i < 6000; i++) {
      drawPhotometric(views, 224, rng, row);
      const words = wordsOf(row, 0);
      const names = words.jitter.map(([name]) => name[0]).join('');
      if (words.jitter.some(([, amount]) => amount !== 1)) {
        jittered++;
        orders.set(names, (orders.get(names) ?? 0) + 1);
      }
      for (const [name, amount] of words.jitter) {
        const most = { brightness: 0.4, contrast: 0.4, saturation: 0.2, hue: 0.1 }[name];
        expect(Math.abs(name === 'hue' ? amount : amount - 1)).toBeLessThanOrEqual(most + 1e-6);
      }
      if (words.grey) grey++;
      if (words.solarise) solarised++;
      const [middle, ...side] = row.subarray(PHOTOMETRIC.blur);
      expect(middle + 2 * side.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
      if (middle < 1) blurred++;
    }
    expect(orders.size).toBe(24);
    for (const n of orders.values()) expect(n).toBeGreaterThan(120);
    expect(jittered / 6000).toBeCloseTo(views.jitter.probability, 1);
    expect(grey / 6000).toBeCloseTo(views.grayscale, 1);
    expect(solarised / 6000).toBeCloseTo(views.solarise, 1);
    // Of sigma below 0.15 nothing is left.
    expect(blurred / 6000).toBeCloseTo(views.blur.probability, 1);
  });

  it('a blur needs as many weights as the settings’ widest takes', () => {
    expect(blurRadius(views, 224)).toBe(6);
    expect(blurRadius(views, 96)).toBe(3);
    expect(blurRadius({ ...views, blur: { probability: 0, sigma: [0.1, 2] } }, 224)).toBe(0);
    expect(blurRadius(views, 12)).toBe(0);
  });
});

describe('Augmenter', () => {
  const image = { width: 64, height: 50, data: bytes(64).subarray(0, 64 * 50 * 3) };

  it('makes the same crop of the same generator, as floats or as bytes and numbers', () => {
    const a = new Augmenter(views);
    a.load(image);
    for (let i = 0; i < 40; i++) {
      const floats = new Float32Array(3 * 32 * 32);
      a.floats(32, [0.3, 1], Rng.of(seed, 'crop', i), floats);
      const crop = new Uint8Array(3 * 32 * 32);
      const row = new Float32Array(photometricWidth(views, 32)).fill(9);
      a.bytes(32, [0.3, 1], Rng.of(seed, 'crop', i), crop, row);
      expect(apply(crop, row, 32)).toEqual(floats);
      a.floats(32, [0.3, 1], Rng.of(seed, 'other', i), floats);
      expect(apply(crop, row, 32)).not.toEqual(floats);
    }
  });
});
