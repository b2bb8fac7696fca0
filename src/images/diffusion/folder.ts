import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { UserError } from '../../errors.js';
import { isObject, readJson, readText } from '../../formats/json.js';
import { parsePythonJson } from '../../formats/python-json.js';

/** A JSON object whose fields are not known beforehand. */
export type Config = Readonly<Record<string, unknown>>;

/** A network of the pipeline: its ONNX file, and its `config.json` ({} where an old export has none). */
export interface Part {
  /** The part's folder inside the pipeline's, as error messages name it. */
  name: string;
  file: string;
  config: Config;
}

/** What a diffusion folder holds (docs/diffusion.md). */
export interface DiffusionFolder {
  root: string;
  index: Config;
  /** Class of the pipeline, as diffusers names it; '' where the index does not say. */
  kind: string;
  /** Folders of the tokenisers; as many as text encoders. */
  tokenizers: string[];
  textEncoders: Part[];
  /** UNet or diffusion transformer. */
  denoiser: Part;
  decoder: Part;
  schedulerFile: string;
  scheduler: Config;
}

const HOLDS =
  'a diffusion folder holds model_index.json, tokenizer/, text_encoder/model.onnx, unet/model.onnx or transformer/model.onnx, vae_decoder/model.onnx and scheduler/scheduler_config.json';
const EXPORT = 'optimum-cli export onnx --model NAME FOLDER';
/** Largest scheduler_config.json, bytes: trained_betas make the longest. */
const MOST_SETTINGS = 32 * 2 ** 20;
const PYTORCH = /\.(safetensors|bin|ckpt|pt)$/;

/**
 * Finds the parts of a diffusion pipeline; loads no weights.
 * @throws UserError listing all that is missing, and how to export
 */
export async function readFolder(root: string): Promise<DiffusionFolder> {
  if (!existsSync(root)) throw new UserError(`images.model: there is no folder ${root}`);
  const missing: string[] = [];
  const need = (path: string) => {
    if (!existsSync(join(root, path))) missing.push(path);
  };

  need('model_index.json');
  const index = missing.length === 0 ? await readConfig(join(root, 'model_index.json')) : {};
  const has = (part: string) => Array.isArray(index[part]) && index[part][0] !== null;
  const suffixes = ['', '_2', '_3'].filter((s) => s === '' || has(`text_encoder${s}`));
  const hasTransformer = Array.isArray(index.transformer) || existsSync(join(root, 'transformer'));
  const names = {
    textEncoders: suffixes.map((s) => `text_encoder${s}`),
    denoiser: hasTransformer && !existsSync(join(root, 'unet')) ? 'transformer' : 'unet',
    decoder: 'vae_decoder',
  };
  const tokenizers = suffixes.map((s) => `tokenizer${s}`);
  for (const t of tokenizers) {
    if (existsSync(join(root, t, 'tokenizer.json'))) continue;
    // T5's, which is no CLIP's.
    if (existsSync(join(root, t, 'spiece.model'))) need(`${t}/tokenizer.json`);
    else for (const file of ['vocab.json', 'merges.txt']) need(`${t}/${file}`);
  }
  const files = new Map<string, string>();
  for (const part of [...names.textEncoders, names.denoiser, names.decoder]) {
    const file = await onnxFile(join(root, part));
    if (file) files.set(part, file);
    else missing.push(`${part}/model.onnx`);
  }
  need('scheduler/scheduler_config.json');
  if (missing.length > 0) throw new UserError(await complaint(root, missing));

  const part = async (name: string): Promise<Part> => {
    const config = join(root, name, 'config.json');
    return { name, file: files.get(name)!, config: existsSync(config) ? await readConfig(config) : {} };
  };
  const schedulerFile = join(root, 'scheduler', 'scheduler_config.json');
  return {
    root,
    index,
    // Optimum puts its own prefix before diffusers' names.
    kind: (typeof index._class_name === 'string' ? index._class_name : '').replace(/^ORT/, ''),
    tokenizers: tokenizers.map((t) => join(root, t)),
    textEncoders: await Promise.all(names.textEncoders.map(part)),
    denoiser: await part(names.denoiser),
    decoder: await part(names.decoder),
    schedulerFile,
    scheduler: parsePythonJson(await readText(schedulerFile, MOST_SETTINGS), schedulerFile) as Config,
  };
}

/** A JSON object. @throws UserError naming the file when it is none */
export async function readConfig(file: string): Promise<Config> {
  const value = await readJson(file);
  if (!isObject(value)) throw new UserError(`${file} is not a JSON object`);
  return value as Config;
}

/** A field that is a number; undefined where absent or null. */
export function numberOf(config: Config, key: string): number | undefined {
  return typeof config[key] === 'number' ? config[key] : undefined;
}

/** A field that is a list of numbers; undefined where absent or null. */
export function numbersOf(config: Config, key: string): number[] | undefined {
  const list = config[key];
  return Array.isArray(list) && list.every((x) => typeof x === 'number') ? list : undefined;
}

/** `model.onnx`, or the only ONNX file that is there. */
async function onnxFile(dir: string): Promise<string | undefined> {
  const all = (await readdir(dir).catch(() => [])).filter((f) => f.endsWith('.onnx'));
  if (all.includes('model.onnx')) return join(dir, 'model.onnx');
  return all.length === 1 ? join(dir, all[0]) : undefined;
}

async function complaint(root: string, missing: string[]): Promise<string> {
  const weights: string[] = [];
  for (const dir of ['unet', 'transformer', 'vae', 'text_encoder', ''])
    for (const f of await readdir(join(root, dir)).catch(() => [])) if (PYTORCH.test(f)) weights.push(join(dir, f));
  const pytorch = weights.length > 0 && missing.some((m) => m.endsWith('.onnx'));
  const why = pytorch ? `its weights are PyTorch's (${weights[0]}), not exported to ONNX; ` : '';
  return `images.model: ${basename(root)} lacks ${missing.join(', ')}: ${why}${HOLDS}; export one with: ${EXPORT} (folder: ${root})`;
}
