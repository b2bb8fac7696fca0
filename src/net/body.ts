import { connectionError } from './connection-error.js';
import type { Reply } from './exchange.js';
import { Transient } from './remote-server.js';

/** Most that is read of an answer where the caller knows no better, bytes after decompression. */
export const MOST_BYTES = 16 * 2 ** 20;
/** Most of a complaint, bytes, and the time it may take, milliseconds: the status says the most of it. */
const MOST_COMPLAINT = 256 * 2 ** 10;
const COMPLAINT_MS = 10_000;

/**
 * The whole body of an answer; never more than `most` bytes of it are held.
 * @param most bytes after decompression
 * @throws Transient when it is larger, cut short, or not compressed as it says
 */
export async function readWhole(reply: Reply, most: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  try {
    if (Number(reply.headers['content-length'] ?? 0) > most) throw tooLarge(most);
    for await (const part of reply.body as AsyncIterable<Buffer>) {
      size += part.length;
      if (size > most) throw tooLarge(most);
      parts.push(part);
    }
  } catch (e) {
    throw bodyError(e);
  } finally {
    // Whatever was not read is not wanted.
    reply.body.destroy();
  }
  return Buffer.concat(parts, size);
}

/** The beginning of a complaint, as text: what is not to be had of it, for want of time or sense, is left out. */
export async function readComplaint(reply: Reply): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  const timer = setTimeout(() => reply.body.destroy(), COMPLAINT_MS);
  try {
    for await (const part of reply.body as AsyncIterable<Buffer>) {
      parts.push(part.subarray(0, MOST_COMPLAINT - size));
      size += part.length;
      if (size >= MOST_COMPLAINT) break;
    }
  } catch {
    // What has come may say enough.
  } finally {
    clearTimeout(timer);
    reply.body.destroy();
  }
  return Buffer.concat(parts).toString('utf8');
}

/** What broke off a body. */
export function bodyError(e: unknown): Error {
  const error = connectionError(e);
  if (!(error instanceof Transient) || error.reason !== 'connection') return error;
  const code = (e as NodeJS.ErrnoException).code ?? '';
  if (/^Z_|^ERR_|^ERR__/.test(code) && code !== 'ERR_STREAM_PREMATURE_CLOSE')
    return new Transient('garbage', `its answer is not compressed as it says [${code}]`, { lasting: true });
  if (code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE')
    return new Transient('connection', `its answer was cut short [${code}]`);
  return error;
}

function tooLarge(most: number): Transient {
  const limit = most >= 2 ** 20 ? `${Math.round(most / 2 ** 20)} MiB` : `${Math.round(most / 2 ** 10)} KiB`;
  return new Transient('garbage', `its answer is larger than ${limit}, the most that is read of one`, {
    lasting: true,
  });
}
