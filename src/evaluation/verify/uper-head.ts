import { z } from 'zod';
import { readJsonAs } from '../../formats/json.js';
import { gradients, ops, type Tensor } from '../../graph/index.js';
import { segmentationLoss } from '../../model/segmentation-loss.js';
import { type UperConfig, uperHead, uperParameters, uperStatistics } from '../../model/uper-head.js';
import type { Feeds } from '../../runtime/training.js';
import { CaseTensors, largestOff, type RunGraph } from './graph-runs.js';
import type { Check } from './index.js';
import { movedBy } from './map-ops.js';

/** Recorded passes of UperNet: pyramid, decoder and auxiliary head, in training and in evaluation. */

export const uperHeadForm = z.looseObject({
  channels: z.int().positive(),
  aux_channels: z.int().positive(),
  classes: z.int().positive(),
  losses_float64: z.record(z.string(), z.number().nullable()),
  bn_momentum: z.number().default(0.1),
  aux_weight: z.number().default(0.4),
  dropout: z.looseObject({ ratio: z.number() }).optional(),
  /** Gradients that are 0 in exact arithmetic. */
  structurally_zero_gradients_fp32_abs: z.record(z.string(), z.number()).default({}),
});
type Said = z.infer<typeof uperHeadForm>;

/** Of the largest value of each tensor. */
const BAR = 2e-5;
/** Of the weight whose batch norm sees one value an image, so that nearly all of its gradient cancels. */
const CANCELS = { name: 'grad.decode_head.psp_modules.0.1.conv.weight', bar: 5e-4 };
/** Of gradients that are 0, absolute. */
const ZERO = 1e-6;
/** Logits that are as near to each other as this, of the largest, decide nothing: each may be off by the bar. */
const TIE = 2 * BAR;

export async function* verifyUperHead(file: string, run: RunGraph): AsyncGenerator<Check> {
  const said = await readJsonAs(file, uperHeadForm);
  const tensors = await CaseTensors.beside(file);
  const config: UperConfig = {
    dim: tensors.shape('in.features_0')[1],
    classes: said.classes,
    channels: said.channels,
    auxiliaryChannels: said.aux_channels,
  };
  yield* training(config, said, tensors, run);
  yield* evaluation(config, tensors, run);
}

/** Values that a graph is fed: features, and everything that has a name among the weights. */
class Inputs {
  readonly feeds: Feeds = {};
  readonly nodes = new Map<string, Tensor>();
  private readonly tensors: CaseTensors;

  constructor(tensors: CaseTensors) {
    this.tensors = tensors;
  }

  /** A tensor of the case under its own name. */
  readonly get = (key: string): Tensor => {
    const node = this.nodes.get(key) ?? ops.input(key, this.tensors.shape(key));
    this.nodes.set(key, node);
    this.feeds[key] = this.tensors.floats(key);
    return node;
  };

  readonly weight = (name: string): Tensor => this.get(`w.${name}`);

  maps(): Tensor[] {
    return [0, 1, 2, 3].map((i) => this.get(`in.features_${i}`));
  }

  labels(): Tensor {
    this.feeds['in.labels'] = this.tensors.integers('in.labels');
    return ops.input('in.labels', this.tensors.shape('in.labels'), 'i64');
  }
}

const barOf = (name: string): number => (name === CANCELS.name ? CANCELS.bar : BAR);

async function* training(c: UperConfig, said: Said, tensors: CaseTensors, run: RunGraph): AsyncGenerator<Check> {
  const inputs = new Inputs(tensors);
  const head = uperHead(c, inputs.weight, inputs.maps(), { training: true });
  const labels = inputs.labels();
  const outputs: Record<string, Tensor> = { ...large(head, labels), 'out.logits': head.logits };
  head.pyramid.forEach((level, i) => {
    outputs[`out.pyramid_${i}`] = level;
  });
  outputs['out.aux_logits'] = head.auxiliary;
  const losses: Record<string, Tensor> = {};
  for (const average of ['all', 'valid'] as const) {
    const main = segmentationLoss(head.logits, labels, { average });
    const aux = segmentationLoss(head.auxiliary, labels, { average });
    losses[`main_${average}_pixels`] = main;
    losses[`aux_${average}_pixels`] = aux;
    losses[`total_${average}_pixels`] = ops.add(main, ops.scale(aux, said.aux_weight));
  }
  for (const [name, loss] of Object.entries(losses)) outputs[`loss.${name}`] = loss;

  const trained = uperParameters(c).map(({ name }) => name);
  const named = [
    ...trained.map((name) => [name, `w.${name}`]),
    ...[0, 1, 2, 3].map((i) => [`features_${i}`, `in.features_${i}`]),
  ];
  gradients(
    losses.total_all_pixels,
    named.map(([, key]) => inputs.get(key)),
  ).forEach((g, i) => {
    outputs[`grad.${named[i][0]}`] = g!;
  });
  for (const [name, batch] of Object.entries(head.statistics)) outputs[`after.${name}`] = batch;

  const found = await run(outputs, inputs.feeds);
  const stated = tensors.names().filter((name) => /^(grad|after)\./.test(name));
  for (const name of [...Object.keys(outputs).filter((n) => n.startsWith('out.')), ...stated]) {
    const expected = tensors.floats(name);
    if (!found[name]) yield { name: `${name}, which is not computed here`, off: Number.NaN, bar: BAR };
    else if (name in said.structurally_zero_gradients_fp32_abs)
      yield { name, off: Math.max(...found[name].map(Math.abs)), bar: ZERO };
    else if (name.startsWith('after.')) {
      const moved = movedBy(tensors.floats(`w.${name.slice(6)}`), found[name], said.bn_momentum);
      yield { name, off: largestOff(moved, expected), bar: barOf(name) };
    } else yield { name, off: largestOff(found[name], expected), bar: barOf(name) };
  }
  for (const { name } of uperStatistics(c))
    if (!stated.includes(`after.${name}`)) yield { name: `${name}, which is not recorded`, off: Number.NaN, bar: BAR };
  for (const [name, value] of Object.entries(said.losses_float64)) {
    const expected = value ?? Number.NaN;
    const actual = found[`loss.${name}`]?.[0] ?? Number.NaN;
    const off = Number.isNaN(expected) && Number.isNaN(actual) ? 0 : largestOff([actual], [expected]);
    yield { name: `loss ${name}`, off, bar: BAR };
  }
  if (said.dropout && tensors.has('in.dropout_mask')) yield* dropped(c, said, tensors, run);
}

/** Training with some maps dropped before the classifier. */
async function* dropped(c: UperConfig, said: Said, tensors: CaseTensors, run: RunGraph): AsyncGenerator<Check> {
  const inputs = new Inputs(tensors);
  const dropout = ops.scale(inputs.get('in.dropout_mask'), 1 / (1 - said.dropout!.ratio));
  const { logits } = uperHead(c, inputs.weight, inputs.maps(), { training: true, dropout });
  const found = await run({ logits }, inputs.feeds);
  const name = 'out.logits_dropout';
  yield { name, off: largestOff(found.logits, tensors.floats(name)), bar: barOf(name) };
}

async function* evaluation(c: UperConfig, tensors: CaseTensors, run: RunGraph): AsyncGenerator<Check> {
  const inputs = new Inputs(tensors);
  const head = uperHead(c, inputs.weight, inputs.maps(), { training: false });
  const [, height, width] = tensors.shape('in.labels');
  const outputs = {
    'out.eval_logits': head.logits,
    'out.eval_aux_logits': head.auxiliary,
    large: ops.resizeBilinear(head.logits, [height, width]),
  };
  const found = await run(outputs, inputs.feeds);
  for (const name of ['out.eval_logits', 'out.eval_aux_logits'])
    yield { name, off: largestOff(found[name], tensors.floats(name)), bar: barOf(name) };
  if (!tensors.has('out.eval_prediction')) return;
  const expected = tensors.integers('out.eval_prediction');
  yield { name: 'out.eval_prediction', off: wrongPixels(found.large, expected, c.classes, height * width), bar: 0 };
}

/** Pixels whose class is another one, by more than rounding. logits [n, classes, pixels], expected [n, pixels] */
function wrongPixels(logits: Float32Array, expected: BigInt64Array, classes: number, pixels: number): number {
  const most = logits.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  let wrong = 0;
  for (let i = 0; i < expected.length; i++) {
    const at = Math.floor(i / pixels) * classes * pixels + (i % pixels);
    const own = logits[at + Number(expected[i]) * pixels];
    for (let k = 0; k < classes; k++)
      if (logits[at + k * pixels] > own + TIE * most) {
        wrong++;
        break;
      }
  }
  return wrong;
}

/** Logits at the size of the labels. */
const large = (head: { logits: Tensor }, labels: Tensor): Record<string, Tensor> => ({
  'out.logits_upsampled': ops.resizeBilinear(head.logits, [labels.shape[1], labels.shape[2]]),
});
