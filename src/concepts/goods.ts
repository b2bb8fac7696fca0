import { HOME_GOODS } from './goods-home.js';
import { OTHER_GOODS } from './goods-other.js';
import { PARTS_GOODS } from './goods-parts.js';
import type { Kind } from './kinds.js';

/**
 * What shops and workshops call things, by kind: names that WordNet lacks (`earbuds`), files under another meaning first
 * (`router`, `charger`) or puts too far up (`spinner`, an implement). Singular where there is one; the longest end of a name
 * that stands here decides. After `=` the room (goods-rooms.ts) that the words before it must name: `seal=machine`.
 */

/** Name → its kinds; the first is the usual one, others stand with a room: `seal=machine`. */
export interface Goods {
  readonly kind: Kind;
  /** Only with such words before it; on its own the word means something else. */
  readonly room?: string;
}

const ALL = new Map<string, Goods[]>();
for (const [kind, names] of [HOME_GOODS, OTHER_GOODS, PARTS_GOODS].flatMap((goods) => Object.entries(goods))) {
  for (const entry of names.trim().split(/,\s+/)) {
    const [name, room] = entry.replace(/\s+/g, ' ').replaceAll('’', "'").split('=');
    const goods: Goods = { kind: kind as Kind, ...(room === undefined ? {} : { room }) };
    ALL.set(name, [...(ALL.get(name) ?? []), goods]);
  }
}

/** What a name (singular, lower case) may be among goods. */
export const goodsOf = (name: string): readonly Goods[] => ALL.get(name) ?? [];

/** Whether goods are called so, whatever else the word means. */
export const isGoods = (name: string): boolean => ALL.get(name)?.some((g) => g.room === undefined) === true;
