import { join } from 'node:path';
import { PRESETS, type PresetName } from '../../config/presets.js';
import type { Settings } from '../../config/schema.js';
import type { TrainingRate } from '../../learn/rate.js';
import { imagesOf } from '../../run/config.js';
import type { StageName } from '../../run/refuse.js';
import type { Cost, StageOptions } from '../../stage.js';
import type { Parsed } from './args.js';
import { count } from './format.js';
import type { RunRequest } from './run-request.js';

/** Costs that rest on a trial of training, and those of a run of another length. */

/** Training that takes longer than so many seconds is timed before it is promised. */
export const LONG = 45;
/** More captions a batch are not painted for a trial. */
const LARGEST_TRIAL = 512;

/** Times a few updates, on the run's images where it has them; undefined where that would cost too much. */
export async function timeTraining(
  { dir, corpus, settings }: RunRequest,
  names: readonly StageName[],
  exactly: boolean,
  { hooks }: StageOptions,
  say: (line: string) => void,
): Promise<{ rate: TrainingRate; left: number; epoch: number } | undefined> {
  const captions = settings.train.captionsPerBatch * settings.optim.accumulate;
  const painted = !names.includes('images');
  if (!painted && captions > LARGEST_TRIAL) return undefined;
  const { trainingRate } = await import('../../learn/rate.js');
  const { checkpointSteps } = await import('../../model/checkpoint-file.js');
  const left = settings.train.steps - ((await checkpointSteps(join(dir, 'checkpoints'))).at(-1) ?? 0);
  const epoch = Math.max(1, Math.floor(settings.captions.count / captions));
  const timing = (corpusDir: string) => trainingRate({ settings, corpusDir, seconds: exactly ? 3 : 2, hooks });
  say('train: first a few steps are timed, of which nothing is kept');
  if (painted) return { rate: await timing(imagesOf(dir, corpus)), left, epoch };
  const { withSampleCorpus } = await import('../../corpus/sample-corpus.js');
  return { rate: await withSampleCorpus(settings, captions, hooks.signal, timing), left, epoch };
}

type Timed = NonNullable<Awaited<ReturnType<typeof timeTraining>>>;

export function timedCost(cost: Cost, { rate, left, epoch }: Timed, { train, images }: Settings): Cost {
  const perSecond = (train.captionsPerBatch * images.perCaption) / rate.update;
  return {
    ...cost,
    seconds: rate.begin + Math.min(left, epoch) * rate.first + Math.max(0, left - epoch) * rate.update,
    basis: `${rate.updates} steps done on trial, ${count(Math.round(perSecond))} images a second`,
  };
}

/** Costs of a run of another length. */
export async function rescale(
  costs: Map<StageName, Cost>,
  before: Settings,
  now: Settings,
  rate: TrainingRate,
): Promise<void> {
  const { paintingSeconds } = await import('../../corpus/images-stage.js');
  const captions = now.captions.count / before.captions.count;
  const steps = now.train.steps / before.train.steps;
  for (const [name, cost] of costs) {
    if (name === 'eval' || cost.seconds === 0) continue;
    const factor = name === 'train' ? steps : captions;
    const seconds =
      name === 'train'
        ? rate.begin + (cost.seconds - rate.begin) * factor
        : name === 'images' && cost.each !== undefined
          ? paintingSeconds(now, now.captions.count, cost.each)
          : cost.seconds * factor;
    costs.set(name, {
      ...cost,
      seconds,
      // Checkpoints are as many, and as large.
      diskMb: name === 'train' ? cost.diskMb : cost.diskMb * factor,
      ...(cost.images ? { images: Math.round(cost.images * factor) } : {}),
      ...(cost.tokens
        ? { tokens: { prompt: cost.tokens.prompt * factor, completion: cost.tokens.completion * factor } }
        : {}),
    });
  }
}

/** What is said where a preset takes longer here than it promises. */
export function promise(
  { preset, settings, stored }: RunRequest,
  args: Parsed,
  costs: ReadonlyMap<StageName, Cost>,
): string {
  const { minutes, settings: its } = PRESETS[preset as PresetName] ?? {};
  const seconds = [...costs.values()].reduce((sum, c) => sum + c.seconds, 0);
  const usual = its?.captions?.count === settings.captions.count && its.train?.steps === settings.train.steps;
  if (minutes === undefined || stored || args.values.minutes !== undefined || !usual) return '';
  if (seconds <= PATIENCE * 60 * minutes) return '';
  return `; that is more than the ${minutes} minutes of the preset: --minutes ${minutes} fits it to this machine`;
}
/** Over a preset's time by so much, it is worth a word. */
const PATIENCE = 1.05;
