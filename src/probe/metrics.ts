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
