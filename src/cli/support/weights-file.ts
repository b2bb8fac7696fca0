import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '../../config/schema.js';
import { describedByOthers } from '../../encoders/open.js';
import { encoderIsThere, localEncoder } from '../../encoders/open-backbone.js';
import { UserError } from '../../errors.js';
import { isWeights } from '../../formats/weight-names.js';
import { learnerOf } from '../../learn/learners/index.js';
import { initialWeights } from '../../learn/weights.js';
import { checkpointSteps, readNewest } from '../../model/checkpoint-file.js';
import { vitConfig } from '../../model/config.js';
import type { OpenOptions } from '../../stage.js';

/**
 * The file of weights that `--from` means: a checkpoint, a run's newest one, an exported encoder, or one of other people's: a file, a folder or
 * `hf:owner/name`, which is downloaded.
 * @throws UserError where there is none, it is damaged, or it is of another architecture than the settings'
 */
export async function weightsFile(place: string, settings: Settings, hooks?: OpenOptions): Promise<string> {
  const specs = learnerOf(settings).parameters;
  const check = async (file: string): Promise<string> => {
    await initialWeights(file, specs, vitConfig(settings));
    return file;
  };
  if (!encoderIsThere(place)) throw new UserError(`--from ${place}: no such checkpoint, run or encoder`);
  const path = await localEncoder(place, hooks);
  if (!statSync(path).isDirectory()) return check(path);
  const folder = join(path, 'checkpoints');
  const newest = existsSync(folder) ? (await checkpointSteps(folder)).at(-1) : undefined;
  if (newest !== undefined && !existsSync(join(path, 'model.safetensors'))) return readNewest(folder, newest, check);
  const own = join(path, 'model.safetensors');
  if (existsSync(own) && !(await describedByOthers(own))) return check(own);
  if (existsSync(folder) || !hasWeights(path))
    throw new UserError(`--from ${place}: no checkpoint and no encoder in this folder`);
  return check(path);
}

const hasWeights = (folder: string): boolean => readdirSync(folder).some(isWeights);
