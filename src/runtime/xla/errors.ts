import { UserError } from '../../errors.js';

/** An error that a plugin answered a call with. */
export class PjrtError extends Error {
  override name = 'PjrtError';
  /** The function that was called, such as `Client_Compile`. */
  readonly call: string;
  /** Of absl::Status; `ERROR_CODE` names those that matter. */
  readonly code: number;

  constructor(call: string, code: number, message: string) {
    super(message);
    this.call = call;
    this.code = code;
  }
}

const BEGINNING = 'the device is out of memory';

/**
 * A device had no room for what a program or a value needs: a smaller batch, accumulation or recomputation helps, which
 * the caller knows by their settings. Its message begins with `the device is out of memory`.
 */
export class OutOfDeviceMemory extends UserError {
  override name = 'OutOfDeviceMemory';
  /** Bytes that could not be had, where the plugin says them. */
  readonly wanted: number | undefined;

  private constructor(message: string) {
    super(message);
    this.wanted = wantedBytes(message);
  }

  /** @param where what wanted it: `program step` @param said by the plugin */
  static in(where: string, said: string): OutOfDeviceMemory {
    return new OutOfDeviceMemory(`${BEGINNING} (${where}): ${oneLine(said)}`);
  }

  /** The same with what would help. */
  because(advice: string): OutOfDeviceMemory {
    return new OutOfDeviceMemory(`${this.message}; ${advice}`);
  }

  /** An error that came from another thread, where its class was lost. */
  static revive(e: unknown): unknown {
    const lost = e instanceof UserError && !(e instanceof OutOfDeviceMemory) && e.message.startsWith(BEGINNING);
    return lost ? new OutOfDeviceMemory(e.message) : e;
  }
}

const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
  PiB: 2 ** 50,
};

/** The first size in a plugin's words, as `allocating 34359738368 bytes` or `allocate 32.00GiB`. */
function wantedBytes(said: string): number | undefined {
  const found = /([\d.]{1,24})\s?(bytes|[KMGTP]iB|B)\b/.exec(said);
  if (!found) return undefined;
  return Math.round(Number(found[1]) * (UNITS[found[2]] ?? 1));
}

/** The first line of what a plugin says, which may go on with traces of its sources. */
export function oneLine(said: string, most = 400): string {
  const line = said.split('\n').find((l) => l.trim() !== '') ?? 'no reason given';
  return line.trim().slice(0, most);
}
