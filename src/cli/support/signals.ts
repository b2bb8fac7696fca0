import { constants } from 'node:os';

/** Signals that ask a run to stop. */
const STOPPING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** npm passes a terminal's Ctrl-C on to its child, which then gets it twice; a person needs longer than this for a second one. */
const SAME_PRESS_MS = 500;

/** The first signal aborts `signal`; a later one ends the process at once. */
export class Stop {
  private readonly controller = new AbortController();
  private first: NodeJS.Signals | undefined;
  private at = 0;

  /** @param onFirst says to the user that the run is stopping */
  constructor(onFirst: (signal: NodeJS.Signals) => void) {
    for (const name of STOPPING) {
      process.on(name, () => {
        if (this.first !== undefined) {
          if (Date.now() - this.at > SAME_PRESS_MS) process.exit(exitCodeOf(name));
          return;
        }
        this.first = name;
        this.at = Date.now();
        this.controller.abort();
        onFirst(name);
      });
    }
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** 130 after SIGINT, 143 after SIGTERM. */
  get exitCode(): number {
    return exitCodeOf(this.first ?? 'SIGINT');
  }
}

function exitCodeOf(name: NodeJS.Signals): number {
  return 128 + constants.signals[name];
}
