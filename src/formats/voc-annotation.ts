import { DamagedFile } from './damaged.js';

/** An object in a picture. */
export interface VocObject {
  name: string;
  difficult: boolean;
}

/** Elements in one another at most. */
const MOST_DEPTH = 16;

/** One that does not end stays, and is refused as a piece that is no element. */
function withoutComments(text: string): string {
  let out = '';
  let at = 0;
  for (;;) {
    const begin = text.indexOf('<!--', at);
    const end = begin < 0 ? -1 : text.indexOf('-->', begin + 4);
    if (end < 0) return out + text.slice(at);
    out += text.slice(at, begin);
    at = end + 3;
  }
}

/**
 * The objects of a Pascal VOC annotation: XML with elements and texts alone. Types of documents, entities of one's own
 * and sections are refused: no annotation has them.
 * @throws DamagedFile naming the file
 */
export function readAnnotation(text: string, file: string): VocObject[] {
  const bad = (what: string) => new DamagedFile(`${file}: no sound VOC annotation: ${what}`);
  const objects: VocObject[] = [];
  const open: string[] = [];
  let object: { name?: string; difficult: boolean } | undefined;
  let said = '';
  const body = withoutComments(text.replace(/^\s*<\?xml[^>]*\?>/, ''));
  const piece = /<(\/?)([A-Za-z_][\w.-]*)(\s[^<>]*?)?(\/?)>|([^<]+)|(<)/g;
  for (const [, closing, tag, , empty, words, odd] of body.matchAll(piece)) {
    if (odd !== undefined) throw bad('something else than elements and texts');
    if (words !== undefined) {
      if (open.length === 0 && words.trim() !== '') throw bad('text outside of its elements');
      said += words;
      continue;
    }
    if (closing) {
      if (open.pop() !== tag) throw bad(`</${tag}> where another element ends`);
      if (open.join() === 'annotation,object' && object) {
        if (tag === 'name') object.name = unescaped(said.trim());
        if (tag === 'difficult') object.difficult = said.trim() === '1';
      }
      if (tag === 'object' && open.join() === 'annotation') {
        if (!object?.name) throw bad('an object without a name');
        objects.push({ name: object.name, difficult: object.difficult });
        object = undefined;
      }
    } else if (!empty) {
      if (open.length === 0 && tag !== 'annotation') throw bad(`<${tag}> in place of <annotation>`);
      open.push(tag);
      if (open.length > MOST_DEPTH) throw bad(`more than ${MOST_DEPTH} elements in one another`);
      if (open.join() === 'annotation,object') object = { difficult: false };
    }
    said = '';
  }
  if (open.length > 0) throw bad(`it ends within <${open.at(-1)}>`);
  if (!/<annotation[\s>]/.test(body)) throw bad('no <annotation>');
  return objects;
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const unescaped = (text: string): string => text.replace(/&(\w+);/g, (all, name: string) => NAMED[name] ?? all);
