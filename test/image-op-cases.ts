import type { ConvOptions } from '../src/graph/image-ops.js';
import { ops, type Tensor } from '../src/graph/index.js';
import type { OpKind } from '../src/graph/tensor.js';
import type { Draw } from './op-cases.js';

type Case = (d: Draw) => Tensor | Tensor[];
type Two = [number, number];

const two = (f: () => number): Two => [f(), f()];

/** A convolution of any window that fits: its options, its weight's shape [out, in/groups, kh, kw] and its map's [n, in, h, w]. */
function convolution(d: Draw, fixed: Partial<ConvOptions> = {}, kernel: Two = two(() => d.size(1, 3))) {
  const o = {
    stride: two(() => d.size(1, 3)),
    padding: two(() => d.size(0, 2)),
    dilation: two(() => d.size(1, 2)),
    groups: d.size(1, 2),
    ...fixed,
  };
  const at = (size: ConvOptions['stride'], i: number) => (Array.isArray(size) ? size[i] : (size as number));
  const least = (i: number) => Math.max(1, at(o.dilation, i) * (kernel[i] - 1) + 1 - 2 * at(o.padding, i));
  const weight = [o.groups * d.size(1, 2), d.size(1, 2), ...kernel];
  const x = [d.size(1, 3), o.groups * weight[1], ...[0, 1].map((i) => least(i) + d.size(0, 4))];
  return { o, weight, x };
}

/** Graphs that exercise the ops on maps. */
export const IMAGE_OP_CASES = {
  conv2d: [
    (d) => {
      const { o, weight, x } = convolution(d);
      return ops.conv2d(d.values(x), d.values(weight), d.rng.chance(0.5) ? d.values([weight[0]]) : undefined, o);
    },
    // As heads have them: windows of three by three that keep the size, and single places.
    (d) => {
      const { o, weight, x } = convolution(d, { stride: 1, padding: 1, dilation: 1, groups: 1 }, [3, 3]);
      return ops.conv2d(d.values(x), d.values(weight), undefined, o);
    },
    (d) => {
      const { o, weight, x } = convolution(d, { stride: 1, padding: 0, dilation: 1, groups: 1 }, [1, 1]);
      return ops.conv2d(d.values(x), d.values(weight), d.values([weight[0]]), o);
    },
    // Windows side by side, which leave the map's last rows and columns out.
    (d) => {
      const kernel = two(() => d.size(1, 3));
      const { o, weight, x } = convolution(d, { stride: kernel, padding: 0, dilation: 1 }, kernel);
      return ops.conv2d(d.values(x), d.values(weight), undefined, o);
    },
  ],
  convTranspose2d: [
    (d) => {
      const { o, weight, x } = convolution(d, { padding: 0 });
      const more = two(() => d.size(0, 2));
      const y = ops.conv2d(d.values(x), d.values(weight), undefined, o);
      return ops.convTranspose2d(y, d.values(weight), undefined, { ...o, outputPadding: more });
    },
    (d) => {
      const into = d.size();
      const bias = d.rng.chance(0.5) ? d.values([2]) : undefined;
      return ops.convTranspose2d(d.values([2, into, 3, 2]), d.values([into, 2, 2, 2]), bias, { stride: 2 });
    },
    (d) => ops.convTranspose2d(d.values([1, 2, 4, 3]), d.values([2, 3, 3, 2]), undefined, { padding: [1, 0] }),
    (d) =>
      ops.convTranspose2d(d.values([2, 4, 2, 3]), d.values([4, 1, 3, 3]), undefined, {
        padding: 2,
        groups: 2,
        stride: 2,
      }),
  ],
  convWeight2d: [
    (d) => {
      const { o, weight, x } = convolution(d);
      const y = ops.conv2d(ops.filled(0, x), ops.filled(0, weight), undefined, o);
      return ops.convWeight2d(d.values(x), d.values(y.shape), y.attrs.window!);
    },
  ],
  maxPool2d: [
    (d) => ops.maxPool2d(d.values([2, d.size(), d.size(2, 5), d.size(2, 5)]), 2),
    (d) => ops.maxPool2d(d.values([1, 2, d.size(3, 6), d.size(3, 6)]), 3, { stride: 2, padding: 1 }),
    (d) => ops.maxPool2d(d.values([1, 2, d.size(3, 6), d.size(3, 6)]), [2, 3], { stride: 1 }),
  ],
  maxPool2dGradient: [
    (d) => {
      const y = ops.maxPool2d(d.values([2, 2, 5, 4]), 3, { stride: 1, padding: 1 });
      return ops.maxPool2dGradient(y, d.values(y.shape));
    },
    // Everywhere equals: the first of each window.
    (d) => {
      const y = ops.maxPool2d(ops.cast(d.bytes([1, 1, 2, 2]), 'f32'), 2);
      const flat = ops.maxPool2d(ops.scale(ops.filled(-1, [1, 2, 4, 5]), 1), 3, { stride: 1, padding: 1 });
      return [ops.maxPool2dGradient(y, d.values(y.shape)), ops.maxPool2dGradient(flat, d.values(flat.shape))];
    },
  ],
  alongAxis: [
    (d) => {
      const shape = d.shape();
      const axis = d.rng.int(shape.length);
      return ops.alongAxis(
        d.values(shape),
        d.values([d.size(), shape[axis]]),
        axis - (d.rng.chance(0.5) ? shape.length : 0),
      );
    },
    (d) =>
      ops.resizeBilinear(d.values([d.size(), d.size(), d.size(), d.size()]), [d.size(1, 7), d.size(1, 7)], {
        alignCorners: d.rng.chance(0.5),
      }),
    (d) => ops.resizeBilinear(d.values([1, 2, 3, 4]), 5),
    (d) => ops.adaptiveAvgPool2d(d.values([d.size(), d.size(), d.size(1, 7), d.size(1, 7)]), [d.size(2), d.size(1, 3)]),
    (d) => ops.adaptiveAvgPool2d(d.values([1, 2, 4, 5]), 6),
  ],
  batchNorm2d: [
    (d) => {
      const shape = [d.size(2), ...d.shape(d.size(1, 3))];
      const y = ops.batchNorm2d(d.values(shape), d.values([shape[1]]), d.values([shape[1]]), 1e-2);
      return y;
    },
    (d) => ops.batchNorm2d(d.values([2, 3, 2, 4]), undefined, d.values([3]), 1e-2),
    (d) => ops.batchNorm2d(d.values([5, 3]), d.rng.chance(0.5) ? d.values([3]) : undefined, undefined, 1e-2),
  ],
} satisfies Partial<Record<OpKind, Case[]>>;
