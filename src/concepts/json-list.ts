import { UserError } from '../errors.js';
import { isObject } from '../formats/json.js';
import { repeatedKey } from '../formats/json-keys.js';
import { className } from './class-names.js';
import { shown } from './concept-name.js';
import { type Entry, groupOf } from './entry.js';
import { entryOf } from './fields.js';
import { openWordnet } from './wordnet.js';

type Tree = Record<string, unknown>;

const isId = (x: unknown): x is string => typeof x === 'string' && /^n\d{8}$/.test(x);

/**
 * Concepts of JSON: a list of names or of objects, an object category → list, or one of the forms in which lists of classes go about:
 * ImageNet's class index, `id2label` and `label2id` of a model's config.json, WordNet id → names, COCO's categories.
 * @param text for the names that an object has twice
 * @throws UserError naming the place that is none of these
 */
export function readJsonList(value: unknown, text: string, path: string): Entry[] {
  const twice = repeatedKey(text);
  if (twice) throw new UserError(`${path}:${twice.line}: ${shown(twice.key)} is there twice: make them one`);
  if (Array.isArray(value)) return listOf(value, path, path);
  if (!isObject(value)) throw new UserError(`${path}: expected a list of names or an object category → list`);
  const { id2label, label2id, categories } = value;
  for (const labels of [id2label, label2id]) {
    if (!isObject(labels)) continue;
    const names = classIndex(labels, path);
    if (!names) throw new UserError(`${path}: id2label must hold numbers and names, got ${shown(labels)}`);
    return names;
  }
  if (Array.isArray(categories) && categories.every(isObject)) return listOf(categories, path, `${path}: "categories"`);
  return classIndex(value, path) ?? ofIds(value, path) ?? groups(value, path);
}

/** JSON Lines: a name or an object each. @throws UserError naming the line */
export function readJsonLines(values: readonly { value: unknown; line: number }[], path: string): Entry[] {
  return values.flatMap(({ value, line }) => listOf([value], path, path, `${path}:${line}`));
}

function listOf(list: readonly unknown[], path: string, place: string, where?: string): Entry[] {
  return list.map((item, i) => {
    const at = where ?? `${place}${place === path ? ':' : ','} entry ${i + 1}`;
    if (typeof item === 'string') return { ...className(item, at), where: at };
    if (Array.isArray(item) && item.length === 2 && isId(item[0]) && typeof item[1] === 'string')
      return pair(item[0], item[1], at);
    if (isObject(item)) return entryOf(Object.entries(item), at);
    throw new UserError(`${at}: expected a name or an object with a name, got ${shown(item)}`);
  });
}

function pair(id: string, names: string, where: string): Entry {
  return { ...className(names, where, true), id, where };
}

/** Numbers to names or to [id, name], or names to numbers that count the classes; undefined for any other object. */
function classIndex(tree: Tree, path: string): Entry[] | undefined {
  const entries = Object.entries(tree);
  if (entries.length === 0) return undefined;
  const at = (key: string) => `${path}: ${shown(key)}`;
  if (entries.every(([key]) => /^\d+$/.test(key))) {
    if (entries.every(([, x]) => typeof x === 'string'))
      return entries.map(([key, name]) => label(name as string, at(key)));
    if (entries.every(([, x]) => Array.isArray(x) && isId(x[0]) && typeof x[1] === 'string'))
      return entries.map(([key, x]) => pair(...(x as [string, string]), at(key)));
    return undefined;
  }
  const sorted = entries
    .map(([, x]) => (typeof x === 'number' || (typeof x === 'string' && /^\d+$/.test(x)) ? Number(x) : Number.NaN))
    .sort((a, b) => a - b);
  if (!sorted.every((x, i) => Number.isInteger(x) && x === sorted[0] + i) || sorted[0] > 1) return undefined;
  return entries.map(([name]) => label(name, at(name)));
}

function label(name: string, where: string): Entry {
  if (/^LABEL_\d+$/.test(name)) throw new UserError(`${where}: ${name} is a number and no name: this model names none`);
  return { ...className(name, where, true), where };
}

/** WordNet id → its names, as text or as a list; undefined for any other object. */
function ofIds(tree: Tree, path: string): Entry[] | undefined {
  const entries = Object.entries(tree);
  if (entries.length === 0 || !entries.every(([key]) => isId(key))) return undefined;
  return entries.map(([id, x]) => {
    const where = `${path}: "${id}"`;
    const names = Array.isArray(x) && x.every((n) => typeof n === 'string') ? x.join(', ') : x;
    if (typeof names !== 'string') throw new UserError(`${where}: expected its names, got ${shown(x)}`);
    return pair(id, names, where);
  });
}

/** Category → list of names; categories may stand in categories. */
function groups(tree: Tree, path: string, above?: ReturnType<typeof groupOf>): Entry[] {
  return Object.entries(tree).flatMap(([key, list]) => {
    const group = groupOf(key) ?? above;
    if (isObject(list)) return groups(list, path, group);
    if (!Array.isArray(list))
      throw new UserError(`${path}: ${shown(key)} must hold a list of names, got ${shown(list)}`);
    return listOf(list, path, `${path}: ${shown(key)}`).map((entry) => {
      // A free key such as `garden tools` only helps with names that WordNet does not know.
      if (!group || entry.category || entry.sort || entry.id || entry.sense) return entry;
      const { category, sort } = group;
      return group.sure || !openWordnet().lookup(entry.name) ? { ...entry, category, sort } : entry;
    });
  });
}
