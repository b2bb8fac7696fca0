import { UserError } from '../errors.js';
import { isObject, readJson } from '../formats/json.js';
import { readSafetensors, type SafeTensor } from '../formats/safetensors.js';
import type { LossCase } from './verify-losses.js';

/** Where the tensors of NAME.json lie. */
export const lossTensors = (file: string): string => file.replace(/\.json$/, '.safetensors');

/**
 * Recorded losses: NAME.json, a case a key, with NAME.safetensors beside it, whose tensors are called CASE/NAME.
 * @throws UserError where a tensor belongs to no case
 */
export async function readLossCases(file: string): Promise<Map<string, LossCase>> {
  const said = await readJson(file);
  if (!isObject(said)) throw new UserError(`${file}: expected a JSON object, a case a key`);
  const { tensors } = await readSafetensors(lossTensors(file), (header) => header.tensors.keys());
  const by = new Map<string, Map<string, SafeTensor>>(Object.keys(said).map((name) => [name, new Map()]));
  for (const [name, tensor] of tensors) {
    const slash = name.lastIndexOf('/');
    const own = by.get(name.slice(0, Math.max(0, slash)));
    if (!own) throw new UserError(`${lossTensors(file)}: tensor ${name} belongs to no case of ${file}`);
    own.set(name.slice(slash + 1), tensor);
  }
  return new Map(Object.entries(said).map(([name, value]) => [name, { name, said: value, tensors: by.get(name)! }]));
}
