import { reachable, type Shape, type Tensor } from '../../graph/index.js';
import type { Executor, Executors, LoadOptions } from '../executor.js';
import type { Feeds } from '../training.js';
import { type DeviceOptions, OutOfDeviceMemory, XlaDevice } from './device.js';
import type { AttentionKind } from './stablehlo.js';
import { toStableHlo } from './stablehlo.js';

export interface XlaExecutorsOptions {
  device: DeviceOptions;
  /** Default float32. */
  precision?: 'float32' | 'bfloat16';
  /** cuDNN's attention; default plain. */
  attention?: AttentionKind;
  /** Hears how compiling goes when it takes its time: one line. */
  note?: (line: string) => void;
}

/** Seconds between two lines while something is compiled. */
const PATIENCE = 10;
const WHAT_HELPS = 'end what else uses the device, lower probe.size, or take --provider cpu';

/** XLA: all executors share the devices of one plugin, since a second client would find their memory taken. */
export class XlaExecutors implements Executors {
  readonly order = 'sample';
  readonly threads = undefined;
  readonly about: string;
  readonly precision: 'f32' | 'bf16';
  readonly apart: boolean;
  readonly device: XlaDevice;
  readonly o: XlaExecutorsOptions;
  /** Numbers of those that are open. One that is closed is given again, and its programs are replaced then. */
  private readonly numbers = new Set<number>();
  private readonly opened = new Set<XlaExecutor>();

  /** Whether the device ends with it. */
  private readonly owns: boolean;

  private constructor(device: XlaDevice, o: XlaExecutorsOptions, owns = true) {
    const { precision = 'float32' } = o;
    this.device = device;
    this.o = o;
    this.owns = owns;
    this.precision = precision === 'bfloat16' ? 'bf16' : 'f32';
    const { devices, platform } = device.info;
    this.apart = platform !== 'cpu';
    this.about = `XLA on ${devices.length > 1 ? `${devices.length} × ` : ''}${devices[0].kind || platform} (${precision})`;
  }

  /** @throws UserError for a plugin or devices that cannot be used */
  static async start(o: XlaExecutorsOptions): Promise<XlaExecutors> {
    return new XlaExecutors(await XlaDevice.start(o.device), o);
  }

  /** On a device that is somebody else's, who closes it. */
  static on(device: XlaDevice, o: XlaExecutorsOptions): XlaExecutors {
    return new XlaExecutors(device, o, false);
  }

  async open(): Promise<Executor> {
    let number = 0;
    while (this.numbers.has(number)) number++;
    this.numbers.add(number);
    const one = new XlaExecutor(this, `${number}.`, () => {
      this.numbers.delete(number);
      this.opened.delete(one);
    });
    this.opened.add(one);
    return one;
  }

  async close(): Promise<void> {
    if (this.owns) await this.device.close();
    else await Promise.all([...this.opened].map((one) => one.close()));
  }
}

/** A share of the device: its values and programs have names of their own there. */
class XlaExecutor implements Executor {
  private readonly all: XlaExecutors;
  private readonly prefix: string;
  private readonly closed: () => void;
  private readonly kept = new Set<string>();
  private closing: Promise<void> | undefined;

  constructor(all: XlaExecutors, prefix: string, closed: () => void) {
    this.all = all;
    this.prefix = prefix;
    this.closed = closed;
  }

  private get device(): XlaDevice {
    return this.all.device;
  }

  async keep(name: string, shape: Shape, data: Float32Array | 0): Promise<void> {
    this.kept.add(name);
    await advised(this.device.keep(this.prefix + name, { shape, dtype: 'f32' }, data));
  }

  async load(
    program: string,
    outputs: Readonly<Record<string, Tensor>>,
    { replaces = {}, batch = [] }: LoadOptions = {},
  ): Promise<void> {
    const inputs = reachable(Object.values(outputs)).filter((t) => t.kind === 'input');
    const named = new Map<string, Tensor>([
      ...inputs.map((t) => [t.attrs.name!, t] as const),
      ...Object.entries(outputs),
    ]);
    const devices = this.device.info.devices.length;
    // What cannot be shared evenly is done by every device.
    const isShared = devices > 1 && batch.every((name) => (named.get(name)?.shape[0] ?? 0) % devices === 0);
    const onDevice = (name: string): [string, string] => [name, this.prefix + name];
    const xla = toStableHlo(outputs, {
      devices,
      split: isShared ? Object.fromEntries(batch.map((name) => [name, 0])) : {},
      kept: Object.fromEntries(
        inputs
          .map((t) => t.attrs.name!)
          .filter((name) => this.kept.has(name))
          .map(onDevice),
      ),
      replaces: Object.fromEntries(Object.entries(replaces).map(([output, name]) => [output, this.prefix + name])),
      attention: this.all.o.attention,
    });
    const note = this.all.o.note;
    const say = (seconds: number) => {
      if (Math.round(seconds) % PATIENCE === 0)
        note?.(`compiling a program (${program}): ${seconds.toFixed(0)} s so far`);
    };
    await advised(this.device.compile(this.prefix + program, xla, note && say));
  }

  run(program: string, feeds: Feeds): Promise<Record<string, Float32Array>> {
    return advised(this.device.run(this.prefix + program, feeds));
  }

  read(name: string): Promise<Float32Array> {
    return advised(this.device.read(this.prefix + name));
  }

  async drop(name: string): Promise<void> {
    if (this.kept.delete(name)) await this.device.drop(this.prefix + name);
  }

  close(): Promise<void> {
    // A device that cannot do that has told whoever used it.
    const drops = () => Promise.allSettled([...this.kept].map((name) => this.drop(name)));
    this.closing ??= drops().then(this.closed);
    return this.closing;
  }
}

/** An answer of the device, with what helps where it has no room. */
async function advised<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (e) {
    throw e instanceof OutOfDeviceMemory ? e.because(WHAT_HELPS) : e;
  }
}
