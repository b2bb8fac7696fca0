import { parseJson } from '../formats/json.js';
import { cutAtWord } from '../printable.js';

/** Most characters of a server's complaint that are shown. */
const MOST_SAID = 200;

/** The first line of a server's complaint: in OpenAI's form, FastAPI's, or plain. @param text its answer, without secrets */
export function said(text: string): string {
  let message = text;
  try {
    const json = parseJson(text, 'it') as {
      error?: { message?: unknown } | string;
      detail?: unknown;
      errors?: unknown;
      message?: unknown;
    };
    const error = typeof json.error === 'object' ? json.error?.message : json.error;
    // A1111 puts a class's name into `error` and the reason into `detail`, or, of what it did not foresee, into `errors`.
    const reason = json.detail || (typeof json.errors === 'string' && json.errors) || undefined;
    const found = reason ?? error ?? json.message ?? text;
    message = typeof found === 'string' ? found : JSON.stringify(found);
  } catch {
    // Plain text or a page.
    if (/^\s*</.test(text)) message = '';
  }
  return cutAtWord(message.replace(/\s+/g, ' ').trim(), MOST_SAID);
}

/** A text without its secrets, whoever put them there. */
export function redact(text: string, secrets: string | readonly string[] | undefined): string {
  const all = typeof secrets === 'string' ? [secrets] : (secrets ?? []);
  // The longest first: one may be part of another.
  const longest = [...all].filter(Boolean).sort((a, b) => b.length - a.length);
  return longest.reduce((t, secret) => t.replaceAll(secret, '…'), text);
}

/** A server's address without what may be secret in it, for messages and records. */
export function shownUrl(url: string): string {
  const u = new URL(url);
  return `${u.origin}${u.pathname.replace(/\/$/, '')}`;
}
