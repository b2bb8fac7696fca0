import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { extname, join } from 'node:path';
import { diskFreeMb, memoryFreeMb } from '../../corpus/resources.js';
import { UserError } from '../../errors.js';
import type { Cost } from '../../stage.js';
import { megabytes } from './format.js';

const MIB = 2 ** 20;
const IMAGE = new Set(['.jpg', '.jpeg', '.png', '.webp', '.gif', '.tif', '.tiff', '.avif', '.bmp']);

/** An image folder to probe: `dir/train/<class>/*` and `dir/test/<class>/*`. */
export interface EvalSet {
  name: string;
  dir: string;
}

/** Looks before a long run at what it will read at its end. @throws UserError for a folder that is no image folder */
export async function checkEvalSets(evals: readonly EvalSet[]): Promise<void> {
  for (const { name, dir } of evals) {
    const where = `--eval ${name}=${dir}`;
    if (!existsSync(dir)) throw new UserError(`${where}: no such folder`);
    for (const part of ['train', 'test']) {
      const path = join(dir, part);
      const classes = await readdir(path, { withFileTypes: true }).catch(() => undefined);
      if (!classes)
        throw new UserError(`${where}: no folder ${path} (expected ${dir}/train/<class>/… and ${dir}/test/<class>/…)`);
      const folders = classes.filter((c) => c.isDirectory() && !c.name.startsWith('.'));
      let filled = 0;
      for (const c of folders) if (await hasImage(join(path, c.name))) filled++;
      if (filled === 0)
        throw new UserError(`${where}: no images in ${path}/<class>/ (JPEG, PNG, WebP, GIF, TIFF, AVIF)`);
      if (part === 'train' && filled < 2) {
        throw new UserError(`${where}: only one class with images in ${path}; a probe needs two or more`);
      }
    }
  }
}

async function hasImage(dir: string): Promise<boolean> {
  return (await readdir(dir)).some((file) => IMAGE.has(extname(file).toLowerCase()));
}

/** Memory that processes may use here, MiB: the control group's limit or the machine's. */
export function memoryLimitMb(): number {
  const total = totalmem();
  const limit = process.constrainedMemory?.() ?? 0;
  return (limit > 0 && limit < total ? limit : total) / MIB;
}

/**
 * Refuses a run that this machine cannot hold.
 * @throws UserError naming the stage, what it needs and what is there
 */
export async function checkResources(costs: readonly { name: string; cost: Cost }[], dir: string): Promise<string[]> {
  const warnings: string[] = [];
  const limit = memoryLimitMb();
  for (const { name, cost } of costs) {
    if (cost.memoryMb <= limit) continue;
    const ways =
      name === 'train' ? ': lower train.captionsPerBatch, model.prototypes or model.dim' : ': lower runtime.workers';
    throw new UserError(
      `not enough memory: ${name} needs about ${megabytes(cost.memoryMb)}, this machine has ${megabytes(limit)}${ways}`,
    );
  }
  const disk = costs.reduce((sum, c) => sum + c.cost.diskMb, 0);
  const space = await diskFreeMb(dir);
  if (disk > space) {
    throw new UserError(
      `not enough disk: the run needs about ${megabytes(disk)}, ${megabytes(space)} are free at ${dir}: lower captions.count or images.size, or choose another folder with --out`,
    );
  }
  const free = memoryFreeMb();
  for (const { name, cost } of costs) {
    if (cost.memoryMb > free) {
      warnings.push(`${name} needs about ${megabytes(cost.memoryMb)} of memory, ${megabytes(free)} are free now`);
    }
  }
  return warnings;
}
