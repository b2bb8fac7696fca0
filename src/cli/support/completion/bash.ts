import type { CommandWords, FlagWords, Follows } from './words.js';

/** A script for bash (3.2 and later, which macOS has): `complete` calls a function that knows all commands. */
export function bashCompletion(commands: readonly CommandWords[]): string {
  return `# bash completion of synclr, written by: synclr completion bash
_synclr_files() { compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$1")); }
_synclr_folders() { compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$1")); }

_synclr() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" command="\${COMP_WORDS[1]}"
  local IFS=$' \\t\\n' flags='' settings='' words='' at i
  COMPREPLY=()
  # bash makes words of their own of the "=" in --flag=value.
  if [[ $word == "=" ]]; then word=''
  elif [[ $before == "=" && COMP_CWORD -ge 2 ]]; then before="\${COMP_WORDS[COMP_CWORD-2]}"; fi
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W '${[...commands.map((c) => c.name), 'help', '--help', '--version'].join(' ')}' -- "$word"))
    return
  fi
  if [[ $command == help ]]; then
    ((COMP_CWORD == 2)) && COMPREPLY=($(compgen -W '${commands.map((c) => c.name).join(' ')}' -- "$word"))
    return
  fi
  case $command in
${commands.map(commandCase).join('\n')}
    *) return ;;
  esac
}
complete -F _synclr synclr
`;
}

function commandCase({ name, flags, settings, positionals }: CommandWords): string {
  const lines = [`    ${name})`, '      case $before in'];
  for (const { names, follows } of byFollows([...flags, ...settings]))
    lines.push(`        ${names.join('|')}) ${reply(follows)}; return ;;`);
  lines.push('      esac', '      case $word in');
  if (settings.length > 0) lines.push(`        --*.*) words='${settings.map((s) => s.flag).join(' ')}' ;;`);
  lines.push(
    `        -*) words='${[...flags.map((f) => f.flag), ...settingGroups(settings)].join(' ')}' ;;`,
    ...positionalLines(positionals),
    '      esac',
    '      COMPREPLY=($(compgen -W "$words" -- "$word"))',
    // Behind a group's dot the setting's name goes on.
    `      [[ \${COMPREPLY[0]-} == *. ]] && compopt -o nospace 2>/dev/null`,
    '      ;;',
  );
  return lines.join('\n');
}

/** `--views.` and so on, which all settings of a group begin with. */
function settingGroups(settings: readonly FlagWords[]): string[] {
  return [...new Set(settings.filter((s) => s.flag.includes('.')).map((s) => s.flag.replace(/\..*$/, '.')))];
}

/** Which argument it is that stands at the cursor is counted by those before it that are no flags. */
function positionalLines(positionals: readonly Follows[]): string[] {
  if (positionals.length === 0) return ['        *) return ;;'];
  if (positionals.length === 1) return [`        *) ${reply(positionals[0])}; return ;;`];
  return [
    '        *)',
    '          at=0',
    `          for ((i = 2; i < COMP_CWORD; i++)); do [[ \${COMP_WORDS[i]} == -* ]] || at=$((at + 1)); done`,
    '          case $at in',
    ...positionals.map((follows, i) => `            ${i}) ${reply(follows)} ;;`),
    '          esac',
    '          return ;;',
  ];
}

function reply(follows: Follows): string {
  switch (follows.kind) {
    case 'words':
      return `COMPREPLY=($(compgen -W '${follows.words.join(' ')}' -- "$word"))`;
    case 'file':
      return '_synclr_files "$word"';
    case 'folder':
      return '_synclr_folders "$word"';
    default:
      return ':';
  }
}

/** Flags that are followed by the same, in one arm. */
function byFollows(flags: readonly FlagWords[]): { names: string[]; follows: Follows }[] {
  const found = new Map<string, { names: string[]; follows: Follows }>();
  for (const { flag, follows } of flags) {
    if (follows.kind === 'nothing') continue;
    const key = JSON.stringify(follows);
    const same = found.get(key);
    if (same) same.names.push(flag);
    else found.set(key, { names: [flag], follows });
  }
  return [...found.values()];
}
