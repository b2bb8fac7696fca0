import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { UserError } from '../../errors.js';
import { sha256 } from '../../files/digest.js';
import { makeFolder } from '../../files/folders.js';
import { CORPUS_FOLDER, type CorpusRecord } from '../../run/config.js';
import { FolderLock } from '../../run/lock.js';
import type { SourceRecord } from '../../run/sources.js';
import type { StageHooks } from '../../stage.js';
import type { LinkedCorpus } from '../link.js';
import { type Detected, detect } from './form.js';
import { makeIndex, readIndex, stateOf } from './make-index.js';
import { setFingerprint, writeSet } from './set.js';
import type { SourceSpec } from './source.js';

export interface LinkOptions {
  /** The run's folder, in which indices of what is not ours are kept. */
  run: string;
  /** Largest share of images that may be bad, 0…1. Default: 0.25. */
  mostBad?: number;
  /** As `IndexOptions` has it. */
  noteEvery?: number;
  hooks?: StageHooks;
}

const SILENT: StageHooks = { signal: new AbortController().signal, progress() {}, warn() {} };

/**
 * Makes, or takes, the indices of several sources, or of one that is not ours, in the run's `corpus/`.
 * @param shardsOf what is known of a source that is a run of synclr's; undefined for others
 * @throws UserError as `detect` and `makeIndex`; Interrupted
 */
export async function linkSources(
  specs: readonly SourceSpec[],
  { run, mostBad = 0.25, noteEvery, hooks = SILENT }: LinkOptions,
  shardsOf: (path: string) => Promise<LinkedCorpus | undefined>,
): Promise<LinkedCorpus> {
  const total = specs.reduce((sum, s) => sum + s.weight, 0);
  const twice = specs.find((s, k) => specs.findIndex((o) => resolve(o.path) === resolve(s.path)) < k);
  if (twice) throw new UserError(`--corpus ${twice.path} is given twice: give it the sum of the weights`);
  // Looked at before anything is written.
  const looked: { spec: SourceSpec; ours?: LinkedCorpus; found?: Detected }[] = [];
  for (const spec of specs) {
    const ours = spec.form === undefined ? await shardsOf(spec.path) : undefined;
    looked.push({ spec, ours, found: ours ? undefined : await detect({ ...spec, path: resolve(spec.path) }) });
  }
  const folder = join(run, CORPUS_FOLDER);
  await makeFolder(run);
  const lock = await FolderLock.take(run);
  try {
    const sources: SourceRecord[] = [];
    const remarks: string[] = [];
    let same: number | undefined = 0;
    for (const { spec, ours, found } of looked) {
      const share = spec.weight / total;
      if (ours || !found) {
        const { path, fingerprint, captions, images } = ours!.record;
        if (spec.origin === 'photographed')
          throw new UserError(`--corpus ${spec.path} was painted by synclr, not photographed`);
        sources.push({ path, origin: 'synclr', share, fingerprint, captions, images });
        same = same === 0 || same === images / captions ? images / captions : undefined;
        continue;
      }
      hooks.note?.(found.line);
      const path = resolve(spec.path);
      const key = sha256(JSON.stringify([path, found.form])).slice(0, 12);
      const index = await makeIndex({ folder: join(folder, key), mostBad, noteEvery, hooks, ...found });
      const { form, captions, images, fingerprint, classes, bad } = index;
      const origin = spec.origin ?? 'unknown';
      sources.push({
        path,
        form,
        index: key,
        origin,
        share,
        fingerprint,
        captions,
        images,
        ...(classes > 0 ? { classes } : {}),
        bad,
      });
      same = same === 0 || (index.same && same === index.most) ? (index.same ? index.most : undefined) : undefined;
      const left = badLine(bad);
      if (left) remarks.push(`${spec.path}: ${left}; they are named in ${join(folder, key, 'bad')}`);
      if (origin === 'unknown')
        remarks.push(
          `${spec.path} was not painted by synclr; whether it was photographed or painted nobody said (--corpus ${spec.path},photographed or ${spec.path},painted), and the report will say so`,
        );
    }
    const sum = (of: (s: SourceRecord) => number) => sources.reduce((n, s) => n + of(s), 0);
    const record: CorpusRecord = {
      path: sources.map((s) => s.path).join(' + '),
      fingerprint: setFingerprint(sources),
      captions: sum((s) => s.captions),
      images: sum((s) => s.images),
      foreign: true,
      set: await writeSet(folder, sources),
      sources,
    };
    remarks.push(
      'which concepts the images show is not known as it is of painted ones, and there are no painted probes (name real images with --eval)',
    );
    const settings: Record<string, unknown> = { 'captions.count': record.captions, 'probe.heldOutClasses': 0 };
    const suggested: Record<string, unknown> = same !== undefined && same > 1 ? { 'images.perCaption': same } : {};
    return { record, settings, suggested, remarks };
  } finally {
    lock.releaseSync();
  }
}

const badLine = (bad: Readonly<Record<string, number>>): string | undefined => {
  const reasons = Object.entries(bad);
  if (reasons.length === 0) return undefined;
  const n = reasons.reduce((sum, [, k]) => sum + k, 0);
  return `${n} ${n === 1 ? 'image was' : 'images were'} left out (${reasons.map(([r, k]) => `${k} ${r}`).join(', ')})`;
};

/**
 * Looks whether the sources of a run are where they were and as they were indexed.
 * @throws UserError naming the one that is not
 */
export async function checkSources(record: CorpusRecord, run: string, ours: (source: SourceRecord) => Promise<void>) {
  for (const source of record.sources ?? []) {
    const { path, form, index: key } = source;
    if (!(await stat(path).catch(() => undefined)))
      throw new UserError(`the corpus of ${run} is not there any more: ${path}; say with --corpus where it is now`);
    if (form === undefined || key === undefined) {
      await ours(source);
      continue;
    }
    const index = await readIndex(join(run, CORPUS_FOLDER, key));
    const again = `name it again with --corpus: where it holds the same images, the run goes on`;
    if (!index) throw new UserError(`the index of ${path} in ${join(run, CORPUS_FOLDER)} is gone; ${again}`);
    const { reader } = await detect({ path, form, weight: 1 });
    if ((await stateOf(reader)) !== index.state)
      throw new UserError(
        `the corpus of ${run} has changed since: files of ${path} have other names, sizes or times; ${again}`,
      );
  }
}
