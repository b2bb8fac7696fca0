import type { CommandWords, FlagWords, Follows } from './words.js';

/** A script for fish: `synclr completion fish > ~/.config/fish/completions/synclr.fish`. */
export function fishCompletion(commands: readonly CommandWords[]): string {
  const names = commands.map((c) => c.name).join(' ');
  const lines = [
    '# fish completion of synclr, written by: synclr completion fish',
    'complete -c synclr -f',
    `complete -c synclr -n __fish_use_subcommand -a help -d 'flags and examples of a command'`,
    `complete -c synclr -n '__fish_seen_subcommand_from help' -a '${names}'`,
  ];
  for (const command of commands) {
    lines.push(`complete -c synclr -n __fish_use_subcommand -a ${command.name} -d ${quoted(command.about)}`);
    const seen = `-n '__fish_seen_subcommand_from ${command.name}'`;
    for (const flag of [...command.flags, ...command.settings])
      lines.push(`complete -c synclr ${seen} ${flagSpec(flag)}`);
    for (const follows of command.positionals)
      if (follows.kind !== 'anything') lines.push(`complete -c synclr ${seen} ${action(follows)}`);
  }
  return `${lines.join('\n')}\n`;
}

function flagSpec({ flag, follows, about }: FlagWords): string {
  const spec = `-l ${flag.slice(2)} -d ${quoted(about)}`;
  return follows.kind === 'nothing' ? spec : `${spec} -r ${action(follows)}`.trimEnd();
}

function action(follows: Follows): string {
  switch (follows.kind) {
    case 'words':
      return `-a '${follows.words.join(' ')}'`;
    case 'file':
      return '-F';
    case 'folder':
      return `-a '(__fish_complete_directories)'`;
    default:
      return '';
  }
}

const quoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;
