import { readFile } from 'node:fs/promises';
import { UserError } from '../../errors.js';
import { isObject } from '../../formats/json.js';
import { parsePythonJson } from '../../formats/python-json.js';
import { createScheduler } from './schedulers/scheduler.js';
import { TorchRandn } from './torch-randn.js';

/** [batch, channels, height, width] of the recorded runs, where a case does not say. */
const SHAPE: readonly number[] = [4, 3, 8, 8];

/** What agreement is asked of each value where a case does not say. */
export const TOLERANCES = { abs_sum: 1e-2, abs_mean: 1e-3 } as const;
export type Measure = keyof typeof TOLERANCES;

/** One recorded run: a scheduler's settings, its steps, and the sum and/or mean of absolute values of what came out. */
export interface SchedulerCase {
  name: string;
  _class_name: string;
  config: Record<string, unknown>;
  steps: number;
  expected: Partial<Record<Measure, number>>;
  tolerance?: Partial<Record<Measure, number>>;
  /** DDIM's share of fresh noise; 0 where absent. */
  eta?: number;
  /** Of torch's CPU generator, for schedulers that draw noise; 0 where absent. */
  seed?: number;
  /** [batch, …] of the sample where it is not [4, 3, 8, 8]. */
  shape?: number[];
}

/** A compared value. */
export interface Comparison {
  case: string;
  measure: Measure;
  expected: number;
  found: number;
  difference: number;
  tolerance: number;
  ok: boolean;
}

/**
 * Reads a file of recorded scheduler runs: { about?, cases: [SchedulerCase, …] }.
 * @throws UserError in one line for a file that is missing or not of that form
 */
export async function readSchedulerCases(file: string): Promise<SchedulerCase[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (e) {
    throw new UserError(`${file}: cannot be read: ${(e as NodeJS.ErrnoException).code}`);
  }
  const data = parsePythonJson(text, file);
  const cases = (data as { cases?: unknown } | null)?.cases;
  if (!Array.isArray(cases) || cases.length === 0)
    throw new UserError(`${file}: no "cases": a file of scheduler values has a list of them`);
  return cases.map((c, i) => checkedCase(c, `${file}: case ${i + 1}`));
}

/**
 * Runs a case as the public test-suite of diffusers does (tests/schedulers/test_schedulers.py): the sample is arange(768) / 768 as [3, 8, 8, 4] with
 * its last axis moved to the front (other shapes alike), times the initial sigma; the model is x · t / (t + 1).
 */
export function replaySchedulerCase(c: SchedulerCase, file: string): Comparison[] {
  const shape = c.shape ?? SHAPE;
  const scheduler = createScheduler(c.config, c.steps, {
    file: `${file}: ${c.name}`,
    className: c._class_name,
    batch: shape[0],
    eta: c.eta ?? 0,
  });
  const sample = recordedSample(shape, scheduler.initNoiseSigma);
  const output = new Float32Array(sample.length);
  const generator = new TorchRandn(c.seed ?? 0);
  const noise = (out: Float32Array) => generator.fill(out);
  scheduler.timesteps.forEach((t, i) => {
    // The suite steps on from the scaled sample, so the scaling is in place here too; a pipeline keeps both.
    scheduler.scaleModelInput(sample, i, sample);
    const above = Math.fround(t + 1);
    for (let j = 0; j < sample.length; j++) output[j] = Math.fround(sample[j] * Math.fround(t)) / above;
    scheduler.step(output, i, sample, noise);
  });
  const sum = sample.reduce((total, v) => total + Math.abs(v), 0);
  const found: Record<Measure, number> = { abs_sum: sum, abs_mean: sum / sample.length };
  return (Object.keys(TOLERANCES) as Measure[])
    .filter((measure) => c.expected[measure] !== undefined)
    .map((measure) => {
      const expected = c.expected[measure]!;
      const difference = Math.abs(found[measure] - expected);
      const tolerance = c.tolerance?.[measure] ?? TOLERANCES[measure];
      return {
        case: c.name,
        measure,
        expected,
        found: found[measure],
        difference,
        tolerance,
        ok: difference <= tolerance,
      };
    });
}

function recordedSample(shape: readonly number[], sigma: number): Float32Array {
  const [batch, ...rest] = shape;
  const size = rest.reduce((a, b) => a * b, 1);
  const total = batch * size;
  return Float32Array.from({ length: total }, (_, j) => {
    const value = Math.fround(((j % size) * batch + Math.floor(j / size)) / total);
    return value * sigma;
  });
}

const FIELDS = ['name', '_class_name', 'config', 'steps', 'expected', 'tolerance', 'eta', 'seed', 'shape'];
/** What a case may say for its readers. */
const REMARKS = ['about', 'note', 'source'];

function checkedCase(value: unknown, where: string): SchedulerCase {
  if (!isObject(value)) throw new UserError(`${where}: not an object`);
  const named = typeof value.name === 'string' ? `${where} (${value.name})` : where;
  const unknown = Object.keys(value).find((key) => !FIELDS.includes(key) && !REMARKS.includes(key));
  if (unknown !== undefined)
    throw new UserError(`${named}: unknown field "${unknown}"; a case has ${FIELDS.join(', ')}`);
  const wrong = (field: string, expected: string) =>
    new UserError(`${named}: ${field}: ${JSON.stringify(value[field])} is not ${expected}`);
  if (typeof value.name !== 'string') throw wrong('name', 'a string');
  if (typeof value._class_name !== 'string') throw wrong('_class_name', 'a string');
  if (!isObject(value.config)) throw wrong('config', 'an object');
  if (typeof value.steps !== 'number') throw wrong('steps', 'a number');
  if (!isMeasures(value.expected) || Object.keys(value.expected).length === 0)
    throw wrong('expected', 'an object with abs_sum and/or abs_mean');
  if (value.tolerance !== undefined && !isMeasures(value.tolerance))
    throw wrong('tolerance', 'an object with abs_sum and/or abs_mean');
  if (value.eta !== undefined && typeof value.eta !== 'number') throw wrong('eta', 'a number');
  if (value.seed !== undefined && !Number.isSafeInteger(value.seed)) throw wrong('seed', 'an integer');
  if (value.shape !== undefined && !isShape(value.shape)) throw wrong('shape', 'a list of positive integers');
  return value as unknown as SchedulerCase;
}

function isShape(value: unknown): value is number[] {
  return Array.isArray(value) && value.length > 0 && value.every((n) => Number.isInteger(n) && n > 0);
}

function isMeasures(value: unknown): value is Partial<Record<Measure, number>> {
  return (
    isObject(value) &&
    Object.entries(value).every(([key, v]) => Object.hasOwn(TOLERANCES, key) && typeof v === 'number')
  );
}
