import { gradients, ops, reachable, type Tensor } from '../graph/index.js';
import { drawDropPath, dropPathRates } from '../learn/drop-path.js';
import { lrScale } from '../learn/layer-decay.js';
import type { Backbone } from '../model/backbone.js';
import { tokenMaps } from '../model/feature-pyramid.js';
import { STATISTICS_MOMENTUM } from '../model/map-layers.js';
import { initialise } from '../model/parameters.js';
import { segmentationLoss } from '../model/segmentation-loss.js';
import { type UperConfig, uperHead, uperParameters, uperStatistics } from '../model/uper-head.js';
import { type Parameters, type VitConfig, type VitOptions, vit, vitParameters } from '../model/vit.js';
import { prefixOf } from '../model/vit-config.js';
import { Rng } from '../rng.js';
import type { Executors } from '../runtime/executor.js';
import { layoutOf, viewsOf } from '../runtime/layout.js';
import type { Feeds, Objective, TrainedParameter } from '../runtime/training.js';
import { WindowNetwork, windowsTogether } from './network.js';
import type { TrainingCrops } from './samples.js';
import { decays } from './schedule.js';
import type { UperPlan } from './settings.js';

/** UperNet and the whole backbone under it, trained together (paper, table 15). */

export const uperConfig = (plan: UperPlan, dim: number, classes: number): UperConfig => ({
  ...{ dim, classes, channels: plan.channels, auxiliaryChannels: plan.auxChannels },
});

/** The outputs of the plan's blocks as maps [batch, dim, rows, columns], without the final norm and the tokens before the patches. */
function maps(c: VitConfig, plan: UperPlan, p: Parameters, images: Tensor, o: VitOptions) {
  const [batch, , height, width] = images.shape;
  const grid = [Math.floor(height / c.patch), Math.floor(width / c.patch)] as const;
  const { blocks } = vit(c, p, images, o);
  const rows = { order: o.order ?? 'token', batch, prefix: prefixOf(c).length, grid };
  return { maps: plan.blocks.map((b) => tokenMaps(blocks[b].output, rows)), blocks };
}

/** What is trained: the backbone as far as the outputs of its blocks need it, and the heads. */
function trainedParameters(c: VitConfig, plan: UperPlan, classes: number): TrainedParameter[] {
  const specs = [...vitParameters(c), ...uperParameters(uperConfig(plan, c.dim, classes))];
  const inputs = new Map(specs.map((s) => [s.name, ops.input(s.name, s.shape)]));
  const images = ops.input('images', [1, 3, plan.crop, plan.crop]);
  const needed = new Set(reachable(maps(c, plan, (name) => inputs.get(name)!, images, {}).maps));
  return specs
    .filter(({ name }) => !name.startsWith('backbone.') || needed.has(inputs.get(name)!))
    .map(({ name, shape }) => ({
      ...{ name, shape, averaged: false, decayed: decays(name, shape, plan.exemptTokens) },
      lrScale: lrScale(name, { depth: c.depth, layerDecay: plan.layerDecay, finalNorm: 'head' }),
    }));
}

/** @param c the backbone at the side of a crop */
export function uperObjective(c: VitConfig, plan: UperPlan, classes: number): Objective {
  const config = uperConfig(plan, c.dim, classes);
  const parameters = trainedParameters(c, plan, classes);
  const { crop, dropout } = plan;
  const batch = plan.batch / plan.accumulate;
  return {
    parameters,
    centres: new Map(uperStatistics(config).map(({ name, shape }) => [name, shape[1]])),
    centreMomentum: 1 - STATISTICS_MOMENTUM,
    student: (_, o) => {
      const all = new Map(parameters.map(({ name, shape }) => [name, ops.input(`student.${name}`, shape)]));
      const p: Parameters = (name) => {
        const t = all.get(name);
        // What no output of a block depends on is built and left out: the final norm.
        return t ?? unused(c, name);
      };
      const images = ops.input('images', [batch, 3, crop, crop]);
      const labels = ops.input('labels', [batch, crop, crop], 'u8');
      const drop = plan.dropPath > 0 ? ops.input('dropPath', [c.depth, 2, batch]) : undefined;
      const { order, precision } = o;
      const found = maps(c, plan, p, images, { order, precision, dropPath: drop });
      const masks = dropout > 0 && {
        dropout: ops.input('dropout', [batch, plan.channels]),
        auxiliaryDropout: ops.input('auxiliaryDropout', [batch, plan.auxChannels]),
      };
      const head = uperHead(config, p, found.maps, { training: true, precision, ...masks });
      const lossOf = (logits: Tensor) => segmentationLoss(logits, labels, { average: plan.lossOver });
      const main = lossOf(head.logits);
      const auxiliary = lossOf(head.auxiliary);
      const loss = ops.add(main, ops.scale(auxiliary, plan.auxWeight));
      const grads = gradients(loss, [...all.values()], { again: o.recompute ? found.blocks : [] });
      return {
        ...{ losses: { loss, main, auxiliary }, means: head.statistics, measured: {}, report: {} },
        gradients: new Map([...all].map(([name, t], i) => [name, grads[i] ?? ops.filled(0, t.shape)])),
      };
    },
    imageAxes: { images: 0, labels: 0, dropPath: 2, dropout: 0, auxiliaryDropout: 0 },
  };
}

/** A stand-in for a parameter that nothing needs. */
function unused(c: VitConfig, name: string): Tensor {
  const spec = vitParameters(c).find((s) => s.name === name);
  if (!spec) throw new Error(`internal: no parameter ${name}`);
  return ops.filled(0, spec.shape);
}

/** The encoder's weights, fresh heads, and running statistics at mean 0, variance 1. @param b the encoder at the side of a crop */
export function initialUper(b: Backbone, plan: UperPlan, classes: number, seed: number) {
  const config = uperConfig(plan, b.vit.dim, classes);
  const fresh = layoutOf(uperParameters(config));
  const heads = viewsOf(fresh, initialise(fresh, seed));
  const statistics = uperStatistics(config).map(({ name, shape, init }): [string, Float32Array] => [
    name,
    new Float32Array(shape[1]).fill('fill' in init ? init.fill : 0),
  ]);
  return { initial: new Map([...b.parameters, ...heads]), centres: new Map(statistics) };
}

/** What is fed: crops from the `first`-th on, labels, which branches and channels are dropped. */
export async function uperFeeds(
  crops: TrainingCrops,
  c: VitConfig,
  plan: UperPlan,
  seed: number,
  first: number,
): Promise<Feeds> {
  const { crop, channels, auxChannels, dropout } = plan;
  const batch = plan.batch / plan.accumulate;
  const images = new Float32Array(batch * 3 * crop * crop);
  const labels = new Uint8Array(batch * crop * crop);
  const some = await Promise.all(Array.from({ length: batch }, (_, b) => crops.at(first + b)));
  some.forEach((one, b) => {
    images.set(one.pixels, b * one.pixels.length);
    labels.set(one.labels, b * one.labels.length);
  });
  const rng = Rng.of(seed, 'segmentation', 'dropped', first);
  const feeds: Feeds = { images, labels };
  if (plan.dropPath > 0) feeds.dropPath = drawDropPath(dropPathRates(plan.dropPath, c.depth), batch, rng);
  if (dropout > 0) {
    feeds.dropout = Float32Array.from({ length: batch * channels }, () => kept(rng, dropout));
    feeds.auxiliaryDropout = Float32Array.from({ length: batch * auxChannels }, () => kept(rng, dropout));
  }
  return feeds;
}

const kept = (rng: Rng, p: number): number => (rng.chance(p) ? 0 : 1 / (1 - p));

/** The trained network on windows, its batch norms by their running statistics. */
export function uperNetwork(
  on: Executors,
  c: VitConfig,
  plan: UperPlan,
  classes: number,
  { parameters, centres }: Record<'parameters' | 'centres', ReadonlyMap<string, Float32Array>>,
): Promise<WindowNetwork> {
  const config = uperConfig(plan, c.dim, classes);
  const specs = [...vitParameters(c), ...uperParameters(config), ...uperStatistics(config)];
  const weights = new Map(
    specs.flatMap(({ name, shape }) => {
      // The auxiliary head helps training alone.
      const data = name.startsWith('auxiliary_head.') ? undefined : (parameters.get(name) ?? centres.get(name));
      return data ? [[name, { shape, data }] as const] : [];
    }),
  );
  return WindowNetwork.open(on, {
    ...{ weights, patch: c.patch, batch: windowsTogether(on) },
    graph: (weight, images, o) => {
      const shapes = new Map(specs.map(({ name, shape }) => [name, shape]));
      const p: Parameters = (name) => (weights.has(name) ? weight(name) : ops.filled(0, shapes.get(name)!));
      const head = uperHead(config, p, maps(c, plan, p, images, o).maps, { training: false, precision: o.precision });
      return ops.transpose(head.logits, [0, 2, 3, 1]);
    },
  });
}
