import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type NaiveRun, naiveDdim, naiveLcm, naivePaint } from '../../../test/naive-diffusion.js';
import { testSeed } from '../../../test/numbers.js';
import { SD_SCHEDULER, TINY, type TinyPipeline, writeDiffusion } from '../../../test/tiny-diffusion.js';
import { type PartialSettings, settingsSchema } from '../../config/schema.js';
import type { PaintRequest, Pixels } from '../painter.js';
import { openPainter } from '../registry.js';

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
): Promise<Pixels[]> {
  const settings = settingsSchema.parse({
    images: { painter: 'diffusion', model: dir, size: SIDE, steps: 3, perCaption: 2, ...images },
    runtime: { threads: 1 },
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
const VARIANTS: [string, TinyPipeline, Partial<NaiveRun>][] = [
  ['Stable Diffusion 1', sd, {}],
  ['with a negative prompt', sd, { negative: 'a dog' }],
  ['without guidance', sd, { guidance: 1 }],
  ['Stable Diffusion XL', { ...sd, family: 'xl' }, {}],
  ['a transformer with masks and learned variance', { ...sd, family: 'pixart' }, {}],
  ['an LCM told its guidance', { ...sd, family: 'lcm', scheduler: LCM_SCHEDULER }, { guidance: 7.5, steps: 2 }],
];

describe('the whole pipeline agrees with a plain calculation in double precision', () => {
  it.each(VARIANTS)('%s', async (name, pipeline, options) => {
    const dir = join(root, name);
    await writeDiffusion(dir, pipeline);
    const run = { pipeline, dir, guidance: 2.5, steps: 3, ...options };
    const { guidance, steps, negative = '' } = run;
    const [image] = await painted(dir, [request(1)], { guidance, steps, negative });
    const { timesteps, step } = pipeline.family === 'lcm' ? naiveLcm([999, 499]) : naiveDdim(steps);
    const exact = await naivePaint(run, request(1), timesteps, step);
    const spread = Math.max(...exact) - Math.min(...exact);
    expect(spread).toBeGreaterThan(40);
    console.log(`${name}: spread ${spread.toFixed(0)}, largest difference ${difference(image, exact).toFixed(3)}`);
    // Rounding alone makes 0.5.
    expect(difference(image, exact)).toBeLessThan(0.52);
  });
});
