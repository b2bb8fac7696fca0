/**
 * Character references of HTML, as browsers read them in text (HTML standard, section 13.5): numeric ones, and the names of HTML 4, which are
 * what captions from the web hold. The standard's further two thousand names (arrows, blackboard letters) are left as they stand.
 */

/** Names of U+00A0 … U+00FF in order. These are read without a closing semicolon, too. */
const LATIN =
  'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para middot cedil ' +
  'sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute ' +
  'Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc ' +
  'atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide ' +
  'oslash ugrave uacute ucirc uuml yacute thorn yuml';

/** Names of U+0391 … U+03C9 in order; `-` where a place has none in HTML 4. */
const GREEK =
  'Alpha Beta Gamma Delta Epsilon Zeta Eta Theta Iota Kappa Lambda Mu Nu Xi Omicron Pi Rho - Sigma Tau Upsilon Phi Chi Psi Omega - - - - - ' +
  '- - alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigmaf sigma tau upsilon phi chi psi omega';

/** The rest, each with its character. */
const OTHERS =
  'OElig Œ oelig œ Scaron Š scaron š Yuml Ÿ fnof ƒ circ ˆ tilde ˜ ensp \u2002 emsp \u2003 thinsp \u2009 zwnj \u200c zwj \u200d lrm \u200e rlm \u200f ' +
  'ndash – mdash — lsquo ‘ rsquo ’ sbquo ‚ ldquo “ rdquo ” bdquo „ dagger † Dagger ‡ bull • hellip … permil ‰ prime ′ Prime ″ lsaquo ‹ ' +
  'rsaquo › oline ‾ frasl ⁄ euro € image ℑ weierp ℘ real ℜ trade ™ alefsym ℵ larr ← uarr ↑ rarr → darr ↓ harr ↔ crarr ↵ lArr ⇐ uArr ⇑ ' +
  'rArr ⇒ dArr ⇓ hArr ⇔ forall ∀ part ∂ exist ∃ empty ∅ nabla ∇ isin ∈ notin ∉ ni ∋ prod ∏ sum ∑ minus − lowast ∗ radic √ prop ∝ infin ∞ ' +
  'ang ∠ and ∧ or ∨ cap ∩ cup ∪ int ∫ there4 ∴ sim ∼ cong ≅ asymp ≈ ne ≠ equiv ≡ le ≤ ge ≥ sub ⊂ sup ⊃ nsub ⊄ sube ⊆ supe ⊇ oplus ⊕ ' +
  "otimes ⊗ perp ⊥ sdot ⋅ lceil ⌈ rceil ⌉ lfloor ⌊ rfloor ⌋ loz ◊ spades ♠ clubs ♣ hearts ♥ diams ♦ thetasym ϑ upsih ϒ piv ϖ apos '";

/** Names that may do without their semicolon. */
const LEGACY = new Map<string, string>([
  ...LATIN.split(' ').map((name, i): [string, string] => [name, String.fromCharCode(0xa0 + i)]),
  ...Object.entries({ amp: '&', lt: '<', gt: '>', quot: '"', AMP: '&', LT: '<', GT: '>', QUOT: '"' }),
  ...Object.entries({ COPY: '©', REG: '®' }),
]);

const NAMED = new Map<string, string>(LEGACY);
GREEK.split(' ').forEach((name, i) => {
  if (name !== '-') NAMED.set(name, String.fromCharCode(0x391 + i));
});
OTHERS.split(' ').forEach((name, i, all) => {
  if (i % 2 === 0) NAMED.set(name, all[i + 1]);
});

const REFERENCE = /&(#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[^\t\n\f <&#;]{1,32};?)/g;

/** Text with its character references replaced; what is none stays as it is. Replaced once: `&amp;lt;` becomes `&lt;`. */
export function unescapeHtml(text: string): string {
  return text.includes('&') ? text.replace(REFERENCE, (whole, name: string) => meant(name) ?? whole) : text;
}

/** What a reference stands for, without its `&`. */
function meant(name: string): string | undefined {
  if (name.startsWith('#')) {
    const hex = name[1] === 'x' || name[1] === 'X';
    return numbered(Number.parseInt(name.slice(hex ? 2 : 1), hex ? 16 : 10));
  }
  const closed = name.endsWith(';') ? NAMED.get(name.slice(0, -1)) : LEGACY.get(name);
  if (closed !== undefined) return closed;
  // Of an unclosed one the longest name that it begins with counts.
  for (let end = name.length - 1; end > 1; end--) {
    const legacy = LEGACY.get(name.slice(0, end));
    if (legacy !== undefined) return legacy + name.slice(end);
  }
  return undefined;
}

/** The character of a numeric reference: those of Windows-1252 where U+0080 … U+009F are written, nothing for what is no character. */
function numbered(code: number): string {
  if (code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return '\ufffd';
  if (code === 0x0d) return '\r';
  if (code >= 0x80 && code <= 0x9f) return WINDOWS_1252[code - 0x80];
  const control = code < 0x20 && !(code === 0x09 || code === 0x0a || code === 0x0c);
  const none = (code >= 0xfdd0 && code <= 0xfdef) || (code & 0xfffe) === 0xfffe;
  return control || code === 0x7f || none ? '' : String.fromCodePoint(code);
}

/** Characters of the bytes 0x80 … 0x9F in Windows-1252; the five that it leaves open stand for themselves. */
export const WINDOWS_1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f' + '\u0090‘’“”•–—˜™š›œ\u009džŸ';
