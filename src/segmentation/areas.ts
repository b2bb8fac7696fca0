/** The label of pixels that count nowhere. */
export const IGNORED = 255;

/**
 * How well pixels are classified, counted in pixels: [classes, 3] of intersection (label and prediction agree), label, prediction. Pixels with
 * an ignored label are in none of them. Areas of several pictures are summed before anything is divided.
 */
export type Areas = Float64Array;

/**
 * Adds a picture's pixels to areas.
 * @param labels,predictions of the same pixels; labels 0…classes − 1, or `ignored`
 * @throws Error on a label or prediction that is no class
 */
export function addAreas(
  areas: Areas,
  classes: number,
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  ignored = IGNORED,
): void {
  if (labels.length !== predictions.length || areas.length !== classes * 3)
    throw new Error(`internal: ${labels.length} labels, ${predictions.length} predictions, ${areas.length} areas`);
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i];
    if (label === ignored) continue;
    const prediction = predictions[i];
    if (!(label >= 0 && label < classes && prediction >= 0 && prediction < classes))
      throw new Error(`internal: label ${label} and prediction ${prediction} of ${classes} classes`);
    if (label === prediction) areas[label * 3]++;
    areas[label * 3 + 1]++;
    areas[prediction * 3 + 2]++;
  }
}

/** What areas come to; NaN: 0/0, a class that no pixel is of. All 0…1. */
export interface SegmentationFigures {
  /** Mean of `iou` over classes that are true or predicted somewhere: one that is predicted but never true counts with 0. */
  miou: number;
  /** [classes] intersection / (label + prediction − intersection) */
  iou: Float64Array;
  /** Share of the pixels that are classified rightly. */
  pixelAccuracy: number;
  /** Mean over the classes that are true somewhere of the share of their pixels that is found. */
  meanAccuracy: number;
  /** [classes] */
  accuracy: Float64Array;
  /** [classes] 2·intersection / (label + prediction) */
  dice: Float64Array;
  /** [classes] 2·precision·recall / (precision + recall): the dice, but NaN where nothing is found */
  fScore: Float64Array;
}

/** The usual figures (mmsegmentation's IoUMetric). @param areas [classes, 3] */
export function segmentationFigures(areas: Areas): SegmentationFigures {
  const classes = areas.length / 3;
  const iou = new Float64Array(classes);
  const accuracy = new Float64Array(classes);
  const dice = new Float64Array(classes);
  const fScore = new Float64Array(classes);
  let [right, all] = [0, 0];
  for (let c = 0; c < classes; c++) {
    const [both, label, prediction] = areas.subarray(c * 3, c * 3 + 3);
    iou[c] = both / (label + prediction - both);
    accuracy[c] = both / label;
    dice[c] = (2 * both) / (label + prediction);
    const [precision, recall] = [both / prediction, both / label];
    fScore[c] = (2 * precision * recall) / (precision + recall);
    right += both;
    all += label;
  }
  const meanAccuracy = meanOfNumbers(accuracy);
  return { miou: meanOfNumbers(iou), iou, pixelAccuracy: right / all, meanAccuracy, accuracy, dice, fScore };
}

/** Mean of what is a number; NaN where nothing is. */
function meanOfNumbers(x: Float64Array): number {
  let [sum, n] = [0, 0];
  for (const v of x) {
    if (Number.isNaN(v)) continue;
    sum += v;
    n++;
  }
  return sum / n;
}

/** Sum over pictures. @param perImage [n, classes, 3] @returns [classes, 3] */
export function totalAreas(perImage: Float64Array, classes: number): Areas {
  const total = new Float64Array(classes * 3);
  for (let i = 0; i < perImage.length; i++) total[i % total.length] += perImage[i];
  return total;
}

/** What a picture is classified as when every pixel gets the class that most training pixels have. @param counts [classes] pixels in training */
export const majorityClass = (counts: ArrayLike<number>): number => {
  let best = 0;
  for (let c = 1; c < counts.length; c++) if (counts[c] > counts[best]) best = c;
  return best;
};

/** Labels of a file that has 0 for "other": that is ignored, and the classes are counted from 0 (ADE20K). */
export const withoutZero = (label: number): number => (label === 0 || label === IGNORED ? IGNORED : label - 1);
