import type { TrainerOptions } from '../runtime/start-trainer.js';
import { startTrainer } from '../runtime/start-trainer.js';
import type { Trainer, TrainingState, Update } from '../runtime/training.js';
import { commonFeeds } from './graph-parts.js';
import type { Health } from './health.js';
import type { Learner, StepBatch } from './learner.js';

export interface StepUpdate extends Omit<Update, 'ema'> {
  /** Teacher momentum, of a learner that has a teacher. */
  ema?: number;
  /** The learner's own numbers (`Learner.schedule`). */
  numbers?: Readonly<Record<string, number>>;
}

export interface StepResult {
  /** `loss` is what is minimised; the others are the learner's. */
  losses: { loss: number } & Record<string, number>;
  /** Of the gradient, before clipping; when it is not finite, nothing was changed. */
  norm: number;
  /** When asked for; of the first batch. */
  health?: Health;
  /** Of the last batch, of a step that traces: intermediate values under the names of the objective, and `grad.NAME`. */
  traced?: Record<string, Float32Array>;
}

/** The training step of a learner, on whichever executor the options name. */
export class TrainingStep implements AsyncDisposable {
  readonly learner: Learner;
  readonly trainer: Trainer;

  private constructor(learner: Learner, trainer: Trainer) {
    this.learner = learner;
    this.trainer = trainer;
  }

  /** @param state parameters by name (the teacher's those that are averaged), moments and centres, empty at the start of a run */
  static async start(
    learner: Learner,
    state: Partial<TrainingState> & Pick<TrainingState, 'student'>,
    o: TrainerOptions,
  ): Promise<TrainingStep> {
    const whole = { teacher: state.student, moments: new Map(), centres: new Map(), ...state };
    // Bytes mean nothing without what is to be done to their colours.
    const crops = learner.shape.views ? o.crops : 'float';
    return new TrainingStep(learner, await startTrainer(learner.objective(), whole, { ...o, crops }));
  }

  /**
   * One update. The next one may be asked for before this one is answered; they are done in order.
   * @param batches one or more, whose gradients are averaged
   * @param measure also judge the health of the representation
   */
  async update(batches: readonly StepBatch[], u: StepUpdate, measure = false): Promise<StepResult> {
    const { learner, trainer } = this;
    const { numbers = {}, ema = 1, ...update } = u;
    const feeds = batches.map((b) => ({
      ...commonFeeds(learner.shape, b),
      ...learner.feeds(b, numbers, trainer.order),
    }));
    const { losses, norm, measured, traced } = await trainer.update(feeds, { ...update, ema }, measure);
    return {
      losses: losses as StepResult['losses'],
      norm,
      health: measured && learner.health(measured, batches[0]),
      traced,
    };
  }

  state(): Promise<TrainingState> {
    return this.trainer.state();
  }

  close(): Promise<void> {
    return this.trainer.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
