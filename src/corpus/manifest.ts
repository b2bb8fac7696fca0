import { type FileHandle, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { codeOf, UserError } from '../errors.js';
import { removeFile } from '../files/remove.js';
import { onFile, writeFileAtomic } from '../files/write.js';
import { checked, parseJson, readText as readUtf8 } from '../formats/json.js';

/**
 * `manifest.json` of a folder of shards: what they were made from, and every finished shard with its checksum. While a stage runs, new
 * shards are first noted in `manifest.journal`, one line each, and folded in now and then: rewriting the manifest for each shard
 * would cost time quadratic in their number. A finished or cleanly stopped stage leaves no journal.
 */

export type ShardKind = 'captions' | 'images';

const shardSchema = z.strictObject({
  file: z.string().regex(/^[\w.-]+$/),
  /** Samples: captions, or captions with their images. */
  count: z.int().positive(),
  bytes: z.int().positive(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Captions rejected, or images painted again, on the way to it, by reason. */
  rejected: z.record(z.string(), z.int().positive()).optional(),
});
const manifestSchema = z.strictObject({
  format: z.literal('synclr-shards'),
  version: z.literal(1),
  kind: z.enum(['captions', 'images']),
  /** Version of synclr that began it. */
  synclr: z.string(),
  /** What the bytes of the shards depend on: settings by dotted path, and digests of what else was read. */
  settings: z.record(z.string(), z.unknown()),
  /** Samples of the whole stage; the stage is finished when the shards have as many. */
  samples: z.int().positive(),
  /** Samples of every shard but the last. */
  perShard: z.int().positive(),
  shards: z.array(shardSchema),
});

/** One finished shard. */
export type ShardEntry = z.output<typeof shardSchema>;
export type Manifest = z.output<typeof manifestSchema>;

export const MANIFEST = 'manifest.json';
/** About three million shards. */
const MOST_BYTES = 500_000_000;
const JOURNAL = 'manifest.journal';

/** `captions-000000.jsonl`, `images-000000.tar`. */
export function shardName(kind: ShardKind, k: number): string {
  return `${kind}-${String(k).padStart(6, '0')}.${kind === 'captions' ? 'jsonl' : 'tar'}`;
}

/** Number of a shard by its file's name; undefined for other files. */
export function shardNumber(kind: ShardKind, file: string): number | undefined {
  const found = /^([a-z]+)-(\d{6,})\.[a-z]+$/.exec(file);
  return found && file === shardName(kind, Number(found[2])) ? Number(found[2]) : undefined;
}

/** Shards of the whole stage. */
export const shardsOf = (m: Pick<Manifest, 'samples' | 'perShard'>): number => Math.ceil(m.samples / m.perShard);

/** Samples that shard k has. */
export const countOf = (m: Pick<Manifest, 'samples' | 'perShard'>, k: number): number =>
  Math.min(m.perShard, m.samples - k * m.perShard);

/** Samples of the finished shards. */
export const finishedSamples = (m: Manifest): number => m.shards.reduce((sum, s) => sum + s.count, 0);

/**
 * Reads a folder's manifest with its journal; undefined when there is none.
 * @param options.others what to do with a `manifest.json` of another program: refuse it (default), or see none
 * @throws UserError when it is damaged
 */
export async function readManifest(
  dir: string,
  { others = 'refuse' }: { others?: 'refuse' | 'ignore' } = {},
): Promise<Manifest | undefined> {
  const file = join(dir, MANIFEST);
  const text = await readText(file);
  if (text === undefined) return undefined;
  const damaged = (what: string) =>
    new UserError(
      `${file}: damaged manifest (${what}): restore it from a copy, or move the folder ${dir} elsewhere and run the same command again to make all of it anew`,
    );
  let manifest: Manifest;
  try {
    const value = parseJson(text, 'it');
    // Nobody is to be told to delete what is somebody else's.
    if ((value as { format?: unknown } | null)?.format !== 'synclr-shards') {
      if (others === 'ignore') return undefined;
      throw new UserError(
        `${file} is no manifest of synclr's (it has no "format": "synclr-shards"): choose another folder`,
      );
    }
    manifest = checked(value, manifestSchema, 'in it');
  } catch (e) {
    throw e instanceof UserError && !e.message.startsWith(file) ? damaged(e.message) : e;
  }
  for (const shard of await readJournal(dir, manifest)) manifest.shards.push(shard);
  for (const [k, s] of manifest.shards.entries()) {
    const expected = countOf(manifest, k);
    if (s.file !== shardName(manifest.kind, k) || s.count !== expected)
      throw damaged(
        `shard ${k} is ${s.file} with ${s.count} samples, expected ${shardName(manifest.kind, k)} with ${expected}`,
      );
  }
  return manifest;
}

/** Shards noted after the manifest was written. A torn or foreign line ends the journal: what it spoke of is simply made again. */
async function readJournal(dir: string, m: Manifest): Promise<ShardEntry[]> {
  const text = (await readText(join(dir, JOURNAL))) ?? '';
  const found: ShardEntry[] = [];
  for (const line of text.slice(0, text.lastIndexOf('\n') + 1).split('\n')) {
    let json: unknown;
    try {
      json = JSON.parse(line);
    } catch {
      break;
    }
    const entry = shardSchema.safeParse(json).data;
    const k = entry && shardNumber(m.kind, entry.file);
    if (!entry || k === undefined) break;
    // A kill between folding the journal in and removing it leaves lines that the manifest has already.
    if (k < m.shards.length) continue;
    const next = m.shards.length + found.length;
    if (k !== next || next >= shardsOf(m) || entry.count !== countOf(m, k)) break;
    found.push(entry);
  }
  return found;
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await readUtf8(file, MOST_BYTES);
  } catch (e) {
    const code = codeOf(e);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    if (code !== undefined) throw new UserError(`cannot read ${file}: ${code}`);
    throw e;
  }
}

/** Keeps a manifest on disk in step with its stage. The only writer of the folder's manifest and journal. */
export class ManifestFile {
  readonly manifest: Manifest;
  private readonly dir: string;
  private journal: FileHandle | undefined;
  private noted = 0;

  constructor(dir: string, manifest: Manifest) {
    this.dir = dir;
    this.manifest = manifest;
  }

  /** Writes the whole manifest and clears the journal. */
  async write(): Promise<void> {
    await this.journal?.close();
    this.journal = undefined;
    this.noted = 0;
    const { shards, ...head } = this.manifest;
    const lines = shards.map((s) => `  ${JSON.stringify(s)}`).join(',\n');
    const text = `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "shards": [${lines ? `\n${lines}\n  ` : ''}]\n}\n`;
    await writeFileAtomic(join(this.dir, MANIFEST), text);
    await removeFile(join(this.dir, JOURNAL));
  }

  /** Whether a process that was killed left notes beside the manifest. */
  hasJournal(): Promise<boolean> {
    return stat(join(this.dir, JOURNAL)).then(
      () => true,
      () => false,
    );
  }

  /** Adds the next shard, durably. */
  async add(entry: ShardEntry): Promise<void> {
    this.manifest.shards.push(entry);
    this.journal ??= await open(join(this.dir, JOURNAL), 'a');
    const line = `${JSON.stringify(entry)}\n`;
    await onFile(
      join(this.dir, JOURNAL),
      this.journal.appendFile(line).then(() => this.journal?.datasync()),
    );
    // Folding in at growing intervals keeps the whole cost linear.
    if (++this.noted >= Math.max(64, this.manifest.shards.length / 4)) await this.write();
  }

  /** Folds the journal in. */
  async close(): Promise<void> {
    if (this.noted > 0) await this.write();
  }
}
