import { UserError } from '../errors.js';
import { floatsOf, isFloat, refuseNotFinite } from '../formats/floats.js';
import { readSafetensors, type SafeHeader } from '../formats/safetensors.js';
import { resampledPositions } from '../model/backbone.js';
import { checkpointStep } from '../model/checkpoint-file.js';
import type { ParameterSpec } from '../model/parameters.js';

/** Under which names a file may have a parameter, the preferred first: a checkpoint's teacher, its student, plain, and timm's. */
const GROUPS = ['teacher.', 'student.', ''];

/**
 * Weights to start a new run from: a checkpoint of synclr (its teacher; heads where they fit) or a backbone under timm's names. Halves are
 * widened, and positions of another grid are resampled: an encoder may be exported for another side than it was trained at. What else is in
 * the file does not matter, but for blocks that this architecture has not.
 * @throws UserError when the file is damaged, or a backbone parameter is missing, of another shape, or no number
 */
export async function initialWeights(
  file: string,
  specs: readonly ParameterSpec[],
): Promise<Map<string, Float32Array>> {
  const stored = new Map<string, string>();
  const { tensors } = await readSafetensors(file, (header) => {
    if (header.metadata.format === 'synclr-checkpoint') checkpointStep(file, header.metadata);
    for (const spec of specs) {
      const found = choose(file, header, spec);
      if (found !== undefined) stored.set(spec.name, found);
    }
    refuseMoreBlocks(file, header, specs);
    return stored.values();
  });
  const out = new Map<string, Float32Array>();
  for (const { name, shape } of specs) {
    const from = stored.get(name);
    if (from === undefined) continue;
    const t = tensors.get(from)!;
    const data = floatsOf(t)!;
    refuseNotFinite(file, from, data);
    const [there, here] = [gridOf(t.shape), gridOf(shape)];
    const isOther = isPositions(name) && there !== here;
    out.set(name, isOther ? resampledPositions(data, shape[2], there!, here!) : data);
  }
  return out;
}

const withoutBackbone = (name: string): string => name.replace(/^backbone\./, '');

/** The file's name for a parameter; undefined where the run may begin without it. */
function choose(file: string, { tensors }: SafeHeader, { name, shape }: ParameterSpec): string | undefined {
  const plain = withoutBackbone(name);
  const found = [...GROUPS.map((group) => group + name), plain].find((n) => tensors.has(n));
  const t = found === undefined ? undefined : tensors.get(found);
  if (t && isFloat(t.dtype) && t.shape.join() === shape.join()) return found;
  const isOtherGrid = t?.shape.length === 3 && t.shape[0] === 1 && t.shape[2] === shape[2] && gridOf(t.shape);
  if (t && isPositions(name) && isFloat(t.dtype) && isOtherGrid) return found;
  // Exported encoders carry no mask token; heads may differ.
  if (!name.startsWith('backbone.') || plain === 'mask_token') return undefined;
  const is = t ? `[${t.shape}] ${t.dtype}` : 'missing';
  throw new UserError(
    t && !isFloat(t.dtype) && t.shape.join() === shape.join()
      ? `${file}: cannot start from these weights: ${plain} is ${t.dtype}, which is not supported: save them as F32, F16 or BF16`
      : `${file}: cannot start from these weights: ${plain} is ${is}, the settings ask for [${shape}] F32`,
  );
}

const isPositions = (name: string): boolean => name === 'backbone.pos_embed';

/** Side of a square grid of positions, [1, 1 + side², dim]; undefined where they are none. */
function gridOf(shape: readonly number[]): number | undefined {
  const side = Math.sqrt((shape[1] ?? 0) - 1);
  return Number.isInteger(side) && side > 0 ? side : undefined;
}

/** The first blocks of a deeper encoder are no encoder. */
function refuseMoreBlocks(file: string, { tensors }: SafeHeader, specs: readonly ParameterSpec[]): void {
  const known = new Set(specs.flatMap(({ name }) => /^backbone\.(blocks\.\d+)\./.exec(name)?.[1] ?? []));
  for (const [name, { dtype }] of tensors) {
    const block = /^(?:(?:teacher\.|student\.)?backbone\.)?(blocks\.\d+)\./.exec(name)?.[1];
    if (block !== undefined && !known.has(block) && isFloat(dtype))
      throw new UserError(
        `${file}: cannot start from these weights: they have ${block}, the settings ask for ${known.size} blocks`,
      );
  }
}
