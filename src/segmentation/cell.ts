import { join } from 'node:path';
import type { EvalSet } from '../data/set.js';
import { Interrupted } from '../errors.js';
import { sha256 } from '../files/digest.js';
import { removeCheckpoints } from '../learn/checkpoint.js';
import type { ExecutorSettings } from '../runtime/open-executors.js';
import type { StageHooks } from '../stage.js';
import { type Areas, majorityClass, segmentationFigures, totalAreas } from './areas.js';
import type { Normalisation } from './augment.js';
import type { WindowNetwork } from './network.js';
import { type OverlayPicture, writeOverlays } from './overlays.js';
import { Pictures } from './pictures.js';
import { TrainingCrops } from './samples.js';
import type { Plan } from './settings.js';
import { type Tested, testNetwork } from './test-set.js';

/** What both heads share: pictures, training crops, the test and its figures. */

/** Label maps of training that the majority is counted in, at most. */
const COUNTED = 500;

export interface SegmentationCell {
  set: EvalSet;
  /** A folder of the cell's own. */
  dir: string;
  seed: number;
  runtime: ExecutorSettings;
  hooks: StageHooks;
}

/** The pictures of a set as a head is trained and tested on them. */
export interface Bench {
  train: Pictures;
  test: Pictures;
  crops: TrainingCrops;
}

/** @param draws of each picture that are used again and again; default: always new ones */
export function openBench(cell: SegmentationCell, plan: Plan, n: Normalisation, draws?: number): Bench {
  const { set, seed, hooks } = cell;
  const [, short] = plan.scale;
  const warn = (line: string) => hooks.warn(line);
  const train = new Pictures(set, set.train, Math.ceil(short * plan.ratio[1]), warn);
  return {
    train,
    test: new Pictures(set, set.test, short, warn),
    crops: new TrainingCrops(train, { ...plan, draws }, n, seed, hooks.signal),
  };
}

/** What a checkpoint belongs to: head, settings, encoder, data, seed. */
export const cellKey = (head: string, plan: Plan, encoder: string, { set, seed }: SegmentationCell): string => {
  // How often checkpoints are written and what is drawn decides nothing.
  const { checkpointEvery: _, overlays: __, test: ___, stride: ____, ...its } = plan;
  return sha256(JSON.stringify([1, head, its, encoder, set.hash, set.classes.length, seed]));
};

const CHECKPOINTS = 'checkpoints';

/** Where a cell's checkpoints lie. */
export const checkpointsOf = (cell: Pick<SegmentationCell, 'dir'>): string => join(cell.dir, CHECKPOINTS);

/** Removes what a finished cell's training would have gone on from; `overlays/` stays. */
export const clearCell = (dir: string): Promise<void> => removeCheckpoints(join(dir, CHECKPOINTS));

/** What a cell of segmentation gave. */
export interface SegmentationFound {
  metrics: Record<string, number>;
  perImage: { of: 'mIoU'; areas: Float64Array; classes: number; index: Int32Array };
  skipped: Tested['skipped'];
  /** Small and plain. */
  details: Record<string, unknown>;
}

/** Tests a network, draws some of its predictions, and gives the figures beside those of the class that training has most of. */
export async function testCell(
  cell: SegmentationCell,
  bench: Bench,
  plan: Plan,
  n: Normalisation,
  network: WindowNetwork,
): Promise<SegmentationFound> {
  const { classes } = cell.set;
  const k = classes.length;
  const shown: OverlayPicture[] = [];
  const { areas, index, skipped } = await testNetwork(
    network,
    bench.test,
    plan,
    n,
    cell.hooks,
    async (i, picture, predicted) => {
      shown.push({ name: cell.set.test.nameOf(i), picture, predicted });
    },
  );
  await writeOverlays(cell.dir, classes, shown);
  const total = totalAreas(areas, k);
  const found = segmentationFigures(total);
  const counts = await trainingPixels(bench.train, k, cell.hooks.signal);
  const majority = majorityClass(counts);
  const plain = (x: Float64Array) =>
    Object.fromEntries(classes.flatMap((name, c) => (Number.isNaN(x[c]) ? [] : [[name, x[c]]])));
  return {
    metrics: {
      mIoU: found.miou,
      'pixel accuracy': found.pixelAccuracy,
      'mean accuracy': found.meanAccuracy,
      'majority mIoU': segmentationFigures(asMajority(total, majority)).miou,
    },
    perImage: { of: 'mIoU', areas, classes: k, index },
    skipped,
    details: {
      ...{ settings: plan, iou: plain(found.iou), accuracy: plain(found.accuracy), majority: classes[majority] },
      ...(bench.train.broken.size > 0 && {
        skippedTraining: [...bench.train.broken].map(([i, why]) => ({ name: cell.set.train.nameOf(i), why })),
      }),
    },
  };
}

/** Areas of the same pictures, had every pixel been given one class. */
function asMajority(total: Areas, majority: number): Areas {
  const out = new Float64Array(total.length);
  let all = 0;
  for (let at = 1; at < total.length; at += 3) {
    out[at] = total[at];
    all += total[at];
  }
  out[majority * 3] = total[majority * 3 + 1];
  out[majority * 3 + 2] = all;
  return out;
}

/** Pixels of each class in training pictures, evenly spread where there are many. */
async function trainingPixels(train: Pictures, classes: number, signal: AbortSignal): Promise<Float64Array> {
  const counts = new Float64Array(256);
  const n = Math.min(COUNTED, train.length);
  for (let i = 0; i < n; i++) {
    if (signal.aborted) throw new Interrupted('stopped while counting labels of training pictures');
    const found = await train.at(Math.floor((i * train.length) / n));
    if (found) for (const label of found.mask.data) counts[label]++;
  }
  return counts.subarray(0, classes);
}
