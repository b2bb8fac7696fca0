import type { RowOrder } from '../graph/index.js';
import type { TrainerOptions } from '../runtime/start-trainer.js';
import { startTrainer } from '../runtime/start-trainer.js';
import type { Feeds, Trainer, TrainingState, Update } from '../runtime/training.js';
import { featureHealth, type Health, similarityHealth, targetHealth } from './health.js';
import { synclr } from './objective.js';
import { LOSSES, type Losses, type StepConfig, termsOf } from './programs.js';

/** What one micro-batch brings. */
export interface StepBatch {
  /** [B, 3, G, G]: floats, or bytes with `globalPhotometric`, whichever the trainer is fed. */
  globalCrops: Float32Array | Uint8Array;
  /** [B·localCount, 3, L, L], likewise */
  localCrops: Float32Array | Uint8Array;
  /** [B, photometricWidth(G)] */
  globalPhotometric?: Float32Array;
  /** [B·localCount, photometricWidth(L)] */
  localPhotometric?: Float32Array;
  /** [B] */
  labels: Int32Array;
  /** Masked tokens, ascending over [B, N]. */
  masked: Int32Array;
  /** Keep factors [depth, 2, B] and [depth, 2, B·localCount], when drop path is on. */
  dropPath?: { global: Float32Array; local: Float32Array };
}

export interface StepUpdate extends Update {
  teacherTemperature: number;
}

export interface StepResult {
  losses: Losses;
  /** Of the gradient, before clipping; when it is not finite, nothing was changed. */
  norm: number;
  /** When asked for; of the first batch. */
  health?: Health;
  /** Of the last batch, of a step that traces: intermediate values under the names of the objective, and `grad.NAME`. */
  traced?: Record<string, Float32Array>;
}

/** The training step of a configuration, on whichever executor the options name. */
export class TrainingStep implements AsyncDisposable {
  readonly config: StepConfig;
  readonly trainer: Trainer;

  private constructor(config: StepConfig, trainer: Trainer) {
    this.config = config;
    this.trainer = trainer;
  }

  /** @param state parameters by name (the teacher's without `pred`), moments and centres, empty at the start of a run */
  static async start(
    config: StepConfig,
    state: Partial<TrainingState> & Pick<TrainingState, 'student'>,
    o: TrainerOptions,
  ): Promise<TrainingStep> {
    const whole = { teacher: state.student, moments: new Map(), centres: new Map(), ...state };
    // Bytes mean nothing without what is to be done to their colours.
    const crops = config.views ? o.crops : 'float';
    return new TrainingStep(config, await startTrainer(synclr(config), whole, { ...o, crops }));
  }

  /**
   * One update. The next one may be asked for before this one is answered; they are done in order.
   * @param batches one or more, whose gradients are averaged
   * @param measure also judge the health of the representation
   */
  async update(batches: readonly StepBatch[], u: StepUpdate, measure = false): Promise<StepResult> {
    const feeds = batches.map((b) => batchFeeds(this.config, b, u.teacherTemperature, this.trainer.order));
    const { teacherTemperature: _, ...update } = u;
    const { losses, norm, measured, traced } = await this.trainer.update(feeds, update, measure);
    return {
      losses: Object.fromEntries(LOSSES.map((name) => [name, losses[name]])) as Losses,
      norm,
      health: measured && this.health(measured, batches[0].labels),
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

  private health(m: Record<string, Float32Array>, labels: Int32Array): Health {
    return {
      ...featureHealth(m.features, this.config.vit.dim),
      ...(m.teacherProj ? similarityHealth(m.teacherProj, this.config.contrastOut, labels) : {}),
      ...(m.targetMean ? targetHealth(m.targetEntropy[0], m.targetMean) : {}),
    };
  }
}

/** What a batch feeds to the objective's graphs. */
export function batchFeeds(c: StepConfig, batch: StepBatch, teacherTemperature: number, order: RowOrder): Feeds {
  if (batch.masked.length !== c.masked)
    throw new Error(`internal: ${batch.masked.length} masked tokens, built for ${c.masked}`);
  const { contrast, ibot, dino } = termsOf(c);
  const { rows, mask, weight } = maskFeeds(batch.masked, c.batch, (c.globalSize / c.vit.patch) ** 2, order);
  return {
    globalCrops: batch.globalCrops,
    ...(c.localCount > 0 ? { localCrops: batch.localCrops } : {}),
    ...(batch.globalPhotometric ? { globalPhotometric: batch.globalPhotometric } : {}),
    ...(batch.localPhotometric && c.localCount > 0 ? { localPhotometric: batch.localPhotometric } : {}),
    ...(contrast ? { labels: Float32Array.from(batch.labels) } : {}),
    ...(ibot || dino ? { teacherTemperature: Float32Array.of(teacherTemperature) } : {}),
    ...(c.masked > 0 ? { mask } : {}),
    ...(ibot ? { masked: rows, maskedWeight: weight } : {}),
    ...(c.dropPath ? { 'dropPath.global': batch.dropPath!.global, 'dropPath.local': batch.dropPath!.local } : {}),
  };
}

/**
 * Rows among the patch tokens (patch·B + image, or image·N + patch where samples come first), the mask [N, B, 1] (or [B, N, 1]), and
 * 1/(masked tokens of the image) for each masked token.
 */
export function maskFeeds(
  masked: Int32Array,
  batch: number,
  n: number,
  order: RowOrder = 'token',
): { rows: BigInt64Array; mask: Float32Array; weight: Float32Array } {
  const rows = new BigInt64Array(masked.length);
  const mask = new Float32Array(n * batch);
  const counts = new Int32Array(batch);
  for (const m of masked) counts[Math.floor(m / n)]++;
  const weight = new Float32Array(masked.length);
  masked.forEach((m, i) => {
    const image = Math.floor(m / n);
    const row = order === 'token' ? (m % n) * batch + image : m;
    rows[i] = BigInt(row);
    mask[row] = 1;
    weight[i] = 1 / counts[image];
  });
  return { rows, mask, weight };
}
