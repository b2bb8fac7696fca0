import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Settings } from '../config/schema.js';
import { UserError } from '../errors.js';
import { removeTemporaries, sha256File, writeFileAtomic } from '../formats/atomic.js';

export type ShardKind = 'captions' | 'images';

const shardSchema = z.strictObject({
  file: z.string(),
  /** Samples: captions, or captions with their images. */
  count: z.int().positive(),
  bytes: z.int().positive(),
  sha256: z.string().length(64),
});
const manifestSchema = z.strictObject({
  format: z.literal('synclr-shards'),
  version: z.literal(1),
  kind: z.enum(['captions', 'images']),
  /** The settings that the bytes of the shards depend on. */
  settings: z.record(z.string(), z.unknown()),
  shards: z.array(shardSchema),
});

export type ShardEntry = z.output<typeof shardSchema>;
export type Manifest = z.output<typeof manifestSchema>;

const MANIFEST = 'manifest.json';

export function shardName(kind: ShardKind, k: number): string {
  return `${kind}-${String(k).padStart(6, '0')}.${kind === 'captions' ? 'jsonl' : 'tar'}`;
}

/** The settings that a stage's shards depend on; how many there are is no part of it. */
export function stageSettings(kind: ShardKind, s: Settings): Record<string, unknown> {
  const { count: _, ...captions } = s.captions;
  const { seed, concepts, images } = s;
  return JSON.parse(JSON.stringify(kind === 'captions' ? { seed, concepts, captions } : { seed, concepts, captions, images }));
}

/** Reads a folder's manifest; undefined when there is none. @throws UserError when it is not one */
export async function readManifest(dir: string): Promise<Manifest | undefined> {
  const file = join(dir, MANIFEST);
  const text = await readFile(file, 'utf8').catch((e: NodeJS.ErrnoException) => {
    if (e.code === 'ENOENT') return undefined;
    throw e;
  });
  if (text === undefined) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new UserError(`${file}: not JSON; delete it and the shards beside it to write them anew`);
  }
  const parsed = manifestSchema.safeParse(json);
  if (!parsed.success) throw new UserError(`${file}: not a manifest of shards; delete it and the shards beside it to write them anew`);
  return parsed.data;
}

export async function writeManifest(dir: string, m: Manifest): Promise<void> {
  await writeFileAtomic(join(dir, MANIFEST), `${JSON.stringify(m, null, 1)}\n`);
}

/**
 * The manifest to go on from: what a killed writer left half-written is removed, recorded shards are checked.
 * @throws UserError when the folder was written with other settings, or a shard is missing or corrupt
 */
export async function continueManifest(dir: string, kind: ShardKind, s: Settings): Promise<Manifest> {
  await removeTemporaries(dir);
  const settings = stageSettings(kind, s);
  const found = await readManifest(dir);
  if (!found) return { format: 'synclr-shards', version: 1, kind, settings, shards: [] };
  const different = differences(found.settings, settings);
  if (different.length > 0)
    throw new UserError(
      `${dir}: was written with other settings (${different.slice(0, 4).join('; ')}); use those, another --out, or delete the folder`,
    );
  for (const shard of found.shards) await checkShard(dir, shard);
  return found;
}

/** @throws UserError naming the shard whose checksum is wrong */
export async function checkShard(dir: string, shard: ShardEntry): Promise<void> {
  const file = join(dir, shard.file);
  const size = await stat(file).then((s) => s.size).catch(() => undefined);
  if (size === undefined) throw new UserError(`${file}: recorded in ${MANIFEST} but missing; delete ${join(dir, MANIFEST)} and run again to write the shards anew`);
  const sum = size === shard.bytes ? await sha256File(file) : undefined;
  if (sum !== shard.sha256)
    throw new UserError(
      `${file}: corrupt shard: ${sum ? `checksum ${sum.slice(0, 12)}…, recorded is ${shard.sha256.slice(0, 12)}…` : `${size} bytes, recorded are ${shard.bytes}`}; delete it and ${join(dir, MANIFEST)} and run again`,
    );
}

/** `path: a → b` for each leaf that differs. */
function differences(before: unknown, now: unknown, path = ''): string[] {
  if (JSON.stringify(before) === JSON.stringify(now)) return [];
  const isTree = (x: unknown): x is Record<string, unknown> => typeof x === 'object' && x !== null && !Array.isArray(x);
  if (isTree(before) && isTree(now))
    return [...new Set([...Object.keys(before), ...Object.keys(now)])].flatMap((k) => differences(before[k], now[k], path ? `${path}.${k}` : k));
  return [`${path} was ${JSON.stringify(before)}, now ${JSON.stringify(now)}`];
}
