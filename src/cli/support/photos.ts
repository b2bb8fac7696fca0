import { UserError } from '../../errors.js';
import type { BuildIndexResult } from '../../search/build.js';
import { count } from './format.js';

/** What became of an index, in brackets behind its name. */
export function photosText(r: BuildIndexResult): string {
  const parts = [`${count(r.photos)} ${r.photos === 1 ? 'photo' : 'photos'}, ${r.dim} numbers each`];
  const changes: [n: number, what: string][] = [
    [r.embedded, 'embedded'],
    [r.kept, 'kept'],
    [r.gone, 'no longer there'],
    [r.skipped, 'left out'],
  ];
  const said = changes.flatMap(([n, what]) => (n > 0 ? [`${count(n)} ${what}`] : []));
  if (r.moved > 0) said.splice(1, 0, `${count(r.moved)} moved or copied`);
  return r.embedded + r.gone + r.moved + r.skipped === 0
    ? `${parts[0]}; nothing changed`
    : `${parts[0]}; ${said.join(', ')}`;
}

/** An integer of a flag. @throws UserError naming the flag */
export function integerFlag(name: string, text: string | undefined, most: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > most)
    throw new UserError(`--${name} ${text}: expected an integer between 1 and ${most}`);
  return value;
}
