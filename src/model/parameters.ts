import type { Shape } from '../graph/index.js';
import { Rng } from '../rng.js';
import { type Layout, viewsOf } from '../runtime/layout.js';
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

/** Fresh parameters. Each depends on (seed, its name) alone, so adding a head changes no other parameter. */
export function initialise(layout: Layout<ParameterSpec>, seed: number): Float32Array {
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
