import { imageRules } from './image-gradients.js';
import * as ops from './ops.js';
import { type DType, type OpKind, reachable, type Shape, sameShape, Tensor } from './tensor.js';

/** Gradient of the node's output → gradients of its inputs (undefined: none flows there). */
type Rule = (node: Tensor, dy: Tensor) => (Tensor | undefined)[];

const rules: Partial<Record<OpKind, Rule>> = {
  add: (n, dy) => n.inputs.map((x) => sumTo(dy, x.shape)),
  sub: (n, dy) => [sumTo(dy, n.inputs[0].shape), sumTo(ops.neg(dy), n.inputs[1].shape)],
  mul: ({ inputs: [a, b] }, dy) => [sumTo(ops.mul(dy, b), a.shape), sumTo(ops.mul(dy, a), b.shape)],
  div: (n, dy) => {
    const [a, b] = n.inputs;
    const da = ops.div(dy, b);
    return [sumTo(da, a.shape), sumTo(ops.neg(ops.mul(da, n)), b.shape)];
  },
  maximum: (n, dy) => ofTwo(n, dy, ops.greater(n.inputs[0], n.inputs[1])),
  minimum: (n, dy) => ofTwo(n, dy, ops.greater(n.inputs[1], n.inputs[0])),
  where: ({ inputs: [mask, a, b] }, dy) => {
    const none = ops.filled(0, []);
    return [undefined, sumTo(ops.where(mask, dy, none), a.shape), sumTo(ops.where(mask, none, dy), b.shape)];
  },
  cast: (_, dy) => [dy],
  barrier: (_, dy) => [dy],
  scale: (n, dy) => [ops.scale(dy, n.attrs.by!)],
  offset: (_, dy) => [dy],
  exp: (n, dy) => [ops.mul(dy, n)],
  log: ({ inputs: [x] }, dy) => [ops.div(dy, x)],
  sqrt: (n, dy) => [ops.scale(ops.div(dy, n), 0.5)],
  // Φ(x) + x·φ(x) = ½(1 + erf(s)) + s·exp(−s²)/√π with s = x/√2; written with few passes, since it is as wide as the MLP.
  // Its erf is computed again, or an executor would keep the forward pass's beside x.
  gelu: ({ inputs: [input] }, dy) => {
    const x = ops.cast(ops.barrier(input, dy), 'f32');
    const s = ops.scale(x, Math.SQRT1_2);
    const bell = ops.exp(ops.mul(s, ops.scale(x, -Math.SQRT1_2)));
    const twice = ops.add(ops.erf(s), ops.offset(ops.scale(ops.mul(s, bell), 2 / Math.sqrt(Math.PI)), 1));
    return [ops.mul(dy, ops.scale(twice, 0.5))];
  },
  erf: ({ inputs: [x] }, dy) => [ops.mul(dy, ops.scale(ops.exp(ops.neg(ops.mul(x, x))), 2 / Math.sqrt(Math.PI)))],
  gemm: (n, dy) => {
    const [a, b, bias] = n.inputs;
    const { transA, transB, alpha } = n.attrs;
    const da = transA
      ? ops.gemm(b, dy, { transA: transB, transB: true, alpha })
      : ops.gemm(dy, b, { transB: !transB, alpha });
    const db = transB
      ? ops.gemm(dy, a, { transA: true, transB: transA, alpha })
      : ops.gemm(a, dy, { transA: !transA, alpha });
    return bias ? [da, db, ops.sum(dy, [0], false)] : [da, db];
  },
  attention: (n, dy) => {
    const dq = ops.attentionGradient(n, dy);
    return [dq, ...dq.attrs.shapes!.map((_, i) => ops.output(dq, i + 1))];
  },
  layerNorm: (n, dy) => {
    const [x, w, b] = n.inputs;
    const inv = ops.output(n, 2);
    const normal = ops.mul(ops.sub(x, ops.output(n, 1)), inv);
    const g = w.kind === 'constant' ? dy : ops.mul(dy, w);
    const centred = ops.sub(g, ops.mean(g, [-1]));
    const dx = ops.mul(inv, ops.sub(centred, ops.mul(normal, ops.mean(ops.mul(g, normal), [-1]))));
    const dw = w.kind === 'constant' ? undefined : sumTo(ops.mul(dy, normal), w.shape);
    return [dx, dw, ...(b ? [sumTo(dy, b.shape)] : [])];
  },
  softmax: (n, dy) => [ops.mul(n, ops.sub(dy, ops.sum(ops.mul(dy, n), [-1])))],
  logSoftmax: (n, dy) => [ops.sub(dy, ops.mul(ops.exp(n), ops.sum(dy, [n.attrs.axis!])))],
  sum: ({ inputs: [x] }, dy) => [ops.broadcast(dy, x.shape)],
  reshape: ({ inputs: [x] }, dy) => [ops.reshape(dy, x.shape)],
  transpose: (n, dy) => [ops.transpose(dy, invert(n.attrs.perm!))],
  concat: (n, dy) => {
    let start = 0;
    return n.inputs.map((x) => {
      const length = x.shape[n.attrs.axis!];
      start += length;
      return ops.slice(dy, n.attrs.axis!, start - length, length);
    });
  },
  slice: ({ inputs: [x], shape, attrs: { axis, start } }, dy) => [
    ops.pad(dy, axis!, start!, x.shape[axis!] - start! - shape[axis!]),
  ],
  pad: ({ inputs: [x], attrs: { axis, before } }, dy) => [ops.slice(dy, axis!, before!, x.shape[axis!])],
  takeRows: ({ inputs: [x, index], attrs: { repeated } }, dy) => [
    ops.putRows(dy, index, x.shape[0], { repeated }),
    undefined,
  ],
  putRows: ({ inputs: [, index], attrs: { repeated } }, dy) => [ops.takeRows(dy, index, { repeated }), undefined],
  broadcast: ({ inputs: [x] }, dy) => [sumTo(dy, x.shape)],
  ...imageRules,
};

/** A stretch of the forward pass: all that leads from one value to another. */
export interface Stretch {
  input: Tensor;
  output: Tensor;
}

/**
 * Reverse-mode differentiation.
 * @param loss a node with one element
 * @param wrt nodes to differentiate by; each gradient has its node's shape (undefined where the loss does not depend on it)
 * @param o `again`: stretches whose values the backward pass computes again from their input instead of having them kept: less memory for
 *   more arithmetic (Chen et al. 2016, arXiv 1604.06174). They must not overlap.
 */
export function gradients(
  loss: Tensor,
  wrt: readonly Tensor[],
  o: { again?: readonly Stretch[] } = {},
): (Tensor | undefined)[] {
  if (loss.size !== 1) throw new Error(`internal: gradients of a tensor of shape [${loss.shape}]`);
  const nodes = reachable([loss]);
  const wanted = new Set<Tensor>(wrt);
  for (const n of nodes) if (n.inputs.some((x) => wanted.has(x))) wanted.add(n);
  const grads = new Map<Tensor, Tensor>([[loss, ops.filled(1, loss.shape)]]);
  const copies = recomputed(o.again ?? [], grads);
  for (const node of nodes.reverse()) {
    const dy = grads.get(node);
    if (!dy || !wanted.has(node) || node.inputs.length === 0) continue;
    const rule = rules[node.kind];
    if (!rule) throw new Error(`internal: ${node.kind} has no gradient`);
    rule(copies(node), dy).forEach((dx, i) => {
      const x = node.inputs[i];
      if (!dx || !wanted.has(x)) return;
      if (!sameShape(dx.shape, x.shape))
        throw new Error(`internal: gradient of ${node.kind} has shape [${dx.shape}], its input [${x.shape}]`);
      const sofar = grads.get(x);
      const term = ops.cast(dx, gradientType(x));
      grads.set(x, sofar ? ops.add(sofar, term) : term);
    });
  }
  return wrt.map((t) => grads.get(t));
}

/** Gives the node whose values the backward pass reads: of a stretch, a copy that is computed after the stretch's gradient has come. */
function recomputed(stretches: readonly Stretch[], grads: ReadonlyMap<Tensor, Tensor>): (node: Tensor) => Tensor {
  const of = new Map<Tensor, Stretch>();
  for (const stretch of stretches) for (const node of within(stretch)) of.set(node, stretch);
  const inputs = new Map<Stretch, Tensor>();
  const copies = new Map<Tensor, Tensor>();
  const copy = (node: Tensor, stretch: Stretch): Tensor => {
    if (node === stretch.input) {
      const made = inputs.get(stretch) ?? ops.barrier(node, grads.get(stretch.output)!);
      inputs.set(stretch, made);
      return made;
    }
    if (of.get(node) !== stretch) return node;
    const made =
      copies.get(node) ??
      new Tensor(
        node.kind,
        node.shape,
        node.inputs.map((x) => copy(x, stretch)),
        node.attrs,
        node.dtype,
      );
    copies.set(node, made);
    return made;
  };
  return (node) => {
    const stretch = of.get(node);
    return stretch ? copy(node, stretch) : node;
  };
}

/** The nodes of a stretch: those that its output needs and that need its input, without the input. */
function within({ input, output }: Stretch): Tensor[] {
  const depends = new Set<Tensor>([input]);
  const found: Tensor[] = [];
  for (const node of reachable([output]))
    if (node !== input && node.inputs.some((x) => depends.has(x))) {
      depends.add(node);
      found.push(node);
    }
  return found;
}

/** Gradients are stored as their values are; what was rounded only on its way into matrix products gets its sum unrounded. */
const gradientType = (x: Tensor): DType => (x.kind === 'cast' ? x.inputs[0].dtype : x.dtype);

/** Gradients of the chosen one of two. */
function ofTwo(n: Tensor, dy: Tensor, first: Tensor): Tensor[] {
  const none = ops.filled(0, []);
  return [sumTo(ops.where(first, dy, none), n.inputs[0].shape), sumTo(ops.where(first, none, dy), n.inputs[1].shape)];
}

/** Undoes broadcasting: sums over the axes that were repeated. */
function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const lead = x.rank - shape.length;
  const axes = x.shape.flatMap((n, i) => (i < lead || (shape[i - lead] === 1 && n !== 1) ? [i] : []));
  return ops.reshape(axes.length > 0 ? ops.sum(x, axes) : x, shape);
}

function invert(perm: readonly number[]): number[] {
  const inverse: number[] = [];
  perm.forEach((p, i) => {
    inverse[p] = i;
  });
  return inverse;
}
