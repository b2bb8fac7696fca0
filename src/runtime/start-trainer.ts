import { OrtTrainer, type OrtTrainerOptions } from './ort/trainer.js';
import type { Objective, Trainer, TrainingState } from './training.js';

export type TrainerOptions = OrtTrainerOptions;

/** Compiles an objective for the executor that the options name, and puts the state there. */
export function startTrainer(objective: Objective, state: TrainingState, o: TrainerOptions): Promise<Trainer> {
  return OrtTrainer.start(objective, state, o);
}
