import { basename } from 'node:path';
import type { EncoderWeights } from '../config/names.js';
import { UserError } from '../errors.js';
import { floatsOf } from '../formats/floats.js';
import { openWeights } from '../formats/open-weights.js';
import type { WeightsFile } from '../formats/weights-file.js';
import type { Backbone } from '../model/backbone.js';
import type { TextConfig } from '../model/text.js';
import { readConfigs } from './configs.js';
import { FAMILIES } from './families.js';
import type { Found, Linear, Reading } from './family.js';
import { assemble, checkSources, nameOf, type Part, type Sources } from './parts.js';
import type { EncoderRecord } from './record.js';
import { nameOfArchitecture, refusedArchitecture } from './refused.js';
import { chooseRoot, type Root, rootsOf } from './roots.js';

export interface ForeignOptions {
  /** Which of a file's encoders; default the one that the authors evaluate. */
  weights?: EncoderWeights;
  /** Heads, where neither the weights nor a description say them. */
  heads?: number;
}

/** A layer in numbers. */
export interface LinearLayer {
  /** [out, in] */
  weight: Float32Array;
  bias?: Float32Array;
  out: number;
}

/** Somebody else's encoder, with what its file held besides. */
export interface ForeignEncoder {
  backbone: Backbone;
  record: EncoderRecord;
  /** Layers behind the feature, by what they give. */
  after: Partial<Record<'pooler' | 'classifier' | 'classifierDist', LinearLayer>>;
}

/**
 * Reads an encoder that somebody else wrote: of which family it is, its names, sizes and options are found from its tensors and from what lies
 * beside it.
 * @param path a file or a folder of weights, of any format that `openWeights` knows
 * @throws UserError or DamagedFile, one line: the file, and what of it is not known, not run here, missing or damaged
 */
export async function openForeign(path: string, o: ForeignOptions = {}): Promise<ForeignEncoder> {
  const file = await openWeights(path);
  const configs = await readConfigs(file.path);
  const refused = refusedArchitecture(file, configs);
  if (refused) throw new UserError(`${file.path}: ${refused} is not run here; vision transformers are`);
  const roots = rootsOf(file);
  const named = nameOfArchitecture(configs);
  const unknown = (where: string, what: string) =>
    new UserError(named ? `${where}: ${named} is not run here (${some(file)})` : `${where}: ${what} (${some(file)})`);
  if (roots.length === 0) throw unknown(file.path, 'no vision transformer that is known here');
  const root = chooseRoot(roots, o.weights);
  if (!root)
    throw new UserError(`${file.path}: holds no encoder "${o.weights}": it has ${listed(roots)} (--weights NAME)`);
  const where = root.group === '' ? file.path : `${file.path} (${root.group})`;
  const found: Found = { ...root, file, configs, where, heads: o.heads, fixedPositions: await hasFixed(file, root) };
  const family = FAMILIES.find((f) => f.is(found));
  if (!family) throw unknown(where, 'no family of encoders that is known here');
  const reading = family.read(found);
  reading.after = { ...classifiersOf(found, reading.vit.dim), ...reading.after };
  const inFile = (name: string) => root.original.get(root.prefix + name)!;
  checkSources(reading.sources, root.tensors, where);
  const parameters = await assemble(file, root.group, reading.sources, inFile);
  const pair = await readPair(found, reading);
  return {
    backbone: {
      ...{ vit: reading.vit, preprocessing: reading.preprocessing, parameters },
      origin: roots.length > 1 ? `${path} (${root.weights})` : path,
      ...pair,
    },
    record: recordOf(found, family.name, reading, roots),
    after: await readAfter(found, reading.after),
  };
}

/** Hugging Face's classifiers stand one step outside the encoder; those of another width take more than its feature. */
function classifiersOf(f: Found, dim: number): NonNullable<Reading['after']> {
  const stem = f.prefix.slice(0, f.prefix.lastIndexOf('.', f.prefix.length - 2) + 1);
  const layer = (name: string) => {
    const weight = `${stem}${name}.weight`;
    const bias = `${stem}${name}.bias`;
    if (stem === f.prefix || f.all.get(weight)?.shape[1] !== dim) return undefined;
    return { weight, bias: f.all.has(bias) ? bias : undefined };
  };
  const [classifier, dist] = [layer('classifier') ?? layer('cls_classifier'), layer('distillation_classifier')];
  return { ...(classifier && { classifier }), ...(dist && { classifierDist: dist }) };
}

/** Whether a description in somebody else's form lies beside a file. */
export async function describedByOthers(file: string): Promise<boolean> {
  const { huggingFace, timm, openClip } = await readConfigs(file);
  return [huggingFace, timm, openClip].some((c) => c !== undefined && !('synclr' in c));
}

/** Names that a file begins with, for whoever wonders what is in it. */
function some(file: WeightsFile): string {
  const names = [...file.groups].flatMap(([group, tensors]) =>
    [...tensors.keys()].slice(0, 3).map((n) => `${group && `${group}: `}${n}`),
  );
  return names.length === 0 ? 'it holds no tensors' : `it begins with ${names.slice(0, 3).join(', ')}`;
}

const listed = (roots: readonly Root[]): string => [...new Set(roots.map((r) => r.weights))].join(', ');

/** Looks at the first two positions: those of MAE and MoCo v3 are computed, not learned. */
async function hasFixed(file: WeightsFile, { group, prefix, tensors, original }: Root): Promise<boolean> {
  const shape = tensors.get('pos_embed')?.shape;
  if (shape?.length !== 3 || shape[1] < 2) return false;
  const name = original.get(`${prefix}pos_embed`)!;
  const data = floatsOf((await file.read(group, [name])).get(name)!);
  const dim = shape[2];
  return data?.subarray(0, 2 * dim).every((x, i) => x === 0 || (i >= dim && x === 1)) ?? false;
}

async function readPair(f: Found, { pair }: Reading): Promise<Pick<Backbone, 'projection' | 'text'>> {
  const inFile = (name: string) => f.original.get(name)!;
  const read = (sources: Sources) => {
    checkSources(sources, f.all, f.where);
    return assemble(f.file, f.group, sources, inFile);
  };
  const number = async (name: string | undefined) => {
    if (name === undefined || !f.all.has(name)) return undefined;
    return (await read(new Map([[name, { shape: [1], parts: [name] }]]))).get(name)![0];
  };
  const { projection, text } = pair ?? {};
  return {
    ...(projection && { projection: await readLinear(f, projection, read) }),
    ...(text && {
      text: {
        ...{ config: text.config, parameters: await read(text.sources) },
        ...{ logitScale: await number(pair?.logitScale), logitBias: await number(pair?.logitBias) },
      },
    }),
  };
}

async function readLinear(
  f: Found,
  part: Part,
  read: (s: Sources) => Promise<Map<string, Float32Array>>,
): Promise<LinearLayer> {
  const shape = f.all.get(nameOf(part)!)?.shape ?? [];
  const [out, into] = typeof part !== 'string' && 'turned' in part ? [shape[1], shape[0]] : shape;
  return { weight: (await read(new Map([['weight', { shape: [out, into], parts: [part] }]]))).get('weight')!, out };
}

async function readAfter(f: Found, after: Reading['after']): Promise<ForeignEncoder['after']> {
  const out: ForeignEncoder['after'] = {};
  const inFile = (name: string) => f.original.get(fullName(f, name))!;
  const tensors = new Map([...f.all, ...f.tensors]);
  for (const [what, layer] of Object.entries(after ?? {}) as [keyof ForeignEncoder['after'], Linear | undefined][]) {
    if (!layer) continue;
    const { shape } = tensors.get(layer.weight)!;
    const sources: Sources = new Map([['weight', { shape, parts: [layer.weight] }]]);
    if (layer.bias !== undefined) sources.set('bias', { shape: [shape[0]], parts: [layer.bias] });
    checkSources(sources, tensors, f.where);
    const read = await assemble(f.file, f.group, sources, inFile);
    out[what] = { weight: read.get('weight')!, bias: read.get('bias'), out: shape[0] };
  }
  return out;
}

/** A name of `tensors`, or of `all`, as one of `all`. */
const fullName = (f: Found, name: string): string => (f.tensors.has(name) ? f.prefix + name : name);

function recordOf(f: Found, family: string, r: Reading, roots: readonly Root[]): EncoderRecord {
  const renamed: EncoderRecord['renamed'] = [];
  const used = new Map<string, Set<string>>();
  const use = (name: string) => used.set(f.group, (used.get(f.group) ?? new Set()).add(name));
  const add = (sources: Sources, prefix: string) => {
    for (const [to, { parts }] of sources) {
      const from = parts.flatMap((part) => nameOf(part) ?? []).map((n) => f.original.get(prefix + n)!);
      from.forEach(use);
      if (from.length > 0) renamed.push({ to, from: from.map((n) => (f.group ? `${f.group}/${n}` : n)) });
    }
  };
  add(r.sources, f.prefix);
  if (r.pair?.text) add(r.pair.text.sources, '');
  const { projection, logitScale, logitBias } = r.pair ?? {};
  const after = Object.values(r.after ?? {}).flatMap((l) => (l ? [l.weight, l.bias] : []));
  for (const name of [
    projection && nameOf(projection),
    logitScale,
    logitBias,
    ...after.map((n) => n && fullName(f, n)),
  ])
    if (name !== undefined && f.original.has(name)) use(f.original.get(name)!);
  const counts = new Map<string, number>();
  for (const [group, tensors] of f.file.groups)
    for (const name of tensors.keys()) {
      if (used.get(group)?.has(name)) continue;
      const key = `${group ? `${group}/` : ''}${asideName(name)}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  const added = [...r.sources].filter(
    ([name, s]) => s.parts.some((p) => typeof p !== 'string' && 'zeros' in p) && !name.endsWith('mask_token'),
  );
  const zeros = [...new Set(added.map(([name]) => name.replace(/^backbone\./, '').replace(/\.\d+\./, '.*.')))];
  return {
    ...{ file: f.file.path, format: f.file.format, family, group: f.group, prefix: f.prefix, weights: f.weights },
    others: [...new Set(roots.map((root) => root.weights))].filter((w) => w !== f.weights),
    ...{ vit: r.vit, heads: `${r.vit.heads}, ${r.headsFrom}`, preprocessing: r.preprocessing },
    ...{ preprocessingFrom: r.preprocessingFrom, renamed },
    ...(r.otherwise && { otherwise: r.otherwise }),
    ...(r.pair?.text && { text: textOf(r.pair.text.config) }),
    aside: [...counts].map(([name, tensors]) => ({ name, tensors })),
    notes: [
      ...r.notes,
      ...(zeros.length > 0 ? [`zeros stand where this family has no bias: ${zeros.join(', ')}`] : []),
    ],
  };
}

const textOf = (c: TextConfig): string =>
  `width ${c.width}, ${c.depth} blocks, ${c.heads} heads, ${c.vocabulary} words, ${c.context} tokens, projected to ${c.out}`;

/** What a tensor that was left aside belongs to: its name without numbers and layers. */
function asideName(name: string): string {
  const parts = name.split('.');
  const number = parts.findIndex((p) => /^\d+$/.test(p));
  const end = number > 0 ? number : Math.max(1, parts.length - 1);
  return parts.slice(0, Math.min(end, 3)).join('.') || basename(name);
}
