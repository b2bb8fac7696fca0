import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import type { EncoderWeights } from '../config/names.js';
import { UserError } from '../errors.js';
import { floatsOf } from '../formats/floats.js';
import { readJsonAs } from '../formats/json.js';
import { readSafetensors, type SafeTensor } from '../formats/safetensors.js';
import { isWeights } from '../formats/weight-names.js';
import type { Executors } from '../runtime/executor.js';
import { type ForeignEncoder, openForeign } from './open.js';
import { applied, type ImageFeatures, imageFeatures, type TextFeatures, textFeatures } from './run.js';

const aboutForm = z.looseObject({
  tolerance: z.looseObject({ atol: z.number(), rtol: z.number() }).optional(),
  config: z.looseObject({ heads: z.int().positive().optional() }).optional(),
  normalisation: z.looseObject({ mean: z.array(z.number()), std: z.array(z.number()) }).nullish(),
  tensors: z.record(z.string(), z.looseObject({ meaning: z.string().optional() })).optional(),
});

/** What became of a file of a case. */
export interface Verdict {
  file: string;
  family: string;
  /** Largest difference over what is tolerated there: above 1 is off. */
  worst: number;
  /** Of which tensor that is. */
  worstOf: string;
  compared: string[];
  /** Tensors of the case that nothing here computes. */
  left: string[];
  /** What was taken from the case because no description beside the weights says it. */
  taken: string[];
}

/** The files of a case that are to be read: weights, of shards their index alone. */
export async function weightsOf(dir: string): Promise<string[]> {
  const names = (await readdir(dir)).filter((name) => name !== 'expected.safetensors');
  const weights = names.filter(isWeights);
  return weights.filter((n) => !/-\d{5}-of-\d{5}\./.test(n)).sort();
}

/** Names of encoders within a file, as tensors of a case end. */
const ROLES: readonly EncoderWeights[] = ['student', 'teacher', 'momentum', 'ema'];

/**
 * Reads a file of a case as a user would, and compares what it computes with what its library does:
 * |got − expected| ≤ atol + rtol·|expected|, by the case's about.json.
 * @throws UserError where the file is not read
 */
export async function verifyFile(dir: string, file: string, on: Executors): Promise<Verdict> {
  const about = await readJsonAs(join(dir, 'about.json'), aboutForm);
  const { tensors } = await readSafetensors(join(dir, 'expected.safetensors'));
  const { atol = 0, rtol = 1e-5 } = about.tolerance ?? {};
  const taken: string[] = [];
  const opened = new Map<string, ForeignEncoder>();
  const encoder = async (role: EncoderWeights | undefined) => {
    const key = role ?? '';
    if (!opened.has(key)) opened.set(key, await openCase(join(dir, file), role, about.config?.heads, taken));
    return opened.get(key)!;
  };
  const verdict: Verdict = { ...{ file, family: '', worst: 0, worstOf: '', compared: [], left: [] }, taken };
  const own = await encoder(undefined);
  verdict.family = own.record.family;
  compareNormalisation(own, about.normalisation, verdict);
  const runs = new Map<string, Promise<ImageFeatures>>();
  const texts = new Map<string, Promise<TextFeatures>>();
  for (const [name, expected] of tensors) {
    const { what, other, role } = parsed(name);
    if (['input', 'pixels', 'input_ids'].includes(what)) continue;
    const e = await encoder(role);
    const input = tensors.get(other ? 'input_other' : 'input');
    const images = () =>
      once(runs, `${role}${other}`, () => imageFeatures(e.backbone, floatsOf(input!)!, input!.shape, on));
    const ids = tensors.get('input_ids');
    const words = () => once(texts, `${role}`, () => textFeatures(e.backbone.text!, ids!.data as BigInt64Array, on));
    const meaning = about.tensors?.[name]?.meaning ?? '';
    const got = await computed(what, {
      e,
      images,
      words,
      meaning,
      hasPooled: tensors.has('pooled'),
      has: { input, ids },
    });
    if (!got) {
      verdict.left.push(name);
      continue;
    }
    verdict.compared.push(name);
    const ratio = compared(got, expected, atol, rtol);
    if (ratio > verdict.worst || Number.isNaN(ratio)) Object.assign(verdict, { worst: ratio, worstOf: name });
  }
  if (verdict.compared.length === 0)
    throw new UserError(`${dir}: expected.safetensors holds nothing that is computed here`);
  return verdict;
}

/** Opens a file; heads that nothing beside it says are the case's to say. */
async function openCase(
  path: string,
  weights: EncoderWeights | undefined,
  heads: number | undefined,
  taken: string[],
): Promise<ForeignEncoder> {
  try {
    const e = await openForeign(path, { weights });
    if (heads === undefined || !/assumed/.test(e.record.heads)) return e;
  } catch (e) {
    if (heads === undefined || !(e instanceof UserError) || !/--encoder-heads/.test(e.message)) throw e;
  }
  if (!taken.includes('heads')) taken.push('heads');
  return openForeign(path, { weights, heads });
}

/** A tensor's name without the other size and the encoder that it ends in. */
function parsed(name: string): { what: string; other: boolean; role?: EncoderWeights } {
  const role = ROLES.find((r) => name.includes(`_${r}`));
  const plain = role ? name.replace(`_${role}`, '') : name;
  const other = plain.endsWith('_other');
  return { what: other ? plain.slice(0, -'_other'.length) : plain, other, role };
}

interface Context {
  e: ForeignEncoder;
  images: () => Promise<ImageFeatures>;
  words: () => Promise<TextFeatures>;
  /** What the case says of the tensor. */
  meaning: string;
  /** Whether the case tells CLS and the pooled feature apart. */
  hasPooled: boolean;
  has: { input?: SafeTensor; ids?: SafeTensor };
}

async function computed(what: string, c: Context): Promise<Float32Array | undefined> {
  const { e, has } = c;
  const isText = what.startsWith('text_');
  if (isText ? !has.ids || !e.backbone.text : !has.input) return undefined;
  const embeds = async () => {
    const { pooled } = await c.images();
    return e.backbone.projection ? applied(e.backbone.projection, pooled) : pooled;
  };
  const { dim } = e.backbone.vit;
  switch (what) {
    case 'cls': {
      const out = await c.images();
      const isToken = c.hasPooled || /^(\w+: )?CLS\b/.test(c.meaning);
      return isToken ? out.cls : out.pooled;
    }
    case 'pooled': {
      const out = await c.images();
      return e.after.pooler ? applied(e.after.pooler, out.cls).map(Math.tanh) : out.pooled;
    }
    case 'patches':
    case 'registers':
    case 'dist':
      return (await c.images())[what];
    case 'cls_token_unnormed': {
      const { unnormed, cls } = await c.images();
      const tokens = unnormed.length / cls.length;
      return perImage(unnormed, tokens * dim, (x) => x.subarray(0, dim));
    }
    case 'last_hidden_state':
      return /before/.test(c.meaning) ? (await c.images()).unnormed : undefined;
    case 'logits': {
      const { classifier, classifierDist } = e.after;
      if (!classifier) return undefined;
      const { pooled, dist } = await c.images();
      const first = applied(classifier, pooled);
      if (!classifierDist || !dist) return first;
      const second = applied(classifierDist, dist);
      return first.map((x, i) => (x + second[i]) / 2);
    }
    case 'image_embeds':
      return embeds();
    case 'image_embeds_normed':
      return unit(await embeds(), e.backbone.projection?.out ?? dim);
    case 'text_embeds':
      return (await c.words()).features;
    case 'text_embeds_normed':
      return unit((await c.words()).features, e.backbone.text!.config.out);
    case 'text_pooled':
      return (await c.words()).pooled;
    case 'text_hidden':
      return (await c.words()).hidden;
    case 'logits_per_image': {
      if (!has.ids || !e.backbone.text) return undefined;
      const { config, logitScale = 0, logitBias = 0 } = e.backbone.text;
      const texts = unit((await c.words()).features, config.out);
      const scale = Math.exp(logitScale);
      const weight = texts.map((x) => x * scale);
      const bias = new Float32Array(texts.length / config.out).fill(logitBias);
      return applied({ weight, bias, out: bias.length }, unit(await embeds(), config.out));
    }
    default:
      return undefined;
  }
}

function perImage(x: Float32Array, length: number, take: (part: Float32Array) => Float32Array): Float32Array {
  const parts: number[] = [];
  for (let at = 0; at < x.length; at += length) parts.push(...take(x.subarray(at, at + length)));
  return Float32Array.from(parts);
}

const unit = (x: Float32Array, dim: number): Float32Array =>
  perImage(x, dim, (row) => {
    const length = Math.sqrt(row.reduce((s, v) => s + v * v, 0));
    return row.map((v) => v / length);
  });

/** The largest difference over what is tolerated at that number. */
function compared(got: Float32Array, expected: SafeTensor, atol: number, rtol: number): number {
  const want = floatsOf(expected);
  if (!want || want.length !== got.length) return Number.POSITIVE_INFINITY;
  let worst = 0;
  for (let i = 0; i < want.length; i++) {
    const ratio = Math.abs(got[i] - want[i]) / (atol + rtol * Math.abs(want[i]));
    if (!(ratio <= worst)) worst = ratio;
  }
  return worst;
}

/** Pixels that are normalised by other numbers than the library's would be features of other images. */
function compareNormalisation(e: ForeignEncoder, n: z.infer<typeof aboutForm>['normalisation'], v: Verdict): void {
  if (!n) return;
  const { mean, std } = e.record.preprocessing;
  const far = [...mean, ...std].some((x, i) => Math.abs(x - [...n.mean, ...n.std][i]) > 1e-6);
  if (far) Object.assign(v, { worst: Number.POSITIVE_INFINITY, worstOf: 'mean and std of pixels' });
  v.compared.push('mean and std');
}

function once<T>(made: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  let known = made.get(key);
  if (!known) made.set(key, (known = make()));
  return known;
}

/** A case, or the folders of cases in a folder. @throws UserError where it is neither */
export async function casesIn(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => {
    throw new UserError(`${dir}: no such folder of cases`);
  });
  if (entries.some((e) => e.name === 'about.json')) return [dir];
  const cases: string[] = [];
  for (const e of entries.filter((e) => e.isDirectory()).sort((a, b) => (a.name < b.name ? -1 : 1)))
    if ((await readdir(join(dir, e.name))).includes('about.json')) cases.push(join(dir, e.name));
  if (cases.length === 0) throw new UserError(`${dir}: holds no case (a folder with about.json and weights)`);
  return cases;
}

export const nameOfCase = (dir: string): string => basename(dir);
