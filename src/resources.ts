import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';
import { dirname, resolve } from 'node:path';
import { UserError } from './errors.js';

const MIB = 2 ** 20;

/** Space for a folder that may not exist yet, MiB. */
export async function diskFreeMb(dir: string): Promise<number> {
  let at = resolve(dir);
  while (!existsSync(at) && dirname(at) !== at) at = dirname(at);
  const { bavail, bsize } = await statfs(at);
  return (bavail * bsize) / MIB;
}

/** Memory that this process may still take, MiB: what is available on the machine or left of its control group's limit. */
export function memoryFreeMb(): number {
  const { availableMemory } = process as { availableMemory?: () => number };
  const group = process.constrainedMemory?.() ?? 0;
  const used = process.memoryUsage.rss();
  // Free memory leaves out what the page cache would give back; availableMemory counts that in, and the group's limit.
  const machine = availableMemory ? availableMemory.call(process) : freemem();
  const limited = group > 0 && group < totalmem() ? group - used : Number.POSITIVE_INFINITY;
  return Math.max(0, Math.min(machine, limited)) / MIB;
}

/** @throws UserError when a folder's disk has less than `mb` MiB left */
export async function requireDisk(dir: string, mb: number): Promise<void> {
  const free = await diskFreeMb(dir);
  if (mb > free)
    throw new UserError(
      `not enough disk at ${dir}: about ${Math.ceil(mb)} MiB are needed, ${Math.floor(free)} MiB are free; lower captions.count, images.perCaption or images.size, or choose another folder with --out`,
    );
}

/** Memory that processes may use here, MiB: the machine's, or less where a control group (a container) says so. */
export function memoryLimitMb(): number {
  const group = process.constrainedMemory?.() ?? 0;
  return (group > 0 ? Math.min(group, totalmem()) : totalmem()) / MIB;
}

/**
 * Refuses what cannot fit at all. What is free at the moment is no measure: systems count it differently, and give back caches.
 * @param lower the setting to lower
 * @throws UserError when processes may not use `mb` MiB here
 */
export function requireMemory(mb: number, lower = 'runtime.workers'): void {
  const limit = memoryLimitMb();
  if (mb > limit)
    throw new UserError(
      `not enough memory: about ${Math.ceil(mb)} MiB are needed, there are ${Math.floor(limit)} MiB; lower ${lower}`,
    );
}
