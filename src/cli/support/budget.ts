import type { Settings } from '../../config/schema.js';
import { Interrupted, UserError } from '../../errors.js';
import type { TrainingRate } from '../../learn/rate.js';
import { fitBudget, type Rates, withChosen } from '../../run/budget.js';
import type { MinutesRecord } from '../../run/config.js';
import type { StageName } from '../../run/refuse.js';
import type { Run } from '../../run/run.js';
import type { Cost, StageHooks } from '../../stage.js';
import type { Parsed } from './args.js';
import { count, roughly, short } from './format.js';
import type { RunRequest } from './run-request.js';

/** Before the first line of ours runs, seconds: Node, npm, the modules. */
const BOOT = 0.3;
/** Export and report, seconds. */
const EXPORT = 1.5;
/** Part of a budget in which training is timed once more when it begins, and bounds of it in seconds. */
const TIMED = { part: 0.03, least: 3, most: 30 };

/** A run that is to be done within a time. */
export class Budget {
  readonly minutes: number;
  /** The settings of the usual length, of which this run has its share. */
  private base: Settings;
  private readonly kept: ReadonlySet<string>;
  private readonly began: number;
  private chosen: Record<string, number> = {};
  private ending = 0;

  private constructor(minutes: number, base: Settings, kept: ReadonlySet<string>, began: number) {
    this.minutes = minutes;
    this.base = base;
    this.kept = kept;
    this.began = began;
  }

  /**
   * The budget of a command line; undefined where none is given, or the run has its own already.
   * @param began when the command did, `performance.now()`
   * @param say hears which
   */
  static of(args: Parsed, request: RunRequest, began: number, say: (line: string) => void): Budget | undefined {
    const text = args.values.minutes;
    if (text === undefined) return undefined;
    const minutes = Number(text);
    if (text.trim() === '' || !Number.isFinite(minutes) || minutes <= 0)
      throw new UserError(
        `--minutes ${text}: expected a number of minutes above 0, e.g. --minutes 10 or --minutes 0.5`,
      );
    if (request.stored) {
      const { minutes: its, settings } = request.stored;
      const sizes = `${count(settings.captions.count)} captions, ${count(settings.train.steps)} steps`;
      say(
        its
          ? `--minutes: ${request.dir} was fitted to ${short(its.asked)} minutes when it began, and that counts (${sizes})`
          : `--minutes: ${request.dir} is a run already, and its own length counts (${sizes})`,
      );
      return undefined;
    }
    const kept = new Set(Object.keys(args.settings));
    if (request.corpus || request.settings.captions.source !== '') kept.add('captions.count');
    return new Budget(minutes, request.settings, kept, began);
  }

  /** For config.json. @param refitted whether training's part was chosen when it began */
  record(refitted: boolean): MinutesRecord {
    return { asked: this.minutes, chosen: this.chosen, refitted };
  }

  /** Seconds since the command began. */
  private get elapsed(): number {
    return (performance.now() - this.began) / 1000 + BOOT;
  }

  /** How long training is timed once more when it begins. */
  get timing(): number {
    return Math.min(TIMED.most, Math.max(TIMED.least, TIMED.part * 60 * this.minutes));
  }

  /**
   * Chooses how many captions and steps there is time for.
   * @param costs of the stages at their usual length
   * @throws UserError where there is too little
   */
  async fit(costs: ReadonlyMap<StageName, Cost>, rate: TrainingRate): Promise<Settings> {
    const { paintingSeconds } = await import('../../corpus/images-stage.js');
    const [writing, painting] = [costs.get('captions')?.each, costs.get('images')?.each];
    this.ending = (costs.get('eval')?.seconds ?? 0) + EXPORT;
    const rates: Rates = {
      // Training is timed once more, and what it begins with is so, too.
      before: this.elapsed + this.timing + rate.begin,
      making: (captions) =>
        (writing ? captions * writing : 0) + (painting ? paintingSeconds(this.base, captions, painting) : 0),
      training: await trainingOf(this.base, rate),
      after: this.ending,
    };
    const fit = fitBudget(this.base, this.minutes * 60, rates, this.kept);
    this.chosen = fit.chosen;
    const settings = withChosen(this.base, fit.chosen);
    if (fit.chosen['captions.count'] !== undefined)
      this.base = withChosen(this.base, { 'captions.count': settings.captions.count });
    return settings;
  }

  /** In words, what was chosen. */
  line(s: Settings): string {
    return `--minutes ${short(this.minutes)}: ${count(s.captions.count)} captions with ${count(s.captions.count * s.images.perCaption)} images, ${count(s.train.steps)} steps; the steps are fitted once more when training begins`;
  }

  /**
   * Fits training once more, now that it is to begin, to the time that is left and the rate of now, and writes down what it chose.
   * @returns the settings from now on
   */
  async refit(
    run: Run,
    settings: Settings,
    hooks: StageHooks,
  ): Promise<{ settings: Settings; line: string } | undefined> {
    if (this.kept.has('train.steps')) return undefined;
    const { trainingRate } = await import('../../learn/rate.js');
    const rate = await trainingRate({ settings, corpusDir: run.imagesDir, seconds: this.timing, hooks });
    if (hooks.signal.aborted) throw new Interrupted('stopped before training');
    const left = this.minutes * 60 - this.elapsed;
    const rates: Rates = {
      before: 0,
      making: () => 0,
      training: await trainingOf(settings, rate),
      after: this.ending,
    };
    const kept = new Set([...this.kept, 'captions.count']);
    // What is painted is painted: it is rather a little late than without an encoder.
    const { chosen, seconds } = fitBudget(this.base, left, rates, kept, { late: true });
    if (seconds > left)
      hooks.warn(
        `--minutes ${short(this.minutes)} cannot be kept: ${roughly(Math.max(0, left))} are left, and the least takes ${roughly(seconds)}`,
      );
    this.chosen = { ...this.chosen, ...chosen };
    const now = withChosen(settings, chosen);
    await run.change({ settings: now, minutes: this.record(true), stages: ['train'] });
    return {
      settings: now,
      line: `train: ${count(now.train.steps)} steps in the ${roughly(Math.max(0, left - this.ending))} that are left for it (${short(1 / rate.update)} a second now)`,
    };
  }
}

/** Seconds of training at a rate. */
async function trainingOf(s: Settings, rate: TrainingRate): Promise<Rates['training']> {
  const { trainingSeconds } = await import('../../learn/rate.js');
  const perEpoch = (captions: number) =>
    Math.max(1, Math.floor(captions / s.train.captionsPerBatch / s.optim.accumulate));
  return (steps, captions) => trainingSeconds(rate, steps, perEpoch(captions));
}
