import { UserError } from '../errors.js';
import type { Parsed } from './support/args.js';
import type { Command, Context } from './support/command.js';
import { flags } from './support/flags.js';
import { doStages } from './support/stages.js';

export const command: Command = {
  name: 'images',
  about: 'Paint images for the run’s captions (g2), into images/; or a contact sheet with --preview',
  details:
    'Needs the captions of the same folder (synclr captions). An interrupted run continues. With --preview nothing is stored in the run: a contact sheet shows captions with their n images, of the run’s captions, of freshly written ones, or of the captions that you give.',
  flags: [
    ...flags(
      'preset',
      'config',
      'out',
      'seed',
      'concepts',
      'painter',
      'painterModel',
      'painterUrl',
      'threads',
      'provider',
      'workers',
    ),
    { name: 'preview', about: 'only make a contact sheet' },
    {
      name: 'again',
      value: 'ID',
      about: 'paint the images of this caption again and compare them with the stored ones',
    },
    { name: 'caption', value: 'TEXT', repeat: true, about: 'a caption for the contact sheet; may be repeated' },
    { name: 'rows', value: 'N', about: 'captions on the contact sheet (default 8)' },
    {
      name: 'sheet',
      value: 'FILE',
      about:
        'the contact sheet’s file (default OUT/preview.png, or preview.png without a run); with --again: stored images beside the new ones',
    },
  ],
  answers: ['preview', 'again'],
  settings: ['seed', 'concepts', 'images', 'runtime'],
  examples: [
    { line: 'synclr images --out runs/mine', about: 'paint what is missing in runs/mine' },
    {
      line: 'synclr images --painter a1111 --images.paintSize 512 --out runs/mine',
      about: 'by a server, painted at 512 px and scaled down',
    },
    { line: 'synclr images --preview', about: 'a sheet of captions and images' },
    {
      line: 'synclr images --preview --caption "two red foxes in the snow"',
      about: 'what the painter makes of a sentence',
    },
    { line: 'synclr images --out runs/mine --again 12', about: 'whether caption 12 is painted as it was' },
  ],
  async run(args, context) {
    const { again } = args.values;
    if (again !== undefined && args.switches.has('preview')) throw new UserError('--again and --preview: one of them');
    if (args.switches.has('preview')) return preview(args, context);
    for (const name of again === undefined ? ['caption', 'rows', 'sheet'] : ['caption', 'rows']) {
      if (args.values[name] !== undefined || args.lists[name]) throw new UserError(`--${name} goes with --preview`);
    }
    if (again !== undefined) {
      const { repaint } = await import('./support/again.js');
      return repaint(args, again, context);
    }
    await doStages(['images'], args, context);
  },
};

async function preview(args: Parsed, { terminal, signal, answer }: Context): Promise<void> {
  const { rows: text = '8', sheet } = args.values;
  const rows = Number(text);
  if (!Number.isInteger(rows) || rows < 1 || rows > 200)
    throw new UserError(`--rows ${text}: expected an integer between 1 and 200`);
  const { writePreview } = await import('./support/preview.js');
  const options = { args, rows, captions: args.lists.caption, sheet, hooks: terminal.hooks(signal) };
  const { file, captions } = await writePreview(options);
  answer({ sheet: file, captions }, () => terminal.line(`preview: ${file}`));
}
