import { readFileSync } from 'node:fs';

/** What `kernels/` exports: its files say what the arguments are. */
interface Functions {
  dropAlpha(rgba: number, rgb: number, pixels: number): void;
  interleave(planes: number, plane: number, stride: number, width: number, height: number, rgb: number): void;
  horizontal(...fromStrideRowsOffsetsWeightsCountToOut: number[]): void;
  vertical(...fromStrideFirstsWeightsCountToPlaneLineWidthRows: number[]): void;
  pointwise(
    from: number,
    isBytes: boolean,
    plane: number,
    to: number,
    out: number,
    pixels: number,
    steps: number,
    ends: number,
    sums: boolean,
  ): number;
  blurRows(...fromToWidthRowsWeightsRadiusLine: number[]): void;
  blurColumns(
    from: number,
    to: number,
    width: number,
    rows: number,
    weights: number,
    radius: number,
    solarise: boolean,
    scale: number,
    offset: number,
  ): void;
}

/** What is used of the global object, which neither ES2023 nor Node's types describe. */
declare const WebAssembly: {
  Memory: new (o: { initial: number }) => { readonly buffer: ArrayBuffer; grow(pages: number): number };
  Module: new (code: Uint8Array) => object;
  Instance: new (module: object, imports: Record<string, Record<string, object>>) => { exports: object };
};

const PAGE = 65_536;
/** Room behind every region: vectors are read and written whole. */
const MARGIN = 64;

/**
 * The WebAssembly of `kernels/` and its memory, cut into named regions that grow when more is asked for. One a thread,
 * made when first needed; what lies in a region is lost when it grows.
 */
export class Kernels {
  readonly run: Functions;
  private readonly memory: InstanceType<typeof WebAssembly.Memory>;
  private readonly regions = new Map<string, { at: number; size: number }>();
  private end = 1024;
  private static own: Kernels | undefined;

  static get(): Kernels {
    Kernels.own ??= new Kernels();
    return Kernels.own;
  }

  private constructor() {
    // From the TypeScript sources (tests): of the compiled code beside them, as for `startWorker`.
    const url = new URL(
      import.meta.url.endsWith('.ts') ? '../../dist/views/kernels.wasm' : './kernels.wasm',
      import.meta.url,
    );
    this.memory = new WebAssembly.Memory({ initial: 1 });
    const instance = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(url)), {
      env: { memory: this.memory },
    });
    this.run = instance.exports as unknown as Functions;
  }

  /** Address of a region of at least so many bytes, a multiple of 16. */
  region(name: string, bytes: number): number {
    const known = this.regions.get(name);
    if (known && known.size >= bytes) return known.at;
    // Somewhat more, so that one that grows by and by leaves little behind.
    const size = Math.ceil((known ? bytes * 1.5 : bytes) / 16) * 16;
    const at = this.end;
    this.end = at + size + MARGIN;
    const missing = this.end - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / PAGE));
    this.regions.set(name, { at, size });
    return at;
  }

  /** Bytes of the memory; good until a region is asked for. */
  bytes(at: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, at, length);
  }

  /** 32-bit numbers of the memory; good until a region is asked for. */
  floats(at: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, at, length);
  }

  /** Puts an array into a region of its own. @returns its address */
  put(name: string, data: Uint8Array | Uint8ClampedArray | Int16Array | Int32Array | Float32Array): number {
    const at = this.region(name, data.byteLength);
    this.bytes(at, data.byteLength).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    return at;
  }
}

/** Pixels that `withoutAlpha` has in the kernels' memory at a time. */
const PIECE = 65_536;

/** RGBA → RGB, both interleaved. @returns `rgb` */
export function withoutAlpha(rgba: Uint8Array | Uint8ClampedArray, rgb: Uint8Array): Uint8Array {
  const kernels = Kernels.get();
  const pixels = rgba.length / 4;
  const to = kernels.region('without alpha', 3 * Math.min(pixels, PIECE));
  for (let at = 0; at < pixels; at += PIECE) {
    const n = Math.min(PIECE, pixels - at);
    const from = kernels.put('with alpha', rgba.subarray(4 * at, 4 * (at + n)));
    kernels.run.dropAlpha(from, to, n);
    rgb.set(kernels.bytes(to, 3 * n), 3 * at);
  }
  return rgb;
}
