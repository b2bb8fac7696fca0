import { readFileSync } from 'node:fs';

/** What is used of the global object, which neither ES2023 nor Node's types describe. */
declare const WebAssembly: {
  Memory: new (o: { initial: number }) => { readonly buffer: ArrayBuffer; grow(pages: number): number };
  Module: new (code: Uint8Array) => object;
  Instance: new (module: object, imports: Record<string, Record<string, object>>) => { exports: object };
};

const PAGE = 65_536;
/** Room behind every region: vectors are read and written whole. */
const MARGIN = 64;
/** Regions begin at multiples of it: a line of the processor's cache. */
const LINE = 64;

/** Modules are compiled once a thread. */
const modules = new Map<string, object>();

/**
 * An instance of a WebAssembly module of `kernels/` and its memory, cut into named regions that grow when more is asked for; what lies in a region
 * is lost when it grows.
 * @typeParam F the functions that the module exports: its sources say what the arguments are
 */
export class Wasm<F> {
  readonly run: F;
  private readonly memory: InstanceType<typeof WebAssembly.Memory>;
  private readonly regions = new Map<string, { at: number; size: number }>();
  private end = 1024;

  /** @param path of the module relative to the compiled sources, e.g. `views/kernels.wasm` */
  constructor(path: string) {
    let module = modules.get(path);
    if (!module) {
      // From the TypeScript sources (tests): of the compiled code beside them, as for threads.
      const root = import.meta.url.endsWith('.ts') ? '../dist/' : './';
      module = new WebAssembly.Module(readFileSync(new URL(root + path, import.meta.url)));
      modules.set(path, module);
    }
    this.memory = new WebAssembly.Memory({ initial: 1 });
    this.run = new WebAssembly.Instance(module, { env: { memory: this.memory } }).exports as F;
  }

  /** Address of a region of at least so many bytes. */
  region(name: string, bytes: number): number {
    const known = this.regions.get(name);
    if (known && known.size >= bytes) return known.at;
    // Somewhat more, so that one that grows by and by leaves little behind.
    const size = Math.ceil((known ? bytes * 1.5 : bytes) / LINE) * LINE;
    const at = this.end;
    this.end = at + size + MARGIN;
    const missing = this.end - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / PAGE));
    this.regions.set(name, { at, size });
    return at;
  }

  /** All of the memory; good until a region is asked for, as all views of it are. */
  get buffer(): ArrayBuffer {
    return this.memory.buffer;
  }

  /** Bytes of the memory. */
  bytes(at: number, length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.memory.buffer, at, length);
  }

  /** 32-bit real numbers. */
  floats(at: number, length: number): Float32Array<ArrayBuffer> {
    return new Float32Array(this.memory.buffer, at, length);
  }

  /** 64-bit real numbers. */
  doubles(at: number, length: number): Float64Array<ArrayBuffer> {
    return new Float64Array(this.memory.buffer, at, length);
  }

  /** 32-bit integers. */
  integers(at: number, length: number): Int32Array<ArrayBuffer> {
    return new Int32Array(this.memory.buffer, at, length);
  }

  /** Puts an array into a region of its own. @returns its address */
  put(name: string, data: ArrayBufferView): number {
    const at = this.region(name, data.byteLength);
    this.bytes(at, data.byteLength).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    return at;
  }
}
