import { didYouMean } from '../config/suggest.js';
import { UserError } from '../errors.js';
import type { Command } from './support/command.js';
import type { CommandWords } from './support/completion/words.js';

/** The shells, by name; each is one file. */
const SHELLS: Readonly<Record<string, () => Promise<(commands: readonly CommandWords[]) => string>>> = {
  bash: async () => (await import('./support/completion/bash.js')).bashCompletion,
  zsh: async () => (await import('./support/completion/zsh.js')).zshCompletion,
  fish: async () => (await import('./support/completion/fish.js')).fishCompletion,
};
const NAMES = Object.keys(SHELLS);

export const command: Command = {
  name: 'completion',
  about: 'Print a script by which a shell completes synclr’s commands, flags, settings and their values',
  details:
    'The script is made from the commands’ own declarations: after an update of synclr, make it again. It completes the command synclr, wherever that is on the path (npm install --global synclr), not npx synclr.',
  positional: { name: 'SHELL', about: NAMES.join(', '), required: true, choices: [NAMES] },
  flags: [],
  examples: [
    { line: 'source <(synclr completion bash)', about: 'in ~/.bashrc' },
    { line: 'source <(synclr completion zsh)', about: 'in ~/.zshrc, after compinit' },
    { line: 'synclr completion fish > ~/.config/fish/completions/synclr.fish', about: 'for fish' },
  ],
  async run({ positional }, { terminal, answer }) {
    const shell = positional!;
    if (!Object.hasOwn(SHELLS, shell))
      throw new UserError(`synclr completion ${shell}: no such shell here; ${didYouMean(shell, NAMES)}`);
    const { allCommands } = await import('./program.js');
    const { wordsOf } = await import('./support/completion/words.js');
    const write = await SHELLS[shell]();
    const script = write((await allCommands()).map(wordsOf));
    answer(script, () => terminal.text(script.trimEnd()));
  },
};
