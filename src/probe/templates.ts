import { UserError } from '../errors.js';
import { isObject, parseJson, readText } from '../formats/json.js';
import { oneLine } from '../printable.js';

/** Where a class's name goes in a template. */
const PLACE = '{}';

/**
 * Sentences that classes are named in, of photographs, drawings and renderings alike. Features of a class are the mean over all of them
 * (Radford et al. 2021, section 3.1.4): no single wording decides.
 */
export const TEMPLATES: readonly string[] = [
  'a {}',
  'a photo of a {}',
  'a picture showing a {}',
  'a close view of a {}',
  'a {} seen from some distance',
  'a small {} in the picture',
  'a large {} in front of the camera',
  'one of several {}',
  'a {} in bright light',
  'a {} in the dark',
  'a blurred photo of a {}',
  'a {} that is partly hidden',
  'a {} indoors',
  'a {} outdoors',
  'a drawing of a {}',
  'a computer picture of a {}',
];

/** Most templates, and names of a class. */
const MOST = 1000;

/**
 * Templates of one's own: a line each, with `{}` where the class goes; empty lines and lines that begin with # are passed over.
 * @throws UserError naming file and line
 */
export async function readTemplates(path: string): Promise<string[]> {
  const templates: string[] = [];
  (await readText(path)).split(/\r?\n/).forEach((line, i) => {
    const text = line.trim();
    if (text === '' || text.startsWith('#')) return;
    if (!text.includes(PLACE))
      throw new UserError(
        `${path}: line ${i + 1}: "${oneLine(text).slice(0, 60)}" has no {}, where the class's name goes`,
      );
    templates.push(text);
  });
  if (templates.length === 0) throw new UserError(`${path}: no templates: a line each, such as: a photo of a {}`);
  if (templates.length > MOST)
    throw new UserError(`${path}: ${templates.length} templates; at most ${MOST} are of use`);
  return templates;
}

/** A template with a class's name in it. */
export const named = (template: string, name: string): string => template.replaceAll(PLACE, () => name);

/** Names of classes by the names of their folders. */
export type ClassNames = ReadonlyMap<string, readonly string[]>;

/**
 * Names of classes: JSON (`{"n02123045": "tabby cat", "n02124075": ["Egyptian cat", "mau"]}`), or a line a class: its folder, a tab or a colon, its
 * name or several with commas between.
 * @throws UserError naming file and place
 */
export async function readClassNames(path: string): Promise<ClassNames> {
  const text = await readText(path);
  const names = new Map<string, string[]>();
  const add = (folder: string, values: string[], where: string) => {
    const plain = values.map((v) => v.trim()).filter((v) => v !== '');
    if (plain.length === 0) throw new UserError(`${path}: ${where}: no name for ${oneLine(folder).slice(0, 60)}`);
    if (names.has(folder))
      throw new UserError(`${path}: ${where}: ${oneLine(folder).slice(0, 60)} is named a second time`);
    names.set(folder, plain.slice(0, MOST));
  };
  if (/^\s*\{/.test(text)) {
    const json = parseJson(text, path);
    if (!isObject(json)) throw new UserError(`${path}: no table of names`);
    for (const [folder, value] of Object.entries(json)) {
      const list = typeof value === 'string' ? [value] : value;
      if (!Array.isArray(list) || !list.every((v) => typeof v === 'string'))
        throw new UserError(`${path}: ${oneLine(folder).slice(0, 60)}: neither a name nor a list of names`);
      add(folder.normalize('NFC'), list, 'JSON');
    }
    return names;
  }
  text.split(/\r?\n/).forEach((line, i) => {
    if (line.trim() === '' || line.startsWith('#')) return;
    const at = /\t|:/.exec(line)?.index ?? -1;
    if (at < 1) throw new UserError(`${path}: line ${i + 1}: expected a folder, a colon, and the class's name`);
    add(line.slice(0, at).trim().normalize('NFC'), line.slice(at + 1).split(','), `line ${i + 1}`);
  });
  return names;
}

/** What a class is called: as the file says, else as its folder is, in words. */
export const namesOf = (folder: string, names?: ClassNames): readonly string[] =>
  names?.get(folder) ?? [folder.replace(/_+/g, ' ').trim()];
