import { UserError } from '../../../errors.js';

/**
 * Parses JSON as Python writes it: a bare `Infinity`, `-Infinity` or `NaN`, which JSON does not have, becomes a string of that name
 * (`lambda_min_clipped` of a `scheduler_config.json` is −∞ by default).
 * @throws UserError in one line naming the file if it is not JSON
 */
export function parsePythonJson(text: string, file: string): unknown {
  const standard = text.replace(/"(?:[^"\\]|\\.)*(?:"|\\?$)|-?\bInfinity\b|\bNaN\b/g, (token) =>
    token.startsWith('"') ? token : `"${token}"`,
  );
  try {
    return JSON.parse(standard);
  } catch (e) {
    throw new UserError(`${file}: not JSON: ${(e as Error).message.split('\n')[0]}`);
  }
}
