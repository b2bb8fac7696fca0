import type { Command } from './support/command.js';
import { flags } from './support/flags.js';
import { shownPath } from './support/format.js';
import { doStages } from './support/stages.js';

export const command: Command = {
  name: 'eval',
  about: 'Probe the encoder: kNN and linear on frozen features, beside raw pixels and the untrained encoder',
  flags: flags('preset', 'config', 'out', 'eval', 'checkpoint', 'encoderHeads', 'threads', 'workers', 'provider'),
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
  ],
  run: (args, context) =>
    doStages(['eval'], args, context, {
      check: async () => {},
      async make({ dir }, probes) {
        if (probes) context.answer(probes.value, () => context.terminal.text(probes.shown));
        // A page of other figures than probes.json has would mislead; where nobody made one, nobody asked for it.
        const { reportIsOld } = await import('../report/summary.js');
        if (!(await reportIsOld(dir))) return;
        const { writeReport } = await import('../report/report.js');
        context.terminal.line(`report: ${shownPath(await writeReport({ dir }))}, written anew`);
      },
    }),
};
