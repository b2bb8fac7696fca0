import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Settings } from '../config/schema.js';
import { DamagedFile } from '../formats/damaged.js';
import { refuseNotFinite } from '../formats/floats.js';
import { checked, parseJson } from '../formats/json.js';
import { readSafetensors, type SafeTensor, writeSafetensors } from '../formats/safetensors.js';
import { vocabularyBeside } from '../text/beside.js';
import { writeMergeList } from '../text/learn-vocabulary.js';
import { openTokenizer } from '../text/tokenizer.js';
import { ACTIVATIONS } from './activation.js';
import type { Backbone } from './backbone.js';
import { textConfig, textSettings } from './config.js';
import { TEXT_POOLS, type TextConfig, textParameters } from './text.js';

/** The text side of our own encoders: in checkpoints, and in two files beside an exported one. */

type Side = Pick<Backbone, 'text' | 'projection'>;

/** Names beside the tower's own. */
const PROJECTION = 'image_projection.weight';
const SCALE = 'logit_scale';
const BIAS = 'logit_bias';

/** Files of an exported encoder's text side. */
export const TEXT_FILES = { weights: 'text.safetensors', vocabulary: 'vocabulary.txt' } as const;

/** Whether a checkpoint's tensor is of the text side. */
export const isTextTensor = (name: string): boolean =>
  /^student\.(?:text\.|image_projection\.|logit_scale$)/.test(name);

/**
 * The text side in a checkpoint, of a learner that has one.
 * @param tensors those that `isTextTensor` chose @throws DamagedFile where one is missing or of another shape
 */
export function checkpointText(s: Settings, tensors: ReadonlyMap<string, SafeTensor>, file: string): Side {
  const settings = textSettings(s);
  if (!settings) return {};
  const words = tensors.get('student.text.token_embedding.weight')?.shape[0];
  const of = (name: string) => tensors.get(`student.${name}`);
  return sideOf(textConfig(settings, words), s.model.dim, of, file);
}

function sideOf(
  config: TextConfig,
  dim: number | undefined,
  of: (name: string) => SafeTensor | undefined,
  file: string,
): Side {
  const take = (name: string, shape: readonly number[]): Float32Array => {
    const t = of(name);
    if (t?.dtype !== 'F32' || t.shape.join() !== shape.join())
      throw new DamagedFile(
        `${file}: not the text side of its own settings: ${name} is ${t ? `[${t.shape}] ${t.dtype}` : 'missing'}, expected [${shape}] F32`,
      );
    const data = t.data as Float32Array;
    refuseNotFinite(file, name, data);
    return data;
  };
  const parameters = new Map(textParameters(config).map(({ name, shape }) => [name, take(name, shape)]));
  const width = dim ?? of(PROJECTION)?.shape[1];
  return {
    text: {
      ...{ config, parameters },
      ...(of(SCALE) && { logitScale: take(SCALE, [1])[0] }),
      ...(of(BIAS) && { logitBias: take(BIAS, [1])[0] }),
    },
    // Where features of images are as wide as those of texts, there may be none.
    ...(of(PROJECTION) && { projection: { weight: take(PROJECTION, [config.out, width!]), out: config.out } }),
  };
}

const size = z.int().positive();
const configForm: z.ZodType<TextConfig> = z.strictObject({
  ...{ width: size, depth: size, heads: size, vocabulary: size, context: size, out: size },
  mlpRatio: z.number().positive(),
  activation: z.enum(ACTIVATIONS),
  eps: z.number().positive(),
  causal: z.boolean(),
  pooled: z.enum(TEXT_POOLS),
  end: z.int().nonnegative().optional(),
  pad: z.int().nonnegative().optional(),
  projectionBias: z.boolean().optional(),
});

/** Under which the tower's form stands in the file's metadata. */
const CONFIG = 'synclr.text';

/**
 * Writes an encoder's text side beside it: weights, and the vocabulary in the form of CLIP's published one. Nothing where it has none.
 * @param from where the encoder lies: its vocabulary lies there
 * @returns names of the files
 */
export async function writeText(folder: string, b: Backbone, from: string): Promise<string[]> {
  if (!b.text) return [];
  const { config, parameters, logitScale, logitBias } = b.text;
  const tensors = new Map<string, SafeTensor>();
  const add = (name: string, shape: readonly number[], data: Float32Array) =>
    tensors.set(name, { dtype: 'F32', shape: [...shape], data });
  for (const { name, shape } of textParameters(config)) add(name, shape, parameters.get(name)!);
  if (b.projection)
    add(PROJECTION, [b.projection.out, b.projection.weight.length / b.projection.out], b.projection.weight);
  if (logitScale !== undefined) add(SCALE, [1], Float32Array.of(logitScale));
  if (logitBias !== undefined) add(BIAS, [1], Float32Array.of(logitBias));
  // In the form's order, in which it is read: the same encoder is the same bytes.
  const metadata = { format: 'pt', [CONFIG]: JSON.stringify(configForm.parse(config)) };
  await writeSafetensors(join(folder, TEXT_FILES.weights), tensors, metadata, { sealed: true });
  const beside = vocabularyBeside(from);
  const merges = beside && (await openTokenizer(beside)).merges;
  if (!merges) return [TEXT_FILES.weights];
  await writeMergeList(join(folder, TEXT_FILES.vocabulary), merges);
  return [TEXT_FILES.weights, TEXT_FILES.vocabulary];
}

/** The text side of an exported encoder, where its folder has one. @throws DamagedFile for one that does not fit together */
export async function readText(folder: string): Promise<Side> {
  const file = join(folder, TEXT_FILES.weights);
  if (!existsSync(file)) return {};
  const { metadata, tensors } = await readSafetensors(file);
  const said = metadata[CONFIG];
  if (said === undefined) throw new DamagedFile(`${file}: says nothing of its form (${CONFIG}): export again`);
  const config = checked(parseJson(said, file), configForm, file);
  if (config.width % config.heads !== 0)
    throw new DamagedFile(`${file}: width ${config.width} of ${config.heads} heads`);
  return sideOf(config, undefined, (name) => tensors.get(name), file);
}
