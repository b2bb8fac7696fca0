import { UserError } from '../errors.js';
import type { Command } from './support/command.js';
import { flags, headsGiven, weightsGiven } from './support/flags.js';
import { shownPath } from './support/format.js';
import { photosText } from './support/photos.js';

export const command: Command = {
  name: 'index',
  about: 'An index of a folder of photos, for synclr search: made, or brought up to date',
  details:
    'Photos that are in the index already keep their vectors (by size and time, else by content, also under another path); new and changed ones are embedded, what is gone is dropped. Broken files are left out and named. What was embedded when it is stopped is kept, and the same command continues. The index is a folder that others can read: index.json, vectors.npy (float32, length 1), photos.jsonl (a line a vector).',
  positional: { name: 'PHOTOS', about: 'a folder of photos, with or without sub-folders', required: true },
  flags: [
    {
      name: 'encoder',
      value: 'FILE|DIR|hf:…',
      about: 'a run’s folder, a checkpoint, an exported encoder or one of other people’s (default: the index’s own)',
    },
    { name: 'out', value: 'DIR', about: 'the index’s folder (default PHOTOS.index)' },
    { name: 'rebuild', about: 'embed all photos anew: with another encoder, or where the index is damaged' },
    ...flags('encoderHeads', 'weights', 'provider', 'threads'),
  ],
  settings: ['runtime'],
  answers: true,
  examples: [
    { line: 'synclr index photos --encoder runs/mine', about: 'makes photos.index' },
    { line: 'synclr index photos', about: 'brings it up to date' },
    { line: 'synclr index photos --encoder runs/other --rebuild', about: 'by another encoder' },
  ],
  async run(args, { terminal, signal, answer }) {
    const other = Object.keys(args.settings).find((path) => !path.startsWith('runtime.'));
    if (other !== undefined) throw new UserError(`--${other}: of an index only runtime.* may be set`);
    const { resolveSettings } = await import('../config/resolve.js');
    const { runtime } = resolveSettings({ flags: args.settings, training: false });
    const { buildIndex } = await import('../search/build.js');
    const hooks = terminal.hooks(signal);
    const { encoder, out } = args.values;
    const rebuild = args.switches.has('rebuild');
    const heads = headsGiven(args.values['encoder-heads']);
    const weights = weightsGiven(args.values.weights);
    const found = await buildIndex({ photos: args.positional!, encoder, heads, weights, out, rebuild, runtime, hooks });
    answer(found, () => {
      terminal.finish();
      terminal.line(`index: ${shownPath(found.dir)} (${photosText(found)})`);
    });
  },
};
