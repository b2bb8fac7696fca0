import { asUserError, UserError } from '../errors.js';
import { readJson } from '../formats/json.js';
import { printable } from '../printable.js';
import type { Pool } from './bank.js';
import { LONGEST_NAME, shown } from './concept-name.js';
import { plainName } from './plain-name.js';

/**
 * Backgrounds of a user's own for the concepts of any bank: a JSON object concept → list of backgrounds, as the authors'
 * imgnet_background_dict.json, and as `synclr backgrounds` writes it.
 */

/** What a file of backgrounds did to a bank. */
export interface BackgroundsRead {
  file: string;
  /** Objects of the bank that have their backgrounds from it. */
  concepts: number;
  /** Names in it that are no object of the bank, or beyond its limit. */
  unknown: number;
  /** Names in it with an empty list: those concepts keep what they had. */
  empty: number;
}

/**
 * The pools with the file's backgrounds in place of their own.
 * @throws UserError for a missing or malformed file, and for one that speaks of no concept of the bank
 */
export async function withBackgrounds(
  pools: readonly Pool[],
  file: string,
): Promise<{ pools: Pool[]; read: BackgroundsRead }> {
  const lists = backgroundLists(await readJson(file).catch(inSetting), file);
  const taken = new Set<string>();
  let concepts = 0;
  const changed = pools.map((pool) => ({
    ...pool,
    concepts: pool.concepts.map((concept) => {
      const key = keyOf(concept.name);
      const own = concept.kind === 'object' ? lists.get(key) : undefined;
      if (!own) return concept;
      taken.add(key);
      if (own.length === 0) return concept;
      concepts++;
      return { ...concept, backgrounds: own };
    }),
  }));
  const all = [...lists];
  if (concepts === 0)
    throw new UserError(
      `concepts.backgrounds: none of the ${all.length} concepts of ${file} is an object of the bank (its names: ${sample(pools)})`,
    );
  return {
    pools: changed,
    read: {
      file,
      concepts,
      unknown: all.filter(([key]) => !taken.has(key)).length,
      empty: all.filter(([key, list]) => taken.has(key) && list.length === 0).length,
    },
  };
}

/** One line on what a file of backgrounds did, for whoever opens the bank. */
export function backgroundsLine({ file, concepts, unknown, empty }: BackgroundsRead): string {
  const ignored = [
    ...(unknown > 0 ? [`${some(unknown, 'name')} that the bank does not draw`] : []),
    ...(empty > 0 ? [some(empty, 'empty list')] : []),
  ];
  return `backgrounds of ${some(concepts, 'concept')} from ${file}${ignored.length > 0 ? `; ignored: ${ignored.join(', ')}` : ''}`;
}

const some = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

/** `Crane (bird)` and `crane` are one name: the hint is not part of it. */
const keyOf = (name: string) => plainName(name.replace(/\s*\([^()]*\)$/, '')).toLowerCase();

/**
 * Lists by name, each background once, in its spelling with spaces for underscores.
 * @throws UserError naming the entry that is no list of names
 */
export function backgroundLists(value: unknown, file: string): Map<string, string[]> {
  const where = `concepts.backgrounds: ${file}`;
  if (!value || typeof value !== 'object' || Array.isArray(value))
    throw new UserError(`${where}: expected a JSON object concept → list of backgrounds`);
  const lists = new Map<string, string[]>();
  for (const [name, list] of Object.entries(value)) {
    if (!Array.isArray(list))
      throw new UserError(`${where}: "${name}" must hold a list of backgrounds, got ${shown(list)}`);
    const names = list.map((item) => {
      const text = typeof item === 'string' ? plainName(item.normalize('NFC')) : '';
      if (!/[\p{L}\p{N}]/u.test(text) || text.length > LONGEST_NAME || printable(text) !== text)
        throw new UserError(
          `${where}: "${name}": a background is a name of at most 100 characters, got ${shown(item)}`,
        );
      return text;
    });
    const key = keyOf(name);
    lists.set(key, [...new Set([...(lists.get(key) ?? []), ...names])]);
  }
  return lists;
}

function sample(pools: readonly Pool[]): string {
  const names = pools.flatMap((p) => p.concepts.filter((c) => c.kind === 'object').slice(0, 3)).map((c) => c.name);
  return `${names.slice(0, 3).join(', ')} …`;
}

function inSetting(e: unknown): never {
  const known = asUserError(e);
  throw known ? new UserError(`concepts.backgrounds: ${known.message}`) : e;
}
