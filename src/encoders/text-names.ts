import { isFloat } from '../formats/floats.js';
import type { TextConfig } from '../model/text.js';
import { textParameters } from '../model/text.js';
import type { Found } from './family.js';
import type { Part, Sources } from './parts.js';

/** What a family calls the parts of a text tower; full names. */
export interface TextNames {
  words: string;
  positions: string;
  /** Before the number of a block. */
  blocks: string;
  norm1: string;
  norm2: string;
  /** Queries, keys and values in one (weight, bias), or each (with `.weight` and `.bias`). */
  fused?: readonly [string, string];
  apart?: readonly [string, string, string];
  proj: string;
  fc1: string;
  fc2: string;
  norm: string;
  projection: { weight: Part; bias?: string };
}

/** Sizes that the tensors show. */
export type TextOptions = Omit<TextConfig, 'width' | 'depth' | 'vocabulary' | 'context' | 'mlpRatio' | 'out'>;

/** A text tower as names lead to it; undefined where the file has none. */
export function layText(f: Found, l: TextNames, o: TextOptions): { config: TextConfig; sources: Sources } | undefined {
  const words = f.all.get(l.words)?.shape;
  const positions = f.all.get(l.positions)?.shape;
  const projection = f.all.get(
    typeof l.projection.weight === 'string' ? l.projection.weight : nameIn(l.projection.weight),
  );
  if (!words || !positions || !projection) return undefined;
  let depth = 0;
  while (f.all.has(`${l.blocks}${depth}.${l.norm1}.weight`)) depth++;
  const hidden = f.all.get(`${l.blocks}0.${l.fc2}.weight`)?.shape[1];
  if (depth === 0 || hidden === undefined) return undefined;
  const [vocabulary, width] = words;
  const isTurned = typeof l.projection.weight !== 'string';
  const config: TextConfig = {
    ...{ width, depth, vocabulary, context: positions.at(-2)!, mlpRatio: hidden / width },
    ...{ out: projection.shape[isTurned ? 1 : 0], ...o },
    ...(l.projection.bias !== undefined && f.all.has(l.projection.bias) && { projectionBias: true }),
  };
  const parts = new Map<string, readonly Part[]>();
  const put = (ours: string, ...from: Part[]) => parts.set(`text.${ours}`, from);
  const layer = (ours: string, theirs: string) => {
    put(`${ours}.weight`, `${theirs}.weight`);
    put(`${ours}.bias`, `${theirs}.bias`);
  };
  put('token_embedding.weight', l.words);
  put('positional_embedding', l.positions);
  for (let i = 0; i < depth; i++) {
    const [ours, theirs] = [`blocks.${i}`, `${l.blocks}${i}`];
    layer(`${ours}.norm1`, `${theirs}.${l.norm1}`);
    layer(`${ours}.norm2`, `${theirs}.${l.norm2}`);
    if (l.fused) {
      put(`${ours}.attn.qkv.weight`, `${theirs}.${l.fused[0]}`);
      put(`${ours}.attn.qkv.bias`, `${theirs}.${l.fused[1]}`);
    } else {
      put(`${ours}.attn.qkv.weight`, ...l.apart!.map((n) => `${theirs}.${n}.weight`));
      put(`${ours}.attn.qkv.bias`, ...l.apart!.map((n) => `${theirs}.${n}.bias`));
    }
    layer(`${ours}.attn.proj`, `${theirs}.${l.proj}`);
    layer(`${ours}.mlp.fc1`, `${theirs}.${l.fc1}`);
    layer(`${ours}.mlp.fc2`, `${theirs}.${l.fc2}`);
  }
  layer('norm', l.norm);
  put('projection.weight', l.projection.weight);
  if (config.projectionBias) put('projection.bias', l.projection.bias!);
  if (refused(f, l, depth, parts)) return undefined;
  const sources: Sources = new Map();
  for (const { name, shape } of textParameters(config)) sources.set(name, { shape, parts: parts.get(name)! });
  return { config, sources };
}

const nameIn = (part: Exclude<Part, string>): string => ('name' in part ? part.name : '');

/** Whether blocks hold what has no place here: then the tower is left aside, and the image's is still read. */
function refused(f: Found, l: TextNames, depth: number, parts: ReadonlyMap<string, readonly Part[]>): boolean {
  const used = new Set([...parts.values()].flat().map((p) => (typeof p === 'string' ? p : nameIn(p))));
  for (let i = 0; i < depth; i++)
    for (const [name, { dtype }] of f.all)
      if (name.startsWith(`${l.blocks}${i}.`) && isFloat(dtype) && !used.has(name)) return true;
  return false;
}
