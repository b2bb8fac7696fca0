import type { Command } from './support/command.js';
import { flags } from './support/flags.js';
import { doStages } from './support/stages.js';

export const command: Command = {
  name: 'captions',
  about: 'Write captions for concepts (g1), into the run’s captions/ folder',
  details:
    'Draws concepts from the bank, gives each a template (alone, with a background, in a relation) and has a writer make a sentence of it. An interrupted run continues.',
  flags: flags(
    'preset',
    'config',
    'out',
    'seed',
    'concepts',
    'writer',
    'writerModel',
    'writerUrl',
    'captions',
    'workers',
  ),
  settings: ['seed', 'concepts', 'captions', 'runtime'],
  examples: [
    { line: 'synclr captions --captions 10000 --out runs/mine', about: '10,000 captions of WordNet concepts' },
    { line: 'synclr captions --concepts parts.csv --out runs/parts', about: 'of your own concepts' },
  ],
  run: (args, context) => doStages(['captions'], args, context),
};
