import { UserError } from '../errors.js';
import { cutAtWord, printable } from '../printable.js';

/** Longest name of a concept or a background, characters. */
export const LONGEST_NAME = 100;

/** Longest entry of a list, with all its synonyms, characters: patterns are tried on nothing longer. */
const LONGEST_ENTRY = 2000;

/** @throws UserError for text that is too long to be an entry of a list */
export function checkEntry(text: string, where: string): void {
  if (text.length > LONGEST_ENTRY)
    throw new UserError(
      `${where}: a concept's name has at most ${LONGEST_NAME} characters, got ${text.length}: ${shown(text)}`,
    );
}

/**
 * A name as it may be said: composed (NFC), with single blanks.
 * @param where for messages: the file and the place in it
 * @throws UserError for one without a letter or digit, with characters that no reader sees, or too long
 */
export function conceptName(raw: string, where: string): string {
  checkEntry(raw.trim(), where);
  const name = raw.normalize('NFC').replace(/\s+/g, ' ').trim();
  if (name.length > LONGEST_NAME)
    throw new UserError(
      `${where}: a concept's name has at most ${LONGEST_NAME} characters, got ${name.length}: ${shown(name)}`,
    );
  if (!/[\p{L}\p{N}]/u.test(name))
    throw new UserError(`${where}: a concept's name needs a letter or a digit, got ${shown(raw)}`);
  // They would be sent to terminals and models.
  if (printable(name) !== name)
    throw new UserError(`${where}: a concept's name has no control characters, got ${shown(raw)}`);
  return name;
}

/** A value of a file in a message, cut where it is long. */
export function shown(value: unknown): string {
  const text = printable(
    (typeof value === 'string' ? JSON.stringify(value.slice(0, 200)) : JSON.stringify(value)) ?? String(value),
  );
  return cutAtWord(text, 80);
}
