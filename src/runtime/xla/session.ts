import { UserError } from '../../errors.js';
import { type ClientOptions, openClient } from './client.js';
import { compileOptions } from './compile-options.js';
import { cut, type Data, elementCount, join, partShape, toElements, toFloats, zeros } from './elements.js';
import { oneLine, PjrtError } from './errors.js';
import { Events } from './events.js';
import {
  type Buffer_,
  type Client,
  type DeviceMemory,
  type Event_,
  type Executable_,
  explain,
  type ProgramMemory,
} from './pjrt.js';
import type { Result, ValueType, XlaProgram } from './program.js';
import { ProgramCache } from './program-cache.js';

/** What a device is started with. */
export interface SessionOptions extends ClientOptions {
  /** Folder of compiled programs; undefined: none are kept. */
  cache?: string;
  /** XLA's flags for all programs, as they stand in XLA_FLAGS. */
  flags?: string;
}

/** What runs programs. */
export interface DeviceInfo {
  /** Such as `cpu`, `cuda`. */
  platform: string;
  /** What the plugin says of itself. */
  version: string;
  api: readonly [major: number, minor: number];
  devices: readonly { id: number; kind: string; memory?: DeviceMemory }[];
}

/** How compiling went. */
export interface Compiled {
  seconds: number;
  /** It was read from disk. */
  cached: boolean;
  /** Of one device; undefined where the plugin does not say. */
  memory: ProgramMemory | undefined;
}

interface Program {
  name: string;
  program: XlaProgram;
  executable: Executable_;
}

/** A value that stays on the devices, one buffer each. */
interface Kept {
  type: ValueType;
  buffers: readonly Buffer_[];
  /** Why it cannot be used: the run that was to make it failed. */
  failed?: Error;
}

/**
 * Programs and values of one plugin's devices, all on the thread that made it. Every function does its work up to where
 * only the device is waited for before it returns, so what was asked first is first on the device.
 */
export class Session {
  readonly info: DeviceInfo;
  private readonly client: Client;
  private readonly events: Events;
  private readonly devices: readonly bigint[];
  private readonly cache: ProgramCache | undefined;
  private readonly flags: string | undefined;
  private readonly programs = new Map<string, Program>();
  private readonly kept = new Map<string, Kept>();
  /** Values that a failed run took with it, and what is told of them. */
  private readonly lost = new Map<string, Error>();
  private readonly inHand = new Set<Promise<unknown>>();

  /** @throws UserError for a plugin or devices that cannot be used */
  constructor(o: SessionOptions, client = openClient(o)) {
    this.client = client;
    const isAll = o.devices === undefined;
    this.devices = isAll ? client.devices : client.devices.slice(0, o.devices);
    this.events = new Events(client);
    this.flags = o.flags;
    this.info = {
      platform: client.platform,
      version: client.version,
      api: client.plugin.api,
      devices: this.devices.map((d) => ({ ...client.describe(d), memory: client.memory(d) })),
    };
    if (o.cache !== undefined) this.cache = new ProgramCache(o.cache, this.info, o.plugin);
  }

  /** Compiles a program under a name, or reads it from disk. */
  compile(name: string, program: XlaProgram): Compiled {
    const { client, devices } = this;
    if (program.devices !== devices.length)
      throw new Error(`internal: program ${name} is for ${program.devices} devices, here are ${devices.length}`);
    for (const value of [...program.arguments, ...program.results]) partShape(value, devices.length, value.name);
    const began = performance.now();
    const options = compileOptions({
      devices: devices.length,
      ids: this.info.devices.map((d) => d.id),
      flags: this.flags,
    });
    const key = this.cache?.key(program.text, options);
    const found = key === undefined ? undefined : this.cached(key, options);
    let memory = found?.memory;
    let executable = found?.executable;
    if (executable === undefined) {
      try {
        executable = client.compile(program.text, options);
      } catch (e) {
        throw explain(e, `program ${name} cannot be compiled`);
      }
      memory = client.programMemory(executable);
      if (key !== undefined) this.store(key, executable, memory);
    }
    const results = client.resultCount(executable);
    if (results !== program.results.length) {
      client.destroyExecutable(executable);
      throw new Error(`internal: program ${name} gives ${results} results, ${program.results.length} are bound`);
    }
    const old = this.programs.get(name);
    if (old) client.destroyExecutable(old.executable);
    this.programs.set(name, { name, program, executable });
    return { seconds: (performance.now() - began) / 1e3, cached: found !== undefined, memory };
  }

  private cached(key: string, options: Uint8Array): { executable: Executable_; memory?: ProgramMemory } | undefined {
    const entry = this.cache!.read(key);
    if (!entry) return undefined;
    try {
      return { executable: this.client.deserialize(entry.bytes, options), memory: entry.memory };
    } catch {
      // Refused by the plugin: it is compiled again, and replaced.
      return undefined;
    }
  }

  private store(key: string, executable: Executable_, memory: ProgramMemory | undefined): void {
    let bytes: Uint8Array;
    try {
      bytes = this.client.serialize(executable);
    } catch {
      // Not every plugin can.
      return;
    }
    this.remember(this.cache!.write(key, bytes, memory));
  }

  /** Puts a value on the devices, in place of one of that name. @param data 0: zeros */
  keep(name: string, type: ValueType, data: Data | 0): Promise<void> {
    const whole = data === 0 ? zeros(type.dtype, elementCount(type.shape)) : toElements(data, type, name);
    const { buffers, done } = this.upload(name, type, whole);
    this.replace(name, { type, buffers });
    this.lost.delete(name);
    return this.remember(done);
  }

  /**
   * Begins a run: uploads its feeds, dispatches it, and begins to read results.
   * @param fetch results that are read though they are bound as on demand or kept
   * @returns results read back, by name
   */
  run(
    name: string,
    feeds: Readonly<Record<string, Data>>,
    fetch: readonly string[] = [],
  ): Promise<Record<string, Float32Array>> {
    const { client } = this;
    const one = this.programs.get(name);
    if (!one) throw new Error(`internal: no program ${name}`);
    const { program } = one;
    const inputs = this.devices.map((): Buffer_[] => []);
    const read: Kept[] = [];
    const fed: Buffer_[] = [];
    const uploads: Promise<void>[] = [];
    let outputs: Buffer_[][];
    let events: Event_[];
    try {
      for (const a of program.arguments) {
        let buffers: readonly Buffer_[];
        if (a.kept !== undefined) {
          const kept = this.keptFor(a.kept, a, name);
          read.push(kept);
          buffers = kept.buffers;
        } else {
          const data = feeds[a.name];
          if (data === undefined) throw new Error(`internal: no value for ${a.name} of program ${name}`);
          const up = this.upload(a.name, a, toElements(data, a, a.name));
          buffers = up.buffers;
          fed.push(...buffers);
          uploads.push(up.done);
        }
        for (const [d, b] of buffers.entries()) inputs[d].push(b);
      }
      ({ outputs, events } = client.execute(one.executable, inputs, program.results.length));
    } catch (e) {
      const why = failed(e, name);
      this.missDonated(program, why);
      throw why;
    } finally {
      for (const b of fed) client.destroyBuffer(b);
      // Of a run that failed, the error of the run is told.
      for (const u of uploads) this.remember(u.catch(() => {}));
    }
    return this.remember(this.finish(one, read, outputs, events, fetch));
  }

  /** A copy of a kept value as it is after all runs asked for so far. */
  async read(name: string): Promise<Float32Array> {
    const kept = this.keptNamed(name);
    const { data, done } = this.download(kept.buffers, kept.type);
    try {
      await this.remember(done);
    } catch (e) {
      throw kept.failed ?? explain(e, `reading ${name}`);
    }
    return toFloats(data(), kept.type.dtype);
  }

  memory(): (DeviceMemory | undefined)[] {
    return this.devices.map((d) => this.client.memory(d));
  }

  /** What of the plugin's is alive. */
  alive(): { buffers: number; events: number } {
    return { buffers: this.client.buffers, events: this.events.size };
  }

  /** Frees a kept value; nothing where there is none. */
  drop(name: string): void {
    this.replace(name, undefined);
    this.lost.delete(name);
  }

  /** Waits for all that is under way, then frees everything. */
  async close(): Promise<void> {
    while (this.inHand.size > 0) await Promise.allSettled(this.inHand);
    for (const name of [...this.kept.keys()]) this.replace(name, undefined);
    for (const { executable } of this.programs.values()) this.client.destroyExecutable(executable);
    this.programs.clear();
    this.client.destroy();
  }

  /** Binds what a run made, and reads what is asked for. */
  private async finish(
    { name, program }: Program,
    read: readonly Kept[],
    outputs: Buffer_[][],
    events: readonly Event_[],
    fetch: readonly string[],
  ): Promise<Record<string, Float32Array>> {
    const { client } = this;
    const reads: { result: Result; data: () => Data; done: Promise<void> }[] = [];
    const made: [string, Kept][] = [];
    const spent: Buffer_[] = [];
    program.results.forEach((result, i) => {
      const buffers = outputs.map((o) => o[i]);
      const isRead = fetch.includes(result.name) || (result.kept === undefined && !result.onDemand);
      if (isRead) reads.push({ result, ...this.download(buffers, result) });
      if (result.kept === undefined) spent.push(...buffers);
      else made.push([result.kept, { type: result, buffers }]);
    });
    // Donated or not, what is replaced is ours to destroy; the device keeps what it still works with.
    for (const [key, kept] of made) this.replace(key, kept);
    for (const b of spent) client.destroyBuffer(b);
    const all = [...events.map((e) => this.events.wait(e)), ...reads.map((r) => r.done)];
    const ended = await Promise.allSettled(all);
    const failure = ended.find((e) => e.status === 'rejected');
    if (failure) {
      // A run that read what an earlier one failed to make fails for that one's reason.
      const why = read.find((k) => k.failed)?.failed ?? failed(failure.reason, name);
      for (const [key, kept] of made) this.lose(key, kept, why);
      throw why;
    }
    return Object.fromEntries(reads.map(({ result, data }) => [result.name, toFloats(data(), result.dtype)]));
  }

  private upload(name: string, type: ValueType, whole: Data): { buffers: Buffer_[]; done: Promise<void> } {
    const shape = partShape(type, this.devices.length, name);
    const parts = cut(whole, type, this.devices.length);
    const buffers: Buffer_[] = [];
    const done: Promise<void>[] = [];
    try {
      this.devices.forEach((device, d) => {
        const up = this.client.upload(device, parts[d], type.dtype, shape);
        buffers.push(up.buffer);
        // The part is kept from the collector until it was copied.
        done.push(this.events.wait(up.done, parts[d]));
      });
    } catch (e) {
      for (const b of buffers) this.client.destroyBuffer(b);
      for (const d of done) d.catch(() => {});
      throw explain(e, `uploading ${name}`);
    }
    return { buffers, done: Promise.all(done).then(() => {}) };
  }

  /** Begins to read a value; of one that every device has whole, the first's. */
  private download(buffers: readonly Buffer_[], type: ValueType): { data: () => Data; done: Promise<void> } {
    const from = type.split === undefined ? buffers.slice(0, 1) : buffers;
    const count = elementCount(type.shape) / from.length;
    const parts = from.map(() => zeros(type.dtype, count));
    const done = from.map(async (b, i) => this.events.wait(this.client.download(b, parts[i]), parts[i]));
    return { data: () => join(parts, type), done: Promise.all(done).then(() => {}) };
  }

  private keptNamed(name: string): Kept {
    const lost = this.lost.get(name);
    if (lost) throw lostError(name, lost);
    const kept = this.kept.get(name);
    if (!kept) throw new Error(`internal: no value ${name} is kept on the device`);
    return kept;
  }

  private keptFor(key: string, wanted: ValueType, program: string): Kept {
    const kept = this.keptNamed(key);
    if (describe(kept.type) !== describe(wanted))
      throw new Error(`internal: ${key} is ${describe(kept.type)}, program ${program} reads ${describe(wanted)}`);
    return kept;
  }

  private replace(key: string, kept: Kept | undefined): void {
    const old = this.kept.get(key);
    if (kept) this.kept.set(key, kept);
    else this.kept.delete(key);
    for (const b of old?.buffers ?? []) this.client.destroyBuffer(b);
  }

  /** A run failed after its dispatch: what it was to make is nothing, unless something newer has its place. */
  private lose(key: string, kept: Kept, why: Error): void {
    kept.failed = why;
    if (this.kept.get(key) !== kept) return;
    this.replace(key, undefined);
    this.lost.set(key, why);
  }

  /** A run failed at its dispatch: what it gave away before is gone. */
  private missDonated(program: XlaProgram, why: Error): void {
    for (const { kept: key } of program.arguments) {
      const kept = key === undefined ? undefined : this.kept.get(key);
      if (kept?.buffers.some((b) => this.client.isDeleted(b))) this.lose(key!, kept, why);
    }
  }

  private remember<T>(work: Promise<T>): Promise<T> {
    const one = work.finally(() => this.inHand.delete(one)).catch(() => {});
    this.inHand.add(one);
    return work;
  }
}

/** What is told of a run that failed on the device. */
function failed(e: unknown, program: string): Error {
  const why = explain(e, `program ${program}`) as Error;
  if (why instanceof UserError || !(e instanceof PjrtError)) return why;
  return new UserError(`program ${program} failed on the device: ${oneLine(e.message)} (${e.call})`);
}

const lostError = (name: string, why: Error): Error =>
  new UserError(`${name} is gone from the device, continue from a checkpoint: ${why.message}`);

const describe = ({ shape, dtype, split }: ValueType): string =>
  `${dtype}[${shape}]${split === undefined ? '' : ` split along axis ${split}`}`;
