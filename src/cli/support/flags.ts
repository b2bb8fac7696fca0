import { ENCODER_WEIGHTS, type EncoderWeights } from '../../config/names.js';
import { UserError } from '../../errors.js';
import type { Flag } from './command.js';

/** Flags that several commands share; each means the same everywhere. */
const ALL = {
  preset: { name: 'preset', value: 'NAME', about: 'named settings to start from (default tiny)' },
  config: { name: 'config', value: 'FILE', about: 'JSON file with any part of the settings, or a run’s config.json' },
  out: { name: 'out', value: 'DIR', about: 'the run’s folder (default runs/<preset>)' },
  seed: { name: 'seed', value: 'N', setting: 'seed', about: 'the run’s seed' },
  concepts: {
    name: 'concepts',
    value: 'FILE|wordnet',
    setting: 'concepts.source',
    about:
      'where the concepts come from: wordnet, a file (lines, a table, JSON, lists of classes), or a folder of the authors’ files',
  },
  writer: {
    name: 'writer',
    value: 'NAME',
    setting: 'captions.writer',
    about:
      'caption writer: embedded, openai (any server of that API), gguf (in process), name or template (the concept alone)',
  },
  writerModel: {
    name: 'writer-model',
    value: 'NAME|FILE|hf:…',
    setting: 'captions.model',
    about: 'the writer’s language model: its name on the server, or a .gguf file',
  },
  writerUrl: {
    name: 'writer-url',
    value: 'URL',
    setting: 'runtime.writer.url',
    about: 'address of the writer’s server; its key: OPENAI_API_KEY or --runtime.writer.keyFile',
  },
  captions: { name: 'captions', value: 'N', setting: 'captions.count', about: 'captions to write' },
  painter: {
    name: 'painter',
    value: 'NAME',
    setting: 'images.painter',
    about: 'painter: embedded, diffusion (in process), or the API of a server: openai, a1111, sdcpp, comfyui',
  },
  painterModel: {
    name: 'painter-model',
    value: 'NAME|DIR|hf:…',
    setting: 'images.model',
    about: 'the painter’s diffusion model: its name on the server, or a folder exported to ONNX',
  },
  painterUrl: {
    name: 'painter-url',
    value: 'URL',
    setting: 'runtime.painter.url',
    about: 'address of the painter’s server; its key: --runtime.painter.keyFile',
  },
  steps: { name: 'steps', value: 'N', setting: 'train.steps', about: 'training steps' },
  eval: {
    name: 'eval',
    value: 'NAME=DIR',
    repeat: true,
    about:
      'also probe this image folder: DIR/train/<class>/… with DIR/test/<class>/…, or DIR/<class>/…; may be repeated',
  },
  from: {
    name: 'from',
    value: 'FILE|DIR|hf:…',
    about:
      'start a new run from these weights: a checkpoint, a run’s folder, an exported encoder or one of other people’s; a run that was stopped goes on by itself',
  },
  corpus: {
    name: 'corpus',
    value: 'PATH[=WEIGHT]',
    repeat: true,
    about:
      'learn from images that are there already: another run, or folders, WebDataset tars, Parquet of your own (docs/corpora.md); may be repeated, mixed by weight; PATH,photographed says what they are, PATH,class which form',
  },
  threads: {
    name: 'threads',
    value: 'N',
    setting: 'runtime.threads',
    about: 'threads of the training step, and of models in process; 0 = all cores',
  },
  workers: {
    name: 'workers',
    value: 'N',
    setting: 'runtime.workers',
    about: 'threads that paint (embedded) and augment; 0 = all cores',
  },
  provider: {
    name: 'provider',
    value: 'NAME',
    setting: 'runtime.provider',
    about:
      'what trains and embeds: auto, cpu, webgpu, or an XLA plugin: cuda, rocm, oneapi, tpu, xla (any); see synclr backend',
  },
  checkpoint: {
    name: 'checkpoint',
    value: 'FILE|DIR|hf:…',
    about: 'a checkpoint, a run’s folder (its newest checkpoint), an exported encoder or one of other people’s',
  },
  encoderHeads: {
    name: 'encoder-heads',
    value: 'N',
    about: 'heads of somebody else’s encoder, where neither its weights nor a config.json beside them say them',
  },
  weights: {
    name: 'weights',
    value: 'NAME',
    choices: ENCODER_WEIGHTS,
    about:
      'which encoder of a file that holds several: teacher (default; of other people’s the one that its authors evaluate), student, base, momentum, model, ema',
  },
} as const satisfies Record<string, Flag>;

/** The shared flags of these names. */
export function flags(...names: (keyof typeof ALL)[]): Flag[] {
  return names.map((n) => ALL[n]);
}

/** The number of `--encoder-heads`. @throws UserError for what is none */
export function headsGiven(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  if (!/^[1-9]\d{0,3}$/.test(given)) throw new UserError(`--encoder-heads ${given}: expected a whole number of heads`);
  return Number(given);
}

/** The encoder of `--weights`. @throws UserError for a name that none has */
export function weightsGiven(given: string | undefined): EncoderWeights | undefined {
  if (given === undefined || ENCODER_WEIGHTS.some((name) => name === given)) return given as EncoderWeights | undefined;
  throw new UserError(`--weights ${given}: expected ${ENCODER_WEIGHTS.join(', ')}`);
}
