import { type DType, gradients, ops, type RowOrder, type Tensor } from '../graph/index.js';
import { type LayerDecay, lrScale } from '../learn/layer-decay.js';
import { crossEntropy } from '../learn/losses/targets.js';
import type { Backbone } from '../model/backbone.js';
import { initialise, type ParameterSpec } from '../model/parameters.js';
import { type VitConfig, vit, vitParameters } from '../model/vit.js';
import { poolOf } from '../model/vit-config.js';
import { layoutOf, viewsOf } from '../runtime/layout.js';
import type { Objective, TrainedParameter } from '../runtime/training.js';
import { isDecayed } from './groups.js';

/** An encoder with a linear classifier on an image's feature, both of them trained. */

export interface ClassifierConfig {
  vit: VitConfig;
  classes: number;
  /** Side of the pictures, pixels. */
  size: number;
}

/** Deviation of a fresh head's weights: so small that training begins from equal shares for all classes (the authors' script). */
const HEAD = 2e-5;

/** Its parameters: the encoder's under `backbone.` and timm's names, `head.weight` [classes, dim], `head.bias` [classes]. */
export const classifierParameters = ({ vit: c, classes }: ClassifierConfig): ParameterSpec[] => [
  ...vitParameters(c).filter((s) => s.name !== 'backbone.mask_token'),
  { name: 'head.weight', shape: [classes, c.dim], init: { normal: HEAD } },
  { name: 'head.bias', shape: [classes], init: { fill: 0 } },
];

/** What training does with each. @param averaged whether a moving average of the weights is kept */
export const trainedParameters = (
  specs: readonly ParameterSpec[],
  groups: LayerDecay,
  averaged: boolean,
): TrainedParameter[] =>
  specs.map(({ name, shape }) => ({
    ...{ name, shape, averaged },
    decayed: isDecayed(name, shape),
    lrScale: lrScale(name, groups),
  }));

/**
 * Weights to begin with: the encoder's, and a fresh head.
 * @param seed of all that is fresh @param scratch the encoder is fresh too
 */
export function initialWeights(
  c: ClassifierConfig,
  parameters: ReadonlyMap<string, Float32Array>,
  seed: number,
  scratch: boolean,
): Map<string, Float32Array> {
  const layout = layoutOf(classifierParameters(c));
  const weights = viewsOf(layout, initialise(layout, seed));
  if (!scratch)
    for (const [name, data] of parameters) {
      const fresh = weights.get(name);
      if (fresh) fresh.set(data);
    }
  return weights;
}

/** The same encoder whose feature is the mean of its patches and a norm after it, in place of the norm of all tokens (MAE; timm's `avg`). */
export function withMeanPool(b: Pick<Backbone, 'vit' | 'parameters'>): Pick<Backbone, 'vit' | 'parameters'> {
  if (poolOf(b.vit) === 'mean') return b;
  return { vit: { ...b.vit, norm: false, pool: 'mean', poolNorm: true }, parameters: b.parameters };
}

export interface ClassifierOptions {
  order: RowOrder;
  precision: DType;
  /** [depth, 2, batch] factors of residual branches. */
  dropPath?: Tensor;
}

/** @param images [batch, 3, size, size], normalised @returns logits [batch, classes], and the encoder's blocks */
export function classifier(
  c: ClassifierConfig,
  p: (name: string) => Tensor,
  images: Tensor,
  o: ClassifierOptions,
): { logits: Tensor; blocks: { input: Tensor; output: Tensor }[] } {
  const { pooled, blocks } = vit(c.vit, p, images, o);
  const weight = ops.cast(p('head.weight'), o.precision);
  return { logits: ops.cast(ops.linear(ops.cast(pooled, o.precision), weight, p('head.bias')), 'f32'), blocks };
}

/** Cross entropy with soft targets, the mean over the batch. @param logits,targets [batch, classes] @returns [1, 1] */
export const classificationLoss = (logits: Tensor, targets: Tensor): Tensor =>
  ops.mean(crossEntropy(targets, logits), [0]);

/**
 * A step of fine-tuning. A batch feeds `images` [batch, 3, size, size], `targets` [batch, classes] and, where blocks are dropped, `dropPath`
 * [depth, 2, batch].
 */
export function fineTuneObjective(
  c: ClassifierConfig,
  parameters: readonly TrainedParameter[],
  { batch, dropPath }: { batch: number; dropPath: boolean },
): Objective {
  return {
    parameters,
    centres: new Map(),
    centreMomentum: 0,
    student: (_, o) => {
      const all = new Map(parameters.map((s) => [s.name, ops.input(`student.${s.name}`, s.shape)]));
      const get = (name: string): Tensor => {
        const t = all.get(name);
        if (!t) throw new Error(`internal: the classifier has no parameter ${name}`);
        return t;
      };
      const images = ops.input('images', [batch, 3, c.size, c.size]);
      const drop = dropPath ? ops.input('dropPath', [c.vit.depth, 2, batch]) : undefined;
      const { logits, blocks } = classifier(c, get, images, { ...o, dropPath: drop });
      const loss = classificationLoss(logits, ops.input('targets', [batch, c.classes]));
      const found = gradients(loss, [...all.values()], { again: o.recompute ? blocks : [] });
      return {
        losses: { loss },
        gradients: new Map([...all].map(([name, t], i) => [name, found[i] ?? ops.filled(0, t.shape)])),
        measured: {},
        report: { logits },
      };
    },
    imageAxes: { images: 0, targets: 0, dropPath: 2 },
  };
}
