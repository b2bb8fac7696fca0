import { type OpKind, type Shape, sizeOf, type Tensor, type Window2d } from './tensor.js';

/** What the ops on maps compute, in plain loops and double precision; as `interpret.ts` says. */
type Values = Float64Array;
type Rule = (node: Tensor, inputs: Values[]) => Values[];

export const imageRules = {
  conv2d: (n, [x, weight]) => {
    const y = new Float64Array(n.size);
    eachTap(n.inputs[0].shape, n.shape, n.attrs.window!, (i, o, k) => {
      y[o] += x[i] * weight[k];
    });
    return [y];
  },
  convTranspose2d: (n, [dy, weight]) => {
    const x = new Float64Array(n.size);
    eachTap(n.shape, n.inputs[0].shape, n.attrs.window!, (i, o, k) => {
      x[i] += dy[o] * weight[k];
    });
    return [x];
  },
  convWeight2d: (n, [x, dy]) => {
    const weight = new Float64Array(n.size);
    eachTap(n.inputs[0].shape, n.inputs[1].shape, n.attrs.window!, (i, o, k) => {
      weight[k] += x[i] * dy[o];
    });
    return [weight];
  },
  maxPool2d: (n, [x]) => [Float64Array.from(largest(n.inputs[0].shape, n.shape, n.attrs.window!, x), (i) => x[i])],
  maxPool2dGradient: (n, [x, dy]) => {
    const dx = new Float64Array(n.size);
    largest(n.shape, n.inputs[1].shape, n.attrs.window!, x).forEach((i, o) => {
      dx[i] += dy[o];
    });
    return [dx];
  },
  alongAxis: (n, [x, matrix]) => {
    const { axis } = n.attrs;
    const [to, from] = n.inputs[1].shape;
    const inner = sizeOf(n.shape.slice(axis! + 1));
    const y = new Float64Array(n.size);
    for (let at = 0; at < n.size; at++) {
      const [rest, i, before] = [at % inner, Math.floor(at / inner) % to, Math.floor(at / (inner * to))];
      for (let j = 0; j < from; j++) y[at] += matrix[i * from + j] * x[(before * from + j) * inner + rest];
    }
    return [y];
  },
  batchNorm2d: (n, [x, weight, bias]) => {
    const channels = n.shape[1];
    const inner = sizeOf(n.shape.slice(2));
    const count = n.size / channels;
    const channel = (at: number) => Math.floor(at / inner) % channels;
    const [mean, variance] = [new Float64Array(channels), new Float64Array(channels)];
    x.forEach((a, at) => {
      mean[channel(at)] += a / count;
    });
    x.forEach((a, at) => {
      variance[channel(at)] += (a - mean[channel(at)]) ** 2 / count;
    });
    const y = x.map((a, at) => {
      const c = channel(at);
      return ((a - mean[c]) / Math.sqrt(variance[c] + n.attrs.eps!)) * weight[c] + (bias ? bias[c] : 0);
    });
    return [y, mean, variance];
  },
} satisfies Partial<Record<OpKind, Rule>>;

/** Calls `f` for every triple of an entry of the input, one of the output, and the entry of the weight that joins them. */
function eachTap(input: Shape, out: Shape, window: Window2d, f: (i: number, o: number, k: number) => void): void {
  const [samples, channels] = input;
  const { kernel, groups } = window;
  const [into, from] = [out[1] / groups, channels / groups];
  for (let n = 0; n < samples; n++)
    for (let o = 0; o < out[1]; o++)
      for (let c = 0; c < from; c++) {
        const map = n * channels + Math.floor(o / into) * from + c;
        eachPlace(input, out, window, (i, place, k) => {
          const weight = (o * from + c) * kernel[0] * kernel[1] + k;
          f(map * input[2] * input[3] + i, (n * out[1] + o) * out[2] * out[3] + place, weight);
        });
      }
}

/** The same in one map, with all numbers counted in it; windows and their entries in row order. */
function eachPlace(input: Shape, out: Shape, w: Window2d, f: (i: number, o: number, k: number) => void): void {
  for (let row = 0; row < out[2]; row++)
    for (let column = 0; column < out[3]; column++)
      for (let kr = 0; kr < w.kernel[0]; kr++)
        for (let kc = 0; kc < w.kernel[1]; kc++) {
          const r = row * w.stride[0] - w.padding[0] + kr * w.dilation[0];
          const c = column * w.stride[1] - w.padding[1] + kc * w.dilation[1];
          if (r < 0 || r >= input[2] || c < 0 || c >= input[3]) continue;
          f(r * input[3] + c, row * out[3] + column, kr * w.kernel[1] + kc);
        }
}

/** Of every window, where in x the first of its largest entries is. */
function largest(input: Shape, out: Shape, window: Window2d, x: Values): Int32Array {
  const found = new Int32Array(sizeOf(out)).fill(-1);
  const [map, places] = [input[2] * input[3], out[2] * out[3]];
  for (let m = 0; m < input[0] * input[1]; m++)
    eachPlace(input, out, window, (i, o) => {
      const [at, to] = [m * map + i, m * places + o];
      if (found[to] < 0 || x[at] > x[found[to]]) found[to] = at;
    });
  return found;
}
