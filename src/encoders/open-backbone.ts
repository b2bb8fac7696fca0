import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { EncoderWeights } from '../config/names.js';
import type { Settings } from '../config/schema.js';
import { codeOf, UserError } from '../errors.js';
import { isObject, readJson } from '../formats/json.js';
import { openWeights } from '../formats/open-weights.js';
import { isWeights } from '../formats/weight-names.js';
import { isHubReference } from '../hub/reference.js';
import { type Backbone, readBackbone } from '../model/backbone.js';
import type { OpenOptions } from '../stage.js';
import { hubEncoderFiles } from './hub-files.js';
import type { EncoderRecord } from './record.js';

export { isHubReference } from '../hub/reference.js';
export type { EncoderRecord } from './record.js';

export interface OpenBackboneOptions {
  /**
   * Which of several encoders. `teacher`, the default, is the average over training that authors evaluate; of a file that has none by that name
   * the encoder that they evaluate.
   */
  weights?: EncoderWeights;
  /** Heads of somebody else's encoder, where neither its weights nor a description say them. */
  heads?: number;
  /** Settings that a checkpoint of ours must be of. */
  expected?: Settings;
  hooks?: OpenOptions;
}

/** An encoder of ours or of others. */
export interface OpenedBackbone extends Backbone {
  /** Where it lies on this machine: a file or a folder. */
  path: string;
  /** Of somebody else's: what it was found to be. */
  record?: EncoderRecord;
}

/**
 * Reads an encoder: a run's folder (its newest checkpoint), a checkpoint, an encoder that was exported, or one of other people's, as a file, a folder or
 * `hf:owner/name[@revision][/file]`.
 * @throws UserError when there is none, when it is damaged, not known here, or not what the settings describe; Interrupted while downloading
 */
export async function openBackbone(place: string, o: OpenBackboneOptions = {}): Promise<OpenedBackbone> {
  const path = await exportedFolder(await localEncoder(place, o.hooks));
  const origin = isHubReference(place) ? { origin: place } : {};
  if (await isOurs(path)) {
    const { weights = 'teacher' } = o;
    if (weights !== 'teacher' && weights !== 'student')
      throw new UserError(`${path}: a checkpoint of synclr holds a teacher and a student, no "${weights}"`);
    return { ...(await readBackbone(path, weights, o.expected)), ...origin, path };
  }
  // Other people's formats and families are loaded where they are met.
  const { openForeign } = await import('./open.js');
  const { backbone, record } = await openForeign(path, { weights: o.weights, heads: o.heads });
  for (const note of record.otherwise ?? []) o.hooks?.warn?.(`${place}: ${note}`);
  return { ...backbone, ...origin, path, record };
}

/**
 * Where an encoder lies on this machine; one of the hub is downloaded unless the cache has it.
 * @throws UserError where there is none; Interrupted
 */
export async function localEncoder(place: string, hooks: OpenOptions = {}): Promise<string> {
  if (isHubReference(place)) {
    const { resolveModel } = await import('../hub/resolve.js');
    const { announce } = await import('../hub/announce.js');
    const { signal, warn, note } = hooks;
    const model = await resolveModel(place, {
      ...{ signal, onWarn: warn, onProgress: announce(note) },
      choose: (files, named) => hubEncoderFiles(files, named, place),
    });
    return model.path;
  }
  await stat(place).catch((e) => {
    if (codeOf(e) === 'ENOENT') throw new UserError(`${place}: no such run, checkpoint or encoder`);
    throw e;
  });
  return place;
}

/** Whether there is something at a place that is to be an encoder: on this machine, or on the hub, which is asked later. */
export const encoderIsThere = (place: string): boolean => isHubReference(place) || existsSync(place);

/** A place as seen from a folder; one of the hub is the same from everywhere. */
export const placeFrom = (folder: string, place: string): string =>
  isHubReference(place) ? place : resolve(folder, place);

/** Whether synclr wrote what lies there: a run, a checkpoint, an exported encoder. */
export async function isOurs(path: string): Promise<boolean> {
  if ((await stat(path)).isDirectory()) {
    const names = await readdir(path);
    if (names.includes('model.safetensors')) return hasOurConfig(path);
    if (names.includes('checkpoints') || names.some((n) => CHECKPOINT.test(n))) return true;
    // A folder without any weights: ours says what was expected there.
    return !names.some(isWeights);
  }
  if (CHECKPOINT.test(basename(path))) return true;
  if (await isExported(path)) return true;
  const { metadata } = await openWeights(path);
  return metadata.format === 'synclr-checkpoint';
}

/** Whether a file is the weights of an encoder that synclr exported, which are nothing without what lies beside them. */
const isExported = async (file: string): Promise<boolean> =>
  basename(file) === 'model.safetensors' && (await hasOurConfig(dirname(file)));

/** The folder of an exported encoder, where a path is its weights; else the path. */
export async function exportedFolder(path: string): Promise<string> {
  return !(await stat(path)).isDirectory() && (await isExported(path)) ? dirname(path) : path;
}

const CHECKPOINT = /^step-\d+\.safetensors$/;

async function hasOurConfig(folder: string): Promise<boolean> {
  const config = await readJson(join(folder, 'config.json')).catch((e) => {
    if (codeOf(e) === 'ENOENT') return undefined;
    throw e;
  });
  return isObject(config) && isObject(config.synclr);
}
