import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '../../config/schema.js';
import { UserError } from '../../errors.js';
import { learnerOf } from '../../learn/learners/index.js';
import { initialWeights } from '../../learn/weights.js';
import { checkpointSteps, readNewest } from '../../model/checkpoint-file.js';

/**
 * The file of weights that `--from` means: a file, an exported encoder's folder, or a run's (its newest checkpoint).
 * @throws UserError where there is none, it is damaged, or it is of another architecture than the settings'
 */
export async function weightsFile(path: string, settings: Settings): Promise<string> {
  const specs = learnerOf(settings).parameters;
  const check = async (file: string): Promise<string> => {
    await initialWeights(file, specs);
    return file;
  };
  if (!existsSync(path)) throw new UserError(`--from ${path}: no such checkpoint, run or exported encoder`);
  if (!statSync(path).isDirectory()) return check(path);
  const exported = join(path, 'model.safetensors');
  if (existsSync(exported)) return check(exported);
  const folder = join(path, 'checkpoints');
  const newest = (await checkpointSteps(folder)).at(-1);
  if (newest === undefined) throw new UserError(`--from ${path}: no checkpoint and no exported encoder in this folder`);
  return readNewest(folder, newest, check);
}
