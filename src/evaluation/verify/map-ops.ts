import { z } from 'zod';
import { UserError } from '../../errors.js';
import { readJsonAs } from '../../formats/json.js';
import { gradients, ops, type Tensor } from '../../graph/index.js';
import { segmentationLoss } from '../../model/segmentation-loss.js';
import type { Feeds } from '../../runtime/training.js';
import { CaseTensors, largestOff, type RunGraph } from './graph-runs.js';
import type { Check } from './index.js';

/** Recorded cases of single ops on maps, forward and backward. */

/** As the README of the cases has it: of the largest value of each tensor. */
const BAR = 5e-6;

const size = z.union([z.int(), z.tuple([z.int(), z.int()])]);
const caseForm = z.looseObject({
  name: z.string(),
  op: z.string(),
  inputs: z.record(z.string(), z.array(z.int())),
  stride: size.optional(),
  padding: size.optional(),
  dilation: size.optional(),
  groups: z.int().optional(),
  output_padding: size.optional(),
  kernel: size.optional(),
  size: size.optional(),
  align_corners: z.boolean().optional(),
  eps: z.number().optional(),
  momentum: z.number().optional(),
  ignore_index: z.int().optional(),
  divide_by: z.enum(['all_pixels', 'valid_pixels']).optional(),
});
type OpCase = z.infer<typeof caseForm>;

export const mapOpsForm = z.looseObject({ cases: z.array(caseForm) });

/** What a case's inputs are made into: its outputs, the first of which is differentiated. */
type Build = (
  c: OpCase,
  at: (name: string) => Tensor,
  has: (name: string) => boolean,
  out: readonly number[],
) => Tensor;

const optional = (name: string, at: (name: string) => Tensor, has: (name: string) => boolean) =>
  has(name) ? at(name) : undefined;

const OPS: Readonly<Record<string, Build>> = {
  conv2d: (c, at, has) => ops.conv2d(at('x'), at('weight'), optional('bias', at, has), c),
  conv_transpose2d: (c, at, has) =>
    ops.convTranspose2d(at('x'), at('weight'), optional('bias', at, has), { ...c, outputPadding: c.output_padding }),
  batch_norm_train: (c, at, has) =>
    ops.batchNorm2d(at('x'), optional('weight', at, has), optional('bias', at, has), c.eps ?? 1e-5),
  batch_norm_eval: (c, at, has) => {
    const running = { mean: at('running_mean_before'), variance: at('running_var_before') };
    const [weight, bias] = ['weight', 'bias'].map((name) => optional(name, at, has));
    return ops.batchNormEvaluation(at('x'), running, weight, bias, c.eps ?? 1e-5);
  },
  bilinear_resize: (c, at, _, out) => ops.resizeBilinear(at('x'), [out[2], out[3]], { alignCorners: c.align_corners }),
  adaptive_avg_pool2d: (c, at, _, out) => ops.adaptiveAvgPool2d(at('x'), c.size ?? [out[2], out[3]]),
  max_pool2d: (c, at) => ops.maxPool2d(at('x'), c.kernel ?? 2, { stride: c.stride, padding: c.padding }),
  gelu_exact: (_, at) => ops.gelu(at('x')),
  cross_entropy_ignore: (c, at) =>
    segmentationLoss(at('x'), at('labels'), {
      ignore: c.ignore_index,
      average: c.divide_by === 'valid_pixels' ? 'valid' : 'all',
    }),
};

/** @throws UserError for a case of an op that is not known */
export async function* verifyMapOps(file: string, run: RunGraph): AsyncGenerator<Check> {
  const { cases } = await readJsonAs(file, mapOpsForm);
  const tensors = await CaseTensors.beside(file);
  for (const c of cases) {
    const build = OPS[c.op];
    if (!build)
      throw new UserError(`${file}: case ${c.name} is of the op ${c.op}; known: ${Object.keys(OPS).join(', ')}`);
    yield* verifyCase(c, build, tensors, run);
  }
}

async function* verifyCase(c: OpCase, build: Build, tensors: CaseTensors, run: RunGraph): AsyncGenerator<Check> {
  const nodes = new Map<string, Tensor>();
  const feeds: Feeds = {};
  const stored = (name: string) =>
    [`${c.name}/in.${name}`, `${c.name}/${name}`].find((key) => tensors.has(key)) ?? `${c.name}/in.${name}`;
  const at = (name: string) => {
    const key = stored(name);
    const isLabels = name === 'labels';
    const node = nodes.get(name) ?? ops.input(name, tensors.shape(key), isLabels ? 'i64' : 'f32');
    nodes.set(name, node);
    feeds[name] = isLabels ? tensors.integers(key) : tensors.floats(key);
    return node;
  };
  const y = build(c, at, (name) => name in c.inputs, tensors.shape(`${c.name}/out`));
  const dy = ops.input('grad_out', [y.size]);
  feeds.grad_out = tensors.floats(`${c.name}/grad_out`);
  const loss = ops.sum(ops.mul(ops.reshape(y, [y.size]), dy), [0]);
  const wanted = [...nodes.keys()].filter((name) => tensors.has(`${c.name}/grad.${name}`));
  const outputs: Record<string, Tensor> = { out: y };
  gradients(
    loss,
    wanted.map((name) => nodes.get(name)!),
  ).forEach((g, i) => {
    outputs[`grad.${wanted[i]}`] = g ?? ops.filled(0, nodes.get(wanted[i])!.shape);
  });
  if (y.kind === 'batchNorm2d' && y.size > y.shape[1]) Object.assign(outputs, ops.batchStatistics(y));
  const found = await run(outputs, feeds);
  for (const of of ['out', ...wanted]) {
    const name = of === 'out' ? of : `grad.${of}`;
    const off = largestOff(found[name], tensors.floats(`${c.name}/${name}`));
    yield { name: `${c.name} ${name}`, off, bar: BAR };
  }
  for (const [name, batch] of [['running_mean', found.mean] as const, ['running_var', found.variance] as const]) {
    if (!batch || !tensors.has(`${c.name}/${name}_after`)) continue;
    const moved = movedBy(tensors.floats(`${c.name}/${name}_before`), batch, c.momentum ?? 0.1);
    const off = largestOff(moved, tensors.floats(`${c.name}/${name}_after`));
    yield { name: `${c.name} ${name}`, off, bar: BAR };
  }
}

/** Running statistics after a batch. */
export const movedBy = (running: Float32Array, batch: Float32Array, momentum: number): number[] =>
  Array.from(running, (x, i) => (1 - momentum) * x + momentum * batch[i]);
