import http from 'node:http';
import https from 'node:https';
import { pipeline, type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { codeOf } from '../errors.js';
import { connectionError, tooLarge } from './connection-error.js';
import { Transient } from './remote-server.js';

/** One HTTP request, as it goes to one address. */
export interface Outgoing {
  url: URL;
  /** Sent with POST; GET without it. */
  body?: Uint8Array;
  headers: http.OutgoingHttpHeaders;
  /** Largest body, bytes as they come; whoever reads it bounds what they become. */
  most?: number;
  /** Its abort closes the connection, so that a server that watches for it stops working. */
  signal: AbortSignal;
}

/** What came: the head at once, the body as it is read. */
export interface Reply {
  url: URL;
  status: number;
  headers: http.IncomingHttpHeaders;
  /** Without compression. To be read to its end, or destroyed: then the connection is closed. */
  body: Readable;
  /** Of the request. */
  signal: AbortSignal;
}

/** Node's own, which keep connections, for thousands of requests go to one server, and know of proxies where they are told to. */
const AGENTS = { 'http:': http.globalAgent, 'https:': https.globalAgent };
/** Connections that were closed meanwhile and may be met in a row: as many as an agent keeps. */
const MOST_STALE = 256;
/** Most that all headers of an answer may take, bytes. */
const MOST_HEADERS = 32 * 2 ** 10;
/** What a kept connection says that the server has meanwhile closed. */
const STALE = new Set(['ECONNRESET', 'EPIPE']);

/** Whether requests can go to such an address. */
export const isHttp = (url: URL): boolean => url.protocol in AGENTS;

/**
 * Sends a request and waits for the head of its answer, by Node's own client rather than `fetch`, which gives up on an answer that takes
 * five minutes to begin. A kept connection that the server has meanwhile closed is replaced at once.
 * @throws Transient when there is no answer, or one that is compressed in a way that was not asked for
 */
export async function exchange(o: Outgoing): Promise<Reply> {
  for (let stale = 0; ; stale++) {
    try {
      return await once(o);
    } catch (e) {
      if (!(e instanceof Stale) || stale === MOST_STALE || o.signal.aborted) throw e;
    }
  }
}

/** A kept connection that was closed before anything came. */
class Stale extends Transient {}

function once({ url, body, headers, most, signal }: Outgoing): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { request } = url.protocol === 'https:' ? https : http;
    const sent = request(url, {
      method: body ? 'POST' : 'GET',
      headers: {
        'user-agent': 'synclr',
        // Answers are small, or images: nothing is gained by compression.
        'accept-encoding': 'identity',
        ...headers,
        ...(body ? { 'content-length': body.length } : {}),
      },
      agent: AGENTS[url.protocol as keyof typeof AGENTS],
      signal,
      maxHeaderSize: MOST_HEADERS,
    });
    sent.on('error', (e) => {
      const what = connectionError(e);
      const stale = sent.reusedSocket && STALE.has(codeOf(e) ?? '');
      reject(stale ? new Stale('connection', what.message) : what);
    });
    sent.on('response', (response) => {
      try {
        const { statusCode: status = 0, headers } = response;
        resolve({ url, status, headers, body: decoded(response, most), signal });
      } catch (e) {
        response.destroy();
        reject(e);
      }
    });
    // An answer that changes the protocol ends without an error, and without a response.
    sent.on('close', () => reject(new Transient('connection', 'it closed the connection without an answer')));
    sent.end(body);
  });
}

/** An answer's body without its compression, of which there may be one layer: several are a way to hide a bomb. @throws Transient */
function decoded(response: http.IncomingMessage, most = Number.POSITIVE_INFINITY): Readable {
  const encoding = (response.headers['content-encoding'] ?? '').trim().toLowerCase();
  if (encoding === '' || encoding === 'identity') return response;
  const decoder = decoderOf(encoding);
  if (!decoder)
    throw new Transient('garbage', `its answer is compressed in a way that was not asked for (${encoding})`, {
      lasting: true,
    });
  // An error of either ends both, and with them the connection.
  pipeline(response, decoder, () => {});
  // Of compressed nothing, any amount can come.
  let came = 0;
  response.on('data', (part: Buffer) => {
    came += part.length;
    if (came > most) decoder.destroy(tooLarge(most));
  });
  return decoder;
}

function decoderOf(encoding: string) {
  if (encoding === 'gzip' || encoding === 'x-gzip') return createGunzip();
  if (encoding === 'deflate') return createInflate();
  if (encoding === 'br') return createBrotliDecompress();
  return undefined;
}
