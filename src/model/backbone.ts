import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { hasTeacher } from '../config/learners.js';
import type { Settings } from '../config/schema.js';
import { codeOf, UserError } from '../errors.js';
import { DamagedFile } from '../formats/damaged.js';
import { floatsOf, refuseNotFinite } from '../formats/floats.js';
import { readJsonAs } from '../formats/json.js';
import { readSafetensors, type SafeTensor } from '../formats/safetensors.js';
import type { DType } from '../graph/index.js';
import { checkpointSettings, checkpointStep, checkpointSteps, readNewest } from './checkpoint-file.js';
import { vitConfig } from './config.js';
import { checkpointText, isTextTensor, readText } from './own-text.js';
import { type Grid, positionResampling, type Resampling, relativeResampling } from './position.js';
import {
  type Preprocessing,
  preprocessingAt,
  preprocessingForm,
  preprocessingOf,
  settingsPreprocessing,
} from './preprocessing.js';
import type { TextConfig } from './text.js';
import { type VitConfig, vitParameters } from './vit.js';
import { gridOf, hiddenOf, prefixPositionsOf } from './vit-config.js';
import { MOST_PATCHES, misfit, type SizeNames } from './vit-fit.js';
import { vitOptionsForm } from './vit-options.js';

/** A trained (or untrained) backbone with all that is needed to use it. */
export interface Backbone {
  vit: VitConfig;
  /** How pictures come to it. Its size may be another than `vit.imageSize`, at which position embeddings are stored. */
  preprocessing: Preprocessing;
  /** By graph name, `backbone.…`. */
  parameters: Map<string, Float32Array>;
  /** Where it came from, e.g. `…/step-00001000.safetensors (teacher)`. */
  origin: string;
  /** Of an image-text model: what brings an image's feature to the width that texts share, without bias, [out, dim]. */
  projection?: { weight: Float32Array; out: number };
  /** Of an image-text model: the text tower, whose features are of the projection's width, or of an image's where there is none. */
  text?: TextPart;
}

/** The text side of an image-text model. */
export interface TextPart {
  config: TextConfig;
  /** By graph name, `text.…`. */
  parameters: Map<string, Float32Array>;
  /** Logarithm of what cosines are multiplied with. */
  logitScale?: number;
  /** What is added to them after that (SigLIP). */
  logitBias?: number;
}

const whole = (what: string) => z.int({ error: `expected a whole number: ${what}` }).positive();
const triple = (number: z.ZodNumber) => z.tuple([number, number, number], { error: 'expected three numbers' });

/** What an exported encoder's config.json says beside what Transformers.js reads. */
export const exportedConfig = z.looseObject({
  model_type: z.literal('vit', { error: 'only "vit" is an encoder of synclr' }).optional(),
  hidden_size: whole('the width'),
  num_hidden_layers: whole('the number of blocks'),
  num_attention_heads: whole('the number of heads'),
  intermediate_size: whole('the hidden width of the MLP'),
  patch_size: whole('the side of a patch'),
  image_size: whole('the side of an image'),
  // Beyond these bounds float32 leaves nothing of a pixel but infinity or zero.
  synclr: z.looseObject({
    mean: triple(z.number().min(-1e6).max(1e6)),
    std: triple(z.number().min(1e-6).max(1e6)),
    preprocessing: preprocessingForm.optional(),
    vit: vitOptionsForm.optional(),
  }),
});

/** The architecture that an exported encoder's config.json says. */
export const exportedVit = (c: z.infer<typeof exportedConfig>): VitConfig => ({
  dim: c.hidden_size,
  depth: c.num_hidden_layers,
  heads: c.num_attention_heads,
  patch: c.patch_size,
  imageSize: c.image_size,
  mlpRatio: c.intermediate_size / c.hidden_size,
  ...c.synclr.vit,
});

const EXPORTED_NAMES: SizeNames = {
  dim: 'hidden_size',
  depth: 'num_hidden_layers',
  heads: 'num_attention_heads',
  patch: 'patch_size',
  imageSize: 'image_size',
  hidden: 'intermediate_size',
};
const SETTING_NAMES: SizeNames = {
  dim: 'model.dim',
  depth: 'model.depth',
  heads: 'model.heads',
  patch: 'model.patch',
  imageSize: 'views.globalSize',
  hidden: 'model.dim × model.mlpRatio',
};

/**
 * Reads a backbone from a run's folder (its newest checkpoint), a checkpoint file, or an exported encoder's folder.
 * @throws UserError when there is none, when it is damaged (naming the older checkpoint that is not), or when `expected` settings
 *   describe another architecture
 */
export async function readBackbone(
  path: string,
  weights: 'teacher' | 'student',
  expected?: Settings,
): Promise<Backbone> {
  const kind = await stat(path).catch((e) => {
    if (codeOf(e) === 'ENOENT') throw new UserError(`${path}: no such run, checkpoint or exported encoder`);
    throw e;
  });
  if (!kind.isDirectory()) return readCheckpointBackbone(path, weights, expected);
  const names = await readdir(path);
  if (names.includes('model.safetensors')) return readExported(path);
  const folder = names.includes('checkpoints') ? join(path, 'checkpoints') : path;
  const newest = (await checkpointSteps(folder)).at(-1);
  if (newest === undefined)
    throw new UserError(
      `${path}: holds no checkpoint (checkpoints/step-….safetensors) and no exported encoder (model.safetensors); train first`,
    );
  return readNewest(folder, newest, (file) => readCheckpointBackbone(file, weights, expected));
}

async function readCheckpointBackbone(
  file: string,
  weights: 'teacher' | 'student',
  expected?: Settings,
): Promise<Backbone> {
  let prefix = `${weights}.backbone.`;
  let settings: Settings | undefined;
  const { tensors } = await readSafetensors(file, (header) => {
    checkpointStep(file, header.metadata);
    settings = checkpointSettings(file, header.metadata);
    // Of a learner without a teacher there are the student's weights alone.
    if (!hasTeacher(settings)) weights = 'student';
    prefix = `${weights}.backbone.`;
    const vit = vitConfig(settings);
    const wrong = misfit(vit, header, prefix, SETTING_NAMES);
    if (wrong) throw new DamagedFile(`${file}: its settings do not fit its ${weights}: ${wrong}`);
    if (expected && JSON.stringify(vitConfig(expected)) !== JSON.stringify(vit))
      throw new UserError(
        `${file}: a checkpoint of another architecture: it holds ${describe(vit)}, the settings ask for ${describe(vitConfig(expected))}`,
      );
    return [...header.tensors.keys()].filter((name) => name.startsWith(prefix) || isTextTensor(name));
  });
  const vit = vitConfig(settings!);
  return {
    vit,
    preprocessing: settingsPreprocessing(settings!),
    // What a checkpoint of ours holds is F32; another type is none that we wrote.
    parameters: collect(vit, tensors, weights, file, (t) => (t.dtype === 'F32' ? floatsOf(t) : undefined)),
    origin: `${file} (${weights})`,
    ...checkpointText(settings!, tensors, file),
  };
}

async function readExported(dir: string): Promise<Backbone> {
  const config = join(dir, 'config.json');
  const c = await readJsonAs(config, exportedConfig).catch((e) => {
    throw codeOf(e) === 'ENOENT' ? new UserError(`${config} is missing beside model.safetensors: export again`) : e;
  });
  const vit = exportedVit(c);
  const size = c.synclr.preprocessing?.size ?? vit.imageSize;
  const file = join(dir, 'model.safetensors');
  const { tensors } = await readSafetensors(file, (header) => {
    const wrong = misfit(vit, header, '', EXPORTED_NAMES, { isWhole: c.synclr.vit === undefined });
    if (wrong) throw new UserError(`${config}: ${wrong}`);
    if (size > MOST_PATCHES * vit.patch)
      throw new UserError(
        `${config}: synclr.preprocessing.size ${size} is more than ${MOST_PATCHES} patches of ${vit.patch}`,
      );
    if (size % vit.patch !== 0 && size !== vit.imageSize)
      throw new UserError(`${config}: synclr.preprocessing.size ${size} is not divisible by patch_size ${vit.patch}`);
    const own =
      /^(?:cls_token|dist_token|reg_token|pos_embed|patch_embed\.|norm_pre\.|rel_pos_bias\.|blocks\.|norm\.|fc_norm\.|attn_pool\.)/;
    return [...header.tensors.keys()].filter((name) => own.test(name));
  });
  return {
    vit,
    preprocessing: {
      ...(c.synclr.preprocessing ?? preprocessingOf(size, c.synclr.mean, c.synclr.std)),
      ...{ mean: c.synclr.mean, std: c.synclr.std },
    },
    parameters: collect(vit, tensors, '', file, floatsOf),
    origin: dir,
    ...(await readText(dir)),
  };
}

/** @param group before `backbone.` in the file's names; '' where the names begin after it */
function collect(
  vit: VitConfig,
  tensors: ReadonlyMap<string, SafeTensor>,
  group: string,
  file: string,
  numbers: (t: SafeTensor) => Float32Array | undefined,
): Map<string, Float32Array> {
  const out = new Map<string, Float32Array>();
  for (const { name, shape } of vitParameters(vit)) {
    const stored = group ? `${group}.${name}` : name.replace(/^backbone\./, '');
    const t = tensors.get(stored);
    // Only training masks tokens.
    if (!t && name === 'backbone.mask_token') {
      out.set(name, new Float32Array(vit.dim));
      continue;
    }
    const data = t?.shape.join() === shape.join() ? numbers(t) : undefined;
    if (!t || !data)
      throw new DamagedFile(
        `${file}: not an encoder of its own settings: ${stored} is ${t ? `[${t.shape}] ${t.dtype}` : 'missing'}, expected [${shape}] F32`,
      );
    refuseNotFinite(file, stored, data);
    out.set(name, data);
  }
  return out;
}

/** An architecture in words. */
export function describe(c: VitConfig): string {
  return `a ViT of dim ${c.dim}, depth ${c.depth}, heads ${c.heads}, patch ${c.patch} for ${c.imageSize} px`;
}

/**
 * The same encoder for images of another side: positions are resampled once, as the graph would do it, and stored so.
 * @param size pixels, a multiple of the patch, or the side that travels with it @throws UserError where it is neither
 */
export function atSize(b: Backbone, size: number): Backbone {
  const { vit, preprocessing } = b;
  if (size % vit.patch !== 0 && size !== preprocessing.size)
    throw new UserError(
      `images of ${size} px cannot be cut into patches of ${vit.patch} px; choose a multiple of ${vit.patch}`,
    );
  const { grid: _, ...square } = vit;
  const sized: VitConfig = { ...square, imageSize: size };
  const parameters = new Map(b.parameters);
  const [from, to] = [gridOf(vit), gridOf(sized)];
  if (from.join() !== to.join())
    for (const [name, data] of b.parameters) {
      if (name === 'backbone.pos_embed') {
        const o = { before: prefixPositionsOf(vit), how: vit.resampling };
        parameters.set(name, resampledPositions(data, vit.dim, from, to, o));
      }
      if (name.endsWith('relative_position_bias_table')) parameters.set(name, resampledTable(data, vit, to));
    }
  return { ...b, vit: sized, preprocessing: preprocessingAt(preprocessing, size), parameters };
}

/**
 * Position embeddings for another grid; those of the tokens before the patches stay.
 * @param positions [before + from, dim] @param from,to rows and columns, or the side of a square
 * @param o.before how many tokens before the patches have a position; default CLS alone
 * @returns [before + to, dim]
 */
export function resampledPositions(
  positions: Float32Array,
  dim: number,
  from: number | Grid,
  to: number | Grid,
  { before = 1, how }: { before?: number; how?: Resampling } = {},
): Float32Array {
  const patches = mixed(positionResampling(from, to, how), positions.subarray(before * dim), dim);
  const out = new Float32Array(before * dim + patches.length);
  out.set(positions.subarray(0, before * dim));
  out.set(patches, before * dim);
  return out;
}

/** A table of relative positions for another grid; its last three rows, of CLS, stay. */
function resampledTable(table: Float32Array, c: VitConfig, to: Grid): Float32Array {
  const last = table.length - 3 * c.heads;
  const patches = mixed(relativeResampling(gridOf(c), to), table.subarray(0, last), c.heads);
  const out = new Float32Array(patches.length + 3 * c.heads);
  out.set(patches);
  out.set(table.subarray(last), patches.length);
  return out;
}

/** weights [to, from] · rows [from, width] */
function mixed(weights: Float32Array, rows: Float32Array, width: number): Float32Array {
  const from = rows.length / width;
  const to = weights.length / from;
  const out = new Float32Array(to * width);
  for (let i = 0; i < to; i++)
    for (let d = 0; d < width; d++) {
      let sum = 0;
      for (let j = 0; j < from; j++) sum += weights[i * from + j] * rows[j * width + d];
      out[i * width + d] = sum;
    }
  return out;
}

/**
 * SHA-256 of the backbone's weights, its sizes and how pictures come to it: the key under which features are kept.
 * @param precision in which features are computed
 */
export function fingerprint(b: Backbone, precision: DType = 'f32'): string {
  const { dim, depth, heads, patch, imageSize, mlpRatio: _, ...options } = b.vit;
  // The width that a ratio comes to is what travels.
  const mlpRatio = hiddenOf(b.vit) / dim;
  const { size, crop, resize, middle, kernel, antialias, mean, std } = b.preprocessing;
  const said: unknown[] = [dim, depth, heads, patch, imageSize, mlpRatio, size, crop, kernel, antialias, mean, std];
  const more = Object.entries({ ...options, resize, middle }).filter(([, value]) => value !== undefined);
  if (more.length > 0) said.push(more.sort(([x], [y]) => (x < y ? -1 : 1)));
  const hash = createHash('sha256').update(JSON.stringify(said));
  if (precision !== 'f32') hash.update(precision);
  for (const [name, data] of b.parameters) {
    // Only training masks tokens: an exported encoder has lost it, and is the same one.
    if (name === 'backbone.mask_token') continue;
    hash.update(name).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex');
}
