import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../errors.js';
import { cutAtWord } from '../printable.js';
import { DamagedFile } from './damaged.js';
import { checked, parseJson, readText } from './json.js';
import { repeatedKey } from './json-keys.js';
import type { SafeTensor } from './safetensors.js';
import type { TensorInfo, WeightsFile } from './weights-file.js';

/**
 * Weights in several files: `model.safetensors.index.json`, `pytorch_model.bin.index.json`, whose `weight_map` names the file of each tensor.
 */

const index = z.object({ weight_map: z.custom<Record<string, unknown>>((x) => typeof x === 'object' && x !== null) });
/** Files of one model at most; the largest ones have some hundreds. */
const MOST_SHARDS = 4096;
const SHOWN = 80;
const shown = (text: string): string => cutAtWord(text, SHOWN);

/** @param openShard opens one file of weights @throws UserError naming the tensor or the shard that does not fit */
export async function openShardedWeights(
  path: string,
  openShard: (path: string) => Promise<WeightsFile>,
): Promise<WeightsFile> {
  const placed = await weightMap(path);
  const shards = new Map<string, WeightsFile>();
  for (const name of new Set(placed.values())) shards.set(name, await openShard(join(dirname(path), name)));
  const tensors = new Map<string, TensorInfo>();
  for (const [shard, weights] of shards) {
    const held = weights.groups.get('');
    if (!held || weights.groups.size > 1) throw wrong(path, `${shard} is no plain dictionary of tensors`);
    for (const [name, info] of held) {
      const said = placed.get(name);
      if (said === undefined) throw wrong(path, `tensor ${shown(name)} of ${shard} is not in its list`);
      if (said !== shard) throw wrong(path, `tensor ${shown(name)} is in ${shard}, and belongs into ${said}`);
      tensors.set(name, info);
    }
  }
  for (const [name, shard] of placed)
    if (!tensors.has(name)) throw wrong(path, `tensor ${shown(name)} is missing in ${shard}`);
  if (tensors.size === 0) throw new UserError(`${path}: holds no tensors`);
  const format = [...shards.values()][0].format;
  return {
    format: `${format}, ${shards.size} shard${shards.size === 1 ? '' : 's'}`,
    path,
    groups: new Map([['', tensors]]),
    values: new Map(),
    metadata: {},
    read: (group, names) => readFrom(path, shards, placed, group, [...names]),
  };
}

async function readFrom(
  path: string,
  shards: ReadonlyMap<string, WeightsFile>,
  placed: ReadonlyMap<string, string>,
  group: string,
  names: readonly string[],
): Promise<Map<string, SafeTensor>> {
  const byShard = new Map<string, string[]>();
  for (const name of names) {
    const shard = group === '' ? placed.get(name) : undefined;
    if (shard === undefined) throw new UserError(`${path}: no tensor ${shown(name)}`);
    byShard.set(shard, [...(byShard.get(shard) ?? []), name]);
  }
  const found = new Map<string, SafeTensor>();
  for (const [shard, wanted] of byShard)
    for (const [name, tensor] of await shards.get(shard)!.read('', wanted)) found.set(name, tensor);
  return new Map(names.map((name) => [name, found.get(name)!]));
}

const wrong = (path: string, what: string) => new DamagedFile(`${path}: the index does not fit its shards: ${what}`);

/** The file of each tensor. */
async function weightMap(path: string): Promise<Map<string, string>> {
  const text = await readText(path);
  const json = parseJson(text, path);
  const twice = repeatedKey(text);
  if (twice) throw new UserError(`${path}: ${shown(twice.key)} stands twice in it (line ${twice.line})`);
  const placed = new Map<string, string>();
  for (const [name, shard] of Object.entries(checked(json, index, path).weight_map)) {
    if (typeof shard !== 'string' || !isPlainName(shard))
      throw new UserError(
        `${path}: tensor ${shown(name)}: ${shown(JSON.stringify(shard) ?? '')} is no plain name of a file beside the index`,
      );
    placed.set(name, shard);
  }
  const shards = new Set(placed.values());
  if (shards.size === 0) throw new UserError(`${path}: lists no tensors`);
  if (shards.size > MOST_SHARDS) throw new UserError(`${path}: ${shards.size} shards, more than ${MOST_SHARDS}`);
  return placed;
}

function isPlainName(name: string): boolean {
  if (name === '' || name === '.' || name === '..' || name.length > 255) return false;
  return basename(name) === name && !/[\p{Cc}/\\:]/u.test(name);
}
