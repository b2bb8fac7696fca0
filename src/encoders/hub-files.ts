import { UserError } from '../errors.js';
import { weightsAmong } from '../formats/weight-names.js';

interface ListedFile {
  path: string;
  size: number;
}

/** What says of which form an encoder is, and the vocabulary of a text tower. */
const BESIDE =
  /^(config|open_clip_config|preprocessor_config|processor_config|tokenizer|tokenizer_config|special_tokens_map|vocab)\.json$|^merges\.txt$/;

/**
 * The files of an encoder on the hub: weights of one format with all their shards, and what lies beside them.
 * @param named the file that the reference names
 * @param where the model as the user wrote it, for messages
 * @throws UserError where there are no weights, or several to choose from
 */
export function hubEncoderFiles(files: readonly ListedFile[], named: string | undefined, where: string): string[] {
  const top = files.map((f) => f.path).filter((path) => !path.includes('/'));
  const weights = named ?? only(top, where);
  const shards = weights.endsWith('.index.json') ? shardsOf(top, weights) : [];
  return [...new Set([weights, ...shards, ...top.filter((name) => BESIDE.test(name))])];
}

function only(names: readonly string[], where: string): string {
  const weights = weightsAmong(names);
  if (weights.length === 1) return weights[0];
  if (weights.length === 0)
    throw new UserError(`${where} holds no weights (model.safetensors, pytorch_model.bin): name the file`);
  throw new UserError(`${where} holds ${weights.length} files of weights: name one, as in ${where}/${weights[0]}`);
}

/** `model.safetensors.index.json` has its shards as `model-00001-of-00004.safetensors`. */
function shardsOf(names: readonly string[], index: string): string[] {
  const [, stem, ending] = /^(.*)\.(\w+)\.index\.json$/.exec(index) ?? [];
  return names.filter((n) => n.startsWith(`${stem}-`) && n.endsWith(`.${ending}`) && /-\d+-of-\d+\./.test(n));
}
