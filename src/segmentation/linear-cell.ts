import type { OpenedEncoder } from '../encoders/open-encoder.js';
import type { Executors } from '../runtime/executor.js';
import { cellKey, checkpointsOf, openBench, type SegmentationCell, type SegmentationFound, testCell } from './cell.js';
import { CropFeatures, initialLinear, linearFeeds, linearNetwork, linearObjective, tokenStatistics } from './linear.js';
import { trainHead } from './loop.js';
import type { LinearPlan } from './settings.js';

/**
 * Trains and tests a linear head on a frozen encoder's patch tokens.
 * @throws Interrupted; the next call goes on from the newest checkpoint. UserError where no picture can be used
 */
export async function linearCell(
  cell: SegmentationCell,
  encoder: Pick<OpenedEncoder, 'backbone' | 'hash' | 'mean' | 'std'>,
  plan: LinearPlan,
  executors: Executors,
): Promise<SegmentationFound> {
  const { backbone, mean, std } = encoder;
  const n = { mean, std };
  const bench = openBench(cell, plan, n, plan.views);
  const k = cell.set.classes.length;
  const features = await CropFeatures.open(executors, backbone, plan, bench.crops);
  const { head, losses, statistics } = await (async () => {
    const crops = plan.views > 0 ? plan.views * bench.train.length : plan.steps * plan.batch;
    const statistics = await tokenStatistics(features, crops);
    const objective = linearObjective(plan, k, features.grid, features.width);
    const { parameters: head, losses } = await trainHead({
      ...{ objective, plan, runtime: cell.runtime, hooks: cell.hooks },
      ...{ initial: initialLinear(k, features.width, cell.seed), centres: new Map() },
      feeds: (first) => linearFeeds(features, statistics, plan, first),
      key: cellKey('linear', plan, encoder.hash, cell),
      dir: checkpointsOf(cell),
    });
    return { head, losses, statistics };
  })().finally(() => features.close());
  const network = await linearNetwork(executors, backbone, plan, k, head, statistics);
  try {
    const found = await testCell(cell, bench, plan, n, network);
    return { ...found, details: { ...found.details, losses } };
  } finally {
    await network.close();
  }
}
