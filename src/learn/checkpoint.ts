import { join } from 'node:path';
import { UserError } from '../errors.js';
import { removeEmptyFolder } from '../files/remove.js';
import { type FileKind, refuseForeignFile, removeOfKind } from '../files/replace.js';
import { DamagedFile } from '../formats/damaged.js';
import { refuseNotFinite } from '../formats/floats.js';
import { parseJson } from '../formats/json.js';
import {
  readSafetensors,
  readSafetensorsHeader,
  type SafeHeader,
  type SafeTensor,
  writeSafetensors,
} from '../formats/safetensors.js';
import {
  checkpointMetadata,
  checkpointName,
  checkpointStep,
  checkpointSteps,
  type OfRun,
  refuseOtherRun,
} from '../model/checkpoint-file.js';
import type { TrainingState } from '../runtime/training.js';
import type { LearnedParameter } from './learner.js';

/** Everything a resumed run needs: the data's position is the step number, since batches are drawn from it. */
export interface TrainState extends TrainingState {
  /** Updates done. */
  step: number;
}

/** Centres by name, of so many numbers each, that training by these settings keeps. */
export type CentreSizes = ReadonlyMap<string, number>;

/** Told by the header's beginning, so that a damaged one is known too. */
const CHECKPOINT: FileKind = {
  what: 'a checkpoint that synclr wrote',
  isOurs: (head) => /^\{"__metadata__":\{.*"format":"synclr-checkpoint"/s.test(head.toString('latin1', 8)),
};

/**
 * Writes a checkpoint: `student.*` and `teacher.*` (timm's names under `backbone.`), `adamw.m.*`, `adamw.v.*`, `centre.*`. Whole or not at all.
 * @param settings the resolved settings as JSON, kept in the metadata so that the file explains itself
 * @param corpus fingerprint of the images that it learned from, likewise
 */
export async function saveCheckpoint(
  dir: string,
  state: TrainState,
  specs: readonly LearnedParameter[],
  settings: string,
  corpus?: string,
): Promise<string> {
  const tensors = new Map<string, SafeTensor>();
  const add = (name: string, shape: readonly number[], data: Float32Array | undefined) => {
    if (data) tensors.set(name, { dtype: 'F32', shape: [...shape], data });
  };
  for (const { name, shape } of specs) add(`student.${name}`, shape, state.student.get(name));
  for (const { name, shape, averaged } of specs) if (averaged) add(`teacher.${name}`, shape, state.teacher.get(name));
  for (const { name, shape } of specs) add(`adamw.m.${name}`, shape, state.moments.get(name)?.m);
  for (const { name, shape } of specs) add(`adamw.v.${name}`, shape, state.moments.get(name)?.v);
  for (const [name, data] of state.centres) add(`centre.${name}`, [data.length], data);
  const file = join(dir, checkpointName(state.step));
  await refuseForeignFile(file, CHECKPOINT);
  await writeSafetensors(file, tensors, checkpointMetadata(state.step, settings, corpus), { sealed: true });
  return file;
}

/**
 * Reads a checkpoint to go on from it: whole, of these shapes and centres, and of numbers.
 * @param run that it is to belong to
 * @throws UserError when the file is of another architecture, naming the first parameter that differs; a DamagedFile when it is damaged or
 *   lacks what every checkpoint of that architecture has
 */
export async function loadCheckpoint(
  file: string,
  specs: readonly LearnedParameter[],
  centres: CentreSizes = new Map(),
  run?: OfRun,
): Promise<TrainState> {
  let step = 0;
  const { tensors } = await readSafetensors(file, (header) => {
    step = checkpointStep(file, header.metadata);
    checkContents(file, header, specs, centres);
    if (run) refuseOtherRun(file, header.metadata, run);
    return header.tensors.keys();
  });
  for (const [name, { data }] of tensors) refuseNotFinite(file, name, data as Float32Array);
  const get = (name: string) => tensors.get(name)?.data as Float32Array | undefined;
  const student = new Map<string, Float32Array>();
  const teacher = new Map<string, Float32Array>();
  const moments = new Map<string, { m: Float32Array; v: Float32Array }>();
  const kept = new Map<string, Float32Array>();
  for (const { name } of specs) {
    student.set(name, get(`student.${name}`)!);
    const averaged = get(`teacher.${name}`);
    if (averaged) teacher.set(name, averaged);
    moments.set(name, { m: get(`adamw.m.${name}`)!, v: get(`adamw.v.${name}`)! });
  }
  for (const name of centres.keys()) kept.set(name, get(`centre.${name}`)!);
  return { step, student, teacher, moments, centres: kept };
}

/** Compares what a checkpoint holds with what training needs of it, before any of it is read. */
function checkContents(
  file: string,
  { tensors }: SafeHeader,
  specs: readonly LearnedParameter[],
  centres: CentreSizes,
): void {
  const known = new Set<string>();
  const need = (name: string, shape: readonly number[], refuse: (what: string) => UserError) => {
    known.add(name);
    const t = tensors.get(name);
    if (t?.shape.join() !== shape.join())
      throw refuse(`${name} is ${t ? `[${t.shape}]` : 'missing'}, the settings ask for [${shape}]`);
    if (t.dtype !== 'F32') throw new DamagedFile(`${file}: ${name} is ${t.dtype}; a checkpoint of synclr holds F32`);
  };
  const other = (what: string) =>
    new UserError(`${file}: a checkpoint of another architecture: ${what}; use the settings it was trained with`);
  const incomplete = (what: string) => new DamagedFile(`${file}: not a whole checkpoint: ${what}`);
  for (const { name, shape } of specs) need(`student.${name}`, shape, other);
  for (const name of tensors.keys())
    if (name.startsWith('student.') && !known.has(name)) throw other(`it has ${name}, which the settings do not`);
  for (const { name, shape, averaged } of specs) {
    if (averaged) need(`teacher.${name}`, shape, incomplete);
    need(`adamw.m.${name}`, shape, incomplete);
    need(`adamw.v.${name}`, shape, incomplete);
  }
  for (const [name, size] of centres) need(`centre.${name}`, [size], other);
  for (const name of tensors.keys()) if (!known.has(name)) throw other(`it has ${name}, which the settings do not`);
}

/**
 * Ends what a kill cut off between a checkpoint and the removal of those before it: judged by the settings of the run that wrote it, and only
 * where it is whole.
 */
export async function endPruning(dir: string, newest: number): Promise<void> {
  let train: { checkpointEvery?: unknown; keepCheckpoints?: unknown } | undefined;
  try {
    const { metadata } = await readSafetensorsHeader(join(dir, checkpointName(newest)));
    train = (parseJson(metadata.settings, 'settings') as { train?: typeof train }).train;
  } catch {
    return;
  }
  const { checkpointEvery: interval, keepCheckpoints: keep } = train ?? {};
  if (typeof interval === 'number' && interval > 0 && typeof keep === 'number' && keep > 0)
    await pruneCheckpoints(dir, newest, interval, keep);
}

/** Removes all checkpoints of a folder, and it where nothing else is in it. */
export async function removeCheckpoints(dir: string): Promise<void> {
  for (const s of await checkpointSteps(dir)) {
    const file = join(dir, checkpointName(s));
    await removeOfKind(file, CHECKPOINT);
  }
  await removeEmptyFolder(dir);
}

/** Removes checkpoints that an unbroken run would not have kept: all but the newest `keep`, and those between the intervals once a later one is there. */
export async function pruneCheckpoints(dir: string, newest: number, interval: number, keep: number): Promise<void> {
  const steps = (await checkpointSteps(dir)).filter((s) => s <= newest);
  const regular = steps.filter((s) => s === newest || s % interval === 0);
  const stay = new Set(regular.slice(-keep));
  for (const s of steps) {
    const file = join(dir, checkpointName(s));
    if (!stay.has(s)) await removeOfKind(file, CHECKPOINT);
  }
}
