import type { SchedulerConfig } from './config.js';

const f = Math.fround;

export type PredictionType = 'epsilon' | 'sample' | 'v_prediction' | 'flow_prediction';

/** `prediction_type` of the config; each class says which it takes. */
export function predictionType<T extends PredictionType>(
  config: SchedulerConfig,
  choices: readonly T[],
  aliases: Readonly<Record<string, T>> = {},
): T {
  return config.choice('prediction_type', choices, 'epsilon' as T, aliases);
}

/** The clean sample x₀ from the model's output, where x = alpha · x₀ + sigma · ε. Each operation is rounded to float32, as torch does. */
export function toClean(
  type: PredictionType,
  x: Float32Array,
  model: Float32Array,
  alpha: number,
  sigma: number,
  out: Float32Array,
): void {
  const a = f(alpha);
  const s = f(sigma);
  switch (type) {
    case 'epsilon':
      for (let j = 0; j < x.length; j++) out[j] = f(x[j] - f(s * model[j])) / a;
      return;
    case 'sample':
      out.set(model);
      return;
    case 'v_prediction':
      for (let j = 0; j < x.length; j++) out[j] = f(a * x[j]) - f(s * model[j]);
      return;
    case 'flow_prediction':
      for (let j = 0; j < x.length; j++) out[j] = x[j] - f(s * model[j]);
  }
}

/** The noise ε from the model's output, where x = alpha · x₀ + sigma · ε. */
export function toNoise(
  type: Exclude<PredictionType, 'flow_prediction'>,
  x: Float32Array,
  model: Float32Array,
  alpha: number,
  sigma: number,
  out: Float32Array,
): void {
  const a = f(alpha);
  const s = f(sigma);
  switch (type) {
    case 'epsilon':
      out.set(model);
      return;
    case 'sample':
      for (let j = 0; j < x.length; j++) out[j] = f(x[j] - f(a * model[j])) / s;
      return;
    case 'v_prediction':
      for (let j = 0; j < x.length; j++) out[j] = f(a * model[j]) + f(s * x[j]);
  }
}

/** The clean sample from the output of a model that sees x / √(σ² + 1), where x = x₀ + σ · ε (the Euler schedulers; Karras et al. 2022). */
export function toCleanFromSigma(
  type: 'epsilon' | 'sample' | 'v_prediction',
  x: Float32Array,
  model: Float32Array,
  sigma: number,
  out: Float32Array,
): void {
  const s = f(sigma);
  if (type === 'sample') {
    out.set(model);
  } else if (type === 'epsilon') {
    for (let j = 0; j < x.length; j++) out[j] = x[j] - f(s * model[j]);
  } else {
    const power = f(f(s * s) + 1);
    const scale = f(-s / f(Math.sqrt(power)));
    for (let j = 0; j < x.length; j++) out[j] = f(model[j] * scale) + f(x[j] / power);
  }
}
