import { expect, test } from 'vitest';
import { cleanText } from './clean.js';

// What open_clip's cleaning (ftfy 6.3, html.unescape twice, white space, lower case) makes of them.
test.each([
  ['cafÃ© and â€œquotesâ€\x9d', 'café and "quotes"'],
  ['ÃƒÂ¼ber, twice misread', 'über, twice misread'],
  ['Ð\x9fÑ\x80Ð¸Ð²ÐµÑ‚', 'привет'],
  ['ðŸ˜€ smile', '😀 smile'],
  ['CAFÉ… stays', 'café… stays'],
  ['a FÊTE™ and “LÀ”', 'a fête™ and "là"'],
  ['fish &amp;amp; chips &lt;b&gt; &#39;x&#39; &eacute &hellip; &unknown;', "fish & chips <b> 'x' é … &unknown;"],
  ['&#128; &#0; &#xD800; &#1;end AT&T', '€ � � end at&t'],
  ['ﬁne Ａｂｃ e\u0301 \u3000wide\u00a0 \r\n line', 'fine abc é wide line'],
  ['\u001b[31mred\u001b[0m \u0007bell \ufeffbom \u200bkept', 'red bell bom \u200bkept'],
  ['lone \ud83d surrogate', 'lone � surrogate'],
  ['İSTANBUL ΣΟΦΟΣ', 'i̇stanbul σοφος'],
])('%j is cleaned to %j', (text, cleaned) => {
  expect(cleanText(text)).toBe(cleaned);
});

test('a cleaned text stays as it is', () => {
  for (const text of ['a plain caption, of 3 words', 'naïve – “x” & <b>', '日本語 🙂'])
    expect(cleanText(cleanText(text))).toBe(cleanText(text));
});
