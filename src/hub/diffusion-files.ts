import { UserError } from '../errors.js';
import { isOnnxData } from '../formats/onnx-data.js';

/** Networks that painting needs, by the folder names of diffusers and optimum. */
const NETWORKS = ['text_encoder', 'text_encoder_2', 'text_encoder_3', 'unet', 'transformer', 'vae_decoder'];
/** Folders of a pipeline that only other uses need: images in, and judging images. */
const UNUSED = new Set(['vae_encoder', 'safety_checker', 'feature_extractor', 'image_encoder']);
const TOKENIZER = /\.(json|txt|model)$/;

/**
 * The files of a diffusion folder in its ONNX variant: configurations, tokenisers, and of each network `model.onnx` with the data
 * beside it; no other precision's, no PyTorch, Flax or OpenVINO weights.
 * @param paths all files, relative to the folder of model_index.json
 * @param where the model as the user wrote it, for messages
 * @throws UserError where there is no ONNX pipeline among them
 */
export function diffusionFiles(paths: readonly string[], where = 'the model'): string[] {
  refuseOthers(new Set(paths), where);
  return paths.filter((path) => isWanted(path, paths));
}

function isWanted(path: string, paths: readonly string[]): boolean {
  if (path === 'model_index.json') return true;
  const [folder, name, ...deeper] = path.split('/');
  if (name === undefined || deeper.length > 0 || UNUSED.has(folder) || name.startsWith('.')) return false;
  if (folder === 'scheduler') return name.endsWith('.json');
  if (/^tokenizer(_\d)?$/.test(folder)) return TOKENIZER.test(name);
  if (name === 'config.json') return true;
  if (!NETWORKS.includes(folder) || !paths.includes(`${folder}/model.onnx`)) return false;
  const beside = paths.filter((p) => p.startsWith(`${folder}/`)).map((p) => p.slice(folder.length + 1));
  return name === 'model.onnx' || isOnnxData(name, beside, 'model.onnx');
}

function refuseOthers(paths: ReadonlySet<string>, where: string): void {
  const all = [...paths];
  const has = (network: string) => paths.has(`${network}/model.onnx`);
  const missing = [
    ...(has('unet') || has('transformer') ? [] : ['unet/model.onnx (or transformer/model.onnx)']),
    ...['text_encoder', 'vae_decoder'].filter((n) => !has(n)).map((n) => `${n}/model.onnx`),
    ...(paths.has('model_index.json') ? [] : ['model_index.json']),
  ];
  if (missing.length === 0) return;
  const below = all.map((p) => /^(.+)\/(?:unet|transformer)\/model\.onnx$/.exec(p)?.[1]).find((p) => p !== undefined);
  if (below !== undefined) throw new UserError(`${where} has its ONNX pipeline in ${below}/: write ${where}/${below}`);
  if (!all.some((p) => p.endsWith('.onnx'))) {
    const torch = all.some((p) => /\.(safetensors|bin|ckpt)$/.test(p));
    throw new UserError(
      torch
        ? `${where} holds PyTorch weights and no ONNX files: export them with "optimum-cli export onnx --model ${where.replace(/^hf:/, '')} DIR" and name DIR`
        : `${where} holds no ONNX files: name a diffusion pipeline exported with "optimum-cli export onnx --model … DIR"`,
    );
  }
  throw new UserError(`${where} is no whole ONNX diffusion pipeline: ${missing.join(', ')} missing`);
}
