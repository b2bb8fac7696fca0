import { Interrupted, UserError } from '../errors.js';
import type { StageHooks } from '../stage.js';
import { addAreas } from './areas.js';
import { type Normalisation, testPicture } from './augment.js';
import type { WindowNetwork } from './network.js';
import type { LabelledPicture, Pictures } from './pictures.js';
import type { Plan } from './settings.js';
import { AveragedLogits, slidingWindows } from './windows.js';

/** What testing a network gave. */
export interface Tested {
  /** [n, classes, 3] of each picture that could be used. */
  areas: Float64Array;
  /** [n] which picture of the split each is. */
  index: Int32Array;
  skipped: { name: string; why: string }[];
}

/**
 * Classifies every pixel of a split's pictures: windows or the whole picture, logits averaged where windows overlap, then resized to the label
 * map; areas by picture.
 * @param show is given some pictures, evenly spread, with what was predicted for each pixel
 * @throws Interrupted; UserError where no picture can be used
 */
export async function testNetwork(
  network: WindowNetwork,
  pictures: Pictures,
  plan: Pick<Plan, 'crop' | 'stride' | 'scale' | 'test' | 'overlays'>,
  n: Normalisation,
  hooks: StageHooks,
  show?: (picture: number, found: LabelledPicture, predicted: Uint8Array) => Promise<void>,
): Promise<Tested> {
  const classes = pictures.set.classes.length;
  const total = pictures.length;
  const shown = new Set(
    Array.from({ length: Math.min(plan.overlays, total) }, (_, i) =>
      Math.floor((i * total) / Math.min(plan.overlays, total)),
    ),
  );
  const areas: Float64Array[] = [];
  const index: number[] = [];
  const progress = (done: number) => hooks.progress({ stage: 'eval', done, total, unit: 'pictures' });
  progress(0);
  for (let i = 0; i < total; i++) {
    if (hooks.signal.aborted) throw new Interrupted(`stopped after test picture ${i} of ${total}`);
    const found = await pictures.at(i);
    if (found) {
      const predicted = await predict(network, found, plan, n, classes);
      const one = new Float64Array(classes * 3);
      addAreas(one, classes, found.mask.data, predicted);
      areas.push(one);
      index.push(i);
      if (shown.has(i)) await show?.(i, found, predicted);
    }
    progress(i + 1);
  }
  if (index.length === 0)
    throw new UserError(
      `data set ${pictures.set.name}: none of the ${total} test pictures in ${pictures.set.dir} can be used`,
    );
  const all = new Float64Array(index.length * classes * 3);
  areas.forEach((one, i) => void all.set(one, i * one.length));
  const skipped = [...pictures.broken].map(([i, why]) => ({ name: pictures.split.nameOf(i), why }));
  return { areas: all, index: Int32Array.from(index), skipped };
}

/** The class of every pixel of a picture. @returns [height, width] of its label map */
export async function predict(
  network: WindowNetwork,
  picture: LabelledPicture,
  plan: Pick<Plan, 'crop' | 'stride' | 'scale' | 'test'>,
  n: Normalisation,
  classes: number,
): Promise<Uint8Array> {
  const { crop, stride, scale, test } = plan;
  const seen = testPicture(picture, scale, n);
  const size = [seen.height, seen.width] as const;
  const windows =
    test === 'whole'
      ? [{ y0: 0, y1: size[0], x0: 0, x1: size[1] }]
      : slidingWindows(size, [crop, crop], [stride, stride]);
  const logits = await network.windows(seen, windows);
  return new AveragedLogits(logits, size, classes).labels([picture.mask.height, picture.mask.width]);
}
