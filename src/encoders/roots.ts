import type { EncoderWeights } from '../config/names.js';
import type { TensorInfo, WeightsFile } from '../formats/weights-file.js';

/** An encoder in a file: the tensors of one dictionary whose names begin alike. */
export interface Root {
  group: string;
  /** What names begin with in the file, wrappers of torch's left out. */
  prefix: string;
  weights: EncoderWeights;
  /** Its tensors, by their names after the prefix. */
  tensors: ReadonlyMap<string, TensorInfo>;
  /** All tensors of the dictionary, by their names without wrappers. */
  all: ReadonlyMap<string, TensorInfo>;
  /** The file's own name of a tensor of `all`. */
  original: ReadonlyMap<string, string>;
}

/** The patch embedding, by which an encoder is told wherever it lies: timm's and research code's, Hugging Face's, open_clip's. */
const ANCHORS = [
  'patch_embed.proj.weight',
  'embeddings.patch_embeddings.projection.weight',
  'embeddings.patch_embeddings.weight',
  'embeddings.patch_embedding.weight',
  'conv1.weight',
];

/** Names that torch.compile, FSDP and checkpointing put between others. */
const WRAPPERS = /(^|\.)(?:_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module)\./g;

/** All encoders of a file, in its order. */
export function rootsOf(file: WeightsFile): Root[] {
  const roots: Root[] = [];
  for (const [group, tensors] of file.groups) {
    const all = new Map<string, TensorInfo>();
    const original = new Map<string, string>();
    const isHuggingFace = [...tensors.keys()].some((name) => name.endsWith(ANCHORS[1]));
    for (const [name, info] of tensors) {
      const plain = isHuggingFace ? savedName(plainName(name)) : plainName(name);
      // Of two names that differ in wrappers alone, neither can be told to be the one.
      const key = all.has(plain) ? name : plain;
      all.set(key, info);
      original.set(key, name);
    }
    for (const name of all.keys()) {
      const anchor = ANCHORS.find((a) => name === a || name.endsWith(`.${a}`));
      if (anchor === undefined) continue;
      const prefix = name.slice(0, name.length - anchor.length);
      if (anchor === 'conv1.weight' && !all.has(`${prefix}transformer.resblocks.0.ln_1.weight`)) continue;
      if (all.get(name)!.shape.length !== 4) continue;
      const own = new Map<string, TensorInfo>();
      for (const [n, info] of all) if (n.startsWith(prefix)) own.set(n.slice(prefix.length), info);
      roots.push({ group, prefix, weights: weightsOf(group, prefix), tensors: own, all, original });
    }
  }
  return roots;
}

/** Without wrappers; DINOv2's training groups blocks in chunks, whose number says nothing: that of a block counts all. */
function plainName(name: string): string {
  return name.replace(WRAPPERS, '$1').replace(/(^|\.)blocks\.\d+\.(\d+\.)/, '$1blocks.$2');
}

/**
 * Hugging Face's names in files, for those that its models have in memory since version 5, as `torch.save(model.state_dict())` writes them.
 */
function savedName(name: string): string {
  const block = /^(|.*\.)(?:encoder\.layer|layers)\.(\d+)\.(.+)$/.exec(name);
  if (!block) return name.replace(/(^|\.)shared_position_bias\./, '$1encoder.relative_position_bias.');
  const [, before, number, rest] = block;
  const isRenamed = name.startsWith(`${before}layers.`);
  const layer = rest
    .replace(/^attention\.([qkv])_proj\./, (_, x: 'q' | 'k' | 'v') => `attention.attention.${PROJECTIONS[x]}.`)
    .replace(/^attention\.o_proj\./, 'attention.output.dense.')
    .replace(/^relative_position_bias\./, 'attention.attention.relative_position_bias.');
  const mlp = isRenamed
    ? layer.replace(/^mlp\.fc1\./, 'intermediate.dense.').replace(/^mlp\.fc2\./, 'output.dense.')
    : layer;
  return `${before}encoder.layer.${number}.${mlp}`;
}

const PROJECTIONS = { q: 'query', k: 'key', v: 'value' };

function weightsOf(group: string, prefix: string): EncoderWeights {
  const words = `${group}.${prefix}`.split(/[./]/);
  const has = (...names: string[]) => words.some((w) => names.includes(w));
  if (has('teacher', 'target_encoder', 'model_teacher')) return 'teacher';
  if (has('student', 'model_student')) return 'student';
  if (has('momentum_encoder', 'encoder_k', 'momentum')) return 'momentum';
  if (has('base_encoder', 'encoder_q')) return 'base';
  if (words.some((w) => w === 'ema' || w.endsWith('_ema') || w.startsWith('ema_'))) return 'ema';
  return 'model';
}

/** Of several encoders the one that the authors evaluate, the first that is there. */
const PREFERRED: readonly EncoderWeights[] = ['teacher', 'base', 'model', 'ema', 'student', 'momentum'];

/**
 * The encoder that is meant.
 * @param wanted undefined, or `teacher` where none is called so: the one that the authors evaluate
 * @returns undefined where there is none of that kind
 */
export function chooseRoot(roots: readonly Root[], wanted?: EncoderWeights): Root | undefined {
  const named = roots.find((r) => r.weights === wanted);
  if (named || (wanted !== undefined && wanted !== 'teacher')) return named;
  // timm's training keeps an average beside the weights, which it evaluates.
  const averaged = roots.find((r) => r.weights === 'ema' && r.group === 'state_dict_ema');
  return averaged ?? PREFERRED.flatMap((w) => roots.filter((r) => r.weights === w)).at(0);
}
