import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Interrupted, UserError } from '../errors.js';
import { sha256File } from '../files/digest.js';
import { removeEmptyFolder, removeFile } from '../files/remove.js';
import { removeTemporaries } from '../files/temporary.js';
import { TAR_END } from '../formats/tar.js';
import type { StageHooks } from '../stage.js';
import { VERSION } from '../version.js';
import { type Fingerprint, refuseDifferent } from './fingerprint.js';
import {
  countOf,
  finishedSamples,
  MANIFEST,
  type Manifest,
  ManifestFile,
  readManifest,
  type ShardEntry,
  type ShardKind,
  shardName,
  shardNumber,
  shardsOf,
} from './manifest.js';
import { reopen, shardOfPart } from './shard-file.js';

/** What a stage is to make. */
export interface StagePlan {
  kind: ShardKind;
  fingerprint: Fingerprint;
  /** Samples in all, and a shard. */
  samples: number;
  perShard: number;
}

/** Finished corpora up to this size are checked by checksum whenever their stage is asked for: about a second. */
const QUICK_CHECK_BYTES = 2 ** 30;

/**
 * Knows which of a stage's shards are made, and notes new ones. They enter the manifest in the order of their numbers, whichever
 * thread finishes first, so that its bytes tell nothing of threads or interruptions.
 */
export class ShardLedger {
  /** Numbers of the shards still to be made, ascending. */
  readonly todo: readonly number[];
  private readonly dir: string;
  private readonly file: ManifestFile;
  private readonly begun: boolean;
  /** Recorded shards whose files are gone. */
  private readonly missing: Set<number>;
  private readonly early = new Map<number, ShardEntry>();
  private queue: Promise<void> = Promise.resolve();

  private constructor(dir: string, file: ManifestFile, missing: number[], begun: boolean) {
    const next = file.manifest.shards.length;
    this.dir = dir;
    this.file = file;
    this.missing = new Set(missing);
    this.todo = [...missing, ...Array.from({ length: shardsOf(file.manifest) - next }, (_, i) => next + i)];
    this.begun = begun;
  }

  /**
   * Opens a stage's folder to go on where it was left: removes what a killed run left half-written, checks what is finished, and
   * reopens a last shard that a smaller `samples` had cut short.
   * @throws UserError when the folder was begun with other settings, or a shard is corrupt
   */
  static async open(dir: string, plan: StagePlan, hooks: Pick<StageHooks, 'signal' | 'warn'>): Promise<ShardLedger> {
    const found = await checkPlan(dir, plan);
    if (!found) await refuseStrayShards(dir, plan.kind);
    await mkdir(dir, { recursive: true }).catch((e: NodeJS.ErrnoException) => {
      throw new UserError(`cannot write to ${dir}: ${e.code}`);
    });
    await removeTemporaries(dir);
    const manifest: Manifest = found ?? {
      format: 'synclr-shards',
      version: 1,
      kind: plan.kind,
      synclr: VERSION,
      settings: plan.fingerprint,
      samples: plan.samples,
      perShard: plan.perShard,
      shards: [],
    };
    const file = new ManifestFile(dir, manifest);
    const begun = found !== undefined;
    const wasFinished = begun && finishedSamples(manifest) === manifest.samples;
    const quick = wasFinished && manifest.shards.reduce((sum, s) => sum + s.bytes, 0) > QUICK_CHECK_BYTES;
    const missing: number[] = [];
    for (const [k, shard] of manifest.shards.entries()) {
      if (hooks.signal.aborted) throw new Interrupted(`stopped while checking the shards of ${dir}`);
      if (!(await checkShard(dir, shard, quick ? 'size' : 'checksum'))) missing.push(k);
    }
    if (begun && manifest.samples < plan.samples) {
      const last = manifest.shards.length - 1;
      manifest.samples = plan.samples;
      if (last >= 0 && manifest.shards[last].count < countOf(manifest, last)) {
        if (missing.at(-1) === last) missing.pop();
        // What it holds may have cost hours, and need not be the same when it is asked for again.
        const { file: name, count, bytes, rejected = {} } = manifest.shards.pop()!;
        const ending = plan.kind === 'images' ? TAR_END : 0;
        reopen(join(dir, name), { samples: count, bytes: bytes - ending, rejected });
      }
      await file.write();
    } else if (!begun || manifest.shards.length < shardsOf(manifest) || (await file.hasJournal())) await file.write();
    const ledger = new ShardLedger(dir, file, missing, begun);
    if (ledger.todo.length === 0) return ledger;
    if (manifest.synclr !== VERSION)
      hooks.warn(
        `${dir} was begun by synclr ${manifest.synclr}, this is ${VERSION}: its new shards may be made a little differently`,
      );
    await removeUnrecorded(dir, plan.kind, manifest.shards.length);
    return ledger;
  }

  get manifest(): Readonly<Manifest> {
    return this.file.manifest;
  }

  /** Samples of the shards that are made. */
  get finished(): number {
    const gone = [...this.missing].reduce((sum, k) => sum + countOf(this.manifest, k), 0);
    return finishedSamples(this.manifest) - gone;
  }

  /** Notes a shard whose file is in place; one whose predecessors are still being made waits for them. */
  record(k: number, entry: ShardEntry): Promise<void> {
    this.early.set(k, entry);
    this.queue = this.queue.then(async () => {
      const { shards } = this.manifest;
      for (const [i, e] of this.early) {
        if (i >= shards.length) continue;
        // One that had been deleted: made again from the same settings it has the same bytes, unless synclr itself changed.
        this.early.delete(i);
        this.missing.delete(i);
        if (JSON.stringify(shards[i]) === JSON.stringify(e)) continue;
        shards[i] = e;
        await this.file.write();
      }
      for (let e = this.early.get(shards.length); e; e = this.early.get(shards.length)) {
        this.early.delete(shards.length);
        await this.file.add(e);
      }
    });
    return this.queue;
  }

  /** Leaves the folder with its manifest whole, no journal and no temporary files; a new folder without a shard goes again. */
  async close(): Promise<void> {
    await this.queue.catch(() => {});
    await removeTemporaries(this.dir);
    await this.removeParts();
    await this.file.close();
    if (this.begun || this.manifest.shards.length > 0 || (await this.holdsParts())) return;
    await removeUnrecorded(this.dir, this.manifest.kind, 0);
    await removeFile(join(this.dir, MANIFEST));
    await removeEmptyFolder(this.dir);
  }

  /** Of shards that are whole nothing on its way is left but by a kill in the wrong moment, or by a maker that keeps nothing. */
  private async removeParts(): Promise<void> {
    for (const name of await readdir(this.dir).catch(() => [])) {
      const whole = shardOfPart(name);
      const k = whole === undefined ? undefined : shardNumber(this.manifest.kind, whole);
      if (k !== undefined && k < this.manifest.shards.length && !this.missing.has(k))
        await removeFile(join(this.dir, name));
    }
  }

  /** Whether a shard on its way is worth coming back for. */
  private async holdsParts(): Promise<boolean> {
    return (await readdir(this.dir).catch(() => [])).some((name) => name.endsWith('.part'));
  }
}

/**
 * The manifest of a folder that this plan would continue; undefined for a new one. Writes nothing.
 * @throws UserError when the folder was made with other settings, holds something else, or more than is asked for
 */
export async function checkPlan(dir: string, plan: StagePlan): Promise<Manifest | undefined> {
  const found = await readManifest(dir);
  if (!found) return undefined;
  if (found.kind !== plan.kind)
    throw new UserError(`${dir} holds ${found.kind}, not ${plan.kind}; choose another folder with --out`);
  refuseDifferent(dir, plan.kind, found.settings, plan.fingerprint);
  if (found.samples > plan.samples)
    throw new UserError(
      `${dir} holds ${plan.kind === 'images' ? 'images of ' : ''}${found.samples} captions, ${plan.samples} are asked for (captions.count): it can grow, not shrink; choose another folder with --out, or delete ${dir}`,
    );
  return found;
}

/** Samples of the recorded shards whose files are there. */
export async function presentSamples(dir: string, m: Manifest): Promise<number> {
  let samples = 0;
  for (const shard of m.shards) if (await exists(join(dir, shard.file))) samples += shard.count;
  return samples;
}

const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );

/**
 * @param how by size alone, or by checksum too
 * @returns false when the file is missing
 * @throws UserError naming the shard, the checksum expected and the one found
 */
export async function checkShard(dir: string, shard: ShardEntry, how: 'size' | 'checksum'): Promise<boolean> {
  const file = join(dir, shard.file);
  const size = await stat(file).then(
    (s) => s.size,
    () => undefined,
  );
  if (size === undefined) return false;
  const todo = `delete it and run the same command again: it is made anew`;
  if (size !== shard.bytes)
    throw new UserError(`corrupt shard ${file}: ${size} bytes, expected ${shard.bytes}; ${todo}`);
  if (how === 'size') return true;
  const found = await sha256File(file);
  if (found !== shard.sha256)
    throw new UserError(`corrupt shard ${file}: its checksum is sha256 ${found}, expected ${shard.sha256}; ${todo}`);
  return true;
}

/**
 * Shards without a manifest are somebody else's, or those of a run whose manifest was lost: never overwritten, nor gone on with where they
 * are half made, since nothing says by which settings.
 */
async function refuseStrayShards(dir: string, kind: ShardKind): Promise<void> {
  const names = await readdir(dir).catch(() => []);
  const stray = names.find((name) => shardNumber(kind, shardOfPart(name) ?? name) !== undefined);
  if (stray)
    throw new UserError(
      `${dir} holds shards (${stray} …) but no ${MANIFEST}: restore it, move the folder elsewhere to make them anew, or choose another with --out`,
    );
}

/** Shards that were finished but not yet recorded are made again, since nothing vouches for them; others are left from a longer journal. */
async function removeUnrecorded(dir: string, kind: ShardKind, recorded: number): Promise<void> {
  for (const name of await readdir(dir)) {
    const k = shardNumber(kind, name);
    if (k !== undefined && k >= recorded) await removeFile(join(dir, shardName(kind, k)));
  }
}
