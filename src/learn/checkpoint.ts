import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../errors.js';
import { removeFile } from '../files/remove.js';
import { type FileKind, isOfKind, refuseForeignFile } from '../files/replace.js';
import { readSafetensors, readSafetensorsHeader, type SafeTensor, writeSafetensors } from '../formats/safetensors.js';
import type { ParameterSpec } from '../model/parameters.js';

/** Everything a resumed run needs: the data's position is the step number, since batches are drawn from it. */
export interface TrainState {
  /** Updates done. */
  step: number;
  student: Map<string, Float32Array>;
  teacher: Map<string, Float32Array>;
  moments: Map<string, { m: Float32Array; v: Float32Array }>;
  centres: Map<string, Float32Array>;
}

export const checkpointName = (step: number): string => `step-${String(step).padStart(8, '0')}.safetensors`;

/** Steps of the checkpoints in a folder, ascending. */
export async function checkpointSteps(dir: string): Promise<number[]> {
  const names = await readdir(dir).catch(() => []);
  return names
    .flatMap((n) => (/^step-\d{8}\.safetensors$/.test(n) ? [Number(n.slice(5, 13))] : []))
    .sort((a, b) => a - b);
}

/** Told by the header's beginning, so that a damaged one is known too. */
const CHECKPOINT: FileKind = {
  what: 'a checkpoint that synclr wrote',
  isOurs: (head) => /^\{"__metadata__":\{.*"format":"synclr-checkpoint"/s.test(head.toString('latin1', 8)),
};

/**
 * Writes a checkpoint: `student.*` and `teacher.*` (timm's names under `backbone.`), `adamw.m.*`, `adamw.v.*`, `centre.*`. Whole or not at all.
 * @param settings the resolved settings as JSON, kept in the metadata so that the file explains itself
 */
export async function saveCheckpoint(
  dir: string,
  state: TrainState,
  specs: readonly ParameterSpec[],
  settings: string,
): Promise<string> {
  const tensors = new Map<string, SafeTensor>();
  const add = (name: string, shape: readonly number[], data: Float32Array | undefined) => {
    if (data) tensors.set(name, { dtype: 'F32', shape: [...shape], data });
  };
  for (const { name, shape } of specs) add(`student.${name}`, shape, state.student.get(name));
  for (const { name, shape } of specs) add(`teacher.${name}`, shape, state.teacher.get(name));
  for (const { name, shape } of specs) add(`adamw.m.${name}`, shape, state.moments.get(name)?.m);
  for (const { name, shape } of specs) add(`adamw.v.${name}`, shape, state.moments.get(name)?.v);
  for (const [name, data] of state.centres) add(`centre.${name}`, [data.length], data);
  const file = join(dir, checkpointName(state.step));
  await refuseForeignFile(file, CHECKPOINT);
  await writeSafetensors(file, tensors, { format: 'synclr-checkpoint', step: String(state.step), settings });
  return file;
}

/**
 * Reads a checkpoint for parameters of these shapes.
 * @throws UserError when the file is of another architecture, naming the first parameter that differs
 */
export async function loadCheckpoint(file: string, specs: readonly ParameterSpec[]): Promise<TrainState> {
  const { metadata, tensors } = await readSafetensors(file);
  if (metadata.format !== 'synclr-checkpoint') throw new UserError(`${file}: not a checkpoint of synclr`);
  const take = (name: string, shape: readonly number[], required: boolean): Float32Array | undefined => {
    const t = tensors.get(name);
    if (!t && !required) return undefined;
    if (!t || t.shape.join() !== shape.join())
      throw new UserError(
        `${file}: a checkpoint of another architecture: ${name} is ${t ? `[${t.shape}]` : 'missing'}, the settings ask for [${shape}]; use the settings it was trained with`,
      );
    return t.data as Float32Array;
  };
  const state: TrainState = {
    step: Number(metadata.step),
    student: new Map(),
    teacher: new Map(),
    moments: new Map(),
    centres: new Map(),
  };
  const known = new Set(specs.map((s) => s.name));
  for (const name of tensors.keys())
    if (name.startsWith('student.') && !known.has(name.slice(8)))
      throw new UserError(
        `${file}: a checkpoint of another architecture: it has ${name}, which the settings do not; use the settings it was trained with`,
      );
  for (const { name, shape } of specs) {
    state.student.set(name, take(`student.${name}`, shape, true)!);
    const teacher = take(`teacher.${name}`, shape, !name.startsWith('pred.'));
    if (teacher) state.teacher.set(name, teacher);
    state.moments.set(name, { m: take(`adamw.m.${name}`, shape, true)!, v: take(`adamw.v.${name}`, shape, true)! });
  }
  for (const [name, t] of tensors)
    if (name.startsWith('centre.')) state.centres.set(name.slice(7), t.data as Float32Array);
  return state;
}

/**
 * Ends what a kill cut off between a checkpoint and the removal of those before it: judged by the settings of the run that wrote it, and only
 * where it is whole.
 */
export async function endPruning(dir: string, newest: number): Promise<void> {
  let train: { checkpointEvery?: unknown; keepCheckpoints?: unknown } | undefined;
  try {
    const { metadata } = await readSafetensorsHeader(join(dir, checkpointName(newest)));
    train = JSON.parse(metadata.settings).train;
  } catch {
    return;
  }
  const { checkpointEvery: interval, keepCheckpoints: keep } = train ?? {};
  if (typeof interval === 'number' && interval > 0 && typeof keep === 'number' && keep > 0)
    await pruneCheckpoints(dir, newest, interval, keep);
}

/** Removes checkpoints that an unbroken run would not have kept: all but the newest `keep`, and those between the intervals once a later one is there. */
export async function pruneCheckpoints(dir: string, newest: number, interval: number, keep: number): Promise<void> {
  const steps = (await checkpointSteps(dir)).filter((s) => s <= newest);
  const regular = steps.filter((s) => s === newest || s % interval === 0);
  const stay = new Set(regular.slice(-keep));
  for (const s of steps) {
    const file = join(dir, checkpointName(s));
    if (!stay.has(s) && (await isOfKind(file, CHECKPOINT))) await removeFile(file);
  }
}
