import { z } from 'zod';
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
  if (node.properties) {
    for (const [name, child] of Object.entries(node.properties)) {
      collect(child, path ? `${path}.${name}` : name, node.description ?? above, out);
    }
    return;
  }
  const type = node.type === 'array' ? 'list' : (node.type as Leaf['type']);
  const leaf: Leaf = { path, type, expected: expectation(node), about: node.description ?? above };
  if (node.default !== undefined) leaf.default = node.default;
  if (node.enum) leaf.choices = node.enum;
  out.push(leaf);
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
