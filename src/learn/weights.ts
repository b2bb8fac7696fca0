import { UserError } from '../errors.js';
import { readSafetensors } from '../formats/safetensors.js';
import type { ParameterSpec } from '../model/parameters.js';

/**
 * Weights to start a new run from: a checkpoint of synclr (its teacher; heads where they fit) or a backbone under timm's names.
 * @throws UserError when a backbone parameter is missing or of another shape
 */
export async function initialWeights(
  file: string,
  specs: readonly ParameterSpec[],
): Promise<Map<string, Float32Array>> {
  const { tensors } = await readSafetensors(file, (name) => !name.startsWith('adamw.'));
  const out = new Map<string, Float32Array>();
  for (const { name, shape } of specs) {
    const plain = name.replace(/^backbone\./, '');
    const t =
      tensors.get(`teacher.${name}`) ?? tensors.get(`student.${name}`) ?? tensors.get(name) ?? tensors.get(plain);
    const fits = t?.dtype === 'F32' && t.shape.join() === shape.join();
    if (fits) out.set(name, t.data as Float32Array);
    // Exported encoders carry no mask token; heads may differ.
    else if (name.startsWith('backbone.') && plain !== 'mask_token')
      throw new UserError(
        `${file}: cannot start from these weights: ${plain} is ${t ? `[${t.shape}] ${t.dtype}` : 'missing'}, the settings ask for [${shape}] F32`,
      );
  }
  return out;
}
