import { UserError } from '../errors.js';
import type { MatStructs, MatValue } from '../formats/matlab.js';

/** Numbers of a variable, in a row. @throws UserError naming the file where it has none of that name */
export function numbersOf(file: string, value: MatValue | undefined, name: string): number[] {
  if (value?.kind !== 'numbers') throw new UserError(`${file}: no array of numbers ${name}`);
  return Array.from(value.values);
}

/** Texts of a variable: a cell each, or a row each. @throws UserError */
export function textsOf(file: string, value: MatValue | undefined, name: string): string[] {
  if (value?.kind === 'text') return value.rows.map((r) => r.trimEnd());
  if (value?.kind !== 'cells') throw new UserError(`${file}: no list of texts ${name}`);
  return value.cells.map((c) => textOf(file, c, name));
}

/** A single text. @throws UserError */
export function textOf(file: string, value: MatValue | undefined, name: string): string {
  if (value?.kind === 'text' && value.rows.length === 1) return value.rows[0];
  throw new UserError(`${file}: ${name} is no text`);
}

/** A single number. @throws UserError */
export function numberOf(file: string, value: MatValue | undefined, name: string): number {
  if (value?.kind === 'numbers' && value.values.length === 1) return value.values[0];
  throw new UserError(`${file}: ${name} is no number`);
}

/** A list of structures. @throws UserError */
export function structsOf(file: string, value: MatValue | undefined, name: string): MatStructs['items'] {
  if (value?.kind !== 'structs') throw new UserError(`${file}: no list of structures ${name}`);
  return value.items;
}
