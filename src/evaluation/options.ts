import { didYouMean } from '../config/suggest.js';
import { UserError } from '../errors.js';
import type { Protocol, ProtocolOptions } from './protocol.js';

type Tree = Readonly<Record<string, unknown>>;

/**
 * Options of protocols as flags say them, `linear.epochs=30`, laid over those of a file.
 * @param base the JSON of a file of options, by protocol
 * @throws UserError for what is no protocol's option
 */
export function protocolOptions(
  texts: readonly string[],
  base: unknown,
  protocols: readonly Protocol[],
  where = '--options',
): ProtocolOptions {
  if (!isTree(base)) throw new UserError(`${where}: expected an object of options by protocol: {"linear": {…}}`);
  const out = structuredClone(base) as Record<string, unknown>;
  checkOptions(out, protocols, where);
  for (const text of texts) {
    const at = text.indexOf('=');
    if (at < 1 || !text.slice(0, at).includes('.'))
      throw new UserError(`--option ${text}: expected PROTOCOL.NAME=VALUE, e.g. --option linear.epochs=30`);
    const keys = text.slice(0, at).split('.');
    const one: Record<string, unknown> = {};
    keys.reduce<Record<string, unknown>>((tree, key, i) => {
      tree[key] = i === keys.length - 1 ? parsed(text.slice(at + 1)) : {};
      return tree[key] as Record<string, unknown>;
    }, one);
    checkOptions(one, protocols, `--option ${text}`);
    merge(out, one);
  }
  return out;
}

/** A number, true, false or a list as JSON has it, else the text itself. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const isTree = (x: unknown): x is Tree => typeof x === 'object' && x !== null && !Array.isArray(x);

function merge(into: Record<string, unknown>, from: Tree): void {
  for (const [key, value] of Object.entries(from)) {
    const there = into[key];
    if (isTree(value) && isTree(there)) {
      const copy = { ...there };
      merge(copy, value);
      into[key] = copy;
    } else into[key] = value;
  }
}

/**
 * Refuses what no protocol knows: its own settings without any option are what it can be told, and of what kind.
 * @throws UserError naming it, and what it could be
 */
export function checkOptions(options: ProtocolOptions, protocols: readonly Protocol[], where: string): void {
  for (const [name, own] of Object.entries(options)) {
    const protocol = protocols.find((p) => p.name === name);
    if (!protocol) {
      const names = protocols.map((p) => p.name);
      throw new UserError(`${where}: no protocol "${name}"; ${didYouMean(name, names)}`);
    }
    if (!isTree(own)) throw new UserError(`${where}: ${name}: expected an object of its options`);
    checkTree(own, protocol.settings({}), name, where);
  }
}

function checkTree(given: Tree, known: Tree, path: string, where: string): void {
  for (const [key, value] of Object.entries(given)) {
    if (!Object.hasOwn(known, key)) {
      const names = Object.keys(known).map((k) => `${path}.${k}`);
      throw new UserError(`${where}: unknown option ${path}.${key}; ${didYouMean(`${path}.${key}`, names)}`);
    }
    const now = known[key];
    if (isTree(now) && isTree(value)) checkTree(value, now, `${path}.${key}`, where);
    else if (now !== null && now !== undefined && kindOf(value) !== kindOf(now))
      throw new UserError(
        `${where}: ${path}.${key} is ${JSON.stringify(now)} by default: expected ${kindOf(now)}, got ${JSON.stringify(value)}`,
      );
    else if (typeof value === 'number' && !Number.isFinite(value))
      throw new UserError(`${where}: ${path}.${key}: expected a finite number`);
  }
}

const kindOf = (x: unknown): string =>
  Array.isArray(x)
    ? 'a list'
    : isTree(x)
      ? 'an object'
      : ({ number: 'a number', string: 'a text' }[typeof x as string] ?? 'true or false');
