import { Interrupted } from '../../errors.js';
import { Thread } from '../../threads.js';
import type { Data } from './elements.js';
import { OutOfDeviceMemory } from './errors.js';
import { leaveNow } from './leave.js';
import type { DeviceMemory } from './pjrt.js';
import type { ValueType, XlaProgram } from './program.js';
import type { Compiled, DeviceInfo, SessionOptions } from './session.js';
import type { DeviceCalls } from './worker.js';

export type { Data } from './elements.js';
export { OutOfDeviceMemory } from './errors.js';
export type { DeviceMemory, ProgramMemory } from './pjrt.js';
export type { OptionValue } from './pjrt-api.js';
export type { Compiled, DeviceInfo } from './session.js';

/** What a device is started with. */
export interface DeviceOptions extends SessionOptions {
  /** When it aborts, nobody waits for a compiler any more: see `XlaDevice.compile`. */
  signal?: AbortSignal;
}

export interface RunOptions {
  /** Results that are read back though they are on demand or kept. */
  fetch?: readonly string[];
  /**
   * The feeds are moved to the device's thread, not copied, and are empty here afterwards. Shared memory is never
   * copied.
   */
  move?: boolean;
}

/** Milliseconds between two calls of a listener while a program is compiled. */
const TICK = 1000;

/**
 * All chosen devices of one PJRT plugin, as one: programs run on all of them, values are split over them or whole on
 * each. The plugin's client lives on a thread of its own, since compiling blocks it. What is asked is done in the order
 * asked; a run is dispatched as soon as those before it are, not when they are done, so the next batch is on its way
 * while a step computes. Who has many runs in flight holds the memory of as many batches.
 *
 *     const device = await XlaDevice.start({ plugin: '…/pjrt_c_api_cpu_plugin.so' });
 *     await device.keep('w', { shape: [3], dtype: 'f32' }, Float32Array.of(1, 2, 3));
 *     await device.compile('step', program);
 *     const { loss } = await device.run('step', { x });
 *     await device.close();
 *
 * A run that fails takes the values with it that it replaces: they are refused from then on with the reason, until they
 * are kept anew.
 */
export class XlaDevice {
  readonly info: DeviceInfo;
  private readonly thread: Thread<DeviceCalls>;
  private readonly signal: AbortSignal | undefined;
  private readonly inCompiler = new Set<string>();

  private constructor(thread: Thread<DeviceCalls>, info: DeviceInfo, signal: AbortSignal | undefined) {
    this.thread = thread;
    this.info = info;
    this.signal = signal;
  }

  /** @throws UserError in one line for a plugin or devices that cannot be used */
  static async start({ signal, ...o }: DeviceOptions): Promise<XlaDevice> {
    const thread = Thread.start<DeviceCalls>('runtime/xla/worker', { what: 'the thread of the XLA device', data: o });
    try {
      return new XlaDevice(thread, await thread.ask('start', undefined), signal);
    } catch (e) {
      await thread.terminate();
      throw e;
    }
  }

  /**
   * Programs that are being compiled. The compiler cannot be stopped: `close` waits for it (unless the signal has
   * aborted), the end of the process does not.
   */
  get compiling(): readonly string[] {
    return [...this.inCompiler];
  }

  /**
   * Compiles a program under a name, or takes it from the folder of compiled programs.
   * @param onProgress hears every second how many have passed
   * @throws OutOfDeviceMemory when the device has no room for it; Interrupted as soon as the signal aborts, while the
   * compiler goes on in its thread until the process ends
   */
  async compile(name: string, program: XlaProgram, onProgress?: (seconds: number) => void): Promise<Compiled> {
    if (this.signal?.aborted) throw new Interrupted('stopped before a program was compiled');
    const began = performance.now();
    const timer = onProgress && setInterval(() => onProgress((performance.now() - began) / 1e3), TICK);
    // At its end a process waits for its threads, and so for minutes on a compiler.
    process.on('exit', leaveNow);
    this.inCompiler.add(name);
    const compiled = this.thread.ask('compile', { name, program }).finally(() => {
      this.inCompiler.delete(name);
      process.off('exit', leaveNow);
    });
    try {
      return await this.told(this.unlessAborted(compiled));
    } finally {
      clearInterval(timer);
    }
  }

  /**
   * Puts a value on the devices, in place of one that had the name.
   * @param data whole, whatever each device has of it; 0: zeros
   */
  keep(name: string, type: ValueType, data: Data | 0): Promise<void> {
    return this.told(this.thread.ask('keep', { name, type, data }));
  }

  /**
   * Runs a program.
   * @param feeds by argument name, whole; see `toElements` for the kinds of array. Those over shared memory must stay
   * as they are until the run is done
   * @returns results that are read back, by name, as floats whatever their type
   * @throws OutOfDeviceMemory; UserError naming the program when it fails on the device
   */
  run(name: string, feeds: Readonly<Record<string, Data>>, o: RunOptions = {}): Promise<Record<string, Float32Array>> {
    return this.told(this.thread.ask('run', { name, feeds, fetch: o.fetch }, o.move ? Object.values(feeds) : []));
  }

  /** A kept value as it is after the runs asked for before; those asked for later do not wait for it. */
  read(name: string): Promise<Float32Array> {
    return this.told(this.thread.ask('read', { name }));
  }

  /** Frees a kept value; nothing where there is none. */
  drop(name: string): Promise<void> {
    return this.told(this.thread.ask('drop', { name }));
  }

  /** Memory of each device; undefined where the plugin does not say, as on a CPU. */
  memory(): Promise<(DeviceMemory | undefined)[]> {
    return this.told(this.thread.ask('memory', undefined));
  }

  /** Buffers that the plugin holds for us, and events that are waited for: what grows where something is forgotten. */
  alive(): Promise<{ buffers: number; events: number }> {
    return this.told(this.thread.ask('alive', undefined));
  }

  /**
   * Ends the device after what was asked before; a second call does nothing. Where a compiler is at work though the
   * signal has aborted, it ends by itself later.
   */
  async close(): Promise<void> {
    const closed = this.thread.close();
    if (!this.signal?.aborted || this.inCompiler.size === 0) return closed;
    closed.catch(() => {});
  }

  private unlessAborted<T>(answer: Promise<T>): Promise<T> {
    const { signal } = this;
    if (!signal) return answer;
    return new Promise((resolve, reject) => {
      const stop = () => reject(new Interrupted('stopped while a program was compiled'));
      signal.addEventListener('abort', stop);
      answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
    });
  }

  private async told<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (e) {
      throw OutOfDeviceMemory.revive(e);
    }
  }
}
