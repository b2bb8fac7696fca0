import type { Settings } from '../config/schema.js';

/** What changes from update to update, whatever the learner. */
export interface Scheduled {
  lr: number;
  weightDecay: number;
}

/** The schedules at update `step` (from 0) of `settings.train.steps` (paper, appendix A; DINO's forms). */
export function scheduled(s: Settings, step: number): Scheduled {
  const { optim, train } = s;
  // A short trial of a long preset still comes to learn at the full rate.
  const warmup = Math.min(optim.warmup, Math.floor(train.steps / 2));
  const [wd0, wd1] = optim.weightDecay;
  return {
    lr:
      step < warmup
        ? (optim.lr * (step + 1)) / warmup
        : cosine(optim.lr, optim.minLr, step - warmup, train.steps - warmup),
    weightDecay: cosine(wd0, wd1, step, train.steps),
  };
}

/** Half a cosine from `from` at 0 to `to` at `length`. */
export function cosine(from: number, to: number, at: number, length: number): number {
  const x = length <= 0 ? 1 : Math.min(1, at / length);
  return to + (from - to) * 0.5 * (1 + Math.cos(Math.PI * x));
}
