/** Drawn two columns wide: scripts of East Asia, full-width forms, emoji (Unicode TR 11). */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]|^\p{Emoji_Presentation}|\ufe0f/u;
const NO_WIDTH = /^[\p{M}\u200c\u200d]+$/u;

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** The beginning of one line of printable text that fits into so many columns of a terminal; no character is cut in two. */
export function fitColumns(text: string, columns: number): string {
  let left = columns;
  let out = '';
  for (const { segment } of segmenter.segment(text)) {
    left -= NO_WIDTH.test(segment) ? 0 : WIDE.test(segment) ? 2 : 1;
    if (left < 0) break;
    out += segment;
  }
  return out;
}
