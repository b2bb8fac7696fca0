/** Losses of learners by plain loops in double precision, and their gradients by central differences: what graphs are held to. */

export type Rows = number[][];

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((s, x, i) => s + x * b[i], 0);
const unit = (rows: Rows): Rows => rows.map((r) => r.map((x) => x / Math.sqrt(dot(r, r))));
/** log Σ exp */
const logSum = (x: readonly number[]): number => {
  const top = Math.max(...x);
  return top + Math.log(x.reduce((s, v) => s + Math.exp(v - top), 0));
};
const mean = (x: readonly number[]): number => x.reduce((s, v) => s + v, 0) / x.length;

/** SupCon, equation 2; StableRep's loss where base is the temperature. @param anchors how many of the rows, the first ones */
export function plainMultiPositive(
  features: Rows,
  labels: readonly number[],
  temperature: number,
  { base = temperature, anchors = features.length } = {},
): number {
  const z = unit(features);
  const each = z.slice(0, anchors).map((anchor, i) => {
    const others = z.flatMap((other, j) => (j === i ? [] : [{ l: dot(anchor, other) / temperature, j }]));
    const all = logSum(others.map((o) => o.l));
    const positives = others.filter((o) => labels[o.j] === labels[i]);
    return positives.length === 0 ? 0 : mean(positives.map((p) => all - p.l));
  });
  return (temperature / base) * mean(each);
}

/** NT-Xent over all ordered pairs of one label; other positives are no candidates. */
export function plainNtXent(features: Rows, labels: readonly number[], temperature: number): number {
  const z = unit(features);
  const each: number[] = [];
  z.forEach((a, i) => {
    z.forEach((b, j) => {
      if (i === j || labels[i] !== labels[j]) return;
      const own = dot(a, b) / temperature;
      const negatives = z.flatMap((c, k) => (labels[k] === labels[i] ? [] : [dot(a, c) / temperature]));
      each.push(logSum([own, ...negatives]) - own);
    });
  });
  return each.length === 0 ? 0 : mean(each);
}

/** CLIP's loss; a text may have several images. @param textOf which text is each image's */
export function plainImageText(images: Rows, texts: Rows, textOf: readonly number[], logScale: number): number {
  const [x, t] = [unit(images), unit(texts)];
  const scale = Math.exp(logScale);
  const logit = (i: number, j: number) => scale * dot(x[i], t[j]);
  const toText = x.map((_, i) => logSum(t.map((_, j) => logit(i, j))) - logit(i, textOf[i]));
  const toImage = t.map((_, j) => {
    const all = logSum(x.map((_, i) => logit(i, j)));
    return mean(x.flatMap((_, i) => (textOf[i] === j ? [all - logit(i, j)] : [])));
  });
  return (mean(toText) + mean(toImage)) / 2;
}

/** Cross entropy of a linear layer with label smoothing; rows of class −1 are left out. */
export function plainSupervised(
  features: Rows,
  weight: Rows,
  bias: readonly number[],
  classes: readonly number[],
  smoothing: number,
): number {
  const each = features.flatMap((x, i) => {
    if (classes[i] < 0) return [];
    const logits = weight.map((w, k) => dot(x, w) + bias[k]);
    const all = logSum(logits);
    return [
      logits.reduce(
        (s, l, k) => s + ((k === classes[i] ? 1 - smoothing : 0) + smoothing / weight.length) * (all - l),
        0,
      ),
    ];
  });
  return each.length === 0 ? 0 : mean(each);
}

/** Gradient of a function of numbers by central differences. */
export function differences(f: (x: number[]) => number, at: readonly number[], h = 1e-5): number[] {
  return at.map((_, i) => {
    const moved = (by: number) => f(at.map((x, k) => (k === i ? x + by : x)));
    return (moved(h) - moved(-h)) / (2 * h);
  });
}

/** Numbers as rows of so many. */
export const rowsOf = (flat: ArrayLike<number>, width: number): Rows =>
  Array.from({ length: flat.length / width }, (_, r) => Array.from({ length: width }, (_, i) => flat[r * width + i]));
