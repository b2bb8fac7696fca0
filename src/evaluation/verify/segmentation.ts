import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../errors.js';
import { isObject, readJsonAs } from '../../formats/json.js';
import { readSafetensors, type SafeTensor } from '../../formats/safetensors.js';
import { lrScale } from '../../learn/layer-decay.js';
import {
  addAreas,
  type SegmentationFigures,
  segmentationFigures,
  totalAreas,
  withoutZero,
} from '../../segmentation/areas.js';
import { rateAt } from '../../segmentation/schedule.js';
import { AveragedLogits, type Extent, slidingWindows, type Window } from '../../segmentation/windows.js';
import type { Check } from './index.js';

/** Recorded cases of segmentation: areas and what they come to; windows, their averages, schedule, layer-wise scales. */

const numbers = z.array(z.number().nullable());
const miouForm = z.looseObject({
  classes: z.int().positive(),
  ignore_index: z.int(),
  intersect: numbers,
  union: numbers,
  pred_area: numbers,
  label_area: numbers,
  iou: numbers,
  acc: numbers,
  dice: numbers,
  fscore: numbers.optional(),
  aAcc: z.number().nullable(),
  mIoU: z.number().nullable(),
  mAcc: z.number().nullable(),
  per_image_mIoU: numbers.optional(),
  confusion: z.array(z.array(z.number())).optional(),
});

/** Averages: as the README of the cases has it for what libraries compute in float32. */
const AVERAGES = 1e-6;

async function* verifyMiou(file: string): AsyncGenerator<Check> {
  const said = await readJsonAs(file, miouForm);
  const { tensors } = await readSafetensors(beside(file, []));
  const labels = tensorOf(tensors, 'labels', file);
  const predictions = tensorOf(tensors, 'predictions', file);
  const [n] = labels.shape;
  const pixels = labels.data.length / n;
  const { classes, ignore_index: ignored } = said;
  const width = classes * 3;
  const perImage = new Float64Array(n * width);
  const of = (t: SafeTensor, i: number) => (t.data as Int32Array).subarray(i * pixels, (i + 1) * pixels);
  for (let i = 0; i < n; i++)
    addAreas(perImage.subarray(i * width, (i + 1) * width), classes, of(labels, i), of(predictions, i), ignored);
  const total = totalAreas(perImage, classes);
  const column = (k: number) => Array.from({ length: classes }, (_, c) => total[c * 3 + k]);
  const [both, label, prediction] = [0, 1, 2].map(column);
  const found = segmentationFigures(total);
  yield { name: 'intersections', off: apart(both, said.intersect), bar: 0.5 };
  yield { name: 'label areas', off: apart(label, said.label_area), bar: 0.5 };
  yield { name: 'prediction areas', off: apart(prediction, said.pred_area), bar: 0.5 };
  const union = both.map((b, c) => label[c] + prediction[c] - b);
  yield { name: 'unions', off: apart(union, said.union), bar: 0.5 };
  yield { name: 'IoU per class', off: apart(found.iou, said.iou), bar: AVERAGES };
  yield { name: 'accuracy per class', off: apart(found.accuracy, said.acc), bar: AVERAGES };
  yield { name: 'dice per class', off: apart(found.dice, said.dice), bar: AVERAGES };
  if (said.fscore) yield { name: 'F-score per class', off: apart(found.fScore, said.fscore), bar: AVERAGES };
  const averages: [keyof SegmentationFigures, number | null][] = [
    ['miou', said.mIoU],
    ['meanAccuracy', said.mAcc],
    ['pixelAccuracy', said.aAcc],
  ];
  for (const [name, value] of averages) yield { name, off: apart([found[name] as number], [value]), bar: AVERAGES };
  if (said.per_image_mIoU) {
    const each = Array.from(
      { length: n },
      (_, i) => segmentationFigures(perImage.subarray(i * width, (i + 1) * width)).miou,
    );
    yield { name: 'mIoU of each picture', off: apart(each, said.per_image_mIoU), bar: AVERAGES };
  }
  if (said.confusion) {
    const diagonal = said.confusion.map((row, c) => row[c]);
    yield { name: 'confusion: diagonal', off: apart(both, diagonal), bar: 0.5 };
    const rows = said.confusion.map((row) => row.reduce((sum, v) => sum + v, 0));
    yield { name: 'confusion: rows', off: apart(label, rows), bar: 0.5 };
  }
  const raw = tensors.get('raw_labels');
  if (raw) {
    const mapped = Array.from(raw.data as Int32Array, withoutZero);
    yield { name: 'raw labels without zero', off: apart(mapped, Array.from(labels.data as Int32Array)), bar: 0.5 };
  }
}

const box = z.tuple([z.int(), z.int(), z.int(), z.int()]);
const pair = z.tuple([z.int().positive(), z.int().positive()]);
const windowsForm = z.looseObject({
  schedule: z.looseObject({
    iterations: z.int().positive(),
    warmup: z.int().nonnegative(),
    base_lr: z.number().positive(),
    start_factor: z.number(),
    power: z.number(),
    lr_at_iteration: z.record(z.string(), z.number()),
  }),
  layer_decay: z.looseObject({
    rate: z.number(),
    depth: z.int().positive(),
    lr_scale: z.record(z.string(), z.number()),
  }),
  slide: z.array(
    z.looseObject({
      image: pair,
      crop: pair,
      stride: pair,
      boxes_y0_y1_x0_x1: z.array(box),
      mean_of_window_number_checksum: z.number().optional(),
    }),
  ),
});

async function* verifyWindows(file: string): AsyncGenerator<Check> {
  const { schedule: s, layer_decay, slide } = await readJsonAs(file, windowsForm);
  const rate = { lr: s.base_lr, steps: s.iterations, warmup: s.warmup, startFactor: s.start_factor, power: s.power };
  for (const [i, lr] of Object.entries(s.lr_at_iteration))
    yield { name: `rate at ${i}`, off: Math.abs(rateAt(rate, Number(i)) - lr) / s.base_lr, bar: 1e-9 };
  for (const [name, scale] of Object.entries(layer_decay.lr_scale)) {
    const { depth, rate: layerDecay } = layer_decay;
    const found = lrScale(name, { depth, layerDecay, finalNorm: 'head' });
    yield { name: `scale of ${name}`, off: Math.abs(found - scale) / scale, bar: 1e-9 };
  }
  for (const c of slide) {
    const name = `${c.image.join('×')} by ${c.crop.join('×')}, stride ${c.stride.join('×')}`;
    const windows = slidingWindows(c.image, c.crop, c.stride);
    const boxes = windows.map(({ y0, y1, x0, x1 }) => [y0, y1, x0, x1]);
    yield { name: `boxes of ${name}`, off: apart(boxes.flat(), c.boxes_y0_y1_x0_x1.flat()), bar: 0.5 };
    const sum = c.mean_of_window_number_checksum;
    if (sum !== undefined)
      yield {
        name: `window numbers of ${name}`,
        off: Math.abs(windowNumbers(windows, c.image) - sum) / sum,
        bar: 1e-6,
      };
  }
  const pictures = beside(file, ['slide.safetensors']);
  if (!existsSync(pictures)) return;
  const { tensors } = await readSafetensors(pictures);
  const [image, kernel, logits] = ['image', 'kernel', 'logits'].map((n) => tensorOf(tensors, n, pictures));
  const size: Extent = [image.shape[2], image.shape[3]];
  const of = slide.filter((c) => c.image.join() === size.join());
  if (of.length === 0) throw new UserError(`${file}: no sliding case of ${size.join(' × ')} px, as ${pictures} has it`);
  // Which of those windows the tensors are of is not said.
  const off = of.map((c) => offOfAverage(image, kernel, logits, slidingWindows(size, c.crop, c.stride)));
  yield { name: `averaged logits of ${size.join('×')}`, off: Math.min(...off), bar: 5e-6 };
}

/** Of the largest logit. */
function offOfAverage(image: SafeTensor, kernel: SafeTensor, logits: SafeTensor, windows: readonly Window[]): number {
  const size: Extent = [image.shape[2], image.shape[3]];
  const k = kernel.shape[0];
  const found = windows.map((window) => {
    const grid: Extent = [window.y1 - window.y0, window.x1 - window.x0];
    return { window, grid, covers: grid, data: convolved(image, kernel, window) };
  });
  const all = new AveragedLogits(found, size, k);
  const row = new Float32Array(size[1] * k);
  const expected = logits.data as Float32Array;
  let [off, most] = [0, 0];
  for (let y = 0; y < size[0]; y++) {
    all.row(y, row);
    for (let x = 0; x < size[1]; x++)
      for (let c = 0; c < k; c++) {
        const value = expected[(c * size[0] + y) * size[1] + x];
        off = Math.max(off, Math.abs(row[x * k + c] - value));
        most = Math.max(most, Math.abs(value));
      }
  }
  return off / most;
}

/** Mean over pixels of the mean number, from 1, of the windows that hold them. */
function windowNumbers(windows: readonly Window[], size: Extent): number {
  const parts = windows.map((window, i) => ({
    ...{ window, grid: [1, 1] as Extent, covers: [window.y1 - window.y0, window.x1 - window.x0] as Extent },
    data: Float32Array.of(i + 1),
  }));
  const all = new AveragedLogits(parts, size, 1);
  const row = new Float32Array(size[1]);
  let sum = 0;
  for (let y = 0; y < size[0]; y++) {
    all.row(y, row);
    for (const v of row) sum += v;
  }
  return sum / (size[0] * size[1]);
}

/** What the cases have for a network: a window's correlation with a kernel, mirrored at the edges. @returns [height, width, out] */
function convolved(image: SafeTensor, kernel: SafeTensor, w: Window): Float32Array {
  const [out, channels, kh, kw] = kernel.shape;
  const [, , height, width] = image.shape;
  const [h, v] = [w.y1 - w.y0, w.x1 - w.x0];
  const mirrored = (i: number, n: number) => (i < 0 ? -i : i >= n ? 2 * n - 2 - i : i);
  const [x, k] = [image.data as Float32Array, kernel.data as Float32Array];
  const y = new Float32Array(h * v * out);
  for (let r = 0; r < h; r++)
    for (let c = 0; c < v; c++)
      for (let o = 0; o < out; o++) {
        let sum = 0;
        for (let i = 0; i < channels; i++)
          for (let a = 0; a < kh; a++)
            for (let b = 0; b < kw; b++) {
              const row = w.y0 + mirrored(r + a - (kh >> 1), h);
              const column = w.x0 + mirrored(c + b - (kw >> 1), v);
              sum += k[((o * channels + i) * kh + a) * kw + b] * x[(i * height + row) * width + column];
            }
        y[(r * v + c) * out + o] = sum;
      }
  return y;
}

/** Largest difference; what is NaN (null) must be so on both sides. */
function apart(found: ArrayLike<number>, said: readonly (number | null)[]): number {
  if (found.length !== said.length) return Number.POSITIVE_INFINITY;
  let off = 0;
  for (let i = 0; i < said.length; i++) {
    const value = said[i];
    if ((value === null) !== Number.isNaN(found[i])) return Number.POSITIVE_INFINITY;
    if (value !== null) off = Math.max(off, Math.abs(found[i] - value));
  }
  return off;
}

/** The tensors of a JSON file: of its own name, or of one of these beside it. */
function beside(file: string, others: readonly string[]): string {
  const own = file.replace(/\.json$/, '.safetensors');
  const places = [own, ...others.map((name) => join(dirname(file), name))];
  return places.find((place) => existsSync(place)) ?? own;
}

function tensorOf(tensors: ReadonlyMap<string, SafeTensor>, name: string, file: string): SafeTensor {
  const t = tensors.get(name);
  if (!t) throw new UserError(`${file}: no tensor ${name} beside it`);
  return t;
}

const has = (json: unknown, ...names: string[]): boolean => isObject(json) && names.every((n) => n in json);

export const SEGMENTATION_KINDS = [
  {
    kind: 'mIoU',
    is: (json: unknown) => has(json, 'intersect', 'label_area', 'pred_area', 'ignore_index'),
    verify: verifyMiou,
  },
  { kind: 'windows', is: (json: unknown) => has(json, 'schedule', 'layer_decay', 'slide'), verify: verifyWindows },
];
