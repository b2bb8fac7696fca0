import { connectionError, tooLarge } from './connection-error.js';
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
 * @param heard called with the bytes of each part
 * @throws Transient when it is larger, cut short, or not compressed as it says
 */
export async function readWhole(reply: Reply, most: number, heard?: (bytes: number) => void): Promise<Buffer> {
  const read: Buffer[] = [];
  let size = 0;
  for await (const part of parts(reply, most)) {
    heard?.(part.length);
    size += part.length;
    if (size > most) throw tooLarge(most);
    read.push(part);
  }
  return Buffer.concat(read, size);
}

/**
 * A body as it comes; the connection is closed when no more of it is taken.
 * @param most bytes; an answer that says that it is larger is not begun
 * @throws Transient when it is cut short, or not compressed as it says
 */
export async function* parts(
  { headers, body, signal }: Reply,
  most = Number.POSITIVE_INFINITY,
): AsyncGenerator<Buffer> {
  try {
    if (Number(headers['content-length'] ?? 0) > most) throw tooLarge(most);
    for await (const part of body as AsyncIterable<Buffer>) yield part;
    // A body of no said length ends with its connection, also when that was closed from here.
    if (signal.aborted) throw new Transient('connection', 'the request was given up');
  } catch (e) {
    throw bodyError(e);
  } finally {
    body.destroy();
  }
}

/** The beginning of a complaint, as text: what is not to be had of it, for want of time or sense, is left out. */
export async function readComplaint(reply: Reply): Promise<string> {
  const read: Buffer[] = [];
  let size = 0;
  const timer = setTimeout(() => reply.body.destroy(), COMPLAINT_MS);
  try {
    for await (const part of reply.body as AsyncIterable<Buffer>) {
      read.push(part.subarray(0, MOST_COMPLAINT - size));
      size += part.length;
      if (size >= MOST_COMPLAINT) break;
    }
  } catch {
    // What has come may say enough.
  } finally {
    clearTimeout(timer);
    reply.body.destroy();
  }
  return Buffer.concat(read).toString('utf8');
}

/** What broke off a body. */
function bodyError(e: unknown): Error {
  const error = connectionError(e);
  if (!(error instanceof Transient) || error.reason !== 'connection') return error;
  const code = (e as NodeJS.ErrnoException).code ?? '';
  if (/^Z_|^ERR_|^ERR__/.test(code) && code !== 'ERR_STREAM_PREMATURE_CLOSE')
    return new Transient('garbage', `its answer is not compressed as it says [${code}]`, { lasting: true });
  if (code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE')
    return new Transient('connection', `its answer was cut short [${code}]`);
  return error;
}
