import type { SafeHeader } from '../formats/safetensors.js';
import type { VitConfig } from './vit.js';
import { gridOf, hiddenOf, poolOf, prefixOf, prefixPositionsOf } from './vit-config.js';

/** What the sizes of a ViT are called where they were read. */
export type SizeNames = Record<'dim' | 'depth' | 'heads' | 'patch' | 'imageSize' | 'hidden', string>;

/** In a row of an image; beyond that no attention is computed anywhere. */
export const MOST_PATCHES = 1024;

/**
 * Compares the sizes that a file claims with its tensors, before anything is built after them: what that takes follows from the file's
 * length, whatever is claimed.
 * @param prefix of the backbone's tensors in the file
 * @param o.isWhole whether an image is whole patches; published encoders leave over what is none
 * @returns what is wrong; undefined where all agrees (that every tensor is there is for the reader to see)
 */
export function misfit(
  c: VitConfig,
  { tensors }: SafeHeader,
  prefix: string,
  names: SizeNames,
  { isWhole = true } = {},
): string | undefined {
  const hidden = hiddenOf(c);
  if (isWhole && c.imageSize % c.patch !== 0)
    return `${names.imageSize} ${c.imageSize} is not divisible by ${names.patch} ${c.patch}`;
  if (c.dim % c.heads !== 0) return `${names.heads} ${c.heads} does not divide ${names.dim} ${c.dim}`;
  if (c.rotary && (c.dim / c.heads) % 4 !== 0)
    return `rotary positions need heads whose width is a multiple of 4, not ${c.dim / c.heads}`;
  const { length } = prefixOf(c);
  if (c.relative && length !== 1) return 'relative positions are those of CLS and patches alone';
  if (prefixPositionsOf(c) > length)
    return `${prefixPositionsOf(c)} of the ${length} tokens before the patches have positions`;
  if (poolOf(c) === 'cls' && c.cls === false) return 'the feature is said to be CLS, which there is not';
  if (!tensors.has(`${prefix}patch_embed.proj.weight`)) return 'patch_embed.proj.weight is missing in the weights';
  if (Math.max(...gridOf(c)) > MOST_PATCHES && c.positions === false && !c.relative)
    return `${names.imageSize} ${c.imageSize} is more than ${MOST_PATCHES} patches of ${c.patch}`;
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
