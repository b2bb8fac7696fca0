import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { EXPORT_FORMATS, type ExportFormat } from '../config/names.js';
import { UserError } from '../errors.js';
import type { Command } from './support/command.js';
import { flags, headsGiven, weightsGiven } from './support/flags.js';
import { shownPath } from './support/format.js';

export const command: Command = {
  name: 'export',
  about: 'The encoder as others read it: timm, Hugging Face, Transformers.js, ONNX, PyTorch',
  positional: {
    name: 'RUN|CHECKPOINT',
    about: 'a run’s folder (its newest checkpoint) or one checkpoint (default runs/tiny)',
    required: false,
  },
  flags: [
    {
      name: 'out',
      value: 'DIR',
      about: 'where the encoder goes (default RUN/encoder, or RUN/encoder-NAME of one format, RUN/encoders of several)',
    },
    {
      name: 'format',
      value: 'NAMES',
      about: `one or several of ${EXPORT_FORMATS.join(', ')}, with commas between; several go into a folder each (default: safetensors and transformers.js in one folder)`,
    },
    {
      name: 'precision',
      value: 'NAME',
      choices: ['float32', 'float16'],
      about: 'of the weights in the files (default float32)',
    },
    {
      name: 'fixed',
      about: 'also write model_fixed.onnx beside the ONNX model, for runtimes that want every size fixed',
    },
    ...flags('weights', 'encoderHeads'),
  ],
  answers: true,
  examples: [
    { line: 'synclr export runs/mine', about: 'writes runs/mine/encoder' },
    { line: 'synclr export runs/mine/checkpoints/step-00000200.safetensors --out early', about: 'an earlier state' },
    { line: 'synclr export runs/mine --format timm,hf --out mine', about: 'writes mine/timm and mine/hf' },
  ],
  async run(args, { terminal, answer }) {
    const checkpoint = args.positional ?? 'runs/tiny';
    const { precision = 'float32' } = args.values;
    const formats = formatsOf(args.values.format);
    if (precision !== 'float32' && precision !== 'float16')
      throw new UserError(`--precision ${precision}: expected float32 or float16`);
    const weights = weightsGiven(args.values.weights);
    const heads = headsGiven(args.values['encoder-heads']);
    const isOnHub = checkpoint.startsWith('hf:');
    if (!isOnHub && !existsSync(checkpoint)) throw new UserError(`no such run or checkpoint: ${checkpoint}`);
    const isFolder = !isOnHub && statSync(checkpoint).isDirectory();
    if (!isFolder && args.values.out === undefined) throw new UserError('exporting one checkpoint needs --out DIR');
    const { exportEncoder } = await import('../encoders/export.js');
    const out = await exportEncoder({
      checkpoint,
      out: args.values.out ?? join(checkpoint, nameOf(formats)),
      ...{ weights, heads, formats, precision },
      fixed: args.switches.has('fixed'),
    });
    answer({ encoder: out }, () => terminal.line(`encoder: ${shownPath(out)}`));
  },
};

/** @throws UserError naming what is no format, or is there twice */
function formatsOf(said: string | undefined): ExportFormat[] | undefined {
  if (said === undefined) return undefined;
  const names = said.split(',').map((name) => name.trim());
  const wrong = names.find((name, i) => !isFormat(name) || names.indexOf(name) !== i);
  if (wrong !== undefined)
    throw new UserError(`--format ${wrong}: expected some of ${EXPORT_FORMATS.join(', ')}, each once`);
  return names as ExportFormat[];
}

const isFormat = (name: string): boolean => (EXPORT_FORMATS as readonly string[]).includes(name);

function nameOf(formats: readonly ExportFormat[] | undefined): string {
  if (!formats) return 'encoder';
  return formats.length === 1 ? `encoder-${formats[0]}` : 'encoders';
}
