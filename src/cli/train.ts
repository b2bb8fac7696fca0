import type { Parsed } from './support/args.js';
import type { Command, Context } from './support/command.js';
import { flags } from './support/flags.js';
import { requestRun } from './support/run-request.js';
import { doStages } from './support/stages.js';

export const command: Command = {
  name: 'train',
  about: 'Train the encoder on the run’s images, into checkpoints/',
  details:
    'Continues from the newest checkpoint of the folder. To start a new run from given weights, choose a new folder and name them with --from: that is another thing, with its own schedule from step 0. With --plan nothing is trained or written: the step is compiled for cards that are not here (by the CUDA plugin, which needs none), to see what memory it needs there and what batch fits.',
  flags: [
    ...flags('preset', 'config', 'out', 'seed', 'steps', 'from', 'corpus', 'eval', 'threads', 'workers', 'provider'),
    { name: 'plan', value: 'CARD[xN]', about: 'say what the step needs on such cards (h100, h100x8, a100 …), and end' },
  ],
  answers: ['plan'],
  settings: ['corpus', 'views', 'model', 'learn', 'optim', 'train', 'probe', 'runtime'],
  examples: [
    { line: 'synclr train --out runs/mine --steps 2000', about: 'train on the images in runs/mine' },
    {
      line: 'synclr train --preset gpu-b16 --plan h100x8',
      about: 'what a step of it needs on eight H100s, before anyone rents them',
    },
    {
      line: 'synclr train --corpus runs/mine --out runs/dino --learn.dino 1 --views.localCount 2',
      about: 'another objective on the same images, without painting again',
    },
    {
      line: 'synclr train --out runs/mine --probe.every 500 --eval pets=data/pets',
      about: 'with a kNN probe every 500 steps, in the log and in TensorBoard',
    },
    { line: 'synclr train --out runs/fine --from runs/mine/encoder', about: 'a new run from trained weights' },
  ],
  run: (args, context) => (args.values.plan === undefined ? doStages(['train'], args, context) : plan(args, context)),
};

/** Seconds between two lines while a program is compiled. */
const PATIENCE = 15;

async function plan(args: Parsed, { terminal, signal, answer }: Context): Promise<void> {
  const [{ parseTarget }, { planTraining }, { planText }] = await Promise.all([
    import('../runtime/xla/targets/index.js'),
    import('../learn/plan.js'),
    import('./support/plan-text.js'),
  ]);
  const target = parseTarget(args.values.plan!);
  const { settings } = requestRun(args, { mayDiffer: true, training: true });
  const hooks = terminal.hooks(signal);
  const found = await planTraining(settings, target, {
    signal,
    onProgress(what, seconds) {
      if (Math.round(seconds) % PATIENCE === 0) hooks.note?.(`compiling the ${what}: ${seconds.toFixed(0)} s so far`);
    },
  });
  answer({ ...found, programs: Object.fromEntries(found.programs.map(({ name, plan }) => [name, plan])) }, () =>
    terminal.text(planText(found)),
  );
}
