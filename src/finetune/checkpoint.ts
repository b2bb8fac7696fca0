import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../errors.js';
import { removeEmptyFolder } from '../files/remove.js';
import { type FileKind, refuseForeignFile, removeOfKind } from '../files/replace.js';
import { removeTemporariesOf } from '../files/temporary.js';
import { DamagedFile } from '../formats/damaged.js';
import { refuseNotFinite } from '../formats/floats.js';
import { checked, parseJson } from '../formats/json.js';
import { readSafetensors, type SafeTensor, writeSafetensors } from '../formats/safetensors.js';
import type { TrainedParameter, TrainingState } from '../runtime/training.js';

const FORMAT = 'synclr-fine-tuning';

/** The one file of a fine-tuning's folder. */
export const fineTuningFile = (dir: string): string => join(dir, 'fine-tuning.safetensors');

const KIND: FileKind = {
  what: 'a checkpoint of fine-tuning that synclr wrote',
  isOurs: (head) => /^\{"__metadata__":\{.*"format":"synclr-fine-tuning"/s.test(head.toString('latin1', 8)),
};

/** What was found on the test pictures after so many updates, shares of 1. */
const pointForm = z.strictObject({
  step: z.int().positive(),
  epoch: z.number(),
  'top-1': z.number(),
  /** Of the weights' moving average. */
  'top-1 averaged': z.number().optional(),
});
export type CurvePoint = z.output<typeof pointForm>;

/** All that fine-tuning needs to go on: batches follow from the number of the update. */
export interface FineTuneState extends TrainingState {
  /** Updates done. */
  step: number;
  curve: CurvePoint[];
}

/**
 * Writes `student.*`, `average.*`, `adamw.m.*`, `adamw.v.*`, whole or not at all, in place of the checkpoint before it.
 * @param key what decides the result, as JSON
 */
export async function saveFineTuning(
  file: string,
  state: FineTuneState,
  parameters: readonly TrainedParameter[],
  key: string,
): Promise<void> {
  const tensors = new Map<string, SafeTensor>();
  for (const { name, shape, averaged } of parameters) {
    const add = (group: string, data: Float32Array) =>
      tensors.set(`${group}.${name}`, { dtype: 'F32', shape: [...shape], data });
    add('student', state.student.get(name)!);
    if (averaged) add('average', state.teacher.get(name)!);
    const moments = state.moments.get(name);
    if (moments) {
      add('adamw.m', moments.m);
      add('adamw.v', moments.v);
    }
  }
  await refuseForeignFile(file, KIND);
  const metadata = { format: FORMAT, version: '1', step: String(state.step), key, curve: JSON.stringify(state.curve) };
  await writeSafetensors(file, tensors, metadata, { sealed: true });
}

/** Removes the checkpoint of a fine-tuning that nobody goes on with, and its folder where nothing else is in it. */
export async function removeFineTuning(dir: string): Promise<void> {
  const file = fineTuningFile(dir);
  await removeTemporariesOf(file);
  await removeOfKind(file, KIND);
  await removeEmptyFolder(dir);
}

/**
 * Reads a checkpoint to go on from it. @returns undefined where there is none
 * @throws UserError for one of another fine-tuning; DamagedFile
 */
export async function loadFineTuning(
  file: string,
  parameters: readonly TrainedParameter[],
  key: string,
): Promise<FineTuneState | undefined> {
  if (!existsSync(file)) return undefined;
  let said: Record<string, string> = {};
  const { tensors } = await readSafetensors(file, ({ metadata, tensors }) => {
    said = metadata;
    if (metadata.format !== FORMAT) throw new UserError(`${file}: not a checkpoint of fine-tuning: move it elsewhere`);
    if (metadata.version !== '1')
      throw new UserError(`${file}: a checkpoint of version ${metadata.version}: use the synclr that wrote it`);
    if (metadata.key !== key)
      throw new UserError(
        `${file}: a fine-tuning of another encoder, data set, seed or recipe${differing(metadata.key, key)}: move it elsewhere`,
      );
    return tensors.keys();
  });
  const step = Number(said.step);
  if (!(Number.isSafeInteger(step) && step > 0))
    throw new DamagedFile(`${file}: damaged: its metadata says step "${said.step}"`);
  const curve = checked(parseJson(said.curve ?? '', `${file}: its curve`), z.array(pointForm), `${file}: its curve`);
  const get = (name: string, shape: readonly number[]): Float32Array => {
    const t = tensors.get(name);
    if (t?.dtype !== 'F32' || t.shape.join() !== shape.join())
      throw new DamagedFile(
        `${file}: damaged: ${name} is ${t ? `[${t.shape}] ${t.dtype}` : 'missing'}, expected [${shape}] F32`,
      );
    refuseNotFinite(file, name, t.data as Float32Array);
    return t.data as Float32Array;
  };
  const state: FineTuneState = {
    step,
    curve,
    student: new Map(),
    teacher: new Map(),
    moments: new Map(),
    centres: new Map(),
  };
  const set = (map: ReadonlyMap<string, unknown>, name: string, value: unknown) =>
    (map as Map<string, unknown>).set(name, value);
  for (const { name, shape, averaged } of parameters) {
    set(state.student, name, get(`student.${name}`, shape));
    if (averaged) set(state.teacher, name, get(`average.${name}`, shape));
    set(state.moments, name, { m: get(`adamw.m.${name}`, shape), v: get(`adamw.v.${name}`, shape) });
  }
  return state;
}

/** What of two keys differs, where that can be said. */
function differing(there: string | undefined, here: string): string {
  try {
    const [a, b] = [JSON.parse(there ?? ''), JSON.parse(here)] as Record<string, unknown>[];
    const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
    const found = names.filter((name) => JSON.stringify(a[name]) !== JSON.stringify(b[name]));
    return found.length > 0 ? ` (${found.join(', ')})` : '';
  } catch {
    return '';
  }
}
