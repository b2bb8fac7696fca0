import { unescapeHtml, WINDOWS_1252 } from './entities.js';
import { repairMojibake } from './mojibake.js';

/**
 * What open_clip does to a text before it is cut into words: damaged Unicode repaired, character references of HTML resolved twice, white space
 * made single blanks, lower case. The repairs are those of ftfy (Speer 2019, doi:10.5281/zenodo.2591652), with less of its search for the
 * encoding that a text was once misread in: see `mojibake.ts`.
 */
export function cleanText(text: string): string {
  const plain = unescapeHtml(unescapeHtml(repaired(text)));
  return plain.replace(SPACE, ' ').replace(/^ | $/g, '').toLowerCase();
}

/** White space as Unicode and open_clip's language have it (JavaScript's own class has U+FEFF, and lacks U+0085). */
const SPACE = /[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/g;

/** Most rounds of repair: one repair may lay bare what the next one mends. */
const ROUNDS = 8;

function repaired(text: string): string {
  // References are resolved here as well, line by line, until the first line that looks like markup.
  let markup = false;
  return text
    .split(/(?<=\n)/)
    .map((line) => {
      markup ||= line.includes('<');
      return settled(line, !markup);
    })
    .join('');
}

function settled(line: string, references: boolean): string {
  for (let round = 0; round < ROUNDS; round++) {
    const before = line;
    if (references) line = line.replace(CLOSED_REFERENCE, resolved);
    line = repairMojibake(line)
      .replace(TERMINAL, '')
      .replace(/[\x80-\x9f]/g, (c) => WINDOWS_1252[c.charCodeAt(0) - 0x80])
      .replace(LIGATURE, (c) => LIGATURES.get(c)!)
      .replace(/[\uff01-\uffef\u3000]/g, (c) => c.normalize('NFKC'))
      .replace(/[\u02bc\u2018-\u201b]/g, "'")
      .replace(/[\u201c-\u201f]/g, '"')
      .replace(/\r\n|[\r\u2028\u2029\x85]/g, '\n')
      .replace(/\p{Surrogate}/gu, '\ufffd')
      .replace(CONTROL, '')
      .normalize('NFC');
    if (line === before) break;
  }
  return line;
}

const CLOSED_REFERENCE = /&#?[0-9A-Za-z]{1,24};/g;

function resolved(reference: string): string {
  const plain = unescapeHtml(reference);
  if (plain !== reference && !plain.includes(';')) return plain;
  // Capitals of a name that is written in small letters: `&EACUTE;` in a headline.
  const lower = reference.toLowerCase();
  const small = reference === lower ? lower : unescapeHtml(lower);
  return small !== lower && small.length === 1 && reference === reference.toUpperCase()
    ? small.toUpperCase()
    : reference;
}

/** Colours and movements of a terminal. */
const TERMINAL = new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*[a-zA-Z]`, 'g');

const CONTROL = /(?![\t\n\f\r\x80-\x9f])\p{Cc}|[\u206a-\u206f\ufeff\ufff9-\ufffc]/gu;

const LIGATURES = new Map<string, string>(
  'Ĳ IJ ĳ ij ŉ ʼn Ǆ DŽ ǅ Dž ǆ dž Ǉ LJ ǈ Lj ǉ lj Ǌ NJ ǋ Nj ǌ nj Ǳ DZ ǲ Dz ǳ dz ﬀ ff ﬁ fi ﬂ fl ﬃ ffi ﬄ ffl ﬅ ſt ﬆ st'
    .split(' ')
    .flatMap((from, i, all) => (i % 2 === 0 ? [[from, all[i + 1]] as [string, string]] : [])),
);
const LIGATURE = new RegExp(`[${[...LIGATURES.keys()].join('')}]`, 'g');
