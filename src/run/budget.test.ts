import { describe, expect, it } from 'vitest';
import { resolveSettings } from '../config/resolve.js';
import { fitBudget, type Rates, withChosen } from './budget.js';

const tiny = resolveSettings({ preset: 'tiny' });
/** A machine on which the preset takes 3,072 × 0.02 + 950 × 0.5 + 40 seconds. */
const rates: Rates = {
  before: 10,
  making: (captions) => captions * 0.02,
  training: (steps) => steps * 0.5,
  after: 30,
};
const fitted = (seconds: number, kept: string[] = [], s = tiny, r = rates) => fitBudget(s, seconds, r, new Set(kept));

describe('a run fitted to a time', () => {
  it('is the preset where there is time for the preset', () => {
    const whole = 10 + 3072 * 0.02 + 950 * 0.5 + 30;
    const { chosen, seconds } = fitted(whole);
    expect(chosen['captions.count']).toBeGreaterThanOrEqual(3068);
    expect(chosen['captions.count']).toBeLessThanOrEqual(3072);
    expect(chosen['train.steps']).toBeGreaterThanOrEqual(949);
    expect(seconds).toBeGreaterThan(whole - 1);
    expect(seconds).toBeLessThanOrEqual(whole);
  });

  it('keeps the proportion of captions and steps, and stretches what is counted in steps', () => {
    for (const minutes of [2, 4, 30, 600]) {
      const { chosen, seconds } = fitted(60 * minutes);
      expect(seconds).toBeLessThanOrEqual(60 * minutes);
      expect(seconds).toBeGreaterThan(60 * minutes - 1);
      const x = chosen['train.steps'] / 950;
      expect(chosen['captions.count'] / 3072).toBeCloseTo(x, 1);
      expect(chosen['optim.warmup']).toBe(Math.max(1, Math.round(60 * x)));
      expect(chosen['learn.teacherTemperatureSteps']).toBe(Math.round(100 * x));
      expect(chosen['train.checkpointEvery']).toBe(Math.round(200 * x));
      expect(chosen['train.healthEvery']).toBe(Math.max(1, Math.round(25 * x)));
      expect(withChosen(tiny, chosen).train.steps).toBe(chosen['train.steps']);
      expect(tiny.train.steps).toBe(950);
    }
  });

  it('fits the rest where something is given', () => {
    const captions = fitted(300, ['captions.count']).chosen;
    expect(captions).not.toHaveProperty(['captions.count']);
    // 300 − 10 − 61.44 − 30 seconds are left for steps of half a second.
    expect(captions['train.steps']).toBe(397);
    const steps = fitted(600, ['train.steps']).chosen;
    expect(steps).toEqual({ 'captions.count': 4250 });
    expect(fitted(300, ['optim.warmup']).chosen).not.toHaveProperty(['optim.warmup']);
    expect(() => fitted(300, ['captions.count', 'train.steps'])).toThrow(/nothing to fit/);
  });

  it('says the least that it needs', () => {
    expect(() => fitted(60)).toThrow(
      /^--minutes is too little: the least that learns anything \(161 captions, 50 steps\) takes about 1\.2 minutes/,
    );
    expect(fitted(72).chosen['train.steps']).toBeGreaterThanOrEqual(50);
    // A run that is small already is not asked for more than it has.
    const micro = resolveSettings({ flags: { 'captions.count': 40, 'train.steps': 10 } });
    expect(fitted(45.81, [], micro).chosen).toMatchObject({ 'captions.count': 40, 'train.steps': 10 });
    expect(() => fitted(45, [], micro)).toThrow(/40 captions, 10 steps/);
  });

  it('takes the least where it is too late for more', () => {
    const least = fitBudget(tiny, 5, rates, new Set(['captions.count']), { late: true });
    expect(least.chosen['train.steps']).toBe(50);
    expect(least.seconds).toBeGreaterThan(5);
  });

  it('does not grow beyond all measure where time is plenty', () => {
    const { chosen } = fitted(1e9);
    expect(chosen['train.steps']).toBe(950_000);
  });
});
