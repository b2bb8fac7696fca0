import { createReadStream } from 'node:fs';
import type { z } from 'zod';
import { UserError } from '../errors.js';
import { requirePlainFile } from './plain-file.js';

/** JSON from outside: every reader of a file or an answer that somebody else wrote takes it through here. */

/** Nesting that no file of ours or of the field comes near; deeper text is an attack on whoever walks it. */
const MOST_DEPTH = 200;
/** Largest JSON file that is read whole unless the caller knows better, bytes. */
const MOST_BYTES = 64 * 2 ** 20;

/** JSON that is nested for no good: another answer will hardly be better. */
export class NestedTooDeep extends UserError {}

/**
 * Parses JSON, with or without a byte-order mark.
 * @param name for messages: the file's path, or what the text is
 * @throws UserError `NAME is not JSON: …`; NestedTooDeep
 */
export function parseJson(text: string, name: string): unknown {
  const plain = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  if (plain.trim() === '') throw new UserError(`${name} is not JSON: it is empty`);
  if (isDeep(plain)) throw new NestedTooDeep(`${name} is nested more than ${MOST_DEPTH} deep`);
  try {
    return JSON.parse(plain);
  } catch (e) {
    throw new UserError(`${name} is not JSON: ${(e as Error).message.slice(0, 160)}`);
  }
}

/** Whether brackets outside of strings are nested more deeply than anything that is meant to be read. */
function isDeep(text: string): boolean {
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x22) quoted = !quoted;
    else if (quoted) {
      if (c === 0x5c) i++;
    } else if (c === 0x5b || c === 0x7b) {
      if (++depth > MOST_DEPTH) return true;
    } else if (c === 0x5d || c === 0x7d) depth--;
  }
  return false;
}

/**
 * The text of a UTF-8 file, without a byte-order mark.
 * @param most largest size that is read, bytes
 * @throws UserError naming the file when it is larger, no file, or no UTF-8; the file system's error otherwise
 */
export async function readText(path: string, most = MOST_BYTES): Promise<string> {
  const { size } = await requirePlainFile(path);
  if (size > most) throw new UserError(`${path}: ${size} bytes are more than such a file can have (${most})`);
  const parts: Buffer[] = [];
  let read = 0;
  // Of a shell's pipe nobody knows the size before.
  for await (const part of createReadStream(path) as AsyncIterable<Buffer>) {
    parts.push(part);
    read += part.length;
    if (read > most) throw new UserError(`${path}: more than the ${most} bytes that such a file can have`);
  }
  return decodeText(Buffer.concat(parts), path);
}

/** UTF-8 bytes as text, without a byte-order mark. @throws UserError naming what it is of when they are something else */
export function decodeText(bytes: Uint8Array, name: string): string {
  const wide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (wide) throw new UserError(`${name} is UTF-16: save it as UTF-8`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UserError(`${name} is not UTF-8 text`);
  }
}

/** A JSON value as text: what is text as it is, all else as JSON. `String` throws where an object brings a `toString` of its own. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
}

/** A JSON file. @throws UserError as {@link parseJson} and {@link readText}; the file system's error where it cannot be opened */
export async function readJson(path: string, most?: number): Promise<unknown> {
  return parseJson(await readText(path, most), path);
}

/** A JSON file of a known form. @throws UserError naming the file and the place in it that is wrong */
export async function readJsonAs<T>(path: string, schema: z.ZodType<T>, most?: number): Promise<T> {
  return checked(await readJson(path, most), schema, path);
}

/** Whether a value of JSON is an object, and no list. */
export const isObject = (x: unknown): x is Record<string, unknown> =>
  typeof x === 'object' && x !== null && !Array.isArray(x);

/** A value of a known form. @param name for messages @throws UserError `NAME: place: what is wrong there` */
export function checked<T>(value: unknown, schema: z.ZodType<T>, name: string): T {
  const found = schema.safeParse(value);
  if (found.success) return found.data;
  const { path, message } = found.error.issues[0];
  throw new UserError(`${name}: ${path.length > 0 ? `${path.map(String).join('.')}: ` : ''}${message}`);
}
