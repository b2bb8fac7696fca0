import type { CommandWords, FlagWords, Follows } from './words.js';

/** A script for zsh: a file `_synclr` in a folder of `$fpath`, or read by `source <(synclr completion zsh)`. */
export function zshCompletion(commands: readonly CommandWords[]): string {
  return `#compdef synclr
# zsh completion of synclr, written by: synclr completion zsh
_synclr() {
  local curcontext="$curcontext" state line
  typeset -A opt_args
  local -a commands
  commands=(
${commands.map((c) => `    ${quoted(`${c.name}:${c.about}`)}`).join('\n')}
    'help:flags and examples of a command'
  )
  _arguments -C '(- *)--version[the version]' '(- *)--help[all commands]' '1: :->command' '*:: :->rest' && return
  case $state in
    command) _describe command commands ;;
    rest)
      case $words[1] in
        help) _describe command commands ;;
${commands.map(commandCase).join('\n')}
      esac ;;
  esac
}
if [[ $funcstack[1] == _synclr ]]; then _synclr "$@"; else compdef _synclr synclr; fi
`;
}

function commandCase({ name, flags, settings, positionals, many }: CommandWords): string {
  const specs = [
    ...[...flags, ...settings].map(flagSpec),
    ...positionals.map((follows, i) => quoted(`${many ? '*' : `${i + 1}:`}${action(follows)}`)),
  ];
  return `        ${name}) _arguments -s ${specs.join(' ')} ;;`;
}

function flagSpec({ flag, follows, about }: FlagWords): string {
  const text = about.replace(/([[\]\\:])/g, '\\$1');
  // A star: it may be repeated, and the last one wins. The sign: `--flag=value` as well as `--flag value`.
  if (follows.kind === 'nothing') return quoted(`${flag}[${text}]`);
  return quoted(`*${flag}=[${text}]${action(follows)}`);
}

/** `:message:what may stand there` */
function action(follows: Follows): string {
  switch (follows.kind) {
    case 'words':
      return `:value:(${follows.words.join(' ')})`;
    case 'file':
      return ':file:_files';
    case 'folder':
      return ':folder:_files -/';
    default:
      return ':value: ';
  }
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
