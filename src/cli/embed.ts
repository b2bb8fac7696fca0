import { existsSync } from 'node:fs';
import { resolveSettings } from '../config/resolve.js';
import { UserError } from '../errors.js';
import type { Command } from './support/command.js';
import { flags, headsGiven } from './support/flags.js';

export const command: Command = {
  name: 'embed',
  about: 'Features of images: one vector an image, from a trained encoder',
  positional: {
    name: 'IMAGES',
    about: 'folders of images, with or without sub-folders, and single images',
    required: true,
    most: Number.POSITIVE_INFINITY,
  },
  flags: [
    {
      name: 'encoder',
      value: 'FILE|DIR|hf:…',
      about:
        'a run’s folder, a checkpoint, an exported encoder or one of other people’s (docs/encoders.md; default runs/tiny)',
    },
    {
      name: 'out',
      value: 'FILE|-',
      about:
        'where the features go: .jsonl, .parquet, .npy or .safetensors, the latter two with the names in FILE.jsonl; - for lines on stdout (default embeddings.jsonl)',
    },
    { name: 'normalise', about: 'vectors of length 1, whose products are cosines' },
    {
      name: 'size',
      value: 'N',
      about: 'side at which images are taken, pixels (default: the one that travels with the encoder)',
    },
    ...flags('encoderHeads', 'provider', 'threads'),
  ],
  settings: ['runtime', 'probe'],
  answers: true,
  examples: [
    {
      line: 'synclr embed photos --encoder runs/mine --out photos.jsonl',
      about: 'one line an image: its path and its vector',
    },
    { line: 'synclr embed photo.jpg --encoder runs/mine --out -', about: 'one image, on stdout' },
    {
      line: 'synclr embed photos more --encoder runs/mine --normalise --out photos.parquet',
      about: 'two folders, as a table',
    },
  ],
  async run(args, { terminal, signal, answer }) {
    const input = args.positionals;
    const { encoder = 'runs/tiny', out = 'embeddings.jsonl' } = args.values;
    for (const path of input) if (!existsSync(path)) throw new UserError(`no such image or folder of images: ${path}`);
    if (!existsSync(encoder) && !encoder.startsWith('hf:'))
      throw new UserError(
        `no such encoder: ${encoder} (a run's folder, a checkpoint, an encoder's file or folder, hf:owner/name)`,
      );
    const other = Object.keys(args.settings).find((path) => !/^(?:runtime|probe)\./.test(path));
    if (other !== undefined)
      throw new UserError(`--${other}: of an encoder that is trained only runtime.* and probe.* may be set`);
    const isStdout = out === '-';
    if (isStdout && args.switches.has('json'))
      throw new UserError('--json and --out - both want stdout: take one of them');
    const settings = resolveSettings({ flags: args.settings, training: false });
    // The preset's side is that of a run; an encoder has its own.
    const size = sizeOf(args.values.size) ?? (args.settings['probe.size'] ? settings.probe.size : undefined);
    settings.probe = { ...settings.probe, size: undefined };
    const normalise = args.switches.has('normalise');
    // What is said beside the lines goes to stderr.
    if (isStdout) terminal.behave({ json: true, quiet: args.switches.has('quiet') });
    const { embed } = await import('../probe/embed.js');
    const to = isStdout ? (one: unknown) => terminal.record(one) : out;
    const hooks = terminal.hooks(signal);
    const heads = headsGiven(args.values['encoder-heads']);
    const done = await embed({ encoder, heads, input, out: to, normalise, size, settings, hooks });
    terminal.finish();
    const { images, dim, skipped } = done;
    const left = skipped > 0 ? `; ${skipped} broken images skipped` : '';
    const line = `embeddings: ${isStdout ? 'stdout' : out} (${images} images, ${dim} numbers each${left})`;
    if (isStdout) terminal.line(line);
    else answer({ out, encoder, ...done, normalised: normalise }, () => terminal.line(line));
  },
};

/** @throws UserError for what is no number of pixels */
function sizeOf(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  if (!/^[1-9]\d{0,4}$/.test(given)) throw new UserError(`--size ${given}: expected a whole number of pixels`);
  return Number(given);
}
