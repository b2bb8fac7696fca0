import { UserError } from '../errors.js';
import { Transient } from './remote-server.js';

/** What the codes of Node, of OpenSSL and of `fetch` (UND_ERR_…) say to a person. */
const SAID: readonly (readonly [codes: RegExp, what: string])[] = [
  [/^(ABORT_ERR|UND_ERR_ABORTED)$/, 'the request was given up'],
  [/^ECONNREFUSED$/, 'nothing listens at this address'],
  [/^(ECONNRESET|EPIPE|ECONNABORTED|UND_ERR_SOCKET)$/, 'it closed the connection without an answer'],
  [/^(ERR_STREAM_PREMATURE_CLOSE|UND_ERR_RES_CONTENT_LENGTH_MISMATCH)$/, 'its answer was cut short'],
  [/^(ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)$/, 'it could not be reached in time'],
  [/^UND_ERR_(HEADERS|BODY)_TIMEOUT$/, 'it said nothing for too long'],
  [/^ENOTFOUND$/, 'there is no host of this name'],
  [/^EAI_/, 'the name of its host could not be looked up'],
  [/^(EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL)$/, 'there is no way to its network'],
  [/^(EACCES|EPERM)$/, 'this machine forbids the connection'],
  [/^(HPE_HEADER_OVERFLOW|UND_ERR_HEADERS_OVERFLOW)$/, 'the headers of its answer are too large'],
  [/^(HPE_|UND_ERR_)/, 'its answer is no HTTP'],
  [/^(ERR_SSL_WRONG_VERSION_NUMBER|ERR_SSL_PACKET_LENGTH_TOO_LONG|EPROTO)$/, 'it does not speak https'],
  [/^Z_|^ERR_(BROTLI|_ERROR)|^ERR__ERROR_FORMAT/, 'its answer is not compressed as it says'],
  [/CERT|SELF_SIGNED|UNABLE_TO_VERIFY/, 'its certificate cannot be trusted'],
  [/^(ERR_TLS_|ERR_SSL_)/, 'no secure connection could be agreed on'],
];

/**
 * A failure of the connection itself, of Node's client or of `fetch`, in words and with its code. What is said already stays as it is, also
 * where another client has wrapped it.
 */
export function connectionError(e: unknown): Transient | UserError {
  let code: string | undefined;
  let message = '';
  // Wrappers name neither: what happened is their cause.
  for (let at: unknown = e, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if (at instanceof Transient || at instanceof UserError) return at;
    const { code: own } = at as NodeJS.ErrnoException;
    if (typeof own === 'string') code = own;
    message = at.message || message;
  }
  const said = code === undefined ? undefined : SAID.find(([codes]) => codes.test(code))?.[1];
  if (said === undefined) return new Transient('connection', `the connection failed: ${code ?? message}`);
  return new Transient('connection', `${said} [${code}]`);
}

/** An answer beyond its limit. @param most bytes */
export function tooLarge(most: number): Transient {
  const limit = most >= 2 ** 20 ? `${Math.round(most / 2 ** 20)} MiB` : `${Math.round(most / 2 ** 10)} KiB`;
  return new Transient('garbage', `its answer is larger than ${limit}, the most that is read of one`, {
    lasting: true,
  });
}
