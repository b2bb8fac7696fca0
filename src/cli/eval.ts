import type { Command } from './support/command.js';
import { COMPARE_FLAGS, compareEncoders, refuseCompareFlags } from './support/compare.js';
import { flags } from './support/flags.js';
import { shownPath } from './support/format.js';
import { doStages } from './support/stages.js';

export const command: Command = {
  name: 'eval',
  about: 'Probe a run’s encoder beside raw pixels and the untrained one; or compare encoders by the paper’s protocols',
  details:
    'Without encoders: kNN and a linear layer on frozen features of the run of --out. With encoders: each is evaluated on every data set under every protocol asked for, on the same decoded pictures; without --suite and --protocol by kNN and a linear layer. Tables, intervals and differences to the first encoder are printed, and written to --out (default runs/comparison) as report.html, comparison.json, .csv and .md; the same command goes on where it was stopped. A cell that cannot be measured is said, and makes the exit code 1.',
  positional: {
    name: 'ENCODER',
    about:
      'encoders to compare: a run’s folder, a checkpoint, an exported encoder, one of other people’s (also hf:owner/name), untrained:ENCODER, or pixels; NAME=ENCODER gives it a name in tables',
    required: false,
    most: Number.POSITIVE_INFINITY,
  },
  flags: [
    ...flags(
      'preset',
      'config',
      'out',
      'eval',
      'checkpoint',
      'weights',
      'encoderHeads',
      'threads',
      'workers',
      'provider',
    ),
    ...COMPARE_FLAGS,
  ],
  answers: true,
  settings: ['probe', 'runtime'],
  examples: [
    { line: 'synclr eval --out runs/mine', about: 'held-out concepts' },
    {
      line: 'synclr eval --out runs/mine --eval pets=data/pets',
      about: 'and your images: data/pets/train/<class>/…, data/pets/test/<class>/…',
    },
    {
      line: 'synclr eval --out runs/dinov2 --checkpoint hf:facebook/dinov2-small --eval pets=data/pets',
      about: 'another encoder, alike',
    },
    {
      line: 'synclr eval runs/mine hf:facebook/dinov2-small pixels --suite fine-grained --data data',
      about: 'three compared by table 6 of the paper',
    },
    {
      line: 'synclr eval runs/mine untrained:runs/mine --protocol knn --eval pets=data/pets',
      about: 'one protocol, one data set',
    },
  ],
  run(args, context) {
    if (args.positionals.length > 0) return compareEncoders(args, context);
    refuseCompareFlags(args);
    return doStages(['eval'], args, context, {
      check: async () => {},
      async make({ dir }, probes) {
        if (probes) context.answer(probes.value, () => context.terminal.text(probes.shown));
        // A page of other figures than probes.json has would mislead; where nobody made one, nobody asked for it.
        const { reportIsOld } = await import('../report/summary.js');
        if (!(await reportIsOld(dir))) return;
        const { writeReport } = await import('../report/report.js');
        context.terminal.line(`report: ${shownPath(await writeReport({ dir }))}, written anew`);
      },
    });
  },
};
