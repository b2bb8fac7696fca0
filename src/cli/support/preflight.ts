import { totalmem } from 'node:os';
import { UserError } from '../../errors.js';
import { diskFreeMb, memoryFreeMb } from '../../resources.js';
import type { Cost } from '../../stage.js';
import { megabytes } from './format.js';

const MIB = 2 ** 20;
/** An image folder to probe: `dir/train/<class>/*` with `dir/test/<class>/*`, or `dir/<class>/*`. */
export interface EvalSet {
  name: string;
  dir: string;
}

/**
 * Looks before a long run at what it will read at its end, and says what it will leave out.
 * @throws UserError for a folder that is no image folder, or whose images cannot be decoded; Interrupted
 */
export async function checkEvalSets(
  evals: readonly EvalSet[],
  warn: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  if (evals.length === 0) return;
  const { openDataset } = await import('../../probe/datasets.js');
  const { checkDecodable } = await import('../../probe/left-out.js');
  for (const { name, dir } of evals) {
    const dataset = await openDataset(name, dir);
    for (const line of [...dataset.remarks, ...(await checkDecodable(dataset, signal))]) warn(line);
  }
}

/** Memory that processes may use here, MiB: the control group's limit or the machine's. */
export function memoryLimitMb(): number {
  const total = totalmem();
  const limit = process.constrainedMemory?.() ?? 0;
  return (limit > 0 && limit < total ? limit : total) / MIB;
}

/** What takes a stage's memory, where it is not the threads. */
const WAYS: Readonly<Record<string, string>> = {
  captions: 'captions.seenMb',
  train: 'train.captionsPerBatch, learn.prototypes or model.dim',
};

/**
 * Refuses a run that this machine cannot hold.
 * @throws UserError naming the stage, what it needs and what is there
 */
export async function checkResources(costs: ReadonlyMap<string, Cost>, dir: string): Promise<string[]> {
  const warnings: string[] = [];
  const limit = memoryLimitMb();
  for (const [name, cost] of costs) {
    if (cost.memoryMb <= limit) continue;
    throw new UserError(
      `not enough memory: ${name} needs about ${megabytes(cost.memoryMb)}, this machine has ${megabytes(limit)}: lower ${WAYS[name] ?? 'runtime.workers'}`,
    );
  }
  const disk = [...costs.values()].reduce((sum, c) => sum + c.diskMb, 0);
  const space = await diskFreeMb(dir);
  if (disk > space) {
    throw new UserError(
      `not enough disk: the run needs about ${megabytes(disk)}, ${megabytes(space)} are free at ${dir}: lower captions.count or images.size, or choose another folder with --out`,
    );
  }
  const free = memoryFreeMb();
  for (const [name, cost] of costs) {
    if (cost.memoryMb > free) {
      warnings.push(`${name} needs about ${megabytes(cost.memoryMb)} of memory, ${megabytes(free)} are free now`);
    }
  }
  return warnings;
}
