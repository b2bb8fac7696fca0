import type { Settings } from '../config/schema.js';
import { Interrupted, UserError } from '../errors.js';
import type { Objective } from '../runtime/training.js';
import { OutOfDeviceMemory } from '../runtime/xla/errors.js';
import { findPlugins } from '../runtime/xla/plugins.js';
import type { AttentionKind } from '../runtime/xla/stablehlo.js';
import { CARDS, type Target } from '../runtime/xla/targets/index.js';
import { compileFor, type Plan } from '../runtime/xla/topology.js';
import { trainingProgram, type XlaTrainerOptions } from '../runtime/xla/trainer.js';
import { accumulateGraph, updateGraph } from '../runtime/xla/update-graph.js';
import { learnerOf } from './learners/index.js';

/** What a training step will need on cards that are not here. */
export interface TrainingPlan {
  target: Target;
  /** Programs of an update, in their order: one, or, where several batches make one update, two. */
  programs: { name: string; plan: Plan }[];
  /** What the options came to. */
  precision: 'float32' | 'bfloat16';
  attention: AttentionKind;
  /** Images (global crops) of one batch, over all cards. */
  images: number;
  /** Operations of one batch, forward and backward. */
  operations: number;
  /** The largest of the programs' needs, and what a card has for them, bytes. */
  needs: number;
  has: number;
  /** train.captionsPerBatch that would about fit, if memory grows with the batch as it does here. */
  captionsThatFit: number;
}

/** Share of a card's memory that programs may have: the driver and the plugin's own workspaces take the rest. */
const FREE = 0.94;

export interface PlanTrainingOptions {
  signal?: AbortSignal;
  /** Hears every second what is compiled, and for how long. */
  onProgress?: (what: string, seconds: number) => void;
}

/**
 * Compiles the training step of some settings for cards that nobody has rented yet, and says what it needs there. It takes a CUDA plugin (`synclr
 * backend install cuda`), and neither a card nor a driver.
 * @throws UserError where there is no such plugin, the batch cannot be shared evenly, or the compiler refuses the program
 */
export async function planTraining(s: Settings, target: Target, o: PlanTrainingOptions = {}): Promise<TrainingPlan> {
  // Not with runtime.deterministic: without a card, XLA's compiler finds no kernels under its flag for that.
  const plugin = findPlugins({ setting: s.runtime.plugin }).find((p) => p.kind === 'cuda');
  if (!plugin)
    throw new UserError(
      '--plan compiles with the CUDA plugin, which is not here (it takes no card): synclr backend install cuda, or name it with --runtime.plugin',
    );
  const learner = learnerOf(s);
  const objective = learner.objective();
  const precision = s.runtime.precision === 'float32' ? 'float32' : 'bfloat16';
  const setting = s.runtime.attention === 'auto' ? 'cudnn' : s.runtime.attention;
  const attention = precision === 'float32' ? 'plain' : setting;
  const options = { attention, shard: s.runtime.shard } as const;
  const programs: TrainingPlan['programs'] = [];
  for (const { name, program } of programsOf(objective, s, precision, target.count, options)) {
    if (o.signal?.aborted) throw new Interrupted('stopped while planning');
    const plan = await compileFor(target, program(), {
      plugin: plugin.path,
      signal: o.signal,
      onProgress: (seconds) => o.onProgress?.(name, seconds),
    }).catch((e) => {
      if (!(e instanceof OutOfDeviceMemory)) throw e;
      throw new UserError(`the ${name} does not fit ${target.card}: ${e.message}`);
    });
    programs.push({ name, plan });
  }
  const needs = Math.max(...programs.map(({ plan }) => plan.memory.peak));
  const fixed = Math.max(...programs.map(({ plan }) => plan.memory.arguments));
  const has = CARDS[target.card].memory * FREE;
  const captions = Math.floor((s.train.captionsPerBatch * (has - fixed)) / Math.max(1, needs - fixed));
  return {
    target,
    programs,
    precision,
    attention,
    images: learner.shape.batch,
    operations: learner.operations,
    needs,
    has,
    captionsThatFit: Math.max(0, captions - (captions % target.count)),
  };
}

function* programsOf(
  objective: Objective,
  s: Settings,
  precision: 'float32' | 'bfloat16',
  devices: number,
  options: Pick<XlaTrainerOptions, 'attention' | 'shard'>,
) {
  const { recompute } = s.runtime;
  const stored = precision === 'bfloat16' ? 'bf16' : 'f32';
  const graph = { order: 'sample', crops: 'bytes', precision: stored, recompute } as const;
  const several = s.optim.accumulate > 1;
  if (several)
    yield {
      name: 'accumulation',
      program: () => trainingProgram(objective, accumulateGraph(objective, graph), devices, options),
    };
  yield {
    name: 'update',
    program: () => trainingProgram(objective, updateGraph(objective, graph, several, false), devices, options),
  };
}
