import { type Shape, sizeOf } from '../graph/index.js';
import { Rng } from '../rng.js';
import { sincosPositions, whitenedFilters } from './start.js';

/** How a parameter begins: truncated normal (cut at ±2), uniform in ±scale, one value, or as start.ts says. */
export type Init =
  | { normal: number }
  | { uniform: number }
  | { fill: number }
  | { whitening: number }
  | { sincos: number };

export interface ParameterSpec {
  /** timm's name for the backbone (`backbone.blocks.0.attn.qkv.weight`), `proj.…`, `pred.…`, `dino_head.…` for the heads. */
  name: string;
  shape: Shape;
  init: Init;
}

/** Where each parameter lies in one flat Float32Array. */
export interface Layout {
  specs: readonly ParameterSpec[];
  offset: ReadonlyMap<string, number>;
  length: number;
}

export function layoutOf(specs: readonly ParameterSpec[]): Layout {
  const offset = new Map<string, number>();
  let length = 0;
  for (const s of specs) {
    offset.set(s.name, length);
    // Rows of 64 bytes, so that every parameter starts on a cache line.
    length += Math.ceil(sizeOf(s.shape) / 16) * 16;
  }
  return { specs, offset, length };
}

/** Views of each parameter into a flat buffer. */
export function viewsOf(layout: Layout, flat: Float32Array): Map<string, Float32Array> {
  return new Map(
    layout.specs.map((s) => {
      const start = layout.offset.get(s.name)!;
      return [s.name, flat.subarray(start, start + sizeOf(s.shape))];
    }),
  );
}

/** Fresh parameters. Each depends on (seed, its name) alone, so adding a head changes no other parameter. */
export function initialise(layout: Layout, seed: number): Float32Array {
  const flat = new Float32Array(layout.length);
  const views = viewsOf(layout, flat);
  for (const { name, shape, init } of layout.specs) {
    const rng = Rng.of(seed, 'init', name);
    const view = views.get(name)!;
    if ('fill' in init) view.fill(init.fill);
    else if ('uniform' in init) for (let i = 0; i < view.length; i++) view[i] = rng.range(-init.uniform, init.uniform);
    else if ('whitening' in init) view.set(whitenedFilters(shape, init.whitening, rng));
    else if ('sincos' in init) view.set(sincosPositions(shape, init.sincos));
    else for (let i = 0; i < view.length; i++) view[i] = init.normal * truncatedNormal(rng);
  }
  return flat;
}

function truncatedNormal(rng: Rng): number {
  for (;;) {
    const x = rng.normal();
    if (Math.abs(x) <= 2) return x;
  }
}
