import type { Parsed } from './args.js';
import type { Terminal } from './terminal.js';

/** A flag of a command, beside the settings that every command on a run folder takes. */
export interface Flag {
  name: string;
  /** What stands after it, e.g. `DIR`; absent for a switch. */
  value?: string;
  /** The values that it may have, of one that has no others; a setting's are known from the schema. */
  choices?: readonly string[];
  /** The setting that it is short for. */
  setting?: string;
  repeat?: boolean;
  about: string;
}

/** What a command says about itself; arguments are parsed, and its help is written, from this alone. */
export interface Command {
  name: string;
  about: string;
  /** A paragraph below the usage. */
  details?: string;
  positional?: {
    name: string;
    about: string;
    required: boolean;
    /** How many there may be; default one. */
    most?: number;
    /** What the first, the second … may be, for completion; default: a file or folder. */
    choices?: readonly (readonly string[])[];
  };
  flags: readonly Flag[];
  /** Groups of settings that are of interest here, first in the help; absent: it takes no settings. */
  settings?: readonly string[];
  /** It answers something (`context.answer`), and so takes `--json`; where it does so only with certain flags, these. */
  answers?: true | readonly string[];
  examples: readonly { line: string; about: string }[];
  run(args: Parsed, context: Context): Promise<void>;
}

/** What the entry gives to a command. */
export interface Context {
  terminal: Terminal;
  /** Aborted by the first Ctrl-C or SIGTERM. */
  signal: AbortSignal;
  /** The command line, as `synclr run --preset tiny`, without secrets. */
  line: string;
  /**
   * Gives the command's answer: with `--json` the value as one JSON document, the only thing on stdout; else as `show` prints it,
   * `--quiet` or not. Once a command.
   */
  answer(value: unknown, show: () => void): void;
}
