import { parseJson } from '../../../formats/json.js';

/**
 * Parses JSON as Python writes it: a bare `Infinity`, `-Infinity` or `NaN`, which JSON does not have, becomes a string of that name
 * (`lambda_min_clipped` of a `scheduler_config.json` is −∞ by default).
 * @throws UserError in one line naming the file if it is not JSON
 */
export function parsePythonJson(text: string, file: string): unknown {
  let standard = '';
  let from = 0;
  let quoted = false;
  // One look at every character: a pattern over whole strings takes quadratic time where quotes do not close.
  const tokens = /["\\]|-?\bInfinity\b|\bNaN\b/g;
  for (let found = tokens.exec(text); found; found = tokens.exec(text)) {
    const [token] = found;
    if (token === '"') quoted = !quoted;
    else if (token === '\\') tokens.lastIndex++;
    else if (!quoted) {
      standard += `${text.slice(from, found.index)}"${token}"`;
      from = found.index + token.length;
    }
  }
  return parseJson(standard + text.slice(from), file);
}
