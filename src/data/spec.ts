import { basename } from 'node:path';
import { UserError } from '../errors.js';
import { checkSetName } from '../probe/set-name.js';
import { kindNamed } from './sets/index.js';

/** Which data set is meant. */
export interface EvalSpec {
  /** Name in tables and files; default: the folder's. */
  name?: string;
  /** Key of the registry; default: found by the folder's content. */
  kind?: string;
  /** Folder, or `hf:owner/name`. */
  dir: string;
}

/**
 * Reads `DIR`, `NAME=DIR`, `KIND:DIR` or `NAME=KIND:DIR`; DIR may be `hf:owner/name`.
 * @throws UserError for an empty folder, an unknown kind, or a name that is none
 */
export function parseEvalSpec(text: string): EvalSpec {
  const equals = /^([^=/\\:]*)=(.*)$/s.exec(text);
  const name = equals?.[1];
  const rest = equals ? equals[2] : text;
  const colon = /^([\w-]{2,}):(.*)$/s.exec(rest);
  const kind = colon && colon[1] !== 'hf' ? colon[1] : undefined;
  const dir = kind === undefined ? rest : colon![2];
  if (dir === '') throw new UserError(`"${text}": no folder; write NAME=DIR or NAME=KIND:DIR`);
  if (kind !== undefined) kindNamed(kind);
  if (name !== undefined) checkSetName(name, `"${text}"`);
  return { dir, ...(name !== undefined && { name }), ...(kind !== undefined && { kind }) };
}

/** A name for a data set that was given none. */
export function nameFor({ name, kind, dir }: EvalSpec): string {
  if (name !== undefined) return name;
  const plain = basename(dir.replace(/^hf:/, ''))
    .replace(/[^\w.-]+/g, '-')
    .replace(/^\.+/, '')
    .slice(0, 100);
  return kind ?? (plain || 'set');
}
