import { settingLeaves } from '../../../config/leaves.js';
import { PRESET_NAMES } from '../../../config/presets.js';
import { flagsOf, HELP_FLAGS } from '../args.js';
import type { Command, Flag } from '../command.js';

/** What may follow a flag: nothing, words from a list, a file or folder, a folder, or anything. */
export type Follows =
  | { kind: 'nothing' | 'file' | 'folder' | 'anything' }
  | { kind: 'words'; words: readonly string[] };

/** A flag as completion knows it. */
export interface FlagWords {
  /** With its dashes. */
  flag: string;
  follows: Follows;
  about: string;
}

/** A command line of one command, as completion knows it. */
export interface CommandWords {
  name: string;
  about: string;
  flags: readonly FlagWords[];
  /** Settings by their dotted names; shells offer them once a dot is typed, or they would bury the flags. */
  settings: readonly FlagWords[];
  /** What the first, the second … argument that is no flag may be. */
  positionals: readonly Follows[];
  /** There may be any number, all like the first. */
  many: boolean;
}

/** Completion's view of the commands' declarations. */
export function wordsOf(command: Command): CommandWords {
  const { name, about, positional } = command;
  const leaves = settingLeaves();
  const flags = [...flagsOf(command), ...HELP_FLAGS.filter((f) => f.name !== 'help-all' || command.settings)];
  const most = positional ? (positional.most ?? 1) : 0;
  const many = most > 1 && !positional?.choices;
  return {
    name,
    about,
    flags: flags.map((f) => ({ flag: `--${f.name}`, follows: followsFlag(f), about: f.about })),
    settings: command.settings
      ? leaves.map((l) => ({ flag: `--${l.path}`, follows: followsSetting(l.path), about: l.about }))
      : [],
    many,
    positionals: Array.from({ length: many ? 1 : most }, (_, i) => {
      const words = positional!.choices?.[i];
      return words ? { kind: 'words', words } : { kind: 'file' };
    }),
  };
}

function followsFlag({ name, value, setting, choices }: Flag): Follows {
  if (value === undefined) return { kind: 'nothing' };
  if (choices) return { kind: 'words', words: choices };
  if (name === 'preset') return { kind: 'words', words: PRESET_NAMES };
  if (value === 'DIR') return { kind: 'folder' };
  if (/\b(FILE|DIR)\b/.test(value)) return { kind: 'file' };
  return setting === undefined ? { kind: 'anything' } : followsSetting(setting);
}

/** Settings that name a file, beside what their flags say. */
const FILES = /(^concepts\.(source|backgrounds)|\.(plugin|keyFile|workflow|model))$/;

function followsSetting(path: string): Follows {
  const leaf = settingLeaves().find((l) => l.path === path)!;
  if (leaf.choices) return { kind: 'words', words: leaf.choices };
  if (leaf.type === 'boolean') return { kind: 'words', words: ['true', 'false'] };
  return { kind: FILES.test(path) ? 'file' : 'anything' };
}
