import { describe, expect, test } from 'vitest';
import { testSeed } from '../../../../test/numbers.js';
import { UserError } from '../../../errors.js';
import { parsePythonJson } from '../../../formats/python-json.js';
import { Rng } from '../../../rng.js';
import { betaQuantile } from './beta-quantile.js';
import { createScheduler, SCHEDULER_NAMES, SCHEDULER_SHORT_NAMES, type Scheduler } from './scheduler.js';

const seed = testSeed('scheduler.test.ts');

/** ᾱ of Stable Diffusion's betas in plain float64, [1000]. */
const SD = { beta_start: 0.00085, beta_end: 0.012, beta_schedule: 'scaled_linear' };
const ALPHA_BAR: number[] = [];
for (let t = 0, product = 1; t < 1000; t++) {
  const root = Math.sqrt(SD.beta_start) + (t / 999) * (Math.sqrt(SD.beta_end) - Math.sqrt(SD.beta_start));
  ALPHA_BAR.push((product *= 1 - root * root));
}
const sigmaAt = (t: number) => Math.sqrt((1 - ALPHA_BAR[t]) / ALPHA_BAR[t]);

const noNoise = () => {
  throw new Error('drew noise');
};

function normal(count: number, ...key: (string | number)[]): Float32Array {
  const rng = Rng.of(seed, ...key);
  return Float32Array.from({ length: count }, () => rng.normal());
}

/** A source of noise of its own for this key. */
function drawing(...key: (string | number)[]): (out: Float32Array) => void {
  const rng = Rng.of(seed, 'noise', ...key);
  return (out) => {
    for (let j = 0; j < out.length; j++) out[j] = rng.normal();
  };
}

const finite = (values: Float32Array) => values.every(Number.isFinite);

/** The model's output given the noisy input it sees, call by call. */
type Model = (input: Float32Array, t: number, i: number) => Float32Array;

function run(
  s: Scheduler,
  start: Float32Array,
  model: Model,
  noise: (out: Float32Array) => void = noNoise,
): Float32Array {
  const sample = start.map((v) => v * s.initNoiseSigma);
  const input = new Float32Array(sample.length);
  s.timesteps.forEach((t, i) => {
    s.scaleModelInput(sample, i, input);
    s.step(model(input, t, i), i, sample, noise);
  });
  return sample;
}

/**
 * What a model of this prediction type answers if it takes the clean sample to be `clean(x)`, in variance-preserving coordinates.
 * @param sigmas the levels of the calls where they are not exactly those of the timesteps
 */
function modelOf(
  type: string,
  clean: (x: number, alpha: number, sigma: number) => number,
  sigmas?: readonly number[],
): Model {
  return (input, t, i) => {
    const alphaBar = sigmas ? 1 / (1 + sigmas[i] ** 2) : ALPHA_BAR[t];
    const alpha = Math.sqrt(alphaBar);
    const sigma = Math.sqrt(1 - alphaBar);
    return input.map((x) => {
      const x0 = clean(x, alpha, sigma);
      const noise = (x - alpha * x0) / sigma;
      return type === 'epsilon' ? noise : type === 'sample' ? x0 : alpha * noise - sigma * x0;
    });
  };
}

/** The exact denoiser of normally distributed data of this standard deviation. */
const gaussian = (deviation: number) => (x: number, alpha: number, sigma: number) =>
  (alpha * deviation ** 2 * x) / (alpha ** 2 * deviation ** 2 + sigma ** 2);

const dpm = { _class_name: 'DPMSolverMultistepScheduler', ...SD, final_sigmas_type: 'sigma_min' };
const unipc = { _class_name: 'UniPCMultistepScheduler', ...SD, final_sigmas_type: 'sigma_min' };
const DETERMINISTIC: Record<string, Record<string, unknown>> = {
  ddim: {
    _class_name: 'DDIMScheduler',
    ...SD,
    clip_sample: false,
    set_alpha_to_one: false,
    timestep_spacing: 'trailing',
  },
  pndm: { _class_name: 'PNDMScheduler', ...SD },
  'pndm, v': { _class_name: 'PNDMScheduler', ...SD, prediction_type: 'v_prediction' },
  'pndm, skip': { _class_name: 'PNDMScheduler', ...SD, skip_prk_steps: true },
  euler: { _class_name: 'EulerDiscreteScheduler', ...SD, timestep_spacing: 'leading', final_sigmas_type: 'sigma_min' },
  'dpm++ 1': { ...dpm, solver_order: 1 },
  'dpm++ 2 midpoint': dpm,
  'dpm++ 2 heun': { ...dpm, solver_type: 'heun' },
  'dpm++ 3': { ...dpm, solver_order: 3 },
  'dpm 2 midpoint': { ...dpm, algorithm_type: 'dpmsolver' },
  'dpm 2 heun': { ...dpm, algorithm_type: 'dpmsolver', solver_type: 'heun' },
  'dpm 3': { ...dpm, algorithm_type: 'dpmsolver', solver_order: 3 },
  'dpm, leading': { ...dpm, timestep_spacing: 'leading', steps_offset: 1 },
  'dpm, trailing': { ...dpm, timestep_spacing: 'trailing' },
  'unipc 1': { ...unipc, solver_order: 1 },
  'unipc 2 bh1': { ...unipc, solver_type: 'bh1' },
  'unipc 2 bh2': unipc,
  'unipc 3 bh1': { ...unipc, solver_order: 3, solver_type: 'bh1' },
  'unipc 3 bh2': { ...unipc, solver_order: 3 },
  'unipc 4': { ...unipc, solver_order: 4 },
  'unipc, noise': { ...unipc, predict_x0: false },
  'unipc, no corrector': { ...unipc, disable_corrector: [0, 1, 2, 3] },
};

/** Evenly in log σ from the largest to the smallest training level: what `use_exponential_sigmas` asks for. */
function exponentialSigmas(steps: number): number[] {
  const [first, last] = [sigmaAt(999), sigmaAt(0)].map(Math.log);
  return Array.from({ length: steps }, (_, i) => Math.exp(first + (i / (steps - 1)) * (last - first)));
}

describe('every solver follows the probability-flow equation', () => {
  // For Gaussian data it has a closed solution: x / √(α² s² + σ²) stays the same (Song et al. 2021; s is the data's deviation).
  const deviation = 0.5;
  const spread = (alphaBar: number) => Math.sqrt(alphaBar * deviation ** 2 + 1 - alphaBar);

  /** Relative distance of the final sample to the exact solution. `sigmas` are the levels where they are not those of the timesteps. */
  function error(config: Record<string, unknown>, steps: number, sigmas?: number[]): number {
    const s = createScheduler(config, steps);
    const start = Float32Array.of(1, -0.7, 0.2, 2);
    const type = String(config.prediction_type ?? 'epsilon');
    const result = run(s, start, modelOf(type, gaussian(deviation), sigmas));
    for (let j = 1; j < start.length; j++) expect(result[j] / result[0]).toBeCloseTo(start[j] / start[0], 4);
    const firstAlpha = sigmas ? 1 / (1 + sigmas[0] ** 2) : ALPHA_BAR[s.timesteps[0]];
    // The Euler schedulers' samples are not scaled to constant variance.
    const karras = s.name === 'EulerDiscreteScheduler';
    const begin = start[0] * s.initNoiseSigma * (karras ? Math.sqrt(firstAlpha) : 1);
    const end = result[0] * (karras ? Math.sqrt(ALPHA_BAR[0]) : 1);
    return Math.abs(end / ((begin / spread(firstAlpha)) * spread(ALPHA_BAR[0])) - 1);
  }

  const isMultistep = (name: string) => /^(dpm|unipc)/.test(name);
  const names = Object.keys(DETERMINISTIC);

  test.each(names.filter((n) => !isMultistep(n)))('%s', (name) => {
    const [few, many] = [25, 100].map((steps) => error(DETERMINISTIC[name], steps));
    console.log(`${name}: error ${few.toExponential(1)} at 25 steps, ${many.toExponential(1)} at 100`);
    expect(few).toBeLessThan(name === 'pndm' ? 0.06 : 0.12);
    expect(many).toBeLessThan(few / 3);
  });

  test.each(names.filter(isMultistep))('%s', (name) => {
    const config = { ...DETERMINISTIC[name], use_exponential_sigmas: true, lower_order_final: false };
    const [few, many] = [40, 80].map((steps) => error(config, steps, exponentialSigmas(steps)));
    const order = Math.log2(few / many);
    console.log(`${name}: error ${few.toExponential(1)} at 40 steps, order ${order.toFixed(2)}`);
    const asked = Number((config as { solver_order?: number }).solver_order ?? 2);
    expect(few).toBeLessThan([0.1, 0.01, 0.003, 0.003][asked - 1]);
    // Float32 ends the gain of the high orders.
    if (asked <= 2) expect(order).toBeGreaterThan(asked - 0.4);
  });

  test.each(names.filter(isMultistep))('%s, on its own timesteps', (name) => {
    expect(error(DETERMINISTIC[name], 100)).toBeLessThan(0.03);
  });

  test.each(['use_karras_sigmas', 'use_exponential_sigmas', 'use_beta_sigmas', 'use_lu_lambdas'])('%s', (flag) => {
    // Timesteps are rounded here but the noise levels are not, so the model is a little off at each.
    for (const base of flag === 'use_lu_lambdas' ? [dpm] : [dpm, unipc])
      expect(error({ ...base, [flag]: true }, 60)).toBeLessThan(0.05);
  });
});

describe('stochastic solvers keep the distribution', () => {
  const deviation = 0.5;
  const sde = { ...dpm, algorithm_type: 'sde-dpmsolver++', use_exponential_sigmas: true };
  const noisy = { ...sde, algorithm_type: 'sde-dpmsolver' };
  const ancestral = { _class_name: 'EulerAncestralDiscreteScheduler', ...SD, timestep_spacing: 'leading' };
  // Not here: sde-dpmsolver++ of order 3, whose last term has a sign in diffusers that lets it drift (docs/schedulers.md).
  test.each([
    ['ddim, eta 1', DETERMINISTIC.ddim, 0.12],
    ['ancestral', ancestral, 0.12],
    ['sde-dpm++ 1', { ...sde, solver_order: 1 }, 0.12],
    ['sde-dpm++ 2 midpoint', sde, 0.05],
    ['sde-dpm++ 2 heun', { ...sde, solver_type: 'heun' }, 0.05],
    ['sde-dpm 1', { ...noisy, solver_order: 1 }, 0.12],
    ['sde-dpm 2 midpoint', noisy, 0.05],
    ['sde-dpm 2 heun', { ...noisy, solver_type: 'heun' }, 0.05],
  ])('%s', (name, config, tolerance) => {
    const count = 20_000;
    const steps = 60;
    const s = createScheduler(config, steps, { eta: name === 'ddim, eta 1' ? 1 : 0 });
    const sigmas = name.startsWith('sde') ? exponentialSigmas(steps) : undefined;
    const result = run(s, normal(count, 'start', name), modelOf('epsilon', gaussian(deviation), sigmas), drawing(name));
    const measured = Math.sqrt(result.reduce((sum, v) => sum + v * v, 0) / count);
    console.log(`${name}: deviation ${measured.toFixed(3)} of data with ${deviation}`);
    expect(Math.abs(measured / deviation - 1)).toBeLessThan(tolerance);
  });
});

describe('prediction types', () => {
  // A denoiser that is no line, so that a wrong conversion cannot cancel out.
  const clean = (x: number, alpha: number) => Math.tanh(x / alpha / 3);
  // PNDM mixes outputs of several levels before it converts them, so its types differ by more than rounding.
  const cases = Object.entries({ ...DETERMINISTIC, lcm: { _class_name: 'LCMScheduler', ...SD } }).filter(
    ([name]) => !name.startsWith('pndm'),
  );
  test.each(cases)('%s: the same denoiser gives the same sample', (name, config) => {
    const start = normal(64, 'prediction', name);
    const [first, ...others] = ['epsilon', 'sample', 'v_prediction'].map((prediction_type) => {
      const s = createScheduler({ ...config, prediction_type }, 10);
      expect(s.predictionType).toBe(prediction_type);
      return run(s, start, modelOf(prediction_type, clean), drawing('prediction', name));
    });
    for (const other of others)
      for (let j = 0; j < start.length; j++) expect(Math.abs(other[j] - first[j])).toBeLessThan(2e-3);
  });

  test('a flow model that knows the answer reaches it', () => {
    const target = normal(32, 'target');
    for (const _class_name of [
      'DPMSolverMultistepScheduler',
      'UniPCMultistepScheduler',
      'FlowMatchEulerDiscreteScheduler',
    ]) {
      const s = createScheduler(
        { _class_name, prediction_type: 'flow_prediction', use_flow_sigmas: true, flow_shift: 3, shift: 3 },
        12,
      );
      const start = normal(32, 'flow start');
      const result = run(s, start, (x, t) => x.map((v, j) => (v - target[j]) / (t / 1000)));
      for (let j = 0; j < target.length; j++) expect(Math.abs(result[j] - target[j])).toBeLessThan(0.02);
    }
  });
});

describe('images of a batch', () => {
  const stochastic = ['EulerAncestralDiscreteScheduler', 'LCMScheduler'];
  test.each(SCHEDULER_NAMES)('%s: do not depend on one another', (name) => {
    const config = { ...SD, thresholding: true, sample_max_value: 3, dynamic_thresholding_ratio: 0.9 };
    const size = 48;
    const both = normal(2 * size, 'batch', name);
    for (let j = size; j < 2 * size; j++) both[j] *= 5;
    const noises = normal(2 * size * 60, 'batch noise', name);
    const paint = (start: Float32Array, offset: number) => {
      let calls = 0;
      const s = createScheduler(config, 6, { className: name, batch: start.length / size });
      const noise = (out: Float32Array) => {
        const from = calls++ * 2 * size + offset;
        out.set(noises.subarray(from, from + out.length));
      };
      const model: Model = (input, t) => input.map((v) => Math.sin(v) + t / 1000);
      return run(s, start, model, stochastic.includes(name) ? noise : noNoise);
    };
    const together = paint(both, 0);
    expect(together.subarray(0, size)).toEqual(paint(both.slice(0, size), 0));
    expect(together.subarray(size)).toEqual(paint(both.slice(size), size));
  });

  test('are thresholded each at its own quantile', () => {
    const s = createScheduler(
      {
        prediction_type: 'sample',
        thresholding: true,
        sample_max_value: 10,
        dynamic_thresholding_ratio: 0.5,
        timestep_spacing: 'trailing',
      },
      1,
      { className: 'ddim', batch: 2 },
    );
    const sample = new Float32Array(6);
    s.step(Float32Array.of(1, 4, -6, 0.1, 0.2, 0.9), 0, sample, noNoise);
    // Medians of |x| are 4, and 0.2 which is raised to 1.
    expect(Array.from(sample)).toEqual([0.25, 1, -1, 0.1, 0.2, 0.9].map(Math.fround));
  });
});

describe('timesteps and noise levels', () => {
  const timesteps = (name: string, steps: number, config: Record<string, unknown> = {}) =>
    createScheduler(config, steps, { className: name }).timesteps;

  // From tests/schedulers of huggingface/diffusers.
  test('published', () => {
    expect(timesteps('ddim', 5, { steps_offset: 1 })).toEqual([801, 601, 401, 201, 1]);
    expect(timesteps('pndm', 10, { steps_offset: 1 })).toEqual([
      901, 851, 851, 801, 801, 751, 751, 701, 701, 651, 651, 601, 601, 501, 401, 301, 201, 101, 1,
    ]);
    const flowKarras = { sigma_min: 0.01, sigma_max: 200, use_flow_sigmas: true, use_karras_sigmas: true };
    expect(timesteps('unipc', 5, flowKarras)).toEqual([995, 978, 877, 360, 9]);
  });

  test('by the spacing', () => {
    expect(timesteps('ddim', 4, { timestep_spacing: 'linspace' })).toEqual([999, 666, 333, 0]);
    expect(timesteps('ddim', 4, { timestep_spacing: 'trailing' })).toEqual([999, 749, 499, 249]);
    expect(timesteps('euler', 4)).toEqual([999, 666, 333, 0]);
    expect(timesteps('euler', 3, { timestep_spacing: 'leading', steps_offset: 1 })).toEqual([667, 334, 1]);
    expect(timesteps('dpm++', 4)).toEqual([999, 749, 500, 250]);
    expect(timesteps('dpm++', 4, { timestep_spacing: 'leading' })).toEqual([800, 600, 400, 200]);
    expect(timesteps('unipc', 4, { timestep_spacing: 'trailing' })).toEqual([999, 749, 499, 249]);
    expect(timesteps('pndm', 4, { skip_prk_steps: true, steps_offset: 1 })).toEqual([751, 501, 501, 251, 1]);
    expect(timesteps('lcm', 4)).toEqual([999, 759, 499, 259]);
    expect(timesteps('lcm', 2, { original_inference_steps: 4 })).toEqual([999, 499]);
  });

  test('of rectified flow', () => {
    expect(timesteps('flow-euler', 4)).toEqual([1000, 667, 334, 1]);
    const at = (t: number) => (3000 * t) / 1000 / (1 + (2 * t) / 1000);
    const end = at(1);
    for (const [i, t] of timesteps('flow-euler', 4, { shift: 3 }).entries())
      expect(t).toBeCloseTo(at(1000 + ((end - 1000) * i) / 3), 3);
    // As diffusers prints them (in its pull request 13760).
    const last = createScheduler({ _class_name: 'FlowMatchEulerDiscreteScheduler', shift: 3 }, 1000).timesteps.slice(
      -3,
    );
    expect(last.slice(0, 2).map((t) => (t / 1000).toFixed(4))).toEqual(['0.0148', '0.0119']);
    expect(timesteps('flow-euler', 4, { shift_terminal: 0.1 })[3]).toBeCloseTo(100, 3);
    expect(timesteps('flow-euler', 4, { invert_sigmas: true })).toEqual([0, 333, 666, 999]);
    // FLUX: from 1 to 1/n, moved by the number of the image's tokens; at 4,096 tokens by e^1.15.
    const flux = { _class_name: 'FlowMatchEulerDiscreteScheduler', use_dynamic_shifting: true, shift: 3 };
    const even = { evenLevels: true, imageTokens: 4096 };
    const moved = createScheduler(flux, 4, even).timesteps;
    for (const [i, s] of [1, 0.75, 0.5, 0.25].entries())
      expect(moved[i]).toBeCloseTo((1000 * Math.exp(1.15)) / (Math.exp(1.15) + 1 / s - 1), 3);
    const linear = createScheduler({ ...flux, time_shift_type: 'linear' }, 4, even).timesteps;
    expect(linear[2]).toBeCloseTo((1000 * 1.15) / (1.15 + 1), 3);
    expect(createScheduler(flux, 2, { imageTokens: 256 }).timesteps[1]).toBeCloseTo(
      1000 * (Math.exp(0.5) / (Math.exp(0.5) + 999)),
      3,
    );
    expect(() => createScheduler({ ...flux, max_image_seq_len: 100 }, 2, even)).toThrow(
      /base_image_seq_len: 256 is not less/,
    );
  });

  test('as many as asked, whatever the division', () => {
    for (let steps = 4; steps <= 1000; steps += 7)
      for (const name of ['ddim', 'euler', 'dpm++', 'unipc']) {
        const t = timesteps(name, steps, { timestep_spacing: 'trailing' });
        expect(t.length).toBe(steps);
        expect(t[0]).toBe(999);
        expect(t[steps - 1]).toBeGreaterThanOrEqual(0);
      }
  });

  test('λ clipping leaves the noisiest timesteps out', () => {
    const config = { beta_schedule: 'squaredcos_cap_v2', lambda_min_clipped: -5.1 };
    const trailing = timesteps('dpm++', 10, { ...config, lambda_min_clipped: 0, timestep_spacing: 'trailing' });
    expect(trailing.length).toBeLessThan(10);
    expect(trailing.at(-1)).toBeGreaterThanOrEqual(0);
    expect(timesteps('dpm++', 10, config)[0]).toBeLessThan(
      timesteps('dpm++', 10, { beta_schedule: 'squaredcos_cap_v2' })[0],
    );
  });

  test('a continuous model is called with ln σ / 4', () => {
    const config = { ...SD, timestep_type: 'continuous', prediction_type: 'v_prediction', timestep_spacing: 'leading' };
    const expected = [750, 500, 250, 0].map((t) => Math.log(sigmaAt(t)) / 4);
    for (const [i, t] of timesteps('euler', 4, config).entries()) expect(t).toBeCloseTo(expected[i], 4);
  });

  test('the initial noise has the first level’s deviation', () => {
    const leading = createScheduler({ ...SD, timestep_spacing: 'leading' }, 4, { className: 'euler' }).initNoiseSigma;
    expect(leading).toBeCloseTo(Math.sqrt(sigmaAt(750) ** 2 + 1), 3);
    // Stable Diffusion's largest σ as k-diffusion and ComfyUI print it.
    expect(createScheduler(SD, 4, { className: 'euler' }).initNoiseSigma).toBeCloseTo(14.6146, 3);
    expect(
      createScheduler({ ...SD, use_karras_sigmas: true, sigma_max: 80, sigma_min: 0.1 }, 4, { className: 'euler' })
        .initNoiseSigma,
    ).toBeCloseTo(80, 3);
    expect(
      createScheduler({ ...SD, rescale_betas_zero_snr: true, timestep_spacing: 'trailing' }, 4, {
        className: 'euler-ancestral',
      }).initNoiseSigma,
    ).toBeCloseTo(4096, 0);
  });

  test('spreads end where sigma_max and sigma_min say, in every class', () => {
    const config = { ...SD, use_karras_sigmas: true, sigma_max: sigmaAt(900), sigma_min: sigmaAt(100) };
    for (const name of ['euler', 'dpm++', 'unipc']) {
      const found = timesteps(name, 5, config);
      expect(found[0]).toBeCloseTo(900, 1);
      expect(found[4]).toBeCloseTo(100, 1);
    }
  });

  test('log-linear interpolation ends at the smallest level', () => {
    // Levels evenly in log σ; a model that predicts no noise leaves the sample as it is.
    const s = createScheduler({ ...SD, interpolation_type: 'log_linear' }, 8, { className: 'euler' });
    expect(run(s, Float32Array.of(1), (x) => x.map(() => 0))[0]).toBeCloseTo(s.initNoiseSigma, 4);
  });

  test('trained betas are taken as they are', () => {
    const betas = Array.from({ length: 10 }, (_, i) => 0.01 + 0.02 * i);
    const given = createScheduler({ num_train_timesteps: 10, trained_betas: betas }, 5, { className: 'euler' });
    const linear = createScheduler({ num_train_timesteps: 10, beta_start: 0.01, beta_end: 0.19 }, 5, {
      className: 'euler',
    });
    expect(given.initNoiseSigma).toBeCloseTo(linear.initNoiseSigma, 5);
  });

  test('input scaling leaves the sample alone unless in place', () => {
    const s = createScheduler(SD, 4, { className: 'euler' });
    const sample = Float32Array.of(3, 4);
    const out = new Float32Array(2);
    s.scaleModelInput(sample, 0, out);
    expect(Array.from(sample)).toEqual([3, 4]);
    expect(out[0]).toBeCloseTo(3 / Math.sqrt(sigmaAt(999) ** 2 + 1), 4);
  });

  test('quantiles of Beta(0.6, 0.6) undo its integral', () => {
    expect(betaQuantile(0.5)).toBeCloseTo(0.5, 12);
    for (const p of [0.001, 0.02, 0.3, 0.7, 0.999]) {
      // ∫ u^-0.4 (1-u)^-0.4 with u = v^(5/2) near 0, by the midpoint rule; Γ(0.6)² / Γ(1.2) = 2.4152...
      const end = betaQuantile(p) ** 0.6;
      const n = 200_000;
      let integral = 0;
      for (let k = 0; k < n; k++) integral += (1 - (((k + 0.5) * end) / n) ** (1 / 0.6)) ** -0.4;
      integral *= end / n / 0.6;
      expect(Math.abs(integral / (1.4891922488128171 ** 2 / 0.9181687423997607) - p)).toBeLessThan(1e-4);
    }
  });
});

describe('extremes', () => {
  test('a last step of no width leaves the sample as it is', () => {
    for (const base of [dpm, unipc])
      for (const flag of ['use_karras_sigmas', 'use_exponential_sigmas', 'use_beta_sigmas'])
        for (const [solver_order, solver_type] of [
          [3, 'midpoint'],
          [2, 'heun'],
        ]) {
          const config = { ...base, solver_order, solver_type, lower_order_final: false, [flag]: true };
          const s = createScheduler(config, 20);
          let before: Float32Array = new Float32Array(0);
          const after = run(s, normal(16, 'no width'), (x, t, i) => {
            if (i === 19) before = x.slice();
            return x.map((v) => (v * t) / (t + 1));
          });
          expect(finite(after)).toBe(true);
          // UniPC's corrector still moves the sample before its last, empty prediction.
          if (base === dpm) for (let j = 0; j < 16; j++) expect(after[j]).toBeCloseTo(before[j], 4);
        }
  });

  test('zero terminal SNR with v prediction stays finite', () => {
    for (const name of ['ddim', 'euler', 'euler-ancestral', 'dpm++', 'unipc', 'lcm']) {
      const config = {
        ...SD,
        rescale_betas_zero_snr: true,
        prediction_type: 'v_prediction',
        timestep_spacing: 'trailing',
      };
      const s = createScheduler(config, 8, { className: name });
      const result = run(s, normal(32, 'snr', name), (x) => x.map(Math.tanh), drawing('snr', name));
      expect(finite(result)).toBe(true);
    }
  });

  test('one step', () => {
    for (const name of SCHEDULER_SHORT_NAMES) {
      const s = createScheduler({ ...SD, skip_prk_steps: true, timestep_spacing: 'trailing' }, 1, { className: name });
      expect(s.timesteps).toEqual([name === 'flow-euler' ? 1000 : 999]);
      const result = run(
        s,
        normal(8, 'one'),
        (x) => x.map((v) => v / 2),
        (out) => out.fill(0),
      );
      expect(finite(result)).toBe(true);
    }
  });
});

describe('settings', () => {
  test('leftovers of other classes, notes and nulls are accepted', () => {
    const config = {
      _class_name: 'EulerDiscreteScheduler',
      _diffusers_version: '0.21.4',
      ...SD,
      clip_sample: false,
      skip_prk_steps: true,
      set_alpha_to_one: false,
      sample_max_value: 1,
      solver_type: 'logrho',
      trained_betas: null,
      sigma_min: null,
      use_beta_sigmas: null,
    };
    expect(createScheduler(config, 5).name).toBe('EulerDiscreteScheduler');
    for (const [short, full] of SCHEDULER_SHORT_NAMES.map((s, i) => [s, SCHEDULER_NAMES[i]]))
      expect(createScheduler(config, 5, { className: short }).name).toBe(full);
  });

  test('another class keeps what was set and takes its own defaults for what was filled in', () => {
    const saved = { _class_name: 'DDIMScheduler', timestep_spacing: 'leading' };
    expect(createScheduler(saved, 4, { className: 'euler' }).timesteps[0]).toBe(750);
    const filled = { ...saved, _use_default_values: ['timestep_spacing'] };
    expect(createScheduler(filled, 4, { className: 'euler' }).timesteps[0]).toBe(999);
  });

  test('Python’s −∞ is read', () => {
    const text =
      '{"_class_name": "DPMSolverMultistepScheduler", "lambda_min_clipped": -Infinity, "_note": "-Infinity, \\"NaN\\""}';
    const config = parsePythonJson(text, 'scheduler_config.json');
    expect(createScheduler(config, 4).timesteps[0]).toBe(999);
    expect(() => parsePythonJson('{"a": }', 'x/scheduler_config.json')).toThrow(
      /^x\/scheduler_config\.json is not JSON: /,
    );
    expect(() => parsePythonJson('"\\"'.repeat(200_000), 'x')).toThrow(/^x is not JSON: /);
    expect(parsePythonJson('{"a\\\\": NaN, "NaN": "\\\\\\"Infinity"}', 'x')).toEqual({
      'a\\': 'NaN',
      NaN: '\\"Infinity',
    });
  });

  test.each([
    [[], /a scheduler's settings are a JSON object, this is \[\]/],
    [{}, /no _class_name; valid: DDIMScheduler, /],
    [{ _class_name: 'HeunDiscreteScheduler' }, /unknown scheduler "HeunDiscreteScheduler"; valid: DDIMScheduler, /],
    [{ _class_name: 'DDIMScheduler', beta_end_: 1 }, /unknown key "beta_end_"/],
    [
      { _class_name: 'DDIMScheduler', beta_schedule: 'sigmoid' },
      /beta_schedule: "sigmoid" is not one of linear, scaled_linear, squaredcos_cap_v2/,
    ],
    [
      { _class_name: 'DDIMScheduler', num_train_timesteps: 1e12 },
      /num_train_timesteps: 1000000000000 is not an integer of 1000000 or less/,
    ],
    [{ _class_name: 'DDIMScheduler', beta_start: -0.1 }, /beta_start: -0\.1 is not between 0 and 1/],
    [
      { _class_name: 'EulerDiscreteScheduler', beta_schedule: 'scaled_linear', beta_start: -1 },
      /beta_start: -1 is not between 0 and 1/,
    ],
    [
      { _class_name: 'PNDMScheduler', trained_betas: [0.1, 2] },
      /trained_betas: \[0\.1,2\] is not a list of .* numbers between 0 and 1/,
    ],
    [{ _class_name: 'DDIMScheduler', beta_start: '0.1' }, /beta_start: "0\.1" is not a number/],
    [{ _class_name: 'DDIMScheduler', clip_sample: 1 }, /clip_sample: 1 is not true or false/],
    [
      { _class_name: 'DDIMScheduler', num_train_timesteps: 0.5 },
      /num_train_timesteps: 0\.5 is not an integer of 1 or more/,
    ],
    [{ _class_name: 'DDIMScheduler', num_train_timesteps: 5 }, /10 steps are more than this schedule has \(5\)/],
    [{ _class_name: 'DDIMScheduler', steps_offset: 200 }, /timestep 1100 is outside the 1000 trained ones/],
    [
      { _class_name: 'DDIMScheduler', trained_betas: [0.1, 'x'] },
      /trained_betas: \[0\.1,"x"\] is not a list of numbers/,
    ],
    [
      { _class_name: 'PNDMScheduler', prediction_type: 'sample' },
      /prediction_type: "sample" is not one of epsilon, v_prediction/,
    ],
    [
      { _class_name: 'EulerAncestralDiscreteScheduler', prediction_type: 'sample' },
      /is not one of epsilon, v_prediction/,
    ],
    [
      { _class_name: 'EulerDiscreteScheduler', timestep_spacing: 'even' },
      /timestep_spacing: "even" is not one of linspace, leading, trailing/,
    ],
    [
      { _class_name: 'EulerDiscreteScheduler', use_karras_sigmas: true, use_beta_sigmas: true },
      /only one of use_karras_sigmas, /,
    ],
    [
      { _class_name: 'DPMSolverMultistepScheduler', algorithm_type: 'dpmsolver' },
      /final_sigmas_type: "zero" \(the default\) does not work/,
    ],
    [{ _class_name: 'DPMSolverMultistepScheduler', solver_order: 4 }, /solver_order: 4 is not 1, 2 or 3/],
    [{ ...dpm, algorithm_type: 'sde-dpmsolver', solver_order: 3 }, /solver_order: 3 does not exist/],
    [{ ...dpm, use_flow_sigmas: true, use_karras_sigmas: true }, /use_flow_sigmas: does not go with/],
    [{ _class_name: 'DDIMScheduler', beta_end: 1.5 }, /beta_end: 1\.5 is not between 0 and 1/],
    [{ _class_name: 'DDIMScheduler', beta_start: 'NaN' }, /beta_start: "NaN" is not a number/],
    [{ _class_name: 'DDIMScheduler', num_train_timesteps: 0 }, /num_train_timesteps: 0 is not an integer of 1 or more/],
    [
      { _class_name: 'FlowMatchEulerDiscreteScheduler', num_train_timesteps: 1e9 },
      /num_train_timesteps: 1000000000 is not/,
    ],
    [{ _class_name: 'DDIMScheduler', clip_sample_range: -1 }, /clip_sample_range: -1 is not more than 0/],
    [
      { ...dpm, thresholding: true, dynamic_thresholding_ratio: 1.5 },
      /dynamic_thresholding_ratio: 1\.5 is not between 0 and 1/,
    ],
    [{ ...dpm, thresholding: true, sample_max_value: 0 }, /sample_max_value: 0 is not more than 0/],
    [{ _class_name: 'FlowMatchEulerDiscreteScheduler', shift: 0 }, /shift: 0 is not more than 0/],
    [{ _class_name: 'FlowMatchEulerDiscreteScheduler', shift: -3 }, /shift: -3 is not more than 0/],
    [{ _class_name: 'FlowMatchEulerDiscreteScheduler', shift_terminal: 1 }, /shift_terminal: 1 is not between 0 and 1/],
    [{ ...unipc, use_flow_sigmas: true, flow_shift: -1 }, /flow_shift: -1 is not more than 0/],
    [
      { _class_name: 'EulerDiscreteScheduler', use_karras_sigmas: true, sigma_min: 5, sigma_max: 5 },
      /sigma_min: 5 is not less than sigma_max \(5\)/,
    ],
    [
      { _class_name: 'EulerDiscreteScheduler', use_karras_sigmas: true, sigma_min: 0 },
      /sigma_min: 0 is not more than 0/,
    ],
    [
      { ...dpm, use_exponential_sigmas: true, sigma_min: 1e9 },
      /sigma_min: 1000000000 is not less than the largest level/,
    ],
    [{ ...dpm, use_beta_sigmas: true, sigma_max: 1e-9 }, /sigma_max: 1e-9 is not more than the smallest level/],
    [{ ...dpm, lambda_min_clipped: 1e9 }, /lambda_min_clipped: 1000000000 is not one that leaves a timestep/],
    [{ ...unipc, solver_order: 1e9 }, /solver_order: 1000000000 is not an integer of 8 or less/],
    [{ _class_name: 'LCMScheduler', timestep_scaling: 0 }, /timestep_scaling: 0 is not more than 0/],
    [
      { _class_name: 'EulerDiscreteScheduler', beta_start: 0, beta_end: 0 },
      /with these settings latents become values that are no numbers at step 1 of 10 of Euler.*; see beta_start, beta_end/,
    ],
    [
      {
        _class_name: 'DDIMScheduler',
        ...SD,
        rescale_betas_zero_snr: true,
        clip_sample: false,
        timestep_spacing: 'trailing',
      },
      /no numbers at step 1 of 10 of DDIMScheduler; see .*rescale_betas_zero_snr/,
    ],
    [{ ...unipc, solver_p: {} }, /solver_p: another scheduler as the predictor is not supported/],
    [{ ...unipc, solver_type: 'bh3' }, /solver_type: "bh3" is not one of bh1, bh2/],
    [{ _class_name: 'LCMScheduler', original_inference_steps: 5 }, /10 steps are more than this schedule has \(5\)/],
    [{ _class_name: 'LCMScheduler', original_inference_steps: 5000 }, /original_inference_steps: 5000 is more than/],
  ])('refused in one line: %j', (config, message) => {
    const attempt = () => createScheduler(config, 10, { file: 'model/scheduler_config.json' });
    expect(attempt).toThrow(UserError);
    expect(attempt).toThrow(message);
    expect(attempt).toThrow(/^model\/scheduler_config\.json: [^\n]+$/);
  });

  test('of any settings come finite latents or a line that names the file', () => {
    const odd = [0, 1, -1, 0.5, 1e-30, 1e30, 5, 1000, '', 'NaN', null, true, false, [], {}, [0.5, 1], [1, 1, 1]];
    const keys = [
      ...['beta_start', 'beta_end', 'trained_betas', 'num_train_timesteps', 'rescale_betas_zero_snr', 'steps_offset'],
      ...[
        'thresholding',
        'dynamic_thresholding_ratio',
        'sample_max_value',
        'clip_sample',
        'clip_sample_range',
        'shift',
      ],
      ...['use_karras_sigmas', 'use_exponential_sigmas', 'use_beta_sigmas', 'use_lu_lambdas', 'use_flow_sigmas'],
      ...['sigma_min', 'sigma_max', 'flow_shift', 'shift_terminal', 'solver_order', 'lambda_min_clipped', 'max_shift'],
      ...['use_dynamic_shifting', 'base_shift', 'base_image_seq_len', 'timestep_scaling', 'original_inference_steps'],
      ...[
        'disable_corrector',
        'predict_x0',
        'invert_sigmas',
        'stochastic_sampling',
        'lower_order_final',
        'prediction_type',
      ],
    ];
    let refused = 0;
    for (let n = 0; n < 600; n++) {
      const rng = Rng.of(seed, 'odd settings', n);
      const config: Record<string, unknown> = { ...SD, _class_name: SCHEDULER_NAMES[rng.int(SCHEDULER_NAMES.length)] };
      for (let k = 0; k <= rng.int(3); k++) config[keys[rng.int(keys.length)]] = odd[rng.int(odd.length)];
      try {
        const s = createScheduler(config, 1 + rng.int(9), { imageTokens: 64 });
        const after = run(s, normal(8, 'odd', n), (x) => x.map(Math.tanh), drawing('odd', n));
        expect(finite(after), JSON.stringify(config)).toBe(true);
      } catch (e) {
        if (!(e instanceof UserError)) throw e;
        expect(e.message).toMatch(/^scheduler_config\.json: [^\n]+$/);
        refused++;
      }
    }
    expect(refused).toBeLessThan(600);
  });

  test('calls out of order or of another size are our own fault', () => {
    const s = createScheduler({}, 4, { className: 'dpm++', batch: 2 });
    const four = new Float32Array(4);
    expect(() => s.step(four, 1, four, noNoise)).toThrow(/^internal: step 1 of 4, expected 0/);
    expect(() => s.step(new Float32Array(8), 0, four, noNoise)).toThrow(/^internal: 8 outputs for 4 latents/);
    expect(() => s.step(new Float32Array(3), 0, new Float32Array(3), noNoise)).toThrow(/of 2 images/);
  });

  test('steps, eta', () => {
    expect(() => createScheduler({}, 1.5, { className: 'ddim' })).toThrow(/denoising steps: 1\.5/);
    expect(() => createScheduler({}, 5, { className: 'ddim', eta: 2 })).toThrow(/eta: 2/);
    expect(() => createScheduler({}, 3, { className: 'pndm' })).toThrow(/fewer than the Runge-Kutta warm-up/);
  });
});
