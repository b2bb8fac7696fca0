import { UserError } from '../errors.js';
import { isFloat } from '../formats/floats.js';
import type { TensorInfo } from '../formats/weights-file.js';
import { prefixOf, type VitConfig } from '../model/vit-config.js';
import { vitParameters } from '../model/vit-parameters.js';
import type { Found } from './family.js';
import { headsOf } from './heads.js';
import type { Part, Sources } from './parts.js';

/** A layer's names, each with `.weight` and `.bias`; or the names of the two. */
type Layer = string | { weight: string; bias: string };

/** What a family calls the parts of a vision transformer; of alternatives the one that the file has. */
export interface Layout {
  /** Patch embedding. */
  patch: Layer;
  cls?: readonly string[];
  dist?: string;
  registers?: readonly string[];
  positions?: string;
  mask?: readonly string[];
  normBefore?: string;
  /** What blocks' names begin with, before their number. */
  blocks: string;
  /** After the number. */
  block: {
    norm1: string;
    /** Queries, keys and values in one. */
    fused?: Layer;
    /** Each of them; of biases those that there are. */
    apart?: { weight: readonly [string, string, string]; bias: readonly [string, string, string] };
    proj: string;
    norm2: string;
    /** Several: gate and value. */
    fc1: readonly (string | readonly [string, string])[];
    fc2: readonly string[];
    scale1?: readonly string[];
    scale2?: readonly string[];
    table?: string;
    /** Names in blocks that change nothing. */
    ignored?: RegExp;
  };
  sharedTable?: string;
  norm?: string;
  poolNorm?: string;
  /** Attention pooling; q, k and v in one, or as timm has them. */
  pool?: {
    latent: string;
    fused?: Layer;
    q?: string;
    kv?: string;
    proj: string;
    norm: string;
    fc1: string;
    fc2: string;
  };
}

/** What a family knows beside its names. */
export interface Options
  extends Pick<VitConfig, 'eps' | 'gate' | 'resampling' | 'rotary' | 'pool' | 'prefixPositions'> {
  /** SiLU is that of gates alone here. */
  activation?: VitConfig['activation'] | 'silu';
  /** A description says that there are no positions at all. */
  placeless?: boolean;
  /** Heads as a description says, and which one. */
  heads?: number;
  headsFrom?: string;
  /** Side of the images, or height and width, as a description says. */
  imageSize?: number | readonly [number, number];
}

/** A backbone as a layout's names lead to it. */
export interface Laid {
  vit: VitConfig;
  sources: Sources;
  headsFrom: string;
  notes: string[];
}

/**
 * Reads sizes and options off the tensors, and says which of them become which of our parameters.
 * @throws UserError naming what is missing, contradictory or not run here
 */
export function lay(f: Found, l: Layout, o: Options): Laid {
  const notes: string[] = [];
  const has = (name: string | undefined): name is string => name !== undefined && f.tensors.has(name);
  const first = (names: readonly string[] | undefined) => names?.find((n) => f.tensors.has(n));
  const patchWeight = need(f, weightOf(l.patch)).shape;
  const [dim, channels, patch, patchWidth] = patchWeight;
  if (channels !== 3)
    throw new UserError(`${f.where}: takes images of ${channels} channels, which is not run here: 3 are`);
  if (patch !== patchWidth)
    throw new UserError(`${f.where}: patches of ${patch} × ${patchWidth} px are not run here: square ones are`);
  const depth = depthOf(f, l.blocks);
  const block = (i: number, name: string) => `${l.blocks}${i}.${name}`;
  const inBlock = (names: readonly string[] | undefined) => names?.find((n) => f.tensors.has(block(0, n)));

  const [cls, registers, mask] = [first(l.cls), first(l.registers), first(l.mask)];
  const counts = {
    ...(cls === undefined && { cls: false as const }),
    ...(has(l.dist) && { dist: true as const }),
    ...(registers !== undefined && { registers: f.tensors.get(registers)!.shape.at(-2)! }),
  };
  const fc2 = l.block.fc2.find((n) => f.tensors.has(`${block(0, n)}.weight`));
  if (fc2 === undefined) throw missing(f, `${block(0, l.block.fc2[0])}.weight`);
  const hidden = need(f, `${block(0, fc2)}.weight`).shape[1];
  const fc1 = l.block.fc1.find((names) => f.tensors.has(`${block(0, [names].flat()[0])}.weight`));
  if (fc1 === undefined) throw missing(f, `${block(0, [l.block.fc1[0]].flat()[0])}.weight`);
  const isGated = typeof fc1 !== 'string' || need(f, `${block(0, fc1)}.weight`).shape[0] === 2 * hidden;
  const activation = o.activation === 'silu' ? undefined : o.activation;
  if (o.activation === 'silu' && !isGated)
    throw new UserError(`${f.where}: the activation "silu" is not run here but in gated layers`);
  const [scale1, scale2] = [inBlock(l.block.scale1), inBlock(l.block.scale2)];
  const ownTable = l.block.table !== undefined && has(block(0, l.block.table));
  const relative = ownTable ? (has(l.sharedTable) ? 'both' : 'layers') : has(l.sharedTable) ? 'shared' : undefined;
  const table = ownTable ? f.tensors.get(block(0, l.block.table!)) : relative && f.tensors.get(l.sharedTable!);
  const heads = headsOf(f, dim, { named: o.heads, from: o.headsFrom, table: table?.shape[1] });
  const pool = l.pool && has(l.pool.latent) ? 'attention' : o.pool;
  const poolInner = pool === 'attention' ? f.tensors.get(`${l.pool!.fc2}.weight`)?.shape[1] : undefined;
  if (table && prefixOf({ ...counts } as VitConfig).length !== 1)
    throw new UserError(`${f.where}: relative positions of other tokens than CLS and patches are not run here`);

  const sides = sidesOf(f, { patch, table, ...o }, has(l.positions) ? f.tensors.get(l.positions)! : undefined, counts);
  const vit: VitConfig = {
    ...{ dim, depth, heads: heads.heads, patch, imageSize: sides.imageSize, mlpRatio: hidden / dim },
    ...(o.eps !== undefined && o.eps !== 1e-6 && { eps: o.eps }),
    ...(isGated
      ? { activation: 'swiglu' as const, ...(o.gate && { gate: o.gate }) }
      : activation && activation !== 'gelu' && { activation }),
    ...counts,
    ...(!has(l.positions) && { positions: false as const }),
    ...(sides.prefixPositions !== undefined && { prefixPositions: sides.prefixPositions }),
    ...(sides.grid && { grid: sides.grid }),
    ...(o.resampling && o.resampling !== 'offset' && { resampling: o.resampling }),
    ...(o.rotary && { rotary: o.rotary }),
    ...(relative && { relative }),
    ...(has(`${l.normBefore}.weight`) && { normBefore: true as const }),
    ...(scale1 !== undefined && { layerScale: true as const }),
    ...(!has(`${l.norm}.weight`) && { norm: false as const }),
    ...(pool && pool !== (cls === undefined ? 'mean' : 'cls') && { pool }),
    ...(has(`${l.poolNorm}.weight`) && (pool === 'mean' || cls === undefined) && { poolNorm: true as const }),
    ...(poolInner !== undefined && poolInner !== hidden && { poolMlpRatio: poolInner / dim }),
  };
  if (vit.positions === false && !relative && !vit.rotary && !o.placeless)
    throw new UserError(
      `${f.where}: holds no positions, and no config.json beside it says where they come from (rotary ones are not stored)`,
    );
  if (vit.rotary && (dim / vit.heads) % 4 !== 0)
    throw new UserError(
      `${f.where}: rotary positions need heads whose width is a multiple of 4, not ${dim / vit.heads}`,
    );

  if (
    has(`${block(0, l.block.norm1)}.weight`) &&
    !f.tensors.has(`${block(0, l.block.norm1)}.bias`) &&
    !f.tensors.has(`${block(0, l.block.norm2)}.bias`)
  )
    throw new UserError(`${f.where}: its norms have no biases: such (RMS norms) are not run here`);
  const parts = new Map<string, readonly Part[]>();
  const put = (ours: string, ...from: Part[]) => parts.set(`backbone.${ours}`, from);
  const affine = (ours: string, theirs: string) => {
    put(`${ours}.weight`, `${theirs}.weight`);
    put(`${ours}.bias`, `${theirs}.bias`);
  };
  /** A layer that may have no bias, which is zeros then. */
  const linear = (ours: string, out: number, weight: string, bias: string) => {
    put(`${ours}.weight`, weight);
    put(`${ours}.bias`, has(bias) ? bias : { zeros: out });
  };
  linear('patch_embed.proj', dim, weightOf(l.patch), biasOf(l.patch));
  if (cls !== undefined) put('cls_token', cls);
  if (has(l.dist)) put('dist_token', l.dist);
  if (registers !== undefined) put('reg_token', registers);
  if (has(l.positions)) put('pos_embed', l.positions);
  if (mask !== undefined && f.tensors.get(mask)!.shape.at(-1) === dim) put('mask_token', mask);
  else put('mask_token', { zeros: dim });
  if (vit.normBefore) affine('norm_pre', l.normBefore!);
  if (has(l.sharedTable)) put('rel_pos_bias.relative_position_bias_table', l.sharedTable);
  for (let i = 0; i < depth; i++) {
    const at = (name: string) => block(i, name);
    const ours = (name: string) => `blocks.${i}.${name}`;
    affine(ours('norm1'), at(l.block.norm1));
    affine(ours('norm2'), at(l.block.norm2));
    const { fused, apart } = l.block;
    const isFused = fused !== undefined && has(at(weightOf(fused)));
    put(ours('attn.qkv.weight'), ...(isFused || !apart ? [at(weightOf(fused!))] : apart.weight.map(at)));
    const fusedBias = fused && at(biasOf(fused));
    // DINOv3's code masks the bias of keys away.
    if (has(fusedBias) && has(`${fusedBias}_mask`))
      put(ours('attn.qkv.bias'), rowsOf(fusedBias, 0, dim), { zeros: dim }, rowsOf(fusedBias, 2 * dim, dim));
    else if (has(fusedBias)) put(ours('attn.qkv.bias'), fusedBias);
    else if (apart) put(ours('attn.qkv.bias'), ...apart.bias.map((n) => (has(at(n)) ? at(n) : { zeros: dim })));
    else put(ours('attn.qkv.bias'), { zeros: 3 * dim });
    linear(ours('attn.proj'), dim, `${at(l.block.proj)}.weight`, `${at(l.block.proj)}.bias`);
    if (ownTable) put(ours('attn.relative_position_bias_table'), at(l.block.table!));
    if (typeof fc1 === 'string') {
      const width = isGated ? 2 * hidden : hidden;
      linear(ours('mlp.fc1'), width, `${at(fc1)}.weight`, `${at(fc1)}.bias`);
    } else {
      put(ours('mlp.fc1.weight'), ...fc1.map((n) => `${at(n)}.weight`));
      const biases = fc1.map((n) => `${at(n)}.bias`);
      put(ours('mlp.fc1.bias'), ...biases.map((n) => (has(n) ? n : { zeros: hidden })));
    }
    linear(ours('mlp.fc2'), dim, `${at(fc2)}.weight`, `${at(fc2)}.bias`);
    if (scale1 !== undefined) put(ours('ls1.gamma'), at(scale1));
    if (scale1 !== undefined) put(ours('ls2.gamma'), at(scale2 ?? scale1));
  }
  if (vit.norm !== false) affine('norm', l.norm!);
  if (vit.poolNorm) affine('fc_norm', l.poolNorm!);
  if (pool === 'attention') layPool(l.pool!, dim, put, affine, linear, has);

  const sources: Sources = new Map();
  for (const { name, shape } of vitParameters(vit)) sources.set(name, { shape, parts: parts.get(name)! });
  refuseUnknown(f, l, vit, sources);
  return { vit, sources, headsFrom: heads.from, notes };
}

type Put = (ours: string, ...from: Part[]) => void;

function layPool(
  l: NonNullable<Layout['pool']>,
  dim: number,
  put: Put,
  affine: (ours: string, theirs: string) => void,
  linear: (ours: string, out: number, weight: string, bias: string) => void,
  has: (name: string | undefined) => boolean,
): void {
  put('attn_pool.latent', l.latent);
  if (l.fused !== undefined && has(weightOf(l.fused))) {
    const rows = (first: number, count: number): [string, readonly [number, number]][] =>
      [weightOf(l.fused!), biasOf(l.fused!)].map((name) => [name, [first * dim, count * dim]]);
    for (const [ours, parts] of [['q', rows(0, 1)] as const, ['kv', rows(1, 2)] as const])
      parts.forEach(([name, range], i) => {
        put(`attn_pool.${ours}.${i === 0 ? 'weight' : 'bias'}`, { name, rows: range });
      });
  } else {
    linear('attn_pool.q', dim, `${l.q}.weight`, `${l.q}.bias`);
    linear('attn_pool.kv', 2 * dim, `${l.kv}.weight`, `${l.kv}.bias`);
  }
  affine('attn_pool.proj', l.proj);
  affine('attn_pool.norm', l.norm);
  affine('attn_pool.mlp.fc1', l.fc1);
  affine('attn_pool.mlp.fc2', l.fc2);
}

const rowsOf = (name: string, first: number, count: number): Part => ({ name, rows: [first, count] });

const weightOf = (l: Layer): string => (typeof l === 'string' ? `${l}.weight` : l.weight);
const biasOf = (l: Layer): string => (typeof l === 'string' ? `${l}.bias` : l.bias);

const missing = (f: Found, name: string) => new UserError(`${f.where}: ${f.prefix}${name} is missing`);

function need(f: Found, name: string): TensorInfo {
  const t = f.tensors.get(name);
  if (!t) throw missing(f, name);
  return t;
}

/** Blocks from 0 on. @throws UserError where one between is missing */
function depthOf(f: Found, blocks: string): number {
  const numbers = new Set<number>();
  for (const name of f.tensors.keys()) {
    const number = name.startsWith(blocks) ? /^(\d{1,4})\./.exec(name.slice(blocks.length)) : null;
    if (number) numbers.add(Number(number[1]));
  }
  if (numbers.size === 0) throw new UserError(`${f.where}: has no blocks (${f.prefix}${blocks}0.…)`);
  for (let i = 0; i < numbers.size; i++) if (!numbers.has(i)) throw missing(f, `${blocks}${i}.…`);
  return numbers.size;
}

/** The grid of the stored positions, and which tokens before the patches have one. */
function sidesOf(
  f: Found,
  o: { patch: number; table?: TensorInfo } & Options,
  positions: TensorInfo | undefined,
  counts: Pick<VitConfig, 'cls' | 'dist' | 'registers'>,
): { imageSize: number; grid?: readonly [number, number]; prefixPositions?: number } {
  const { patch } = o;
  const told =
    o.imageSize === undefined ? undefined : ([o.imageSize, o.imageSize].flat().slice(-2) as [number, number]);
  const toldGrid = told && ([Math.floor(told[0] / patch), Math.floor(told[1] / patch)] as const);
  const square = (count: number) => {
    const side = Math.sqrt(count);
    return Number.isInteger(side) && side > 0 ? side : undefined;
  };
  const placed = (grid: readonly [number, number]) => ({
    imageSize: told && toldGrid!.join() === grid.join() ? Math.max(...told) : Math.max(...grid) * patch,
    ...(grid[0] !== grid[1] && { grid }),
  });
  if (positions) {
    const count = positions.shape.at(-2) ?? 0;
    const { cls, dist, registers, length } = prefixOf(counts as VitConfig);
    const possible = o.prefixPositions !== undefined ? [o.prefixPositions] : [cls + dist, 0, cls, length];
    const usual = cls;
    const before = (p: number) => (p === usual ? {} : { prefixPositions: p });
    if (toldGrid) {
      const p = possible.find((n) => count - n === toldGrid[0] * toldGrid[1]);
      if (p !== undefined) return { ...placed(toldGrid), ...before(p) };
    }
    const p = possible.find((n) => square(count - n) !== undefined);
    if (p === undefined)
      throw new UserError(
        `${f.where}: ${count} positions are no square of patches${length > 0 ? ` with ${[...new Set(possible)].join(' or ')} tokens before them` : ''}${registers > 0 ? ` (${registers} registers)` : ''}; a config.json beside the file can say the image’s sides`,
      );
    const side = square(count - p)!;
    return { ...placed([side, side]), ...before(p) };
  }
  if (o.table) {
    const rows = o.table.shape[0] - 3;
    if (toldGrid && (2 * toldGrid[0] - 1) * (2 * toldGrid[1] - 1) === rows) return placed(toldGrid);
    const side = square(rows);
    if (side === undefined || side % 2 === 0)
      throw new UserError(`${f.where}: a table of ${rows + 3} relative positions is that of no square of patches`);
    return placed([(side + 1) / 2, (side + 1) / 2]);
  }
  return placed(toldGrid ?? [Math.floor(224 / patch), Math.floor(224 / patch)]);
}

/** What stands in blocks or the patch embedding and has no place here changes the features. */
function refuseUnknown(f: Found, l: Layout, vit: VitConfig, sources: Sources): void {
  const used = new Set<string>();
  for (const { parts } of sources.values())
    for (const part of parts)
      if (typeof part === 'string') used.add(part);
      else if ('name' in part) used.add(part.name);
  const patch = weightOf(l.patch).split('.').slice(0, -2).join('.');
  for (const [name, { dtype }] of f.tensors) {
    const isBlock = name.startsWith(l.blocks) && /^\d/.test(name.slice(l.blocks.length));
    const isPatch = name.startsWith('patch_embed.') || (patch !== '' && name.startsWith(`${patch}.patch_embed`));
    const isRotary = /(^|\.)(rope|rotary)/.test(name) && !vit.rotary;
    if (used.has(name) || !isFloat(dtype) || !(isBlock || isPatch || isRotary)) continue;
    if (l.block.ignored?.test(isBlock ? name.slice(l.blocks.length).replace(/^\d+\./, '') : name)) continue;
    throw new UserError(`${f.where}: ${f.prefix}${name} belongs to an architecture that is not run here`);
  }
}
