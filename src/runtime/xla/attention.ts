import type { Shape, Tensor } from '../../graph/tensor.js';
import type { HloText, Value } from './hlo-text.js';
import type { Mesh } from './sharding.js';

/** Where an attention node is written. */
export interface Place {
  hlo: HloText;
  node: Tensor;
  /** Devices that have a part of the samples each. */
  mesh?: Mesh;
}

/** How attention is written: the forward pass gives the result and what its gradient needs of it. */
export interface AttentionForm<Saved> {
  /**
   * @param trained whether the gradient will be asked for
   * @param bias f32 [heads or 1, tokens, tokens₂]
   */
  forward(at: Place, q: Value, k: Value, v: Value, trained: boolean, bias?: Value): { y: Value; saved: Saved };
  /**
   * Gradients of q, k and v, and of the bias.
   * @param pairs the bias's shape, where its gradient is asked for
   */
  backward(at: Place, y: Value, dy: Value, saved: Saved, pairs?: Shape): Value[];
}

/** Operands of the forward pass and the probabilities, stored as q is. */
interface Probabilities {
  q: Value;
  k: Value;
  v: Value;
  p: Value;
}

/**
 * Attention with the scores written out: [samples, heads, tokens, tokens₂] in f32, their softmax stored as q is. The
 * probabilities are kept for the backward pass, which costs as much memory as nothing else does in a step; {@link
 * cudnn} keeps a number a row.
 */
export const plain: AttentionForm<Probabilities> = {
  forward({ hlo, node }, q, k, v, _, bias) {
    const { samples, tokens, back } = axesOf(node);
    const scores = hlo.dot(
      q,
      k,
      {
        batch: [
          [samples, 2],
          [samples, 2],
        ],
        sum: [[3], [3]],
      },
      'f32',
    );
    let scaled = hlo.with('multiply', scores, node.attrs.alpha!);
    if (bias) scaled = hlo.binary('add', scaled, hlo.spread(bias, scaled.shape));
    const p = hlo.convert(softmax(hlo, scaled), q.dtype);
    const y = hlo.dot(
      p,
      v,
      {
        batch: [
          [0, 1],
          [samples, 2],
        ],
        sum: [[3], [tokens]],
      },
      q.dtype,
    );
    return { y: hlo.transpose(y, back), saved: { q, k, v, p } };
  },

  // The softmax's Σ dP·P over a row equals Σ dO·O of that token, which is the smaller of the two sums.
  backward({ hlo, node }, y, dy, { p, ...kept }, pairs) {
    // Computed again from the operands, not from what the forward pass made of them: a device that turns them for its
    // products would keep the turned ones beside them.
    const [q, k, v] = hlo.barrier([kept.q, kept.k, kept.v, dy]);
    const { samples, tokens, back, heads } = axesOf(node);
    const pair = [
      [0, 1],
      [samples, 2],
    ] as const;
    const f32 = (x: Value) => hlo.convert(x, 'f32');
    const dv = hlo.dot(p, dy, { batch: pair, sum: [[2], [tokens]] }, q.dtype);
    const dp = hlo.dot(
      dy,
      v,
      {
        batch: [
          [samples, 2],
          [samples, 2],
        ],
        sum: [[3], [3]],
      },
      'f32',
    );
    const product = hlo.binary('multiply', f32(dy), f32(y));
    const delta = hlo.transpose(hlo.reduce('add', product, [3]), heads);
    const centred = hlo.binary('subtract', dp, hlo.broadcast(delta, dp.shape, [0, 1, 2]));
    const dscores = hlo.binary('multiply', f32(p), centred);
    const ds = hlo.convert(hlo.with('multiply', dscores, node.attrs.alpha!), q.dtype);
    const dq = hlo.dot(ds, k, { batch: pair, sum: [[3], [tokens]] }, q.dtype);
    const dk = hlo.dot(ds, q, { batch: pair, sum: [[2], [tokens]] }, q.dtype);
    const three = [dq, dk, dv].map((x) => hlo.transpose(x, back));
    if (!pairs) return three;
    return [...three, hlo.reshape(hlo.reduce('add', dscores, pairs[0] === 1 ? [0, 1] : [0]), pairs)];
  },
};

/** Softmax over the last axis of f32; the largest is subtracted first. */
export function softmax(hlo: HloText, x: Value): Value {
  const e = hlo.unary('exponential', hlo.binary('subtract', x, hlo.overLast('maximum', x)));
  return hlo.binary('divide', e, hlo.overLast('add', e));
}

/** x − log Σ exp x over an axis. */
export function logSoftmax(hlo: HloText, x: Value, axis: number): Value {
  const centred = hlo.binary('subtract', x, hlo.over('maximum', x, axis));
  const total = hlo.over('add', hlo.unary('exponential', centred), axis);
  return hlo.binary('subtract', centred, hlo.unary('log', total));
}

/**
 * Where samples and tokens are in q, and the orders that bring [samples, heads, tokens, d] back to q's and a row's sum
 * to [samples, heads, tokens].
 */
function axesOf(node: Tensor) {
  return node.attrs.order === 'token'
    ? { samples: 1, tokens: 0, back: [2, 0, 1, 3], heads: [1, 2, 0] }
    : { samples: 0, tokens: 1, back: [0, 2, 1, 3], heads: [0, 2, 1] };
}
