import { closeSync, openSync, readSync, statSync } from 'node:fs';
import koffi from 'koffi';
import { asUserError, UserError } from '../../errors.js';
import { oneLine, PjrtError } from './errors.js';
import {
  API_MAJOR,
  API_OLDEST_MINOR,
  API_TABLE,
  CALLS,
  type CallField,
  type CallName,
  STRUCTS,
  type StructField,
  type StructName,
} from './pjrt-api.js';

/**
 * A plugin's shared library and calls into it. koffi runs native calls on stacks of its own; compilers need more than
 * its defaults, and the setting must be made before the first call of a thread.
 */
const STACK = 16 * 2 ** 20;
/** Plugins refuse structs that are smaller than theirs, and write all fields that they know. */
const SPARE = 8;

/** Arguments: numbers as they are, addresses as bigint, memory of ours by its address. */
export type Argument = bigint | number | boolean | ArrayBufferView;

/** The cells of a struct, read by name. */
export class Cells<F extends string> {
  readonly memory: BigUint64Array;
  private readonly fields: readonly string[];

  /**
   * @param spare cells after the known fields, all zero: a newer plugin has room for what it may read or write there
   */
  constructor(fields: readonly string[], values: Partial<Record<F, Argument>>, spare = 0) {
    this.fields = fields;
    this.memory = new BigUint64Array(2 + fields.length + spare);
    this.memory[0] = BigInt(this.memory.byteLength);
    for (const [name, value] of Object.entries(values) as [F, Argument | undefined][])
      if (value !== undefined) this.memory[this.place(name)] = cell(value);
  }

  /** A pointer, or an unsigned number of 64 bits. */
  get(field: F): bigint {
    return this.memory[this.place(field)];
  }

  /** A signed number of 64 bits that a double holds exactly. */
  number(field: F): number {
    return Number(BigInt.asIntN(64, this.get(field)));
  }

  int32(field: F): number {
    return Number(BigInt.asIntN(32, this.get(field)));
  }

  boolean(field: F): boolean {
    return (this.get(field) & 0xffn) !== 0n;
  }

  private place(field: F): number {
    const i = this.fields.indexOf(field);
    if (i < 0) throw new Error(`internal: no field ${field}`);
    return i + 2;
  }
}

function cell(value: Argument): bigint {
  if (typeof value === 'bigint') return BigInt.asUintN(64, value);
  if (typeof value === 'number') return BigInt.asUintN(64, BigInt(value));
  if (typeof value === 'boolean') return value ? 1n : 0n;
  return addressOf(value);
}

/** Where memory of ours lies; it must be kept alive by a reference as long as native code may look there. */
export function addressOf(memory: ArrayBufferView): bigint {
  return memory.byteLength === 0 ? 0n : koffi.address(memory);
}

/** Text that native code wrote. */
export function textAt(address: bigint, length: bigint | number): string {
  return address === 0n || Number(length) === 0 ? '' : Buffer.from(bytesAt(address, Number(length))).toString('utf8');
}

/** A copy of native memory. */
export function bytesAt(address: bigint, length: number): Uint8Array {
  return new Uint8Array(koffi.view(address, length)).slice();
}

/** Addresses that native code wrote one after the other. */
export function addressesAt(address: bigint, count: number): bigint[] {
  return count === 0 ? [] : [...new BigUint64Array(koffi.view(address, 8 * count))];
}

/** A struct that an argument points to; the caller keeps it, and what it points to, alive. */
export function struct<N extends StructName>(
  name: N,
  values: Partial<Record<StructField<N>, Argument>>,
): BigUint64Array {
  return new Cells<StructField<N>>(STRUCTS[name], values).memory;
}

type Native = (memory: BigUint64Array) => bigint | null;

/** A plugin that was loaded into this process, where it stays until the process ends. */
export class Plugin {
  readonly path: string;
  readonly api: readonly [major: number, minor: number];
  private readonly table: unknown;
  private readonly prototype = koffi.proto('void *(void *args)');
  private readonly functions = new Map<CallName, Native>();
  /** What the call in hand points to: nothing may be collected under native code. */
  protected held: unknown;

  private constructor(path: string, table: unknown) {
    this.path = path;
    this.table = table;
    this.api = [koffi.decode(table, API_TABLE.major, 'int'), koffi.decode(table, API_TABLE.minor, 'int')];
  }

  /**
   * Loads a plugin and initializes it.
   * @param path of the shared library
   * @throws UserError for what is missing, no library, no plugin, or of another API
   */
  static open(path: string): Plugin {
    requireLibrary(path);
    koffi.config({ sync_stack_size: STACK });
    quiet();
    pin(path);
    let entry: () => unknown;
    try {
      entry = koffi.load(path).func('GetPjrtApi', 'void *', []);
    } catch (e) {
      throw new UserError(
        `${path} is a library, but no PJRT plugin (it has no GetPjrtApi): ${oneLine((e as Error).message, 120)}`,
      );
    }
    const table = entry();
    if (!table) throw new UserError(`${path} has no PJRT function table: the plugin is damaged, install it again`);
    const plugin = new Plugin(path, table);
    refuseApi(path, plugin.api);
    try {
      plugin.call('Plugin_Initialize', {});
    } catch (e) {
      throw new UserError(`${path} cannot be initialized: ${oneLine((e as Error).message)}`);
    }
    return plugin;
  }

  /**
   * Calls a function of the plugin; the arguments' memory is kept alive meanwhile.
   * @param alive what that memory points to
   * @returns its argument struct, with what the plugin wrote there
   * @throws PjrtError
   */
  call<N extends CallName>(
    name: N,
    values: Partial<Record<CallField<N>, Argument>>,
    alive?: unknown,
  ): Cells<CallField<N>> {
    const [, ...fields] = CALLS[name];
    const cells = new Cells<CallField<N>>(fields, values, SPARE);
    this.held = [values, alive];
    const error = this.native(name)(cells.memory);
    this.held = undefined;
    if (error) this.fail(name, error);
    return cells;
  }

  private native(name: CallName): Native {
    let f = this.functions.get(name);
    if (!f) {
      const pointer = koffi.decode(this.table, API_TABLE.functions + 8 * CALLS[name][0], 'void *');
      if (!pointer) throw new PjrtError(name, 12, `the plugin has no ${name}`);
      f = koffi.decode(pointer, this.prototype) as Native;
      this.functions.set(name, f);
    }
    return f;
  }

  /** Turns an error of the plugin into one of JavaScript. */
  private fail(name: string, error: bigint): never {
    const cells = new Cells<'error' | 'a' | 'b'>(['error', 'a', 'b'], { error }, SPARE);
    this.native('Error_Message')(cells.memory);
    const message = textAt(cells.get('a'), cells.get('b'));
    this.native('Error_GetCode')(cells.memory);
    const code = cells.int32('a');
    this.native('Error_Destroy')(cells.memory);
    throw new PjrtError(name, code, message);
  }

  /** Lets the plugin free what it handed out, by the function that came with it. */
  destroyBy(destroy: bigint, thing: bigint): void {
    if (destroy !== 0n && thing !== 0n) koffi.call(destroy, this.destroyer, thing);
  }
  private readonly destroyer = koffi.proto('void (void *thing)');

  /** Of libraries that are asked whether they can be had, such as a driver's. */
  static isLoadable(library: string): boolean {
    try {
      koffi.load(library);
      return true;
    } catch {
      return false;
    }
  }
}

/** @throws UserError for an API that is not spoken here */
export function refuseApi(path: string, [major, minor]: readonly [number, number]): void {
  if (major === API_MAJOR && minor >= API_OLDEST_MINOR) return;
  const spoken = `${API_MAJOR}.${API_OLDEST_MINOR} and newer ones below ${API_MAJOR + 1}.0`;
  throw new UserError(
    `${path} speaks PJRT API ${major}.${minor}; this version of synclr speaks ${spoken}: install another plugin`,
  );
}

/** @throws UserError where no shared library of this system stands */
function requireLibrary(path: string): void {
  const head = Buffer.alloc(4);
  try {
    if (!statSync(path).isFile()) throw new UserError(`${path} is no file: name the plugin's shared library (*.so)`);
    const fd = openSync(path, 'r');
    try {
      readSync(fd, head, 0, 4, 0);
    } finally {
      closeSync(fd);
    }
  } catch (e) {
    throw asUserError(e) ?? e;
  }
  const isElf = head.readUInt32BE(0) === 0x7f454c46;
  if (process.platform === 'linux' && !isElf)
    throw new UserError(`${path} is no shared library: name the plugin's file (*.so), or install it again`);
}

const libc = () => koffi.load(null);

/**
 * Keeps a library in the process until its end. koffi takes libraries out when a thread or the process ends, while the
 * plugin's own threads still run in it: that is what crashes at exit.
 */
function pin(path: string): void {
  if (process.platform === 'win32') return;
  const NOW = 2;
  const KEEP = process.platform === 'darwin' ? 0x80 : 0x1000;
  const open = libc().func('dlopen', 'void *', ['str', 'int']);
  // Looked up before: to look up a function forgets the error.
  const error = libc().func('dlerror', 'str', []);
  if (open(path, NOW | KEEP)) return;
  const said = error() as string | null;
  throw new UserError(`${path} cannot be loaded: ${oneLine((said ?? '').replace(`${path}: `, ''))}`);
}

/** Plugins write to stderr what they think; errors reach us as errors. A user's own setting stays. */
function quiet(): void {
  if (process.platform === 'win32') return;
  libc().func('setenv', 'int', ['str', 'str', 'int'])('TF_CPP_MIN_LOG_LEVEL', '3', 0);
}
