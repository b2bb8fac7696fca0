import { readFileSync, statSync } from 'node:fs';
import { asUserError, codeOf, UserError } from '../errors.js';
import { decodeText, isObject, parseJson } from '../formats/json.js';
import { repeatedKey } from '../formats/json-keys.js';
import { isShellPipe } from '../formats/plain-file.js';
import { cutAtWord } from '../printable.js';
import { crossChecks } from './check.js';
import { defaultIn, settingLeaves, showValue } from './leaves.js';
import { LEARNER_NAMES, type LearnerName } from './names.js';
import { DEFAULT_PRESET, PRESET_NAMES, PRESETS, type PresetName } from './presets.js';
import { recipe } from './recipes.js';
import { type PartialSettings, type Settings, settingsSchema } from './schema.js';
import { ADDRESS_SETTINGS, SECRET_SETTINGS } from './secrets.js';
import { anyOf, didYouMean } from './suggest.js';
import { presentName, translated } from './translate.js';

type Tree = { [key: string]: unknown };

/** Where the settings come from; later ones win: defaults < preset < file < settings < flags. */
export interface SettingsSources {
  /** Name of a preset; default `tiny`, unless the file names one. */
  preset?: PresetName;
  /** JSON file with any part of the settings, or a run's `config.json`. */
  file?: string;
  /** Any part of the settings. */
  settings?: PartialSettings;
  /** Values by dotted path, e.g. `{ 'views.globalSize': 32 }`. */
  flags?: Readonly<Record<string, unknown>>;
  /** Whether the settings must also do for training; default true. */
  training?: boolean;
}

/**
 * All settings of a run.
 * @throws UserError for an unknown preset, a file that cannot be read, an unknown or ill-typed setting, and settings that do not
 * fit together; one line that names the setting, its value and what is valid.
 */
export function resolveSettings(sources: SettingsSources = {}): Settings {
  const file = sources.file === undefined ? undefined : readSettingsFile(sources.file);
  const name = sources.preset ?? file?.preset ?? (file?.whole ? undefined : DEFAULT_PRESET);
  const flags = emptyTree();
  for (const [path, value] of Object.entries(sources.flags ?? {})) setPath(flags, presentName(path), value);
  const layers: Layer[] = [];
  if (file) layers.push({ tree: file.settings, from: sources.file!, whole: file.whole });
  if (sources.settings) layers.push({ tree: translated(defined(sources.settings as Tree)), from: 'settings' });
  layers.push({ tree: flags, from: 'flag' });
  for (const { tree, from } of layers) refuseUnknown(tree, from);

  const method = layers.reduce<unknown>((m, { tree }) => getPath(tree, 'learn.method') ?? m, undefined);
  let merged = name === undefined ? emptyTree() : presetFor(presetName(name), method);
  for (const layer of layers) {
    // What a run was resolved to is not what somebody said.
    if (!layer.whole) refuseOfOthers(layer, method);
    merged = merge(merged, layer.whole ? ofMethod(layer.tree, method) : layer.tree);
  }
  return checkSettings(merged, sources.training);
}

interface Layer {
  tree: Tree;
  from: string;
  /** All settings of a run, resolved. */
  whole?: boolean;
}

/** A preset's settings for a learner: its own, and what differs for that one. */
function presetFor(name: PresetName, method: unknown): Tree {
  const { settings } = PRESETS[name];
  const own = settings.learn?.method ?? LEARNER_NAMES[0];
  if (!isLearner(method) || method === own) return settings as Tree;
  return merge(ofMethod(settings as Tree, method), recipe(method, settings) as Tree);
}

/** A tree without settings of learners other than this one. */
function ofMethod(tree: Tree, method: unknown): Tree {
  const { learn } = tree;
  if (!isLearner(method) || !isObject(learn)) return tree;
  const has = new Set(
    settingLeaves()
      .filter((l) => !l.methods || l.methods.includes(method))
      .map((l) => l.path),
  );
  const kept = Object.entries(learn).filter(([name]) => has.has(`learn.${name}`));
  return { ...tree, learn: { ...Object.fromEntries(kept), method } };
}

const isLearner = (x: unknown): x is LearnerName => LEARNER_NAMES.includes(x as LearnerName);

/** @throws UserError for settings that were said, and are of other learners than the one that was chosen */
function refuseOfOthers({ tree, from }: Pick<Layer, 'tree' | 'from'>, chosen: unknown): void {
  const method = chosen ?? LEARNER_NAMES[0];
  if (!isLearner(method) || !isObject(tree.learn)) return;
  for (const name of Object.keys(tree.learn)) {
    const leaf = settingLeaves().find((l) => l.path === `learn.${name}`);
    if (!leaf?.methods || leaf.methods.includes(method)) continue;
    const own = settingLeaves().filter((l) => l.methods?.includes(method));
    throw new UserError(
      `${placeOf(leaf.path, from)} is a setting of learn.method ${anyOf(leaf.methods)}, not of ${method}, which has ${own.map((l) => l.path).join(', ')}`,
    );
  }
}

/** A setting as whoever said it knows it. */
const placeOf = (path: string, from: string): string => (from === 'flag' ? `--${path}` : `"${path}" in ${from}`);

/**
 * Settings from a tree of any kind: every value in range, all fitting together.
 * @param training whether they must also do for training
 * @throws UserError, one line.
 */
export function checkSettings(tree: unknown, training = true): Settings {
  const today = translated(tree);
  if (isObject(today)) refuseOfOthers({ tree: today, from: 'settings' }, getPath(today, 'learn.method'));
  const parsed = settingsSchema.safeParse(withoutLocals(today));
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => describe(issue.path, tree));
    throw new UserError(few([...new Set(lines)]));
  }
  const problems = crossChecks(parsed.data, training);
  if (problems.length > 0) throw new UserError(few(problems));
  return parsed.data;
}

/** Local crops are synclr's; where nothing is said of them, other learners have none. */
function withoutLocals(tree: unknown): unknown {
  if (!isObject(tree) || (getPath(tree, 'learn.method') ?? LEARNER_NAMES[0]) === 'synclr') return tree;
  const { views = {} } = tree;
  return isObject(views) && views.localCount === undefined ? { ...tree, views: { ...views, localCount: 0 } } : tree;
}

/** A text as a preset's name. @throws UserError naming the valid ones */
export function presetName(text: string): PresetName {
  const name = PRESET_NAMES.find((n) => n === text);
  if (name !== undefined) return name;
  const near = didYouMean(text, PRESET_NAMES);
  const all = `presets: ${PRESET_NAMES.join(', ')}`;
  throw new UserError(`unknown preset "${text}"; ${near.startsWith('did') ? `${near} (${all})` : all}`);
}

/** Settings that change results, i.e. all but `runtime`. */
export function resultSettings(s: Settings): Omit<Settings, 'runtime'> {
  const { runtime: _, ...rest } = s;
  return rest;
}

/** Dotted paths of the settings that differ, in the schema's order. One that an older version did not know had its default's meaning. */
export function differingSettings(a: Settings, b: Settings): string[] {
  return settingLeaves()
    .filter((l) => {
      const [x, y] = [a, b].map((tree) =>
        JSON.stringify(getPath(tree, l.path) ?? defaultIn(l, getPath(tree, 'learn.method'))),
      );
      return x !== y;
    })
    .map((l) => l.path);
}

/** The value at a dotted path, undefined where there is none. */
export function getPath(tree: unknown, path: string): unknown {
  let at = tree;
  for (const part of path.split('.')) at = isObject(at) && Object.hasOwn(at, part) ? at[part] : undefined;
  return at;
}

function setPath(tree: Tree, path: string, value: unknown): void {
  const parts = path.split('.');
  const last = parts.pop()!;
  let at = tree;
  for (const part of parts) {
    const inner = (at[part] ??= emptyTree());
    if (!isObject(inner)) throw new UserError(`--${path} is one of a group of settings that was given a value itself`);
    at = inner;
  }
  at[last] = value;
}

/** Without a prototype: `__proto__` and `constructor` are names in it like any other, and no setting's. */
const emptyTree = (): Tree => Object.create(null) as Tree;

/** Without what is there and undefined: `{ steps: undefined }` sets nothing. */
function defined(tree: Tree): Tree {
  const out = emptyTree();
  for (const [key, value] of Object.entries(tree))
    if (value !== undefined) out[key] = isObject(value) ? defined(value) : value;
  return out;
}

/** Groups are merged name by name; lists are replaced whole. */
function merge(below: Tree, above: Tree): Tree {
  const out = Object.assign(emptyTree(), below);
  for (const [key, value] of Object.entries(above)) {
    const before = out[key];
    out[key] = isObject(value) && isObject(before) ? merge(before, value) : value;
  }
  return out;
}

function refuseUnknown(tree: Tree, from: string): void {
  const leaves = settingLeaves().map((l) => l.path);
  const place = (path: string) => placeOf(path, from);
  const walk = (node: Tree, at: string) => {
    for (const [key, value] of Object.entries(node)) {
      const path = at ? `${at}.${key}` : key;
      if (from !== 'flag' && key.includes('.') && leaves.includes(path))
        throw new UserError(
          `${place(path)}: a file has groups in place of dots: {"${path.split('.').join('": {"')}": …}`,
        );
      if (leaves.includes(path)) continue;
      const inside = leaves.filter((l) => l.startsWith(`${path}.`));
      if (inside.length === 0) {
        const wrong = firstPath(path, value);
        throw new UserError(`unknown setting ${place(wrong)}; ${validNames(wrong, leaves)}`);
      }
      if (!isObject(value))
        throw new UserError(`${place(path)} is a group of settings, not one; valid: ${inside.join(', ')}`);
      walk(value, path);
    }
  };
  walk(tree, '');
}

/** The first whole path in what stands under an unknown name: a group's name says less than a setting's. */
function firstPath(path: string, value: unknown): string {
  if (!isObject(value)) return path;
  const [first] = Object.entries(value);
  return first ? firstPath(`${path}.${first[0]}`, first[1]) : path;
}

/** The names close to a wrong one; else those of its group; else the groups. */
function validNames(path: string, leaves: readonly string[]): string {
  const group = path.split('.')[0];
  const inGroup = leaves.filter((l) => l.startsWith(`${group}.`));
  if (inGroup.length > 0) {
    const near = didYouMean(path, inGroup);
    return near.startsWith('did')
      ? `${near} (all of ${group}: ${inGroup.map((l) => l.slice(group.length + 1)).join(', ')})`
      : near;
  }
  const near = didYouMean(path, leaves);
  const groups = [...new Set(leaves.map((l) => (l.includes('.') ? `${l.split('.')[0]}.*` : l)))];
  return near.startsWith('did') ? near : `valid: ${groups.join(', ')} (listed by synclr run --help-all)`;
}

/** One wrong value: which, what it is, what is expected. */
function describe(path: readonly PropertyKey[], tree: unknown): string {
  // An element of a list is described by its list.
  const names = path.filter((p) => typeof p === 'string').join('.');
  const leaf = settingLeaves().find((l) => l.path === names);
  const value = getPath(tree, names);
  const hidden = [...SECRET_SETTINGS, ...ADDRESS_SETTINGS].includes(names);
  const shown = hidden ? '' : ` ${shownWrong(value)}`;
  if (leaf) {
    const near = leaf.choices && typeof value === 'string' && value.length > 3 ? didYouMean(value, leaf.choices) : '';
    return `${names}${shown}: expected ${leaf.expected}${near.startsWith('did') ? `; ${near}` : ''}`;
  }
  return `${names || 'settings'}: expected a group of settings, got${shown}`;
}

/** A wrong value in a message. */
function shownWrong(value: unknown): string {
  const text =
    typeof value === 'string'
      ? `"${value}"`
      : typeof value === 'number' || Array.isArray(value)
        ? showValue(value)
        : (JSON.stringify(value) ?? String(value));
  return cutAtWord(text, LONGEST_SHOWN);
}
/** Characters of a value that a message shows. */
const LONGEST_SHOWN = 80;

function few(lines: readonly string[]): string {
  return lines.slice(0, 3).join('; ') + (lines.length > 3 ? `; and ${lines.length - 3} more` : '');
}

/** A settings file: any part of the settings, with `preset` beside it if it likes; or a run's config.json. */
/** @returns the file's settings; `whole`: those of a run's `config.json`, to which no preset has anything to add */
function readSettingsFile(file: string): { settings: Tree; preset?: string; whole?: boolean } {
  const tree = parseSettings(file);
  if (!isObject(tree)) throw new UserError(`${file}: expected a JSON object of settings`);
  if (isObject(tree.settings) && typeof tree.synclr === 'string')
    return { settings: translated(tree.settings, file), whole: true };
  const { preset, $schema: _, ...settings } = tree;
  if (preset !== undefined && typeof preset !== 'string') throw new UserError(`"preset" in ${file}: expected a text`);
  return { settings: translated(settings, file), preset };
}

/** @throws UserError for a file that cannot be read or is not JSON; never with the file's content, in which keys may stand */
function parseSettings(file: string): unknown {
  let bytes: Buffer;
  try {
    const found = statSync(file);
    // A pipe without a writer would be waited for, deaf to signals; that of a shell, `<(…)`, has one.
    if (!found.isFile() && !found.isDirectory() && !isShellPipe(file, found))
      throw new UserError(`${file} is no file: settings are read from a JSON file`);
    bytes = readFileSync(file);
  } catch (e) {
    if (e instanceof UserError) throw e;
    if (codeOf(e) === 'ENOENT') throw new UserError(`no such settings file: ${file}`);
    const known = asUserError(e);
    throw known ? new UserError(`cannot read the settings file ${file}: ${known.message}`) : e;
  }
  const text = decodeText(bytes, file);
  let tree: unknown;
  try {
    tree = parseJson(text, file);
  } catch (e) {
    throw e instanceof UserError ? new UserError(withoutExcerpt(e.message, text)) : e;
  }
  const twice = repeatedKey(text);
  if (twice) throw new UserError(`${file}:${twice.line}: "${twice.key}" is there twice: make them one`);
  return tree;
}

/** Node's message without the text around the place, and with its line where the place is known. */
function withoutExcerpt(message: string, text: string): string {
  const said = message.replace(/,? (\.\.\.)?".*$/s, '').replace(/ \(line \d+ column \d+\)$/, '');
  const at = / in JSON at position (\d+)/.exec(said);
  return at ? said.replace(at[0], ` (line ${text.slice(0, Number(at[1])).split('\n').length})`) : said;
}
