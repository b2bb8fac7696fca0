import { basename, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import type { EncoderWeights } from '../config/names.js';
import { openBackbone } from '../encoders/open-backbone.js';
import { refuseExportInto } from '../files/overlap.js';
import { refuseForeignFolder, replaceFolder, sameFiles } from '../files/replace.js';
import { isRun } from '../files/run-names.js';
import { dropTemporary, temporaryName } from '../files/temporary.js';
import { writeFileAtomic } from '../files/write.js';
import { readJson } from '../formats/json.js';
import { CHECKSUM, readSafetensorsHeader, type SafeTensor, writeSafetensors } from '../formats/safetensors.js';
import { OPEN, ops } from '../graph/index.js';
import { FolderLock } from '../run/lock.js';
import type { Run } from '../run/run.js';
import { toOnnx } from '../runtime/ort/onnx.js';
import { atSize, type Backbone, exportedConfig, readBackbone } from './backbone.js';
import { TEXT_FILES, writeText } from './own-text.js';
import { vit, vitParameters } from './vit.js';
import { prefixOf } from './vit-config.js';

export interface ExportOptions {
  /** A run's folder, a checkpoint, or an encoder of other people's: a file, a folder or `hf:owner/name`. */
  checkpoint: string;
  /** Folder to write: a new or an empty one, or an earlier export that nobody changed or added to. */
  out: string;
  weights?: EncoderWeights;
  /** Heads of somebody else's encoder, where neither its weights nor a description say them. */
  heads?: number;
  /** The run that the caller holds; else the one that `out` lies in is held meanwhile. */
  run?: Run;
  /** Also write `onnx/model_fixed.onnx`, which takes pixel_values [batch, 3, size, size], normalised, for runtimes that want fixed sizes. */
  fixed?: boolean;
}

/**
 * Writes the encoder as others read it: `model.safetensors` (timm's names), and `config.json`, `preprocessor_config.json`, `onnx/model.onnx`
 * (pixel_values [batch, channels, height, width] in 0…1, pictures of any size → last_hidden_state [batch, 1 + patches, dim], CLS first) in
 * the layout of Transformers.js. All are for the side at which the encoder is measured; position embeddings are resampled to it.
 * @returns the folder
 * @throws UserError where something else stands there, the folder is part of a run, or another process holds the run that it lies in
 */
export async function exportEncoder(o: ExportOptions): Promise<string> {
  const out = resolve(o.out);
  await refuseExportInto(out, o.checkpoint);
  const lock = o.run || !isRun(dirname(out)) ? undefined : await FolderLock.take(dirname(out));
  try {
    const backbone = await openBackbone(o.checkpoint, { weights: o.weights, heads: o.heads });
    await replaceFolder(out, {
      ...ENCODER,
      fill: (folder) => writeEncoder(folder, backbone, { fixed: o.fixed, textFrom: o.checkpoint }),
    });
    return out;
  } finally {
    lock?.releaseSync();
  }
}

/** Looks whether an encoder could be exported to a folder, before there is one. @throws UserError naming what stands there instead */
export const checkExportTarget = (out: string): Promise<void> => refuseForeignFolder(resolve(out), ENCODER);

const FIXED = 'model_fixed.onnx';

const ENCODER = {
  what: 'an encoder that synclr exported',
  names: ['model.safetensors', 'onnx', 'config.json', 'preprocessor_config.json', ...Object.values(TEXT_FILES)],
  isEarlier,
};

interface Form {
  /** With a checksum in the weights. */
  sealed?: boolean;
  /** As the first versions wrote it: the ONNX model takes what Transformers.js has resized. */
  first?: boolean;
  /** With `onnx/model_fixed.onnx`. */
  fixed?: boolean;
  /** Where the vocabulary of the text side lies, of an encoder that has one. */
  textFrom?: string;
}

async function writeEncoder(folder: string, b: Backbone, form: Form = {}): Promise<void> {
  const { sealed = true, first, fixed, textFrom } = form;
  const backbone = atSize(b, b.preprocessing.size);
  const { vit, parameters } = backbone;
  const tensors = new Map<string, SafeTensor>();
  for (const { name, shape } of vitParameters(vit))
    if (name !== 'backbone.mask_token')
      tensors.set(name.replace(/^backbone\./, ''), { dtype: 'F32', shape: [...shape], data: parameters.get(name)! });
  await writeSafetensors(join(folder, 'model.safetensors'), tensors, { format: 'pt' }, { sealed });
  await writeFileAtomic(join(folder, 'onnx', 'model.onnx'), encoderOnnx(backbone, { fixed: first }));
  if (textFrom !== undefined) await writeText(folder, backbone, textFrom);
  if (fixed) await writeFileAtomic(join(folder, 'onnx', FIXED), encoderOnnx(backbone, { fixed: true }));
  await writeJson(join(folder, 'config.json'), configJson(backbone, first));
  await writeJson(join(folder, 'preprocessor_config.json'), first ? firstPreprocessorJson(backbone) : PREPROCESSOR);
}

/**
 * The first versions left no list of what they wrote, and a copy may have lost it. An export is told by this then: all files follow from its weights, byte for
 * byte as they are written here, sealed or not, and there are no others. Weights of somebody else's do not agree with the graph beside them.
 */
async function isEarlier(dir: string, files: readonly string[]): Promise<boolean> {
  const again = temporaryName(dir);
  try {
    const backbone = await readBackbone(dir, 'teacher');
    const { metadata } = await readSafetensorsHeader(join(dir, 'model.safetensors'));
    const sealed = metadata[CHECKSUM] !== undefined;
    const { synclr } = exportedConfig.parse(await readJson(join(dir, 'config.json')));
    const form = {
      ...{ sealed, first: synclr.preprocessing === undefined, fixed: files.includes(`onnx/${FIXED}`) },
      textFrom: files.includes(TEXT_FILES.weights) ? dir : undefined,
    };
    await writeEncoder(again, { ...backbone, origin: z.string().parse(synclr.origin) }, form);
    return await sameFiles(dir, again, files);
  } catch {
    return false;
  } finally {
    await dropTemporary(again);
  }
}

/**
 * The encoder as an ONNX model of standard operators, weights and preprocessing inside, any batch of pictures of one size.
 * @param o.fixed preprocessing is left to who uses it: [batch, 3, size, size], normalised
 */
export function encoderOnnx(b: Backbone, { fixed = false } = {}): Uint8Array {
  const { size } = b.preprocessing;
  const sized = atSize(b, size);
  const { dim, patch } = sized.vit;
  const images = ops.input('pixel_values', [OPEN, 3, size, size]);
  const parameters = new Map(
    vitParameters(sized.vit).map((s) => [s.name, ops.constant(sized.parameters.get(s.name)!, s.shape)]),
  );
  const { tokens } = vit(sized.vit, (name) => parameters.get(name)!, images, { order: 'sample' });
  const hidden = ops.reshape(tokens, [OPEN, prefixOf(sized.vit).length + Math.floor(size / patch) ** 2, dim]);
  const pictures = fixed ? undefined : { input: 'pixel_values', ...b.preprocessing };
  return toOnnx({ last_hidden_state: hidden }, 'cpu', { portable: true, pictures }).bytes;
}

function configJson({ vit: c, preprocessing, origin }: Backbone, first?: boolean): Record<string, unknown> {
  const { mean, std, ...pictures } = preprocessing;
  return {
    model_type: 'vit',
    architectures: ['ViTModel'],
    hidden_size: c.dim,
    num_hidden_layers: c.depth,
    num_attention_heads: c.heads,
    intermediate_size: Math.round(c.dim * c.mlpRatio),
    patch_size: c.patch,
    image_size: c.imageSize,
    num_channels: 3,
    qkv_bias: true,
    hidden_act: 'gelu',
    layer_norm_eps: 1e-6,
    add_pooling_layer: false,
    torch_dtype: 'float32',
    synclr: { mean, std, ...(first ? {} : { preprocessing: pictures }), origin: basename(origin) },
  };
}

function firstPreprocessorJson({ vit: c, preprocessing: { mean, std } }: Backbone): Record<string, unknown> {
  const size = { height: c.imageSize, width: c.imageSize };
  return {
    image_processor_type: 'ViTImageProcessor',
    feature_extractor_type: 'ViTFeatureExtractor',
    do_resize: true,
    size: { shortest_edge: c.imageSize },
    resample: 3,
    do_center_crop: true,
    crop_size: size,
    do_rescale: true,
    rescale_factor: 1 / 255,
    do_normalize: true,
    image_mean: mean,
    image_std: std,
  };
}

/** What Transformers.js still has to do: decode, turn as EXIF says, divide by 255. The graph does the rest, the same everywhere. */
const PREPROCESSOR = {
  image_processor_type: 'ViTImageProcessor',
  feature_extractor_type: 'ViTFeatureExtractor',
  do_convert_rgb: false,
  do_resize: false,
  do_center_crop: false,
  do_rescale: true,
  rescale_factor: 1 / 255,
  do_normalize: false,
};

async function writeJson(file: string, value: unknown): Promise<void> {
  await writeFileAtomic(file, `${JSON.stringify(value, null, 2)}\n`);
}
