import type { Command } from './support/command.js';
import { flags, headsGiven, weightsGiven } from './support/flags.js';

export const command: Command = {
  name: 'encoders',
  about:
    'What an encoder is: of which family, its sizes and options, what is done to pictures, what its file holds besides',
  details:
    'Reads encoders of synclr and of others: safetensors and what torch.save writes, from timm, Hugging Face, open_clip and the authors’ own code (docs/encoders.md). Nothing in a file is executed.',
  positional: {
    name: 'FILE|DIR|hf:…',
    about: 'a file or folder of weights, a run, or a model on the hub',
    required: true,
  },
  flags: [
    { name: 'names', about: 'also which tensor of the file became which parameter' },
    ...flags('weights', 'encoderHeads'),
  ],
  answers: true,
  examples: [
    { line: 'synclr encoders checkpoint.pth', about: 'a file' },
    { line: 'synclr encoders hf:facebook/dinov2-small --names', about: 'a model on the hub' },
  ],
  async run(args, { terminal, signal, answer }) {
    const { openBackbone } = await import('../encoders/open-backbone.js');
    const { architectureText, recordLines } = await import('../encoders/describe.js');
    const { preprocessingText } = await import('../model/preprocessing.js');
    const weights = weightsGiven(args.values.weights);
    const heads = headsGiven(args.values['encoder-heads']);
    const hooks = terminal.hooks(signal);
    const found = await openBackbone(args.positional!, { weights, heads, hooks });
    const { vit, preprocessing, record, origin } = found;
    const isAll = args.switches.has('names');
    answer(record ?? { family: 'synclr', file: origin, vit, preprocessing }, () => {
      const lines = record
        ? recordLines(record, { names: isAll })
        : [
            `file         ${origin}`,
            'family       synclr',
            `architecture ${architectureText(vit)}`,
            `pictures     ${preprocessingText(preprocessing)}`,
          ];
      terminal.text(lines.join('\n'));
    });
  },
};
