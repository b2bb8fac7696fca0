/** How often a classifier is right. */
export interface Accuracy {
  /** Share of the test images that are classified rightly, 0…1. */
  top1: number;
  /** Mean over the classes that have test images of the share of each that is classified rightly, 0…1. */
  meanPerClass: number;
}

/** @param predictions [n] class of each image; @param labels [n] the right one */
export function accuracy(predictions: ArrayLike<number>, labels: ArrayLike<number>, classes: number): Accuracy {
  const right = new Float64Array(classes);
  const count = new Float64Array(classes);
  for (let i = 0; i < labels.length; i++) {
    count[labels[i]]++;
    if (predictions[i] === labels[i]) right[labels[i]]++;
  }
  let top1 = 0;
  let shares = 0;
  let present = 0;
  for (let c = 0; c < classes; c++) {
    top1 += right[c];
    if (count[c] === 0) continue;
    shares += right[c] / count[c];
    present++;
  }
  return { top1: top1 / labels.length, meanPerClass: shares / present };
}

/** The column of the largest value of each row; ties go to the lower column. @param y [n, columns] */
export function argmaxRows(y: ArrayLike<number>, columns: number): Int32Array {
  return Int32Array.from({ length: y.length / columns }, (_, i) => {
    let best = 0;
    for (let c = 1; c < columns; c++) if (y[i * columns + c] > y[i * columns + best]) best = c;
    return best;
  });
}
