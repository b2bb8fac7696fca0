import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '../../config/schema.js';
import { UserError } from '../../errors.js';
import { checkpointName, checkpointSteps } from '../../learn/checkpoint.js';
import { studentParameters } from '../../learn/programs.js';
import { stepConfig } from '../../learn/step-config.js';
import { initialWeights } from '../../learn/weights.js';

/**
 * The file of weights that `--from` means: a file, an exported encoder's folder, or a run's (its newest checkpoint).
 * @throws UserError where there is none, or it is of another architecture than the settings'
 */
export async function weightsFile(path: string, settings: Settings): Promise<string> {
  const file = await fileOf(path);
  await initialWeights(file, studentParameters(stepConfig(settings)));
  return file;
}

async function fileOf(path: string): Promise<string> {
  if (!existsSync(path)) throw new UserError(`--from ${path}: no such checkpoint, run or exported encoder`);
  if (!statSync(path).isDirectory()) return path;
  const exported = join(path, 'model.safetensors');
  if (existsSync(exported)) return exported;
  const newest = (await checkpointSteps(join(path, 'checkpoints'))).at(-1);
  if (newest === undefined) throw new UserError(`--from ${path}: no checkpoint and no exported encoder in this folder`);
  return join(path, 'checkpoints', checkpointName(newest));
}
