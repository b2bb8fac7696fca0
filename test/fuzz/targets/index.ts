import type { Target } from '../target.js';

/** The files of this folder: targets by room. A new target is one more entry of its room's list. */
const ROOMS = [
  'formats',
  'config',
  'concepts',
  'captions',
  'images',
  'corpus',
  'own-corpora',
  'encoders',
  'weights',
  'report',
  'search',
  'servers',
  'data-sets',
] as const;
export type Room = (typeof ROOMS)[number] | 'faulty';

/** The targets of one room; only its code is loaded. */
export async function targetsOf(room: Room): Promise<readonly Target[]> {
  return ((await import(`./${room}.js`)) as { TARGETS: readonly Target[] }).TARGETS;
}

/** Every parser of outside bytes, with its room. */
export async function allTargets(): Promise<{ room: Room; target: Target }[]> {
  const lists = await Promise.all(
    ROOMS.map(async (room) => (await targetsOf(room)).map((target) => ({ room, target }))),
  );
  return lists.flat();
}
