import { parseJson } from './json.js';

/** A number that Python writes and JSON does not have. */
const BARE = /-?Infinity|NaN/y;

/**
 * Parses JSON as Python writes it: a bare `Infinity`, `-Infinity` or `NaN`, which JSON does not have, becomes a string of that name
 * (`lambda_min_clipped` of a `scheduler_config.json` is −∞ by default). Inside of strings they stay what they are.
 * @param name for messages: the file's path, or what the text is
 * @throws UserError as `parseJson`
 */
export function parsePythonJson(text: string, name: string): unknown {
  return parseJson(/Infinity|NaN/.test(text) ? standard(text) : text, name);
}

/** By hand: patterns over whole strings run out of stack, or of time, on long ones. */
function standard(text: string): string {
  let out = '';
  let copied = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === '"') quoted = !quoted;
    else if (quoted) {
      if (c === '\\') i++;
    } else if (c === 'N' || c === 'I' || c === '-') {
      BARE.lastIndex = i;
      const found = BARE.exec(text)?.[0];
      if (found === undefined) continue;
      out += `${text.slice(copied, i)}"${found}"`;
      copied = i + found.length;
      i = copied - 1;
    }
  }
  return out + text.slice(copied);
}
