import { type Interval, type Paired, pairedDifference, shareInterval } from '../probe/intervals.js';
import { accuracy } from '../probe/metrics.js';

/** What a classifier learnt from: painted captions, photos, or both together. */
export type Source = 'painted' | 'photos' | 'both';

/** How often a classifier is right on photos whose classes are known. All shares 0…1. */
export interface Figures {
  /** What it learnt from, and from how many images. */
  trainedOn: Source;
  images: number;
  /** Penalty chosen on images set aside. */
  l2: number;
  top1: number;
  /** 95 % interval of `top1` (Wilson). */
  interval: Interval;
  /** Over the classes that have test photos. */
  meanPerClass: number;
  /** Mean of the probabilities that it gives its answers: near `top1` where it knows how much it knows. */
  meanConfidence: number;
  /** Right ones of every class that has test photos. */
  perClass: { label: string; photos: number; right: number }[];
  /** Classes that are mistaken, the most frequent first. */
  confusions: { label: string; takenFor: string; photos: number }[];
}

/** What a photo was taken for. */
export interface Prediction {
  file: string;
  label: string;
  /** Probability of the label, 0…1. */
  confidence: number;
  /** The next likely class. */
  second: { label: string; confidence: number };
  /** The class that its folder says. */
  truth?: string;
}

/** How a test set is composed, whoever classifies it. */
export interface Baselines {
  /** 1 / classes. */
  chance: number;
  /** Share of the test photos that are of the class that most are of. */
  majority: number;
}

export function baselines(labels: Int32Array, classes: number): Baselines {
  const counts = new Float64Array(classes);
  for (const c of labels) counts[c]++;
  return { chance: 1 / classes, majority: Math.max(...counts) / labels.length };
}

/**
 * @param answers [n] class of each photo; @param confidences [n] their probabilities; @param labels [n] the right ones
 * @param classes names of all classes
 */
export function figuresOf(
  about: Pick<Figures, 'trainedOn' | 'images' | 'l2'>,
  answers: Int32Array,
  confidences: Float32Array,
  labels: Int32Array,
  classes: readonly string[],
): Figures {
  const right = rightOnes(answers, labels);
  const photos = new Int32Array(classes.length);
  const hits = new Int32Array(classes.length);
  const mistakes = new Map<number, number>();
  labels.forEach((c, i) => {
    photos[c]++;
    hits[c] += right[i];
    if (!right[i]) {
      const pair = c * classes.length + answers[i];
      mistakes.set(pair, (mistakes.get(pair) ?? 0) + 1);
    }
  });
  return {
    ...about,
    ...accuracy(answers, labels, classes.length),
    interval: shareInterval(right),
    meanConfidence: confidences.reduce((sum, c) => sum + c, 0) / confidences.length,
    perClass: classes.flatMap((label, c) => (photos[c] > 0 ? [{ label, photos: photos[c], right: hits[c] }] : [])),
    confusions: [...mistakes]
      .sort(([p, n], [q, m]) => m - n || p - q)
      .map(([pair, n]) => ({
        label: classes[Math.floor(pair / classes.length)],
        takenFor: classes[pair % classes.length],
        photos: n,
      })),
  };
}

/** [n] 1 where the answer is the label. */
const rightOnes = (answers: Int32Array, labels: Int32Array): Uint8Array =>
  Uint8Array.from(labels, (c, i) => (answers[i] === c ? 1 : 0));

/** How much more often the first classifier is right than the second, on the same photos. */
export const comparison = (a: Int32Array, b: Int32Array, labels: Int32Array): Paired =>
  pairedDifference(rightOnes(a, labels), rightOnes(b, labels));

/** @param probabilities [n, classes] @param truths [n] classes by their number, where they are known */
export function predictionsOf(
  files: readonly string[],
  probabilities: Float32Array,
  labels: readonly string[],
  truths?: Int32Array,
): Prediction[] {
  const k = labels.length;
  return files.map((file, i) => {
    const row = probabilities.subarray(i * k, (i + 1) * k);
    let [first, second] = row[1] > row[0] ? [1, 0] : [0, 1];
    for (let c = 2; c < k; c++)
      if (row[c] > row[first]) [first, second] = [c, first];
      else if (row[c] > row[second]) second = c;
    return {
      file,
      label: labels[first],
      confidence: row[first],
      second: { label: labels[second], confidence: row[second] },
      ...(truths && { truth: labels[truths[i]] }),
    };
  });
}
