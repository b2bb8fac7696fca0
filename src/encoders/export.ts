import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import type { EncoderWeights, ExportFormat } from '../config/names.js';
import { refuseExportInto } from '../files/overlap.js';
import { refuseForeignFolder, replaceFolder, sameFiles } from '../files/replace.js';
import { isRun } from '../files/run-names.js';
import { dropTemporary, temporaryName } from '../files/temporary.js';
import { writeFileAtomic } from '../files/write.js';
import { readJson } from '../formats/json.js';
import { CHECKSUM, readSafetensorsHeader, writeSafetensors } from '../formats/safetensors.js';
import { atSize, type Backbone, exportedConfig, readBackbone } from '../model/backbone.js';
import type { TrainingFacts } from '../model/export/card.js';
import { factsForm, trainingFacts } from '../model/export/facts.js';
import { writeCard, writeFormat } from '../model/export/formats.js';
import { encoderOnnx } from '../model/export/onnx.js';
import { ownConfig, PREPROCESSOR } from '../model/export/own.js';
import { type Precision, timmState } from '../model/export/state.js';
import { TEXT_FILES, writeText } from '../model/own-text.js';
import { FolderLock } from '../run/lock.js';
import type { Run } from '../run/run.js';
import { openBackbone } from './open-backbone.js';

export { encoderOnnx } from '../model/export/onnx.js';

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
  /** What it is written as; default: the folder of `safetensors` and `transformers.js` together. Several: each in a folder of its name. */
  formats?: readonly ExportFormat[];
  /** Of the weights in the files; default float32. */
  precision?: Precision;
  /** The encoder itself, where `checkpoint` is somebody else's. */
  backbone?: Backbone;
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
    const opened = o.backbone ? undefined : await openBackbone(o.checkpoint, { weights: o.weights, heads: o.heads });
    const backbone = o.backbone ?? opened!;
    const from = { path: opened?.path ?? o.checkpoint, isForeign: opened?.record !== undefined };
    await replaceFolder(out, { ...ENCODER, fill: (folder) => fill(folder, backbone, from, o) });
    return out;
  } finally {
    lock?.releaseSync();
  }
}

async function fill(
  folder: string,
  backbone: Backbone,
  from: { path: string; isForeign: boolean },
  o: ExportOptions,
): Promise<void> {
  const { fixed, precision, formats } = o;
  // What lies around somebody else's file says nothing of how it was trained.
  const facts = from.isForeign ? undefined : await trainingFacts(from.path, backbone);
  const options = { fixed, precision, facts, textFrom: from.path };
  if (!formats) {
    await writeEncoder(folder, backbone, { ...options, hasCard: true });
  } else if (formats.length === 1) await writeFormat(folder, backbone, formats[0], options);
  else for (const format of formats) await writeFormat(join(folder, format), backbone, format, options);
}

/** Looks whether an encoder could be exported to a folder, before there is one. @throws UserError naming what stands there instead */
export const checkExportTarget = (out: string): Promise<void> => refuseForeignFolder(resolve(out), ENCODER);

const FIXED = 'model_fixed.onnx';

const ENCODER = {
  what: 'an encoder that synclr exported',
  names: [
    ...['model.safetensors', 'onnx', 'config.json', 'preprocessor_config.json', 'README.md'],
    ...Object.values(TEXT_FILES),
  ],
  isEarlier,
};

interface Form {
  /** With a checksum in the weights. */
  sealed?: boolean;
  /** As the first versions wrote it: the ONNX model takes what Transformers.js has resized. */
  first?: boolean;
  /** With `onnx/model_fixed.onnx`. */
  fixed?: boolean;
  precision?: Precision;
  /** Where the vocabulary of the text side lies, of an encoder that has one. */
  textFrom?: string;
  facts?: TrainingFacts;
  /** With a model card. */
  hasCard?: boolean;
}

async function writeEncoder(folder: string, b: Backbone, form: Form = {}): Promise<void> {
  const { sealed = true, first: isFirst, fixed, precision, textFrom, facts } = form;
  const backbone = atSize(b, b.preprocessing.size);
  const model = precision === 'float16' ? 'model_fp16.onnx' : 'model.onnx';
  await writeSafetensors(
    join(folder, 'model.safetensors'),
    timmState(backbone, precision),
    { format: 'pt' },
    { sealed },
  );
  await writeFileAtomic(join(folder, 'onnx', model), encoderOnnx(backbone, { fixed: isFirst, precision }));
  if (textFrom !== undefined) await writeText(folder, backbone, textFrom);
  if (fixed) await writeFileAtomic(join(folder, 'onnx', FIXED), encoderOnnx(backbone, { fixed: true, precision }));
  await writeJson(join(folder, 'config.json'), ownConfig(backbone, precision, { isFirst, facts }));
  await writeJson(join(folder, 'preprocessor_config.json'), isFirst ? firstPreprocessorJson(backbone) : PREPROCESSOR);
  if (form.hasCard) await writeCard(folder, backbone, 'transformers.js', { precision, facts });
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
    const { synclr, torch_dtype } = exportedConfig.parse(await readJson(join(dir, 'config.json')));
    const form: Form = {
      ...{ sealed, first: synclr.preprocessing === undefined, fixed: files.includes(`onnx/${FIXED}`) },
      textFrom: files.includes(TEXT_FILES.weights) ? dir : undefined,
      precision: torch_dtype === 'float16' ? 'float16' : undefined,
      ...{ hasCard: files.includes('README.md'), facts: factsForm.optional().parse(synclr.training) },
    };
    await writeEncoder(again, { ...backbone, origin: z.string().parse(synclr.origin) }, form);
    return await sameFiles(dir, again, files);
  } catch {
    return false;
  } finally {
    await dropTemporary(again);
  }
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

async function writeJson(file: string, value: unknown): Promise<void> {
  await writeFileAtomic(file, `${JSON.stringify(value, null, 2)}\n`);
}
