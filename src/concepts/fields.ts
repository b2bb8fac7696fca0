import type { Draw } from '../captions/record.js';
import { didYouMean } from '../config/suggest.js';
import { UserError } from '../errors.js';
import { textOf } from '../formats/json.js';
import { className } from './class-names.js';
import { conceptName, shown } from './concept-name.js';
import { type Entry, groupOf } from './entry.js';
import { CATEGORIES, KINDS } from './kinds.js';

const OBJECT_KINDS = ['object', 'place', 'texture'] as const satisfies readonly Draw['kind'][];

/** The fields of a concept, in tables and objects, by the names that lists of classes give them; the first is ours. */
const FIELDS = {
  name: ['name', 'concept', 'label', 'class', 'class_name', 'classname', 'display_name', 'category_name', 'title'],
  id: ['wnid', 'synset', 'synset_id', 'wordnet_id', 'wn_id'],
  weight: ['weight', 'frequency'],
  kind: ['kind'],
  category: ['category'],
  /** A WordNet id, or words of the meaning. */
  sense: ['sense', 'meaning'],
  drawAs: ['draw_as', 'drawas'],
  backgrounds: ['backgrounds'],
  supercategory: ['supercategory'],
  /** A class's number, which means nothing here. */
  index: ['id', 'index', 'idx', 'class_id', 'class_index', 'label_id', '#', ''],
} as const;
type Field = keyof typeof FIELDS;

/** What we say of them. */
export const HEADER = 'name[,weight][,kind][,sense][,draw as][,category][,backgrounds]';
const OURS = ['name', 'weight', 'kind', 'sense', 'draw as', 'category', 'backgrounds'];

const BY_NAME = new Map(
  Object.entries(FIELDS).flatMap(([field, names]) => names.map((name) => [name as string, field as Field])),
);

/** Which field each column is; a second one for the name (`label` beside `name`) is the class's number. */
export function fieldsOf(columns: readonly string[]): { fields: Field[] } | { unknown: string } | { twice: string } {
  const plain = columns.map((c) =>
    c
      .trim()
      .toLowerCase()
      .replace(/[\s-]+/g, '_'),
  );
  const best = FIELDS.name.find((name) => plain.includes(name));
  const fields: Field[] = [];
  const seen = new Set<string>();
  for (const [i, column] of plain.entries()) {
    const field = BY_NAME.get(column);
    if (field === undefined) return { unknown: columns[i] };
    const own = field === 'name' && column !== best ? 'index' : field;
    if (own !== 'index' && seen.has(own)) return { twice: columns[i] };
    seen.add(own);
    fields.push(own);
  }
  return { fields };
}

/** Whether these columns are those of a table of concepts: one has the name or a WordNet id. */
export function isHeader(columns: readonly string[]): boolean {
  const found = fieldsOf(columns);
  return 'fields' in found && (found.fields.includes('name') || found.fields.includes('id'));
}

/**
 * A concept from its fields.
 * @param raw pairs of column and value, in their order
 * @param decimalComma whether the list separates its fields by something else than commas
 * @throws UserError naming the place and the field that is wrong
 */
export function entryOf(raw: readonly (readonly [string, unknown])[], where: string, decimalComma = false): Entry {
  const found = fieldsOf(raw.map(([name]) => name));
  if ('unknown' in found)
    throw new UserError(`${where}: unknown field ${shown(found.unknown)} (choices: ${OURS.join(', ')})`);
  if ('twice' in found) throw new UserError(`${where}: ${shown(found.twice)} is a second field of the same meaning`);
  const given: Partial<Record<Field, unknown>> = {};
  for (const [i, [name, value]] of raw.entries()) {
    if (value === undefined || value === null || value === '') continue;
    const field = found.fields[i];
    if (field !== 'index') given[field] = value;
    else if (typeof value === 'string' && /^n\d{8}$/.test(value)) given.id ??= value;
    else if (!/^\d+$/.test(textOf(value)))
      throw new UserError(`${where}: ${shown(name)} is taken for the class's number, got ${shown(value)}`);
  }
  const entry: Entry = { ...namesOf(given, where), where };
  if (given.weight !== undefined) entry.weight = weightOf(given.weight, where, decimalComma);
  if (given.kind !== undefined) {
    const kind = OBJECT_KINDS.find((k) => k === given.kind);
    const group = kind ? undefined : groupOf(textOf(given.kind));
    if (kind) entry.kind = kind;
    else if (group?.sure) Object.assign(entry, only(group));
    else
      throw new UserError(
        `${where}: unknown kind ${shown(given.kind)}; ${nearKind(textOf(given.kind))} (or ${OBJECT_KINDS.join(', ')}, or a category: ${CATEGORIES.join(', ')})`,
      );
  }
  // A superclass of another list helps where it is known; a category of ours has to be.
  const group = groupOf(textOf(given.category ?? given.supercategory ?? ''));
  if (!group && given.category !== undefined)
    throw new UserError(
      `${where}: unknown category ${shown(given.category)} (choices: ${CATEGORIES.join(', ')}; or finer: ${Object.keys(KINDS).join(', ')})`,
    );
  if (group && entry.category === undefined && (given.category !== undefined || group.sure))
    Object.assign(entry, only(group));
  if (given.drawAs !== undefined) entry.drawAs = textOf(given.drawAs).toLowerCase();
  if (given.sense !== undefined && entry.id === undefined && entry.sense === undefined)
    Object.assign(entry, senseField(textOf(given.sense), where));
  if (given.backgrounds !== undefined) {
    const list = Array.isArray(given.backgrounds) ? given.backgrounds : textOf(given.backgrounds).split('|');
    if (list.some((b) => typeof b !== 'string'))
      throw new UserError(`${where}: backgrounds must be names, got ${shown(given.backgrounds)}`);
    entry.backgrounds = list.map((b) => conceptName(b, where));
  }
  return entry;
}

/** What a column `sense` says: a WordNet id, a sense's name, or words of the meaning. */
function senseField(text: string, where: string): Pick<Entry, 'id' | 'sense' | 'meaning'> {
  const { id, sense } = /^n?\d{8}(-n)?$|\.[nvasr]\.\d{1,2}$/.test(text) ? className(text, where) : {};
  if (id !== undefined) return { id };
  return sense === undefined ? { meaning: text } : { sense };
}

/** Kinds of nearly the same name, or all. */
function nearKind(given: string): string {
  const suggestion = didYouMean(given, Object.keys(KINDS));
  return suggestion.startsWith('did') ? suggestion : `choices: ${Object.keys(KINDS).join(', ')}`;
}

const only = ({ category, sort }: NonNullable<ReturnType<typeof groupOf>>) => ({ category, sort });

function namesOf(given: Partial<Record<Field, unknown>>, where: string) {
  const { name, id } = given;
  if (name !== undefined && typeof name !== 'string')
    throw new UserError(`${where}: a concept's name is text, got ${shown(name)}`);
  if (id === undefined) {
    if (name === undefined) throw new UserError(`${where}: a concept needs a name`);
    return className(name, where);
  }
  const meant = className(textOf(id), where);
  if (meant.id === undefined && meant.sense === undefined)
    throw new UserError(`${where}: ${shown(id)} is no WordNet id, such as n01443537 or goldfish.n.01`);
  if (name === undefined) return meant;
  const named = className(name, where, true);
  return { ...meant, name: named.name, synonyms: named.synonyms };
}

/** Weights beyond these leave others no share that a number can hold. */
const LEAST_WEIGHT = 1e-9;
const MOST_WEIGHT = 1e9;

function weightOf(value: unknown, where: string, decimalComma: boolean): number {
  const text = typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : '';
  const comma = /^[+-]?\d*,\d+$/.test(text);
  // In a list with commas between its fields, 1,500 may be either.
  if (comma && !decimalComma && /^[+-]?\d{1,3},\d{3}$/.test(text))
    throw new UserError(
      `${where}: weight ${shown(value)} may mean ${text.replace(',', '')} or ${text.replace(',', '.')}`,
    );
  const number = comma ? text.replace(',', '.') : text;
  const weight = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i.test(number) ? Number(number) : Number.NaN;
  if (!(weight >= LEAST_WEIGHT && weight <= MOST_WEIGHT))
    throw new UserError(
      `${where}: weight must be a number above 0 (${LEAST_WEIGHT} … ${MOST_WEIGHT}), got ${shown(value)}`,
    );
  return weight;
}
