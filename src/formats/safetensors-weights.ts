import { UserError } from '../errors.js';
import { cutAtWord } from '../printable.js';
import { readSafetensors, readSafetensorsHeader, type SafeTensor } from './safetensors.js';
import { isKnown } from './safetensors-header.js';
import type { TensorInfo, WeightsFile } from './weights-file.js';

/** Opens a safetensors file: one group, ''. */
export async function openSafetensorsWeights(path: string): Promise<WeightsFile> {
  const { tensors, metadata } = await readSafetensorsHeader(path);
  if (tensors.size === 0) throw new UserError(`${path}: holds no tensors`);
  for (const [name, { dtype }] of tensors)
    if (!isKnown(dtype))
      throw new UserError(
        `${path}: tensor ${cutAtWord(name, 100)} has the type ${cutAtWord(dtype, 40)}, which is not known here`,
      );
  return {
    format: 'safetensors',
    path,
    metadata,
    groups: new Map([['', tensors as ReadonlyMap<string, TensorInfo>]]),
    values: new Map(),
    async read(group, names) {
      const wanted = [...names];
      const missing = group === '' ? wanted.find((name) => !tensors.has(name)) : wanted[0];
      if (missing !== undefined) throw new UserError(`${path}: no tensor ${cutAtWord(missing, 100)}`);
      if (wanted.length === 0) return new Map<string, SafeTensor>();
      // The file may be another one since: names are looked up again.
      const found = (await readSafetensors(path, () => wanted)).tensors;
      const lost = wanted.find((name) => !found.has(name));
      if (lost !== undefined) throw new UserError(`${path}: was changed while it was read: run the same command again`);
      return new Map(wanted.map((name) => [name, found.get(name)!]));
    },
  };
}
