import { expect, test } from 'vitest';
import { resolveSettings } from '../config/resolve.js';
import { learnerOf } from './learners/index.js';
import { cosine, scheduled } from './schedules.js';

const s = resolveSettings({ preset: 'tiny' });
s.train.steps = 100;
Object.assign(s.optim, { lr: 1e-3, minLr: 1e-5, warmup: 10, weightDecay: [0.04, 0.2] });
Object.assign(s.learn, { ema: [0.99, 1], teacherTemperature: [0.04, 0.07], teacherTemperatureSteps: 20 });
const teacher = (t: number, settings = s) => learnerOf(settings).schedule(t);
const temperature = (t: number, settings = s) => teacher(t, settings).numbers.teacher_temperature;

test('the learning rate warms up linearly from its first step to the peak, then falls by half a cosine', () => {
  expect(scheduled(s, 0).lr).toBeCloseTo(1e-4, 12);
  expect(scheduled(s, 4).lr).toBeCloseTo(5e-4, 12);
  expect(scheduled(s, 9).lr).toBeCloseTo(1e-3, 12);
  expect(scheduled(s, 10).lr).toBeCloseTo(1e-3, 12);
  expect(scheduled(s, 55).lr).toBeCloseTo((1e-3 + 1e-5) / 2, 12);
  for (let t = 10; t < 99; t++) expect(scheduled(s, t + 1).lr).toBeLessThan(scheduled(s, t).lr);
  expect(scheduled(s, 99).lr).toBeGreaterThan(1e-5);
  expect(scheduled(s, 100).lr).toBeCloseTo(1e-5, 12);
});

test('weight decay and momentum run from end to end, the teacher’s temperature over its steps', () => {
  expect(teacher(0)).toEqual({ ema: 0.99, numbers: { teacher_temperature: 0.04 } });
  expect(scheduled(s, 0).weightDecay).toBeCloseTo(0.04, 12);
  expect(scheduled(s, 50).weightDecay).toBeCloseTo(0.12, 12);
  expect(teacher(50).ema).toBeCloseTo(0.995, 12);
  expect(scheduled(s, 100).weightDecay).toBeCloseTo(0.2, 12);
  expect(teacher(100).ema).toBeCloseTo(1, 12);
  expect(temperature(10)).toBeCloseTo(0.055, 12);
  for (const t of [20, 21, 99]) expect(temperature(t)).toBeCloseTo(0.07, 12);
});

test('no warm-up and no warming are taken as they are', () => {
  const bare = structuredClone(s);
  bare.optim.warmup = 0;
  Object.assign(bare.learn, { teacherTemperatureSteps: 0 });
  expect(scheduled(bare, 0).lr).toBeCloseTo(1e-3, 12);
  expect(temperature(0, bare)).toBeCloseTo(0.07, 12);
  expect(cosine(1, 3, 5, 0)).toBe(3);
});
