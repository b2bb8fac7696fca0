import { UserError } from '../../../errors.js';
import { a100, a100_40 } from './ampere.js';
import { b200 } from './blackwell.js';
import type { Card } from './card.js';
import { h100, h200 } from './hopper.js';

export { type Card, type Software, targetConfig } from './card.js';

/** Cards that programs can be compiled for without having them, by the names that users give. */
export const CARDS = { a100, 'a100-40': a100_40, h100, h200, b200 } as const satisfies Record<string, Card>;
export type CardName = keyof typeof CARDS;

/** Some cards of one kind. */
export interface Target {
  card: CardName;
  count: number;
}

/** Most cards that one machine is thought to have. */
const MOST = 16;

/** Reads `h100` or `h100x8`. @throws UserError with the names that there are */
export function parseTarget(text: string): Target {
  const found = /^(.+?)(?:x(\d+))?$/.exec(text.toLowerCase());
  const card = found?.[1] ?? '';
  const count = Number(found?.[2] ?? 1);
  if (!Object.hasOwn(CARDS, card) || count < 1)
    throw new UserError(
      `${text} is no card that is known here: ${Object.keys(CARDS).join(', ')}, several of a machine as h100x8`,
    );
  if (count > MOST) throw new UserError(`${text}: a machine has at most ${MOST} cards`);
  return { card: card as CardName, count };
}
