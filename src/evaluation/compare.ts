import { join } from 'node:path';
import type { EncoderWeights } from '../config/names.js';
import type { EvalSet } from '../data/set.js';
import { type EvalSpec, nameFor } from '../data/spec.js';
import { UserError } from '../errors.js';
import { makeFolder } from '../files/folders.js';
import { refuseOverlap } from '../files/overlap.js';
import { removeTemporaries } from '../files/temporary.js';
import { FolderLock } from '../run/lock.js';
import { type ExecutorSettings, openExecutors } from '../runtime/open-executors.js';
import type { StageHooks } from '../stage.js';
import type { CellRecord } from './cells.js';
import { type EncoderFacts, Encoders, encoderSpecs } from './encoders.js';
import { checkOptions } from './options.js';
import type { Protocol, ProtocolOptions } from './protocol.js';
import { PROTOCOLS } from './protocols/index.js';
import { type OpenedSet, openSets } from './sets.js';
import { type Differences, differencesOf } from './significance.js';
import { askedFor, protocolsNamed, suitesNamed, wantedBy } from './suites.js';
import { Work } from './work.js';

export interface CompareOptions {
  /**
   * Encoders, each with `NAME=` before it to be called so: a run's folder, a checkpoint, an exported encoder, one of other people's (a file,
   * a folder or `hf:owner/name`), `untrained:` and one of these for its network before any training, or `pixels`. The others are compared
   * with the first.
   */
  encoders: readonly string[];
  /** `linear`, `fine-grained`, `unseen`, `segmentation`, `finetune`, `all`; with neither suites nor protocols: kNN and a linear layer. */
  suites?: readonly string[];
  /** Protocols by name, in place of the suites'. */
  protocols?: readonly string[];
  /** What is to be other than the paper's, by protocol: `{ linear: { epochs: 30 } }`. */
  options?: ProtocolOptions;
  /** A folder of data sets by their names: `cifar10/`, `aircraft/` … */
  data?: string;
  /** Data sets that lie elsewhere. */
  evals?: readonly EvalSpec[];
  /** Which value of label maps counts nowhere, 0…255, where a data set does not say; 255 always does. */
  ignored?: number;
  /** Folder of features, finished cells and pages; the same call continues there. */
  out: string;
  /** Default 0. */
  seed?: number;
  /** Which of several encoders of a file. */
  weights?: EncoderWeights;
  /** Heads of somebody else's encoder, where neither its weights nor a description say them. */
  heads?: number;
  /** Side at which all encoders see pictures, pixels; default: each its own. */
  size?: number;
  /** Also write `pictures.html`: what the encoders make of each data set, in pictures side by side. */
  pictures?: boolean;
  /** What encoders and probes run on; default: all cores of the CPU. */
  runtime?: ExecutorSettings;
  hooks: StageHooks;
  /** Hears each cell when it is finished, or was found, and how far it all is. */
  onCell?(cell: ComparedCell, at: number, total: number): void;
  /** Default: all that there are. */
  among?: readonly Protocol[];
}

/** One encoder on one data set under one protocol. */
export interface ComparedCell {
  /** The encoder's name in tables. */
  encoder: string;
  set: string;
  protocol: string;
  /** `kept`: an earlier call had finished it. `refused`: it cannot be measured, and that is no mistake. */
  state: 'done' | 'kept' | 'refused' | 'failed';
  /** What was measured; absent of what was refused or failed. */
  record?: CellRecord;
  /** Why there is none, in one line. */
  why?: string;
}

/** A data set of a comparison. */
export interface ComparedSet {
  name: string;
  kind: string;
  /** The registry's entry that its name means. */
  meant: string;
  dir: string;
  hash: string;
  task: EvalSet['task'];
  metric: EvalSet['metric'];
  classes: number;
  train: number;
  val?: number;
  test: number;
  citation?: string;
  /** How it is understood where that may surprise, and what is left out. */
  remarks: readonly string[];
}

/** What came of a comparison. */
export interface Comparison {
  seed: number;
  executor: string;
  /** In the order asked for; those that could not be opened are not there. */
  encoders: EncoderFacts[];
  sets: ComparedSet[];
  /** In the order of tables, with their titles and sources. */
  protocols: { name: string; title: string; source: string }[];
  cells: ComparedCell[];
  differences: Differences;
  /** What could not be done beside cells, in a line each: encoders and sets that cannot be opened. */
  failures: { what: string; why: string }[];
  /** Sets of the suites that nobody has. */
  absent: string[];
}

/**
 * Compares encoders on the same decoded pictures: every encoder on every data set under every protocol, cell by cell. A cell that cannot
 * be measured is said and does not end the others; finished ones are kept in `out`, under all that decides them, and found by the next call.
 *
 *     const c = await compare({
 *       ...{ encoders: ['runs/mine', 'hf:facebook/dinov2-small', 'pixels'], suites: ['fine-grained'] },
 *       ...{ data: 'data', out: 'runs/comparison', hooks },
 *     });
 *
 * @throws UserError for names that are not known, where no encoder or no set is left, or another process holds the folder; Interrupted
 */
export async function compare(o: CompareOptions): Promise<Comparison> {
  const all = o.among ?? PROTOCOLS;
  const specs = encoderSpecs(o.encoders);
  const suites = suitesNamed(o.suites ?? []);
  const protocols = protocolsNamed(o.protocols ?? [], all);
  checkOptions(o.options ?? {}, all, 'options');
  // Before anything is made there; the folders of `data` are known when they have been looked at.
  await refuseOverlap(
    o.out,
    (o.evals ?? []).map((spec) => ({ what: `data set ${nameFor(spec)}:`, path: spec.dir })),
  );
  await makeFolder(o.out);
  const lock = await FolderLock.take(o.out);
  try {
    await removeTemporaries(join(o.out, 'cells'));
    const { sets, failures } = await openSets({ ...o, wants: wantedBy(suites, protocols, all) });
    try {
      await refuseOverlap(
        o.out,
        sets.map((set) => ({ what: `data set ${set.name}:`, path: set.dir })),
      );
      const { asked, absent } = askedFor({ suites, protocols }, sets, all);
      if (asked.length === 0) throw nothingAsked(o, absent, failures);
      for (const set of new Set(asked.map((a) => a.set))) for (const line of set.remarks) o.hooks.warn(line);
      await using executors = await openExecutors(o.runtime ?? { provider: 'cpu', threads: 0 }, o.hooks);
      o.hooks.note?.(`encoders and probes run on ${executors.about}`);
      const { seed = 0, weights, heads, size, hooks } = o;
      await using encoders = new Encoders({ executors, seed, weights, heads, size, hooks });
      const work = new Work(o, executors, encoders, seed);
      const facts = await work.open(specs, failures);
      const cells = await work.cells(facts, asked);
      if (o.pictures) {
        const { writePictures } = await import('./pictures/page.js');
        const about = { encoders: facts, executors, seed, hooks };
        failures.push(...(await writePictures(o.out, work, [...new Set(asked.map((a) => a.set))], about)));
      }
      return {
        ...{ seed, executor: executors.about, encoders: facts },
        sets: [...new Set(asked.map((a) => a.set))].map(setFacts),
        protocols: [...new Set(asked.map((a) => a.protocol))].map(({ name, title, source }) => ({
          name,
          title,
          source,
        })),
        cells,
        differences: await differencesOf(o.out, facts, cells, seed, hooks.signal),
        ...{ failures, absent },
      };
    } finally {
      await Promise.all(sets.map((set) => set.close()));
    }
  } finally {
    lock.releaseSync();
  }
}

/** Whether something of a comparison could not be done. */
export const hasFailed = (c: Comparison): boolean =>
  c.failures.length > 0 || c.cells.some(({ state }) => state === 'failed');

function nothingAsked(o: CompareOptions, absent: readonly string[], failures: Comparison['failures']): UserError {
  const [first] = failures;
  if (first) return new UserError(`${first.what}: ${first.why}`);
  const where = o.data === undefined ? '' : ` in ${o.data}`;
  const lacking = absent.length > 0 ? `, e.g. ${absent.slice(0, 3).join(', ')}` : '';
  return new UserError(
    `no data set${where} to compare on: name the folder of all with --data DIR, or one with --eval NAME=DIR${lacking}`,
  );
}

const setFacts = ({
  name,
  kind,
  meant,
  dir,
  hash,
  task,
  metric,
  classes,
  train,
  val,
  test,
  citation,
  remarks,
}: OpenedSet): ComparedSet => ({
  ...{ name, kind, meant, dir, hash, task, metric, classes: classes.length, train: train.length },
  ...(val && { val: val.length }),
  test: test.length,
  ...(citation !== undefined && { citation }),
  remarks,
});
