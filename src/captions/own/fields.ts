import { isObject, parseJson } from '../../formats/json.js';

/**
 * Names that captions have in other people's files, the likeliest first: LAION's and DataComp's, img2dataset's,
 * Hugging Face data sets'.
 */
export const CAPTION_NAMES = ['caption', 'text', 'prompt', 'description', 'sentence', 'alt_text', 'alt', 'title'];
/** Names of the column or field that says what is seen, in a word. */
export const LABEL_NAMES = ['concept', 'class', 'label', 'class_name', 'label_name', 'fine_label', 'category', 'cls'];

/** The name among those that there are, whatever its capitals; the first of `wanted` that is there. */
export function nameAmong(there: readonly string[], wanted: readonly string[]): string | undefined {
  for (const name of wanted) {
    const found = there.find((t) => t === name) ?? there.find((t) => t.toLowerCase() === name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A caption as it may stand in an index: one line, without what is invisible. */
export const oneCaption = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();

/** A value as a class's name: text or number; empty for anything else. */
export function asLabel(value: unknown): string {
  if (typeof value === 'string') return oneCaption(value).slice(0, 200);
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  return '';
}

/** What a sample's metadata (JSON) says of it; nothing where that is no object. */
export function saidIn(json: string): { text: string; label: string } {
  let value: unknown;
  try {
    value = parseJson(json, 'metadata');
  } catch {
    return { text: '', label: '' };
  }
  if (!isObject(value)) return { text: '', label: '' };
  const names = Object.keys(value);
  const at = (wanted: readonly string[]) => {
    const name = nameAmong(names, wanted);
    return name === undefined ? undefined : (value as Record<string, unknown>)[name];
  };
  const text = at(CAPTION_NAMES);
  return { text: typeof text === 'string' ? oneCaption(text) : '', label: asLabel(at(LABEL_NAMES)) };
}
