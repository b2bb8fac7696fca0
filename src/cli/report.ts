import { UserError } from '../errors.js';
import { readRunConfig } from '../run/config.js';
import type { Command } from './support/command.js';
import { flags } from './support/flags.js';
import { shownPath } from './support/format.js';

export const command: Command = {
  name: 'report',
  about: 'Write report.html of a run: samples, curves, probes, neighbours; one self-contained file',
  positional: { name: 'RUN', about: 'the run’s folder (default runs/tiny)', required: false },
  flags: flags('out'),
  answers: true,
  examples: [{ line: 'synclr report runs/mine', about: 'writes runs/mine/report.html' }],
  async run(args, { terminal, answer }) {
    if (args.positional !== undefined && args.values.out !== undefined) {
      throw new UserError(`the run's folder is given twice: ${args.positional} and --out ${args.values.out}`);
    }
    const dir = args.positional ?? args.values.out ?? 'runs/tiny';
    if (!readRunConfig(dir)) throw new UserError(`no run in ${dir}: no config.json there`);
    const { writeReport } = await import('../report/report.js');
    const report = await writeReport({ dir });
    const { summarise } = await import('../report/summary.js');
    answer(await summarise(dir), () => terminal.line(`report: ${shownPath(report)}`));
  },
};
