import type { OpenedEncoder } from '../encoders/open-encoder.js';
import { atSize } from '../model/backbone.js';
import type { Executors } from '../runtime/executor.js';
import { cellKey, checkpointsOf, openBench, type SegmentationCell, type SegmentationFound, testCell } from './cell.js';
import { trainHead } from './loop.js';
import type { UperPlan } from './settings.js';
import { initialUper, uperFeeds, uperNetwork, uperObjective } from './uper.js';

/**
 * Trains UperNet with the encoder under it, and tests it.
 * @throws Interrupted; the next call goes on from the newest checkpoint. UserError where no picture can be used
 */
export async function uperCell(
  cell: SegmentationCell,
  encoder: Pick<OpenedEncoder, 'backbone' | 'hash' | 'mean' | 'std'>,
  plan: UperPlan,
  executors: Executors,
): Promise<SegmentationFound> {
  const { mean, std } = encoder;
  const n = { mean, std };
  // Positions are resampled once, and those of the crop's grid are trained.
  const backbone = atSize(encoder.backbone, plan.crop);
  const bench = openBench(cell, plan, n);
  const k = cell.set.classes.length;
  const trained = await trainHead({
    ...{ objective: uperObjective(backbone.vit, plan, k), ...initialUper(backbone, plan, k, cell.seed) },
    ...{ plan, runtime: cell.runtime, hooks: cell.hooks },
    feeds: (first) => uperFeeds(bench.crops, backbone.vit, plan, cell.seed, first),
    key: cellKey('upernet', plan, encoder.hash, cell),
    dir: checkpointsOf(cell),
  });
  const network = await uperNetwork(executors, backbone.vit, plan, k, trained);
  try {
    const found = await testCell(cell, bench, plan, n, network);
    return { ...found, details: { ...found.details, losses: trained.losses } };
  } finally {
    await network.close();
  }
}
