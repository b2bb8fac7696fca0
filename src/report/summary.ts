import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProbeReport } from '../probe/report-types.js';
import type { CorpusRecord } from '../run/config.js';
import { nextStep } from './next.js';
import { readRun } from './run-data.js';
import { type Verdict, verdict } from './verdict.js';

/** What a run has come to, as data: what its report says in words and pictures. */
export interface RunSummary {
  dir: string;
  preset?: string;
  /** Captions and images that there are, of those that there will be. */
  captions?: { done: number; total: number };
  images?: { done: number; total: number };
  /** Where the images come from, where not all were painted by this run; `sources` with their shares of the draws. */
  corpus?: CorpusRecord;
  /** Steps trained, and of how many. */
  steps?: { done: number; total?: number };
  verdict?: Verdict;
  /** `probes.json`. */
  probes?: ProbeReport;
  /** How to go on, where the run is not finished. */
  next?: { what: string; command: string };
  /** The page, where there is one; `old`: figures or steps are newer than it. */
  report?: { path: string; old: boolean };
  /** What of the run could not be read, a line each. */
  problems: string[];
}

/** Sums up a run's folder, as far as the run has come. @throws UserError when there is no such folder */
export async function summarise(dir: string): Promise<RunSummary> {
  const run = await readRun(dir);
  const { captions, images, metrics, probes, problems } = run;
  const perCaption = run.config?.settings?.images.perCaption ?? 1;
  const path = join(dir, 'report.html');
  const old = await reportIsOld(dir);
  return {
    dir,
    preset: run.config?.preset,
    captions: captions && { done: captions.done, total: captions.total },
    images: images && { done: images.done * perCaption, total: images.total * perCaption },
    corpus: run.config?.corpus,
    steps: metrics && { done: metrics.steps, total: run.config?.settings?.train.steps },
    verdict: verdict(run),
    probes,
    next: nextStep(run),
    report: old === undefined ? undefined : { path, old },
    problems,
  };
}

/** What a page is made from. */
const FROM = ['probes.json', join('train', 'metrics.jsonl'), 'config.json'];

/** Whether a run's `report.html` is older than what it shows; undefined where there is none. */
export async function reportIsOld(dir: string): Promise<boolean | undefined> {
  const time = async (file: string) => (await stat(join(dir, file)).catch(() => undefined))?.mtimeMs;
  const page = await time('report.html');
  if (page === undefined) return undefined;
  const sources = await Promise.all(FROM.map(time));
  return sources.some((t) => t !== undefined && t > page);
}
