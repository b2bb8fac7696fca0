import type { SafeHeader } from '../formats/safetensors.js';
import type { VitConfig } from './vit.js';
import { gridOf, prefixPositionsOf } from './vit-config.js';

/** What the sizes of a ViT are called where they were read. */
export type SizeNames = Record<'dim' | 'depth' | 'heads' | 'patch' | 'imageSize' | 'hidden', string>;

/**
 * Compares the sizes that a file claims with its tensors, before anything is built after them: what that takes follows from the file's
 * length, whatever is claimed.
 * @param prefix of the backbone's tensors in the file
 * @returns what is wrong; undefined where all agrees (that every tensor is there is for the reader to see)
 */
export function misfit(c: VitConfig, { tensors }: SafeHeader, prefix: string, names: SizeNames): string | undefined {
  const hidden = Math.round(c.dim * c.mlpRatio);
  if (c.imageSize % c.patch !== 0)
    return `${names.imageSize} ${c.imageSize} is not divisible by ${names.patch} ${c.patch}`;
  if (c.dim % c.heads !== 0) return `${names.heads} ${c.heads} does not divide ${names.dim} ${c.dim}`;
  const blocks = new Set<string>();
  for (const name of tensors.keys()) {
    const block = name.startsWith(prefix) ? /^blocks\.(\d+)\./.exec(name.slice(prefix.length)) : null;
    if (block) blocks.add(block[1]);
  }
  if (c.depth !== blocks.size) return `${names.depth} is ${c.depth}, but the weights have ${blocks.size} blocks`;
  const [rows, columns] = gridOf(c);
  const expected: [keyof SizeNames, number, string, number[]][] = [
    ['dim', c.dim, 'cls_token', [1, 1, c.dim]],
    ['patch', c.patch, 'patch_embed.proj.weight', [c.dim, 3, c.patch, c.patch]],
    ['imageSize', c.imageSize, 'pos_embed', [1, rows * columns + prefixPositionsOf(c), c.dim]],
    ['hidden', hidden, 'blocks.0.mlp.fc1.weight', [c.activation === 'swiglu' ? 2 * hidden : hidden, c.dim]],
  ];
  for (const [what, value, name, shape] of expected) {
    const t = tensors.get(prefix + name);
    if (t && t.shape.join() !== shape.join())
      return `${names[what]} is ${value}, but ${name} in the weights is [${t.shape.slice(0, 8)}], not [${shape}]`;
  }
  return undefined;
}
