import { type DType, ops, type Tensor } from '../graph/index.js';
import type { ParameterSpec } from './parameters.js';
import type { Parameters } from './vit.js';

const EPS = 1e-5;

/** Layers of a contrastive head as they lie in the authors' `nn.Sequential`: (Linear, LayerNorm, GELU)…, Linear without bias, LayerNorm without affine. */
function mlpParameters(name: string, widths: readonly number[]): ParameterSpec[] {
  return widths.slice(1).flatMap((out, i): ParameterSpec[] => {
    const linear: ParameterSpec = {
      name: `${name}.mlp.${3 * i}.weight`,
      shape: [out, widths[i]],
      init: { normal: 0.02 },
    };
    if (i === widths.length - 2) return [linear];
    return [
      linear,
      { name: `${name}.mlp.${3 * i}.bias`, shape: [out], init: { fill: 0 } },
      { name: `${name}.mlp.${3 * i + 1}.weight`, shape: [out], init: { fill: 1 } },
      { name: `${name}.mlp.${3 * i + 1}.bias`, shape: [out], init: { fill: 0 } },
    ];
  });
}

/**
 * What normalises inside the contrastive heads: each row (the paper), or each column over the batch (as in SimCLR and MoCo v3), there
 * also what enters the projection, so that the loss asks the backbone for no coordinate's size.
 */
export type HeadNorm = 'layer' | 'batch';

/** How a head is built; `precision` is how activations and operands of matrix products are stored. */
export interface HeadOptions {
  /** Default `layer`. */
  norm?: HeadNorm;
  /** Default f32. */
  precision?: DType;
}

/** x·wᵀ + bias, both stored in this precision. */
function linear(x: Tensor, w: Tensor, bias: Tensor | undefined, precision: DType = 'f32'): Tensor {
  return ops.linear(ops.cast(x, precision), ops.cast(w, precision), bias);
}

/** x [rows, in] → [rows, out] */
function mlp(p: Parameters, name: string, layers: number, x: Tensor, { norm: kind, precision }: HeadOptions): Tensor {
  const norm = kind === 'batch' ? ops.batchNorm : ops.layerNorm;
  for (let i = 0; i < layers - 1; i++) {
    const at = (j: number, what: string) => p(`${name}.mlp.${3 * i + j}.${what}`);
    x = linear(x, at(0, 'weight'), at(0, 'bias'), precision);
    x = ops.gelu(norm(x, at(1, 'weight'), at(1, 'bias'), EPS));
  }
  const last = linear(x, p(`${name}.mlp.${3 * (layers - 1)}.weight`), undefined, precision);
  return norm(last, undefined, undefined, EPS);
}

/** Projection head g: three layers, on student and teacher. */
export const projectionParameters = (dim: number, hidden: number, out: number): ParameterSpec[] =>
  mlpParameters('proj', [dim, hidden, hidden, out]);
export const projection = (p: Parameters, x: Tensor, o: HeadOptions = {}): Tensor =>
  mlp(p, 'proj', 3, o.norm === 'batch' ? ops.batchNorm(x, undefined, undefined, EPS) : x, o);

/** Projection of SimCLR, MoCo v3 and StableRep: three linear layers without bias, each batch-normalised, ReLU between them; no affine at the end. */
export function batchNormProjectionParameters(dim: number, hidden: number, out: number): ParameterSpec[] {
  return mlpParameters('proj', [dim, hidden, hidden, out]).filter(({ name }) => !/mlp\.[03]\.bias$/.test(name));
}

/**
 * @param x [groups·rows, dim] @returns [groups·rows, out], normalised over the rows of each group (StableRep: each view of the captions for itself)
 */
export function batchNormProjection(p: Parameters, x: Tensor, groups = 1, precision: DType = 'f32'): Tensor {
  const rows = x.shape[0] / groups;
  const one = (part: Tensor): Tensor => {
    let y = part;
    for (const i of [0, 3]) {
      y = linear(y, p(`proj.mlp.${i}.weight`), undefined, precision);
      y = ops.batchNorm(y, p(`proj.mlp.${i + 1}.weight`), p(`proj.mlp.${i + 1}.bias`), EPS);
      y = ops.maximum(y, ops.filled(0, []));
    }
    return ops.batchNorm(linear(y, p('proj.mlp.6.weight'), undefined, precision), undefined, undefined, EPS);
  };
  return ops.concat(
    Array.from({ length: groups }, (_, g) => one(ops.slice(x, 0, g * rows, rows))),
    0,
  );
}

/** Prediction head h: two layers, on the student only. */
export const predictionParameters = (hidden: number, out: number): ParameterSpec[] =>
  mlpParameters('pred', [out, hidden, out]);
export const prediction = (p: Parameters, x: Tensor, o: HeadOptions = {}): Tensor => mlp(p, 'pred', 2, x, o);

/** Prototype head of DINO and iBOT: three linear layers to a bottleneck on the unit sphere, then weight-normalised prototypes. */
export function prototypeParameters(
  dim: number,
  hidden: number,
  bottleneck: number,
  prototypes: number,
): ParameterSpec[] {
  const linear = (i: number, out: number, into: number): ParameterSpec[] => [
    { name: `dino_head.mlp.${i}.weight`, shape: [out, into], init: { normal: 0.02 } },
    { name: `dino_head.mlp.${i}.bias`, shape: [out], init: { fill: 0 } },
  ];
  return [
    ...linear(0, hidden, dim),
    ...linear(2, hidden, hidden),
    ...linear(4, bottleneck, hidden),
    { name: 'dino_head.last_layer.weight_g', shape: [prototypes, 1], init: { fill: 1 } },
    {
      name: 'dino_head.last_layer.weight_v',
      shape: [prototypes, bottleneck],
      init: { uniform: 1 / Math.sqrt(bottleneck) },
    },
  ];
}

/**
 * Logits over the prototypes, divided by a temperature (where they are few: at the bottleneck). x [rows, dim] → [rows, prototypes]
 * @param temperature a number, or a graph value [1, 1]
 */
export function prototypes(p: Parameters, x: Tensor, temperature: number | Tensor, precision: DType = 'f32'): Tensor {
  const layer = (i: number, y: Tensor) =>
    linear(y, p(`dino_head.mlp.${i}.weight`), p(`dino_head.mlp.${i}.bias`), precision);
  const unit = ops.l2Normalise(ops.cast(layer(4, ops.gelu(layer(2, ops.gelu(layer(0, x))))), 'f32'));
  const bottleneck = typeof temperature === 'number' ? ops.scale(unit, 1 / temperature) : ops.div(unit, temperature);
  const v = p('dino_head.last_layer.weight_v');
  const length = ops.sqrt(ops.sum(ops.mul(v, v), [1]));
  const w = ops.mul(v, ops.div(p('dino_head.last_layer.weight_g'), length));
  return linear(bottleneck, w, undefined, precision);
}
