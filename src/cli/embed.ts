import { existsSync } from 'node:fs';
import { resolveSettings } from '../config/resolve.js';
import { UserError } from '../errors.js';
import type { Command } from './support/command.js';
import { flags } from './support/flags.js';

export const command: Command = {
  name: 'embed',
  about: 'Features of a folder of images: one vector an image, from a trained encoder',
  positional: { name: 'IMAGES', about: 'a folder of images, with or without sub-folders', required: true },
  flags: [
    {
      name: 'encoder',
      value: 'FILE|DIR',
      about: 'a run’s folder, a checkpoint or an exported encoder (default runs/tiny)',
    },
    {
      name: 'out',
      value: 'FILE',
      about:
        'where the features go: .jsonl, .npy or .safetensors, the latter two with the names in FILE.jsonl (default embeddings.jsonl)',
    },
    ...flags('provider', 'threads'),
  ],
  settings: ['runtime', 'probe'],
  examples: [
    {
      line: 'synclr embed photos --encoder runs/mine --out photos.jsonl',
      about: 'one line an image: its path and its vector',
    },
  ],
  async run(args, { terminal, signal }) {
    const input = args.positional!;
    const encoder = args.values.encoder ?? 'runs/tiny';
    const out = args.values.out ?? 'embeddings.jsonl';
    if (!existsSync(input)) throw new UserError(`no such folder of images: ${input}`);
    if (!existsSync(encoder))
      throw new UserError(`no such encoder: ${encoder} (a run's folder, a checkpoint or an exported encoder)`);
    const other = Object.keys(args.settings).find((path) => !/^(?:runtime|probe)\./.test(path));
    if (other !== undefined)
      throw new UserError(`--${other}: of an encoder that is trained only runtime.* and probe.* may be set`);
    const settings = resolveSettings({ flags: args.settings, training: false });
    const { embed } = await import('../probe/embed.js');
    const { images, dim, skipped } = await embed({ encoder, input, out, settings, hooks: terminal.hooks(signal) });
    terminal.finish();
    terminal.line(
      `embeddings: ${out} (${images} images, ${dim} numbers each${skipped > 0 ? `; ${skipped} broken images skipped` : ''})`,
    );
  },
};
