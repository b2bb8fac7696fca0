import { join } from 'node:path';
import type { Command } from './support/command.js';
import { flags } from './support/flags.js';
import { shownPath } from './support/format.js';
import { doStages, elapsed } from './support/stages.js';

export const command: Command = {
  name: 'run',
  about: 'From concepts to a probed encoder: captions, images, training, probes, report',
  details:
    'Every stage continues where an earlier run was interrupted: the same command finishes what is left, with the same result. Settings that change results are fixed once a stage has used them; runtime.* may change at any time.',
  flags: [
    {
      name: 'minutes',
      value: 'N',
      about: 'as many captions and steps as this machine does in so many minutes, in the preset’s proportion',
    },
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
      'painter',
      'painterModel',
      'painterUrl',
      'steps',
      'from',
      'corpus',
      'eval',
      'threads',
      'workers',
      'provider',
    ),
  ],
  settings: [
    'seed',
    'concepts',
    'captions',
    'images',
    'corpus',
    'views',
    'model',
    'learn',
    'optim',
    'train',
    'probe',
    'runtime',
  ],
  answers: true,
  examples: [
    { line: 'synclr run', about: 'the tiny preset, in runs/tiny' },
    { line: 'synclr run --minutes 5', about: 'as much of it as five minutes take on this machine' },
    { line: 'synclr run --eval cifar10=data/cifar10', about: 'also probe real images' },
    { line: 'synclr run --concepts plants.txt --out runs/plants', about: 'your own concepts, one a line' },
    {
      line: 'synclr run --concepts plants.txt --out runs/real --writer openai --painter a1111 --images.paintSize 512',
      about:
        'with a language model and a diffusion model behind servers on this machine (docs/language-models.md, docs/painter-servers.md)',
    },
    { line: 'synclr run --out runs/plants', about: 'continue that run with its own settings' },
  ],
  async run(args, context) {
    const start = performance.now();
    const encoderOf = (dir: string) => join(dir, 'encoder');
    await doStages(['captions', 'images', 'train', 'eval'], args, context, {
      async check(dir) {
        const { checkExportTarget } = await import('../encoders/export.js');
        await checkExportTarget(encoderOf(dir));
      },
      async make(held, probes) {
        const { dir, settings } = held;
        const { exportEncoder } = await import('../encoders/export.js');
        const { weights } = settings.probe;
        const encoder = await exportEncoder({ checkpoint: dir, out: encoderOf(dir), weights, run: held });
        const { writeReport } = await import('../report/report.js');
        const report = await writeReport({ dir });
        const seconds = (performance.now() - start) / 1000;
        context.answer({ folder: dir, encoder, report, seconds, probes: probes?.value }, () => {
          if (probes) context.terminal.text(probes.shown);
          context.terminal.line(`encoder: ${shownPath(encoder)}`);
          context.terminal.line(`report: ${shownPath(report)} (${elapsed(start)} in all)`);
        });
      },
    });
  },
};
