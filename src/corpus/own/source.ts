import { UserError } from '../../errors.js';
import { FORMS, type Form } from '../../run/sources.js';

/** A source as it is asked for. */
export interface SourceSpec {
  path: string;
  /** How often its captions are drawn, relative to the others' weights. */
  weight: number;
  form?: Form;
  origin?: 'painted' | 'photographed';
}

const WORDS = [...FORMS, 'painted', 'photographed'] as const;

/**
 * `DIR`, `DIR=0.7`, `DIR=0.7,photographed,class`, `DIR,photographed`: a path, its weight and what is to be said of it.
 * @param exists whether there is such a path: a name with `=` or `,` in it is taken as it is
 * @throws UserError for a weight that is none, a word that is not known, or two of a kind
 */
export function parseSource(text: string, exists: (path: string) => boolean): SourceSpec {
  if (exists(text)) return { path: text, weight: 1 };
  const said = /^(.+?)((?:=[^=,/\\]*)?(?:,[^,=/\\]*)*)$/s.exec(text)!;
  let [, path, rest] = said;
  // The longest beginning that is there.
  for (const at of [...text.matchAll(/[=,]/g)].map((m) => m.index).reverse())
    if (exists(text.slice(0, at))) {
      [path, rest] = [text.slice(0, at), text.slice(at)];
      break;
    }
  const [first, ...words] = rest.split(',');
  const spec: SourceSpec = { path, weight: 1 };
  if (first !== '') {
    const weight = Number(first.slice(1));
    if (first === '=' || !(weight > 0 && Number.isFinite(weight)))
      throw new UserError(`--corpus ${text}: expected a weight above 0 after =, as in ${path}=0.7`);
    spec.weight = weight;
  }
  for (const word of words) {
    if (word === 'painted' || word === 'photographed') {
      if (spec.origin !== undefined) throw new UserError(`--corpus ${text}: painted or photographed, not both`);
      spec.origin = word;
    } else if ((FORMS as readonly string[]).includes(word)) {
      if (spec.form !== undefined) throw new UserError(`--corpus ${text}: ${spec.form} or ${word}, not both`);
      spec.form = word as Form;
    } else throw new UserError(`--corpus ${text}: unknown word "${word}"; known: ${WORDS.join(', ')}`);
  }
  return spec;
}
