import { existsSync } from 'node:fs';
import { readdir, statfs } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';
import { dirname, extname, join, resolve } from 'node:path';
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

/** Memory that is free now, MiB. */
export function memoryFreeMb(): number {
  const available = (process as { availableMemory?: () => number }).availableMemory?.() ?? freemem();
  return Math.min(available, freemem()) / MIB;
}

/** Space for a folder that may not exist yet, MiB. */
export async function diskFreeMb(dir: string): Promise<number> {
  let at = resolve(dir);
  while (!existsSync(at) && dirname(at) !== at) at = dirname(at);
  const { bavail, bsize } = await statfs(at);
  return (bavail * bsize) / MIB;
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
