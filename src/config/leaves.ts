import { z } from 'zod';
import { LEARNER_NAMES, type LearnerName } from './names.js';
import { settingsSchema } from './schema.js';

/** One setting, as flags, help, messages and docs/settings.md know it. */
export interface Leaf {
  /** Dotted path, `views.globalSize`. */
  path: string;
  type: 'integer' | 'number' | 'boolean' | 'string' | 'list';
  /** What is accepted, in words: `an integer ≥ 1`. */
  expected: string;
  /** The names that it may have, of one that has no others. */
  choices?: readonly string[];
  /** Absent where there is none (`probe.size`). */
  default?: unknown;
  about: string;
  /** Of a setting of a learner: the learners that have it. */
  methods?: readonly LearnerName[];
  /** Of such a setting: each learner's default. */
  defaults?: Readonly<Partial<Record<LearnerName, unknown>>>;
  /** `false` is accepted too. */
  orFalse?: boolean;
}

/** The part of JSON Schema that the settings use. */
interface Node {
  type?: string;
  properties?: Record<string, Node>;
  description?: string;
  default?: unknown;
  enum?: string[];
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  minLength?: number;
  items?: Node | false;
  prefixItems?: Node[];
  minItems?: number;
  const?: unknown;
  oneOf?: Node[];
  anyOf?: Node[];
}

let cached: readonly Leaf[] | undefined;

/** All settings in the schema's order. */
export function settingLeaves(): readonly Leaf[] {
  if (!cached) {
    const found: Leaf[] = [];
    collect(z.toJSONSchema(settingsSchema, { io: 'input' }) as Node, '', '', found);
    cached = found;
  }
  return cached;
}

/** First parts of the paths, in order: `concepts`, `captions` … */
export function settingGroups(): string[] {
  return [...new Set(settingLeaves().map((l) => l.path.split('.')[0]))];
}

function collect(node: Node, path: string, above: string, out: Leaf[]): void {
  if (node.oneOf) {
    collectUnion(node.oneOf, path, node.description ?? above, out);
    return;
  }
  if (node.properties) {
    for (const [name, child] of Object.entries(node.properties)) {
      collect(child, path ? `${path}.${name}` : name, node.description ?? above, out);
    }
    return;
  }
  out.push(leafOf(node, path, above));
}

/** Learners' settings: a name that several of them have is one setting. */
function collectUnion(variants: readonly Node[], path: string, above: string, out: Leaf[]): void {
  const found = new Map<string, Leaf & { methods: LearnerName[]; defaults: Partial<Record<LearnerName, unknown>> }>();
  for (const variant of variants) {
    const { method: told, ...settings } = variant.properties!;
    const method = told.const as LearnerName;
    for (const [name, child] of Object.entries(settings)) {
      const leaf = leafOf(child, `${path}.${name}`, above);
      const known = found.get(name) ?? { ...leaf, methods: [], defaults: {} };
      known.methods.push(method);
      known.defaults[method] = leaf.default;
      found.set(name, known);
    }
  }
  out.push({
    path: `${path}.method`,
    type: 'string',
    expected: `one of ${LEARNER_NAMES.join(', ')}`,
    choices: LEARNER_NAMES,
    default: LEARNER_NAMES[0],
    about: above,
  });
  out.push(...found.values());
}

function leafOf(node: Node, path: string, above: string): Leaf {
  const about = node.description ?? above;
  const other = node.anyOf?.find((n) => n.const === undefined);
  if (other) {
    const leaf = leafOf({ ...other, default: node.default }, path, about);
    return { ...leaf, expected: `false, or ${leaf.expected}`, orFalse: true };
  }
  const type = node.type === 'array' ? 'list' : (node.type as Leaf['type']);
  const leaf: Leaf = { path, type, expected: expectation(node), about };
  if (node.default !== undefined) leaf.default = node.default;
  if (node.enum) leaf.choices = node.enum;
  return leaf;
}

/** The default that a setting has among others: of a learner's setting that learner's, or none where the learner lacks it. */
export function defaultIn(leaf: Leaf, method: unknown): unknown {
  if (!leaf.methods) return leaf.default;
  return leaf.defaults![(method ?? LEARNER_NAMES[0]) as LearnerName];
}

function expectation(node: Node): string {
  if (node.enum) return `one of ${node.enum.join(', ')}`;
  if (node.type === 'boolean') return 'true or false';
  if (node.type === 'string') return node.minLength ? 'a non-empty text' : 'a text';
  if (node.type === 'array') {
    const count = node.prefixItems ? `${node.prefixItems.length} numbers` : 'a list of numbers';
    const each = range(node.prefixItems?.[0] ?? (node.items || {}));
    return each ? `${count}, each ${each}` : count;
  }
  return `${node.type === 'integer' ? 'an integer' : 'a number'} ${range(node)}`.trim();
}

function range(node: Node): string {
  const { minimum, maximum, exclusiveMinimum } = node;
  const low = minimum !== undefined && minimum > -Number.MAX_SAFE_INTEGER ? minimum : undefined;
  const high = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined;
  if (exclusiveMinimum !== undefined)
    return high === undefined ? `> ${exclusiveMinimum}` : `> ${exclusiveMinimum} and ≤ ${high}`;
  if (low !== undefined && high !== undefined) return `between ${low} and ${high}`;
  if (low !== undefined) return `≥ ${low}`;
  return high === undefined ? '' : `≤ ${high}`;
}

/** A value as it is written after a flag: `32`, `0.32,1`, `true`. */
export function showValue(value: unknown): string {
  if (Array.isArray(value)) return value.map((v) => showValue(v)).join(',');
  if (typeof value === 'number') return String(Number(value.toPrecision(6)));
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
}

/**
 * What a flag's text means for a setting. Text that does not fit stays text, so that the schema's check names it.
 */
export function parseValue(leaf: Leaf, text: string): unknown {
  const number = (t: string) => (/^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i.test(t.trim()) ? Number(t) : t);
  if (leaf.orFalse && text === 'false') return false;
  switch (leaf.type) {
    case 'integer':
    case 'number':
      return number(text);
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text;
    case 'list':
      return text
        .replace(/^\[|\]$/g, '')
        .split(',')
        .map(number);
    default:
      return text;
  }
}
