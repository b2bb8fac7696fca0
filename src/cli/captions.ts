import { UserError } from '../errors.js';
import type { Parsed } from './support/args.js';
import type { Command, Context } from './support/command.js';
import { flags } from './support/flags.js';
import { requestRun } from './support/run-request.js';
import { doStages } from './support/stages.js';

export const command: Command = {
  name: 'captions',
  about: 'Write captions for concepts (g1), into the run’s captions/ folder; or report on them with --report',
  details:
    'Draws concepts from the bank, gives each a template (alone, with a background, in a relation) and has a writer make a sentence of it. An interrupted run continues. With --report nothing is written: what there is is read and described: rejections, repeats, coverage of concepts and backgrounds, templates, words, implausible pairs, samples.',
  flags: [
    ...flags(
      'preset',
      'config',
      'out',
      'seed',
      'concepts',
      'writer',
      'writerModel',
      'writerUrl',
      'captions',
      'threads',
      'workers',
      'provider',
    ),
    { name: 'report', about: 'only describe the captions that there are' },
    { name: 'samples', value: 'N', about: 'captions that the report shows (default 10)' },
  ],
  answers: ['report'],
  settings: ['seed', 'concepts', 'captions', 'runtime'],
  examples: [
    { line: 'synclr captions --captions 10000 --out runs/mine', about: '10,000 captions of WordNet concepts' },
    { line: 'synclr captions --concepts parts.csv --out runs/parts', about: 'of your own concepts' },
    {
      line: 'synclr captions --writer openai --writer-url http://127.0.0.1:8000/v1 --out runs/mine',
      about: 'by the language model of a server',
    },
    { line: 'synclr captions --report --out runs/mine', about: 'what they are like' },
  ],
  async run(args, context) {
    if (args.switches.has('report')) return report(args, context);
    if (args.values.samples !== undefined) throw new UserError('--samples goes with --report');
    await doStages(['captions'], args, context);
  },
};

async function report(args: Parsed, { terminal, signal, answer }: Context): Promise<void> {
  const { samples: text = '10' } = args.values;
  const samples = Number(text);
  if (!Number.isInteger(samples) || samples < 0 || samples > 1000)
    throw new UserError(`--samples ${text}: expected an integer between 0 and 1000`);
  const { dir, settings } = requestRun(args, { mayDiffer: true });
  const { CaptionShards } = await import('../corpus/captions.js');
  const { captionsDir } = await import('../corpus/captions-stage.js');
  const { loadConceptBank } = await import('../concepts/bank.js');
  const { reportCaptions } = await import('../captions/report.js');
  const { formatCaptionReport } = await import('../captions/report-text.js');
  const shards = await CaptionShards.open(captionsDir(dir), { partial: true });
  const bank = await loadConceptBank(settings);
  const found = await reportCaptions(shards, bank, { samples, hooks: terminal.hooks(signal) });
  terminal.drop();
  answer(found, () => terminal.text(formatCaptionReport(found).trimEnd()));
}
