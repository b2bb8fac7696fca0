import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  type NaiveRun,
  type NaiveSampler,
  naiveDdim,
  naiveEulerOnce,
  naiveFlow,
  naiveLcm,
  naivePaint,
} from '../../../test/naive-diffusion.js';
import { testSeed } from '../../../test/numbers.js';
import type { ElementType } from '../../../test/onnx-file.js';
import { FLUX_SCHEDULER, SD_SCHEDULER, TINY, type TinyPipeline, writeDiffusion } from '../../../test/tiny-diffusion.js';
import { type PartialSettings, settingsSchema } from '../../config/schema.js';
import { Interrupted, UserError } from '../../errors.js';
import type { PaintRequest, Pixels } from '../painter.js';
import { openPainter } from '../registry.js';
import { Denoiser } from './denoiser.js';
import { modelDigest } from './digest.js';
import { SCHEDULER_SHORT_NAMES } from './schedulers/scheduler.js';
import { TextEncoders } from './text.js';

const seed = testSeed('diffusion/painter.test.ts');
let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'diffusion-'));
});
afterAll(() => rm(root, { recursive: true }));

const SIDE = TINY.side * 2 ** TINY.doublings;
const sd: TinyPipeline = { family: 'sd', seed, sizes: TINY };
const request = (image: number, more: Partial<PaintRequest> = {}): PaintRequest => ({
  caption: 'a cat on a mat',
  captionId: 5,
  image,
  attempt: 0,
  seed,
  size: SIDE,
  ...more,
});

/** Paints with the folder of a pipeline, through the registry as the images stage does. */
async function painted(
  dir: string,
  requests: PaintRequest[],
  images: PartialSettings['images'] = {},
  warn?: (line: string) => void,
  runtime: PartialSettings['runtime'] = {},
): Promise<Pixels[]> {
  const settings = settingsSchema.parse({
    images: { painter: 'diffusion', model: dir, size: SIDE, steps: 3, perCaption: 2, ...images },
    runtime: { threads: 1, ...runtime },
  });
  const painter = await openPainter(settings, { warn });
  try {
    return await painter.paint(requests);
  } finally {
    await painter.close?.();
  }
}

const difference = (a: Pixels, b: ArrayLike<number>): number => {
  let most = 0;
  for (let i = 0; i < a.data.length; i++) most = Math.max(most, Math.abs(a.data[i] - b[i]));
  return most;
};

const LCM_SCHEDULER = {
  ...SD_SCHEDULER,
  _class_name: 'LCMScheduler',
  set_alpha_to_one: true,
  original_inference_steps: 50,
};
const TURBO_SCHEDULER = { ...SD_SCHEDULER, _class_name: 'EulerDiscreteScheduler', timestep_spacing: 'trailing' };
/** Levels of a rectified flow, evenly spaced and moved towards noise. */
function shiftedLevels(shift: number, from: number, to: number, steps = 3): number[] {
  return Array.from({ length: steps }, (_, i) => {
    const sigma = from + ((to - from) * i) / (steps - 1);
    return (shift * sigma) / (1 + (shift - 1) * sigma);
  });
}
const VARIANTS: [string, TinyPipeline, Partial<NaiveRun>, NaiveSampler?][] = [
  ['Stable Diffusion 1', sd, {}],
  ['with a negative prompt', sd, { negative: 'a dog' }],
  ['without guidance', sd, { guidance: 1 }],
  ['strongly guided, scaled back', sd, { guidance: 6, guidanceRescale: 0.7 }],
  [
    'one Euler step of a turbo model',
    { ...sd, scheduler: TURBO_SCHEDULER },
    { guidance: 0, steps: 1 },
    naiveEulerOnce(),
  ],
  ['Stable Diffusion XL', { ...sd, family: 'xl' }, {}],
  ['Stable Diffusion XL with a negative prompt', { ...sd, family: 'xl' }, { negative: 'a dog' }],
  [
    'latents that the VAE shifts and scales by channel',
    {
      ...sd,
      configs: {
        vae_decoder: {
          scaling_factor: 0.4,
          shift_factor: 0.2,
          latents_mean: [0.5, -1, 0, 0.3],
          latents_std: [1, 2, 0.5, 1.5],
        },
      },
    },
    {},
  ],
  ['a transformer with masks and learned variance', { ...sd, family: 'pixart' }, {}],
  ['Stable Diffusion 3', { ...sd, family: 'sd3' }, { negative: 'a dog' }, naiveFlow(shiftedLevels(3, 1, 3 / 1002))],
  [
    'Stable Diffusion 3 whose T5 takes a mask',
    { ...sd, family: 'sd3', maskedT5: true },
    {},
    naiveFlow(shiftedLevels(3, 1, 3 / 1002)),
  ],
  [
    'Stable Diffusion 3 without T5, unguided',
    { ...sd, family: 'sd3', withoutThird: true },
    { guidance: 1 },
    naiveFlow(shiftedLevels(3, 1, 3 / 1002)),
  ],
  [
    'FLUX, told its guidance',
    {
      ...sd,
      family: 'flux',
      scheduler: { ...FLUX_SCHEDULER, base_image_seq_len: 4, max_image_seq_len: 64, max_shift: 1.7 },
    },
    { guidance: 3.5, steps: 4 },
    // Sixteen tokens are a fifth of the way from 4 to 64.
    naiveFlow(shiftedLevels(Math.exp(0.5 + 1.2 / 5), 1, 0.25, 4)),
  ],
  [
    'a FLUX that is shifted alike at all sizes, as an older export',
    {
      ...sd,
      family: 'flux',
      scheduler: { _class_name: 'FlowMatchEulerDiscreteScheduler', shift: 1 },
      placesPerRow: true,
      index: { _class_name: 'ORTFluxPipeline' },
    },
    { guidance: 0, steps: 2 },
    naiveFlow([1, 0.5]),
  ],
  [
    'a FLUX as optimum exports it, with open axes',
    {
      ...sd,
      family: 'flux',
      scheduler: { _class_name: 'FlowMatchEulerDiscreteScheduler', shift: 1 },
      openSides: true,
      timestep: { type: 'float32', dims: ['step'] },
    },
    { guidance: 2, steps: 2 },
    naiveFlow([1, 0.5]),
  ],
  [
    'an LCM told its guidance, with noise between its steps',
    { ...sd, family: 'lcm', scheduler: LCM_SCHEDULER },
    { guidance: 7.5, steps: 2 },
    naiveLcm([999, 499]),
  ],
];

describe('the whole pipeline agrees with a plain calculation in double precision', () => {
  it.each(VARIANTS)('%s', async (name, pipeline, options, sampler) => {
    const dir = join(root, name);
    await writeDiffusion(dir, pipeline);
    const run = { pipeline, dir, guidance: 2.5, steps: 3, ...options };
    const { guidance, steps, negative = '', guidanceRescale } = run;
    const [image] = await painted(dir, [request(1)], { guidance, steps, negative, guidanceRescale });
    const exact = await naivePaint(run, request(1), sampler ?? naiveDdim(steps));
    expect(Math.max(...exact) - Math.min(...exact)).toBeGreaterThan(30);
    // Rounding alone makes 0.5.
    expect(difference(image, exact)).toBeLessThan(0.55);
  });
});

describe('exports of other conventions give the same image', () => {
  let base: Pixels;
  beforeAll(async () => {
    await writeDiffusion(join(root, 'base'), sd);
    [base] = await painted(join(root, 'base'), [request(1)]);
  });
  const timestep = (type: ElementType, ...dims: (number | string)[]) => ({ timestep: { type, dims } });
  const EXPORTS: [string, Partial<TinyPipeline>][] = [
    ['timestep int64 [1]', timestep('int64', 1)],
    ['timestep int32 [steps]', timestep('int32', 'steps')],
    ['timestep float32 scalar', timestep('float32')],
    ['timestep float16 [1]', timestep('float16', 1)],
    ['timestep float64 [steps]', timestep('float64', 'steps')],
    ['sides left open', { openSides: true }],
    ['weights in model.onnx_data', { external: 'model.onnx_data' }],
    ['weights in weights.pb', { external: 'weights.pb' }],
    ['one row a run', { fixed: 1 }],
    ['three rows a run, where four are needed', { fixed: 3 }],
  ];
  it.each(EXPORTS)('%s', async (name, as) => {
    const dir = join(root, name);
    await writeDiffusion(dir, { ...sd, ...as });
    const [image] = await painted(dir, [request(1)]);
    expect(difference(image, base.data)).toBeLessThanOrEqual(1);
  });

  it.each([1, 3])('%i rows a run at most, by runtime.painter.rows', async (rows) => {
    const [image] = await painted(join(root, 'base'), [request(1)], {}, undefined, { painter: { rows } });
    expect(image.data).toEqual(base.data);
  });

  it('half precision, within what it rounds', async () => {
    const dir = join(root, 'half');
    await writeDiffusion(dir, { ...sd, half: true });
    const [image] = await painted(dir, [request(1)]);
    const most = difference(image, base.data);
    const mean = image.data.reduce((s, x, i) => s + Math.abs(x - base.data[i]), 0) / image.data.length;
    expect(most).toBeLessThanOrEqual(6);
    expect(mean).toBeLessThan(0.5);
  });

  it('the first ONNX exports: int32 ids, no config.json, eight pixels a latent', async () => {
    const sizes = { ...TINY, doublings: 3 };
    const size = 64;
    await writeDiffusion(join(root, 'new'), { ...sd, sizes });
    await writeDiffusion(join(root, 'old'), { ...sd, sizes, old: true, ...timestep('int64', 1) });
    const [a] = await painted(join(root, 'new'), [request(1, { size })], { size });
    const [b] = await painted(join(root, 'old'), [request(1, { size })], { size });
    expect([a.width, a.height]).toEqual([size, size]);
    expect(b.data).toEqual(a.data);
  });

  it('files that are links into a cache of blobs, as the hub’s are', async () => {
    const dir = join(root, 'linked');
    await writeDiffusion(dir, { ...sd, external: 'model.onnx_data' });
    await mkdir(join(root, 'blobs'));
    let n = 0;
    for (const f of await readdir(dir, { recursive: true, withFileTypes: true })) {
      if (!f.isFile()) continue;
      const blob = join(root, 'blobs', String(n++));
      await rename(join(f.parentPath, f.name), blob);
      await symlink(blob, join(f.parentPath, f.name));
    }
    const [image] = await painted(dir, [request(1)]);
    expect(difference(image, base.data)).toBeLessThanOrEqual(1);
  });
});

describe.each(['sd', 'xl'] as const)('an image (%s)', (family) => {
  const dir = () => join(root, `keys ${family}`);
  beforeAll(() => writeDiffusion(dir(), { ...sd, family }));

  it('is the same to the byte, alone or among others, in any order, before and after anything', async () => {
    const four = [0, 1, 2, 3].map((image) => request(image));
    const images = await painted(dir(), four, { perCaption: 4 });
    expect(new Set(images.map((i) => Buffer.from(i.data).toString('base64'))).size).toBe(4);
    const other = (image: number) => request(image, { caption: 'dogs', captionId: 6 });
    const again = [four[2], other(0), other(3), four[3], four[0], request(1, { attempt: 1 }), four[1]];
    const mixed = await painted(dir(), again, { perCaption: 4 });
    for (const [i, at] of [
      [0, 4],
      [1, 6],
      [2, 0],
      [3, 3],
    ])
      expect(mixed[at].data).toEqual(images[i].data);
    const [alone] = await painted(dir(), [four[2]], { perCaption: 4 });
    expect(alone.data).toEqual(images[2].data);
    // Another number of images a caption is another batch: the last bits of a sum may differ, not what is seen.
    const [single] = await painted(dir(), [four[2]], { perCaption: 1 });
    expect(difference(single, images[2].data)).toBeLessThanOrEqual(1);
    const [three] = await painted(dir(), [four[2]], { perCaption: 3 });
    expect(difference(three, images[2].data)).toBeLessThanOrEqual(1);
  });

  it('differs with every number of its key, and with the caption', async () => {
    const requests = [
      request(0),
      request(1),
      request(0, { attempt: 1 }),
      request(0, { captionId: 6 }),
      request(0, { seed: seed + 1 }),
      request(0, { caption: 'a dog on a mat' }),
    ];
    const images = await painted(dir(), requests);
    for (const [i, a] of images.entries())
      for (const b of images.slice(0, i)) expect(difference(a, b.data)).toBeGreaterThan(5);
  });
});

describe('a painter', () => {
  const dir = () => join(root, 'one');
  beforeAll(() => writeDiffusion(dir(), { ...sd, openSides: true }));
  const open = (images: PartialSettings['images'] = {}, warn?: (line: string) => void) =>
    openPainter(
      settingsSchema.parse({
        images: { painter: 'diffusion', model: dir(), size: SIDE, steps: 3, ...images },
        runtime: { threads: 1 },
      }),
      { warn },
    );

  it('says what it paints with, wherever the folder lies', async () => {
    const warnings: string[] = [];
    const painter = await open({ negative: 'blurry', scheduler: 'euler', guidanceRescale: 0.5 }, (w) =>
      warnings.push(w),
    );
    await painter.close?.();
    expect(painter.name).toBe('diffusion');
    expect(painter.about).toEqual({
      model: 'one',
      modelHash: await modelDigest(dir()),
      scheduler: 'EulerDiscreteScheduler',
      steps: 3,
      guidance: 2.5,
      guidanceRescale: 0.5,
      negative: 'blurry',
    });
    expect(warnings).toEqual([]);
    // What has no effect is no part of it.
    const unguided = await open({ negative: 'blurry', guidance: 1, guidanceRescale: 0.5 }, (w) => warnings.push(w));
    await unguided.close?.();
    expect(Object.keys(unguided.about!)).toEqual(['model', 'modelHash', 'scheduler', 'steps', 'guidance']);
    expect(warnings).toEqual([
      'images.negative has no effect without guidance (images.guidance is 1 or less)',
      'images.guidanceRescale has no effect without guidance (images.guidance is 1 or less)',
    ]);
  });

  it.each(SCHEDULER_SHORT_NAMES.filter((s) => s !== 'flow-euler'))(
    'takes %s in place of the model’s own scheduler, and gives each image its own',
    async (scheduler) => {
      const with5 = { scheduler, steps: 5 };
      const both = await painted(dir(), [request(0), request(1)], with5);
      const [alone] = await painted(dir(), [request(1)], with5);
      expect(alone.data).toEqual(both[1].data);
      expect(difference(both[0], both[1].data)).toBeGreaterThan(5);
    },
  );

  it('paints at its own side and scales to the one that is stored', async () => {
    const [large] = await painted(dir(), [request(0)]);
    const size = SIDE / 2;
    const [small] = await painted(dir(), [request(0, { size })], { size, paintSize: SIDE });
    expect([small.width, small.height, small.data.length]).toEqual([size, size, 3 * size * size]);
    // Each pixel is the mean of the four it covers, but for the filter's sharper edges: others fit far worse.
    const at = (y: number, x: number, c: number) =>
      large.data[(Math.min(y, SIDE - 1) * SIDE + Math.min(x, SIDE - 1)) * 3 + c];
    const off = (dy: number, dx: number, channel = 0) => {
      let sum = 0;
      for (let y = 0; y < size; y++)
        for (let x = 0; x < size; x++)
          for (let c = 0; c < 3; c++) {
            const [top, left, of] = [2 * y + dy, 2 * x + dx, (c + channel) % 3];
            const mean =
              (at(top, left, of) + at(top, left + 1, of) + at(top + 1, left, of) + at(top + 1, left + 1, of)) / 4;
            sum += Math.abs(small.data[(y * size + x) * 3 + c] - mean);
          }
      return sum / small.data.length;
    };
    const others = [off(0, 1), off(1, 0), off(1, 1), off(0, 0, 1)];
    expect(off(0, 0)).toBeLessThan(0.75 * Math.min(...others));
    const painter = await open({ size, paintSize: SIDE });
    await painter.close?.();
    expect(painter.about?.paintSize).toBe(SIDE);
  });

  it('reads a scheduler’s file as Python writes it, with -Infinity', async () => {
    const plain = join(root, 'plain');
    const python = join(root, 'python');
    for (const to of [plain, python])
      await writeDiffusion(to, { ...sd, scheduler: { ...SD_SCHEDULER, _class_name: 'DPMSolverMultistepScheduler' } });
    const file = join(python, 'scheduler', 'scheduler_config.json');
    await writeFile(file, (await readFile(file, 'utf8')).replace('{', '{"lambda_min_clipped": -Infinity,'));
    const [a] = await painted(plain, [request(0)]);
    const [b] = await painted(python, [request(0)]);
    expect(b.data).toEqual(a.data);
  });

  it('encodes a caption and the negative prompt once, and asks the denoiser once a step for all images of a caption', async () => {
    const encode = vi.spyOn(TextEncoders.prototype, 'encode');
    const predict = vi.spyOn(Denoiser.prototype, 'predict');
    try {
      const dogs = { caption: 'dogs', captionId: 6 };
      const four = [0, 1, 2, 3];
      const requests = [...four.map((i) => request(i)), ...four.map((i) => request(i, dogs))];
      await painted(dir(), requests, { perCaption: 4, steps: 3 });
      expect(encode.mock.calls.map(([text]) => text)).toEqual(['a cat on a mat', '', 'dogs']);
      expect(predict.mock.calls.map(([, , conditions]) => conditions.rows)).toEqual(new Array(6).fill(8));
    } finally {
      encode.mockRestore();
      predict.mockRestore();
    }
  });

  it('stops between two steps, and goes on afterwards', async () => {
    const painter = await open({ steps: 500 });
    const stop = new AbortController();
    const began = painter.paint([request(0)], stop.signal);
    setTimeout(() => stop.abort(), 20);
    await expect(began).rejects.toThrow(Interrupted);
    await expect(painter.paint([request(0)], stop.signal)).rejects.toThrow(Interrupted);
    expect(await painter.paint([], undefined)).toEqual([]);
    await painter.close?.();
  });

  it('warns where the model learned at another side, and where pixels are no numbers', async () => {
    const lines: string[] = [];
    await writeDiffusion(dir(), {
      ...sd,
      openSides: true,
      configs: { unet: { sample_size: 64 }, vae_decoder: { scaling_factor: 1e-44 } },
    });
    await painted(dir(), [request(0), request(1)], {}, (line) => lines.push(line));
    expect(lines.length).toBe(2);
    expect(lines[0]).toMatch(/painted at 16 pixels, but the model learned at 128 .* set images.paintSize to 128/);
    expect(lines[1]).toMatch(/not numbers .*half precision/);
  });

  it('stops where latents or what is told of a caption become no numbers', async () => {
    const far = { guidance: 3e38 };
    await writeDiffusion(dir(), sd);
    await expect(painted(dir(), [request(0)], far)).rejects.toThrow(
      /: at step \d of 3 DDIMScheduler gave values that are no numbers \(caption 5: a cat on a mat\); .*images\.guidance/,
    );
    const file = join(dir(), 'unet', 'model.onnx');
    const bytes = await readFile(file);
    // Weights in half the file, where they lie, that are no numbers.
    bytes.fill(0xff, bytes.length - 400, bytes.length - 200);
    await writeFile(file, bytes);
    const broken = painted(dir(), [request(0)]);
    await expect(broken).rejects.toThrow(/unet\/model\.onnx/);
    await expect(broken).rejects.toThrow(UserError);
  });
});
