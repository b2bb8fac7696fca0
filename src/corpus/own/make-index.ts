import { createHash } from 'node:crypto';
import { closeSync, createReadStream, fsyncSync, ftruncateSync, readFileSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type Counts, count } from '../../counts.js';
import { Interrupted, UserError } from '../../errors.js';
import { sha256 } from '../../files/digest.js';
import { makeFolder } from '../../files/folders.js';
import { removeFile } from '../../files/remove.js';
import { removeTemporaries } from '../../files/temporary.js';
import { openGrowingSync, writeFileAtomicSync } from '../../files/write.js';
import { parseJson, readText } from '../../formats/json.js';
import { FORMS, type Form } from '../../run/sources.js';
import type { StageHooks } from '../../stage.js';
import { VERSION } from '../../version.js';
import { type CheckedSample, CheckedSamples } from './check-images.js';
import {
  CAPTION_BYTES,
  IMAGE_BYTES,
  INDEX_FILE,
  PARTS,
  type Part,
  PROGRESS_FILE,
  packCaption,
  packImage,
} from './layout.js';
import type { SourceReader } from './sample.js';

/** What an index says of itself. */
const indexSchema = z.strictObject({
  format: z.literal('synclr-source'),
  version: z.literal(1),
  synclr: z.string(),
  form: z.enum(FORMS),
  /** Absolute; all names are relative to it. */
  dir: z.string(),
  /** Archives and Parquet files. */
  files: z.array(z.string()),
  /** Of all names, sizes and times. */
  state: z.string(),
  captions: z.int().positive(),
  images: z.int().positive(),
  /** Most images of a caption, and whether all have so many. */
  most: z.int().positive(),
  same: z.boolean(),
  /** Width of the first image. */
  size: z.int().positive(),
  classes: z.int().nonnegative(),
  /** Left out, by reason. */
  bad: z.record(z.string(), z.int().positive()),
  /** Of what is in the images and which are one caption's, wherever they lie. */
  fingerprint: z.string(),
});
export type SourceIndex = z.output<typeof indexSchema>;

/** How far an index has come; what is behind the lengths was written by a killed process. */
const progressSchema = z.strictObject({
  form: z.enum(FORMS),
  dir: z.string(),
  unit: z.int().nonnegative(),
  /** Of the units so far. */
  state: z.string(),
  /** Samples of the unit behind them that were looked at, and what it was like. */
  inside: z.int().nonnegative(),
  insideState: z.string(),
  lengths: z.strictObject(Object.fromEntries(PARTS.map((p) => [p, z.int().nonnegative()])) as Record<Part, z.ZodInt>),
  captions: z.int().nonnegative(),
  images: z.int().nonnegative(),
  most: z.int().nonnegative(),
  least: z.int().nonnegative(),
  size: z.int().nonnegative(),
  bad: z.record(z.string(), z.int().positive()),
});
type Progress = z.output<typeof progressSchema>;

export interface IndexOptions {
  /** Where the index goes. */
  folder: string;
  form: Form;
  dir: string;
  reader: SourceReader;
  /** Largest share of bad samples. */
  mostBad: number;
  /**
   * Least time between two notes of how far it is, milliseconds: what is done after the last one is done again after a
   * kill. Default: 1000.
   */
  noteEvery?: number;
  hooks: StageHooks;
}

const NOTE_EVERY = 1000;
/** Images before too many of them can be bad. */
const ENOUGH = 200;

/** An index that is there; undefined where there is none, or it is not whole. */
export async function readIndex(folder: string): Promise<SourceIndex | undefined> {
  const file = join(folder, INDEX_FILE);
  try {
    return indexSchema.parse(parseJson(await readText(file), file));
  } catch {
    return undefined;
  }
}

/** Of all names, sizes and times that a source has now. */
export async function stateOf(reader: SourceReader): Promise<string> {
  let state = '';
  for (let u = 0; u < reader.units.length; u++) state = sha256(`${state}\n${await reader.state(u)}`);
  return state;
}

/**
 * Makes the index of a source in one pass: every image is read and decoded once, and what is bad is left out, counted
 * and named in `bad`. What
 * a killed process had done is gone on with; an index whose files have not changed is taken as it is.
 * @throws UserError where too many samples are bad, or none is good; Interrupted
 */
export async function makeIndex(o: IndexOptions): Promise<SourceIndex> {
  const { folder, form, dir, reader } = o;
  const found = await readIndex(folder);
  const same = (x: { form: string; dir: string; state: string }, state: string) =>
    x.form === form && x.dir === dir && x.state === state;
  // What a kill while noting, or between the last two files, has left behind.
  await removeTemporaries(folder);
  if (found && same(found, await stateOf(reader))) {
    await removeFile(join(folder, PROGRESS_FILE));
    return found;
  }
  await makeFolder(folder);
  await removeFile(join(folder, INDEX_FILE));
  const writer = new IndexWriter(o, await resumable(o));
  try {
    return await writer.run();
  } finally {
    writer.close();
    await reader.close();
  }
}

/** What an earlier process noted, where the units so far are as they were. */
async function resumable({ folder, form, dir, reader }: IndexOptions): Promise<Progress | undefined> {
  let p: Progress;
  try {
    p = progressSchema.parse(JSON.parse(readFileSync(join(folder, PROGRESS_FILE), 'utf8')));
  } catch {
    return undefined;
  }
  if (p.form !== form || p.dir !== dir || p.unit > reader.units.length) return undefined;
  for (const part of PARTS)
    if (!((statSync(join(folder, part), { throwIfNoEntry: false })?.size ?? -1) >= p.lengths[part])) return undefined;
  let state = '';
  for (let u = 0; u < p.unit; u++) state = sha256(`${state}\n${await reader.state(u)}`);
  if (state !== p.state) return undefined;
  return p.inside === 0 || (await reader.state(p.unit)) === p.insideState ? p : undefined;
}

const BUFFER = 1 << 18;

class Appender {
  readonly file: string;
  length: number;
  private readonly fd: number;
  private pieces: Uint8Array[] = [];
  private held = 0;

  constructor(file: string, length: number) {
    this.file = file;
    this.fd = openGrowingSync(file, length);
    ftruncateSync(this.fd, length);
    this.length = length;
  }

  add(bytes: Uint8Array): void {
    this.pieces.push(bytes);
    this.held += bytes.length;
    this.length += bytes.length;
    if (this.held > BUFFER) this.flush();
  }

  flush(): void {
    if (this.held === 0) return;
    const all = Buffer.concat(this.pieces);
    const at = this.length - this.held;
    for (let done = 0; done < all.length; ) done += writeSync(this.fd, all, done, all.length - done, at + done);
    this.pieces = [];
    this.held = 0;
  }

  sync(): void {
    this.flush();
    fsyncSync(this.fd);
  }

  close(): void {
    closeSync(this.fd);
  }
}

class IndexWriter {
  private readonly o: IndexOptions;
  private readonly parts: Record<Part, Appender>;
  private readonly classes = new Map<string, number>();
  private p: Progress;
  private noted = performance.now();

  constructor(o: IndexOptions, before: Progress | undefined) {
    this.o = o;
    const zero = Object.fromEntries(PARTS.map((part) => [part, 0])) as Record<Part, number>;
    this.p = before ?? {
      ...{
        form: o.form,
        dir: o.dir,
        unit: 0,
        state: '',
        inside: 0,
        insideState: '',
        lengths: zero,
        captions: 0,
        images: 0,
      },
      ...{ most: 0, least: 0, size: 0, bad: {} },
    };
    const { lengths } = this.p;
    const path = (part: Part) => join(o.folder, part);
    this.parts = Object.fromEntries(PARTS.map((part) => [part, new Appender(path(part), lengths[part])])) as Record<
      Part,
      Appender
    >;
    if (lengths.classes > 0)
      for (const line of readFileSync(path('classes'), 'utf8').split('\n'))
        if (line !== '') this.classes.set(JSON.parse(line) as string, this.classes.size);
  }

  /** Images that were looked at. */
  private get seen(): number {
    return this.p.images + this.badCount;
  }

  private get badCount(): number {
    return Object.values(this.p.bad).reduce((sum, n) => sum + n, 0);
  }

  async run(): Promise<SourceIndex> {
    const { reader, hooks } = this.o;
    const first = this.p.unit;
    const before = this.p.images;
    const report = () =>
      hooks.progress({
        stage: 'corpus',
        done: this.p.unit,
        total: reader.units.length,
        before: first,
        unit: this.o.form === 'webdataset' || this.o.form === 'parquet' ? 'files read' : 'folders read',
        detail: { images: this.p.images, ...(this.badCount > 0 ? { 'left out': this.badCount } : {}) },
      });
    if (before > 0) hooks.note?.(`${this.o.dir}: goes on behind ${before} images that were looked at before`);
    const samples = new CheckedSamples(hooks.signal);
    try {
      for (; this.p.unit < reader.units.length; ) {
        const unit = this.p.unit;
        const state = await reader.state(unit);
        this.p.insideState = state;
        for await (const sample of samples.of(behind(reader.samples(unit), this.p.inside))) {
          this.take(sample);
          this.p.inside++;
          if (hooks.signal.aborted) {
            this.note(true);
            throw new Interrupted(`stopped while ${this.o.dir} was read; the same command goes on`);
          }
          if (this.p.inside % 32 === 0) {
            this.note(false);
            report();
            this.refuseTooMany(ENOUGH);
          }
        }
        this.p.state = sha256(`${this.p.state}\n${state}`);
        this.p.unit++;
        this.p.inside = 0;
        this.note(false);
        report();
      }
    } finally {
      await samples.close();
    }
    this.refuseTooMany(0);
    return this.finish();
  }

  close(): void {
    for (const part of Object.values(this.parts)) part.close();
  }

  private take(s: CheckedSample): void {
    for (const { what, reason } of s.bad) {
      count(this.p.bad as Counts, reason);
      this.parts.bad.add(Buffer.from(`${JSON.stringify({ sample: s.name, reason, what })}\n`));
    }
    if (s.images.length === 0) return;
    const { parts } = this;
    const text = Buffer.from(s.text, 'utf8');
    const textAt = parts.text.length;
    parts.text.add(text);
    let label = -1;
    if (s.label !== '') {
      label = this.classes.get(s.label) ?? this.classes.size;
      if (label === this.classes.size) {
        this.classes.set(s.label, label);
        parts.classes.add(Buffer.from(`${JSON.stringify(s.label)}\n`));
      }
    }
    const first = this.p.images;
    for (const image of s.images) {
      let { at, span } = image.place;
      if (image.name !== undefined) {
        at = parts.text.length;
        const name = Buffer.from(image.name, 'utf8');
        span = name.length;
        parts.text.add(name);
      }
      parts.images.add(packImage({ ...image.place, at, span, bytes: image.bytes, digest: image.digest }));
      if (this.p.size === 0) this.p.size = image.width;
    }
    const n = s.images.length;
    parts.captions.add(packCaption({ first, images: n, label, textAt, textBytes: text.length }));
    this.p.captions++;
    this.p.images += n;
    this.p.least = this.p.least === 0 ? n : Math.min(this.p.least, n);
    this.p.most = Math.max(this.p.most, n);
  }

  /** After whole samples. */
  private note(now: boolean): void {
    if (!now && performance.now() - this.noted < (this.o.noteEvery ?? NOTE_EVERY)) return;
    for (const part of PARTS) {
      this.parts[part].sync();
      this.p.lengths[part] = this.parts[part].length;
    }
    writeFileAtomicSync(join(this.o.folder, PROGRESS_FILE), `${JSON.stringify(this.p)}\n`);
    this.noted = performance.now();
  }

  private refuseTooMany(enough: number): void {
    const { mostBad, dir, folder } = this.o;
    const bad = this.badCount;
    if (this.seen < Math.max(1, enough) || bad <= mostBad * this.seen) return;
    this.note(true);
    this.parts.bad.sync();
    const reasons = Object.entries(this.p.bad)
      .sort(([, a], [, b]) => b - a)
      .map(([reason, n]) => `${n} ${reason}`);
    throw new UserError(
      `${dir}: ${bad} of ${this.seen} images are bad (${reasons.join(', ')}), more than the share corpus.mostBad = ${mostBad}; they are named in ${join(folder, 'bad')}`,
    );
  }

  private async finish(): Promise<SourceIndex> {
    const { folder, form, dir, reader } = this.o;
    if (this.p.captions === 0) throw new UserError(`${dir}: no sample with an image in it`);
    this.note(true);
    const index: SourceIndex = {
      ...{ format: 'synclr-source', version: 1, synclr: VERSION, form, dir, files: [...reader.files] },
      ...{ state: this.p.state, captions: this.p.captions, images: this.p.images, most: this.p.most },
      ...{ same: this.p.least === this.p.most, size: this.p.size, classes: this.classes.size, bad: this.p.bad },
      fingerprint: await this.fingerprint(),
    };
    writeFileAtomicSync(join(folder, INDEX_FILE), `${JSON.stringify(index, null, 2)}\n`);
    await removeFile(join(folder, PROGRESS_FILE));
    return index;
  }

  /** Of the images' digests, captions, texts and classes: not of where they lie. */
  private async fingerprint(): Promise<string> {
    const hash = createHash('sha256');
    hash.update('synclr-source 1');
    const file = (part: Part) => join(this.o.folder, part);
    await pieces(file('images'), IMAGE_BYTES, (b) => hash.update(b.subarray(32, 40)));
    await pieces(file('captions'), CAPTION_BYTES, (b) => hash.update(b.subarray(8, 16)));
    hash.update(readFileSync(file('classes')));
    return hash.digest('hex').slice(0, 32);
  }
}

/** What comes behind the first ones, which are not read. */
async function* behind<T>(all: AsyncIterable<T> | Iterable<T>, first: number): AsyncIterable<T> {
  let at = 0;
  for await (const one of all) if (at++ >= first) yield one;
}

async function pieces(file: string, size: number, use: (b: Buffer) => void): Promise<void> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    const all = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    const whole = all.length - (all.length % size);
    for (let at = 0; at < whole; at += size) use(all.subarray(at, at + size));
    rest = all.subarray(whole);
  }
}
