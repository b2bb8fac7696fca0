import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../errors.js';
import type { Command } from './support/command.js';
import { flags, headsGiven, weightsGiven } from './support/flags.js';
import { shownPath } from './support/format.js';

export const command: Command = {
  name: 'export',
  about: 'The encoder as others read it: safetensors with timm’s names, and ONNX as Transformers.js loads it',
  positional: {
    name: 'RUN|CHECKPOINT',
    about: 'a run’s folder (its newest checkpoint) or one checkpoint (default runs/tiny)',
    required: false,
  },
  flags: [
    { name: 'out', value: 'DIR', about: 'where the encoder goes (default RUN/encoder)' },
    { name: 'fixed', about: 'also write onnx/model_fixed.onnx, for runtimes that want every size fixed' },
    ...flags('weights', 'encoderHeads'),
  ],
  answers: true,
  examples: [
    { line: 'synclr export runs/mine', about: 'writes runs/mine/encoder' },
    { line: 'synclr export runs/mine/checkpoints/step-00000200.safetensors --out early', about: 'an earlier state' },
  ],
  async run(args, { terminal, answer }) {
    const checkpoint = args.positional ?? 'runs/tiny';
    const weights = weightsGiven(args.values.weights);
    const heads = headsGiven(args.values['encoder-heads']);
    const isOnHub = checkpoint.startsWith('hf:');
    if (!isOnHub && !existsSync(checkpoint)) throw new UserError(`no such run or checkpoint: ${checkpoint}`);
    const isFolder = !isOnHub && statSync(checkpoint).isDirectory();
    if (!isFolder && args.values.out === undefined) throw new UserError('exporting one checkpoint needs --out DIR');
    const { exportEncoder } = await import('../model/export.js');
    const out = await exportEncoder({
      checkpoint,
      out: args.values.out ?? join(checkpoint, 'encoder'),
      ...{ weights, heads },
      fixed: args.switches.has('fixed'),
    });
    answer({ encoder: out }, () => terminal.line(`encoder: ${shownPath(out)}`));
  },
};
