import '../../runtime/ort/no-telemetry.js';

import { basename, dirname } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { UserError } from '../../errors.js';
import { fromHalf, toHalf } from '../../formats/half.js';
import { checkOnnx } from '../../formats/onnx-data.js';
import { cutAtWord } from '../../printable.js';
import type { ExecutorOptions } from '../../runtime/ort/executor.js';
import { sessionOptions } from '../../runtime/ort/session-options.js';

/** An input or output of a network, as its file declares it. */
export interface Port {
  name: string;
  type: Tensor.Type;
  /** A number where the size is fixed, a name where it is open; empty also where the file says nothing. */
  shape: readonly (number | string)[];
}

/**
 * A network of the pipeline in a session. Exports differ in names, element types and shapes, so all of these are read from the
 * session's metadata; callers give and get Float32Arrays.
 */
export class Network {
  /** `folder/file`, for messages. */
  readonly name: string;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  private readonly session: InferenceSession;

  private constructor(session: InferenceSession, name: string) {
    this.session = session;
    this.name = name;
    this.inputs = ports(session.inputMetadata);
    this.outputs = ports(session.outputMetadata);
  }

  /**
   * Opens by path, so that ONNX Runtime finds external data beside the file.
   * @throws UserError naming the file when it is damaged, has its data elsewhere, or does not open
   */
  static async open(file: string, options: ExecutorOptions): Promise<Network> {
    await checkOnnx(file);
    const name = `${basename(dirname(file))}/${basename(file)}`;
    try {
      return new Network(await InferenceSession.create(file, sessionOptions(options)), name);
    } catch (e) {
      throw new UserError(`${file} does not open in ONNX Runtime (${options.provider}): ${said(e)}`);
    }
  }

  /** The first input of these names. */
  input(...names: string[]): Port | undefined {
    return first(this.inputs, names);
  }

  /** The first output of these names. */
  output(...names: string[]): Port | undefined {
    return first(this.outputs, names);
  }

  /** @throws UserError naming the inputs that this pipeline does not know how to feed */
  refuseOthers(known: readonly string[]): void {
    const others = this.inputs.map((i) => i.name).filter((name) => !known.includes(name));
    if (others.length === 0) return;
    throw new UserError(
      `${this.name} asks for ${others.join(', ')}, which synclr does not feed: it paints with Stable Diffusion 1, 2, 3 and XL, LCM, PixArt and FLUX pipelines (known inputs: ${known.join(', ')})`,
    );
  }

  /**
   * Runs once.
   * @param outputs names of the outputs wanted; nothing else is read back
   * @returns their values, in that order
   * @throws UserError with what ONNX Runtime says, when what the file computes does not go with what it declares
   */
  async run(
    feeds: Record<string, Tensor>,
    outputs: readonly string[],
  ): Promise<{ data: Float32Array; dims: readonly number[] }[]> {
    const results = await this.session.run(feeds, outputs as string[]).catch((e) => {
      throw new UserError(`${this.name} cannot be run by ONNX Runtime: ${said(e)}`);
    });
    return outputs.map((name) => ({ data: floats(results[name]), dims: results[name].dims }));
  }

  async close(): Promise<void> {
    await this.session.release();
  }
}

/** ONNX Runtime's complaint in a line. */
function said(e: unknown): string {
  return cutAtWord((e instanceof Error ? e.message : String(e)).replace(/\s+/g, ' ').trim(), 400);
}

/**
 * A tensor of the type that an input asks for.
 * @param data rounded to whole numbers where the input takes those
 * @throws UserError for a type that is none of numbers
 */
export function feed(port: Port, data: Float32Array, dims: readonly number[]): Tensor {
  switch (port.type) {
    case 'float32':
      return new Tensor('float32', data, dims);
    case 'float16':
      return new Tensor('float16', toHalf(data), dims);
    case 'float64':
      return new Tensor('float64', Float64Array.from(data), dims);
    case 'int64':
      return new Tensor(
        'int64',
        BigInt64Array.from(data, (x) => BigInt(Math.round(x))),
        dims,
      );
    case 'int32':
      return new Tensor('int32', Int32Array.from(data, Math.round), dims);
    case 'bool':
      return new Tensor(
        'bool',
        Uint8Array.from(data, (x) => (x ? 1 : 0)),
        dims,
      );
    default:
      throw new UserError(
        `input ${port.name} takes ${port.type}, which synclr does not feed (float32, float16, float64, int64, int32, bool)`,
      );
  }
}

/** The batch size that an export is fixed to; undefined where it is open. */
export function fixedBatch(port: Port): number | undefined {
  return typeof port.shape[0] === 'number' && port.shape[0] > 0 ? port.shape[0] : undefined;
}

/** Size of an axis where it is fixed. */
export function fixedAxis(port: Port, axis: number): number | undefined {
  const size = port.shape[axis];
  return typeof size === 'number' && size > 0 ? size : undefined;
}

function first(ports: readonly Port[], names: readonly string[]): Port | undefined {
  for (const name of names) {
    const port = ports.find((p) => p.name === name);
    if (port) return port;
  }
  return undefined;
}

function ports(metadata: readonly InferenceSession.ValueMetadata[]): Port[] {
  return metadata.flatMap((m) => (m.isTensor ? [{ name: m.name, type: m.type, shape: m.shape }] : []));
}

function floats(t: Tensor): Float32Array {
  const { data } = t;
  if (data instanceof Float32Array) return data;
  if (t.type === 'float16') {
    // A Uint16Array, or a Float16Array where the JavaScript engine has those.
    const raw = data as Uint16Array;
    return fromHalf(new Uint16Array(raw.buffer, raw.byteOffset, raw.length));
  }
  return Float32Array.from(data as ArrayLike<number>, Number);
}
