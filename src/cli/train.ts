import type { Command } from './support/command.js';
import { flags } from './support/flags.js';
import { doStages } from './support/stages.js';

export const command: Command = {
  name: 'train',
  about: 'Train the encoder on the run’s images, into checkpoints/',
  details:
    'Continues from the newest checkpoint of the folder. To start a new run from given weights, choose a new folder and name them with --from: that is another thing, with its own schedule from step 0.',
  flags: flags('preset', 'config', 'out', 'seed', 'steps', 'from', 'threads', 'workers', 'provider'),
  settings: ['views', 'model', 'objective', 'optim', 'train', 'runtime'],
  examples: [
    { line: 'synclr train --out runs/mine --steps 2000', about: 'train on the images in runs/mine' },
    { line: 'synclr train --out runs/fine --from runs/mine/encoder', about: 'a new run from trained weights' },
  ],
  run: (args, context) => doStages(['train'], args, context),
};
