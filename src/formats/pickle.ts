import { UserError } from '../errors.js';
import { cutAtWord } from '../printable.js';
import type { ByteCursor } from './byte-cursor.js';
import { Dict, FileBytes, Global, List, MadeBytes, Opaque, type PickleValue } from './pickle-values.js';

/**
 * Python's pickle, protocols 0 to 5, as data: a machine with a stack, a memo and some sixty instructions (Lib/pickletools.py describes them).
 * Nothing is imported, looked up or called but what `PickleWorld` allows, and that makes data alone.
 */

/** What a pickle may refer to. */
export interface PickleWorld {
  /** The one thing that a global's name stands for; undefined for all that is not allowed. */
  global(module: string, name: string): Global | undefined;
  /** What a persistent id stands for (torch: a storage). @throws UserError for others */
  persistent(id: PickleValue): PickleValue;
  /** Who needs what is allowed, for messages; default: the weights of a model. */
  needed?: string;
}

/** Instructions of one pickle; checkpoints of the largest models with their optimizer have some hundred thousand. */
const MOST_INSTRUCTIONS = 1 << 21;
/** Values on the stack at once: nesting, or the items of a tuple. */
const MOST_STACK = 1 << 16;
/** Longest text that is held as such; longer ones stay in the file. */
const LONGEST_TEXT = 4096;
/** Longest whole number, bytes: beyond it is no size, count or seed. */
const LONGEST_INTEGER = 256;

const PROTOCOLS = 5;

/**
 * Reads one pickle; the cursor then stands behind it.
 * @throws DamagedFile for what is no pickle; UserError naming a global that is not allowed, or a limit that is passed
 */
export function readPickle(cursor: ByteCursor, world: PickleWorld): PickleValue {
  const machine = new Machine(cursor, world);
  for (let steps = 0; ; steps++) {
    if (steps >= MOST_INSTRUCTIONS)
      throw new UserError(`${cursor.file}: a pickle of more than ${MOST_INSTRUCTIONS} instructions is not read`);
    const code = cursor.byte();
    if (code === STOP) return machine.result();
    const step = STEPS[code];
    if (!step) throw cursor.wrong(`instruction 0x${code.toString(16).padStart(2, '0')} is not known`);
    step(machine, cursor);
  }
}

/** Longest part of an untrusted name that a message repeats, characters. */
const SHOWN = 100;

class Machine {
  readonly cursor: ByteCursor;
  private readonly world: PickleWorld;
  private readonly stack: PickleValue[] = [];
  private readonly marks: number[] = [];
  private readonly memo = new Map<number, PickleValue>();

  constructor(cursor: ByteCursor, world: PickleWorld) {
    this.cursor = cursor;
    this.world = world;
  }

  push(value: PickleValue): void {
    if (this.stack.length >= MOST_STACK)
      throw new UserError(`${this.cursor.file}: its pickle nests more than ${MOST_STACK} values, and is not read`);
    this.stack.push(value);
  }

  pop(): PickleValue {
    if (this.stack.length <= (this.marks.at(-1) ?? 0)) throw this.cursor.wrong('an empty stack');
    return this.stack.pop()!;
  }

  top(): PickleValue {
    if (this.stack.length <= (this.marks.at(-1) ?? 0)) throw this.cursor.wrong('an empty stack');
    return this.stack.at(-1)!;
  }

  mark(): void {
    if (this.marks.length >= MOST_STACK) throw this.cursor.wrong('too many marks');
    this.marks.push(this.stack.length);
  }

  popToMark(): PickleValue[] {
    const from = this.marks.pop();
    if (from === undefined) throw this.cursor.wrong('no mark');
    return this.stack.splice(from);
  }

  /** Takes what lies on top: a value, or a mark alone. */
  drop(): void {
    if (this.marks.at(-1) === this.stack.length) this.marks.pop();
    else this.pop();
  }

  remember(index: number): void {
    this.memo.set(index, this.top());
  }

  memoize(): void {
    this.remember(this.memo.size);
  }

  recall(index: number): void {
    const value = this.memo.get(index);
    if (value === undefined) throw this.cursor.wrong(`memo ${index} is empty`);
    this.push(value);
  }

  global(module: string, name: string): void {
    const found = this.world.global(module, name);
    if (!found)
      throw new UserError(
        `${this.cursor.file}: refused: its pickle asks for ${shown(`${module}.${name}`)}, which is not among what ${this.world.needed ?? 'the weights of a model need'}; nothing of it was run`,
      );
    this.push(found);
  }

  persistent(id: PickleValue): void {
    this.push(this.world.persistent(id));
  }

  call(callable: PickleValue, args: PickleValue): void {
    if (!(callable instanceof Global)) throw this.cursor.wrong(`${kindOf(callable)} is called`);
    if (!(args instanceof List)) throw this.cursor.wrong(`${callable.name} is called with ${kindOf(args)}`);
    const made = callable.make?.(args.items);
    if (made === undefined) throw this.cursor.wrong(`${callable.name} does not take these arguments`);
    this.push(made);
  }

  build(state: PickleValue): void {
    const object = this.top();
    const isTaken = typeof object === 'object' && object !== null && (object.setState?.(state) ?? false);
    if (!isTaken) throw this.cursor.wrong(`${kindOf(object)} takes no state of this kind`);
  }

  append(items: readonly PickleValue[]): void {
    const list = this.top();
    if (!(list instanceof List) || list.isTuple) throw this.cursor.wrong(`items for ${kindOf(list)}`);
    for (const item of items) list.items.push(item);
  }

  setItems(items: readonly PickleValue[]): void {
    const dict = this.top();
    if (!(dict instanceof Dict)) throw this.cursor.wrong(`items for ${kindOf(dict)}`);
    if (items.length % 2 !== 0) throw this.cursor.wrong('a key without a value');
    for (let i = 0; i < items.length; i += 2) dict.entries.set(items[i], items[i + 1]);
  }

  result(): PickleValue {
    const value = this.pop();
    if (this.stack.length > 0 || this.marks.length > 0) throw this.cursor.wrong('more than one value at its end');
    return value;
  }
}

const shown = (text: string): string => cutAtWord(text, SHOWN);

function kindOf(value: PickleValue): string {
  if (value === null) return 'None';
  return typeof value === 'object' ? value.kind : `a ${typeof value}`;
}

type Step = (m: Machine, c: ByteCursor) => void;

const STOP = 0x2e;
const u16 = (c: ByteCursor): number => c.take(2).readUInt16LE();
const u32 = (c: ByteCursor): number => c.take(4).readUInt32LE();

/** A length of eight bytes. */
function u64(c: ByteCursor): number {
  const length = c.take(8).readBigUInt64LE();
  if (length > BigInt(c.left)) throw c.wrong(`a length of ${length} bytes, ${c.left} are left`);
  return Number(length);
}

const ascii = (c: ByteCursor): string => c.line().toString('latin1');
const utf8 = (c: ByteCursor): string => c.line().toString('utf8');

function text(m: Machine, c: ByteCursor, length: number): void {
  if (length <= LONGEST_TEXT) m.push(c.take(length).toString('utf8'));
  else m.push(new FileBytes(c.skip(length), length, 'text'));
}

function bytes(m: Machine, c: ByteCursor, length: number): void {
  if (length <= LONGEST_TEXT) m.push(new MadeBytes(Uint8Array.from(c.take(length))));
  else m.push(new FileBytes(c.skip(length), length, 'raw'));
}

/** Two's complement, little-endian. Numbers that fit are numbers. */
function integer(m: Machine, c: ByteCursor, length: number): void {
  if (length > LONGEST_INTEGER) throw c.wrong(`a whole number of ${length} bytes`);
  const raw = Buffer.from(c.take(length)).reverse();
  m.push(narrowed(length === 0 ? 0n : BigInt.asIntN(8 * length, BigInt(`0x${raw.toString('hex')}`))));
}

function narrowed(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function decimal(c: ByteCursor, said: string): number | bigint {
  const digits = said.trim();
  if (digits.length > LONGEST_INTEGER || !/^[+-]?\d+$/.test(digits)) throw c.wrong('a whole number that is none');
  return narrowed(digits.startsWith('-') ? -BigInt(digits.slice(1)) : BigInt(digits.replace('+', '')));
}

/** Protocol 0 writes True and False as the whole numbers 01 and 00. */
function intLine(m: Machine, c: ByteCursor): void {
  const said = ascii(c);
  m.push(said === '01' ? true : said === '00' ? false : decimal(c, said));
}

function floatLine(m: Machine, c: ByteCursor): void {
  const said = ascii(c).trim();
  const named = /^([+-]?)(inf|nan)$/.exec(said);
  if (!named && !/^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(said)) throw c.wrong('a number that is none');
  if (!named) m.push(Number(said));
  else m.push(named[2] === 'nan' ? Number.NaN : named[1] === '-' ? -Infinity : Infinity);
}

function memoIndex(c: ByteCursor): number {
  const index = decimal(c, ascii(c));
  if (typeof index !== 'number' || index < 0) throw c.wrong('a memo index that is none');
  return index;
}

/** Python's `repr` of a text in quotes, as protocol 0 writes it. */
function quoted(m: Machine, c: ByteCursor): void {
  const said = ascii(c).trim();
  const quote = said[0];
  if (said.length < 2 || (quote !== "'" && quote !== '"') || said.at(-1) !== quote)
    throw c.wrong('a text without quotes');
  m.push(unescaped(said.slice(1, -1)));
}

const NAMED_ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '\\': '\\', "'": "'", '"': '"' };

function unescaped(said: string): string {
  return said.replace(/\\(?:x([0-9a-f]{2})|(.))/gi, (all, hex: string | undefined, named: string) =>
    hex === undefined ? (Object.hasOwn(NAMED_ESCAPES, named) ? NAMED_ESCAPES[named] : all) : fromCode(hex),
  );
}

const fromCode = (hex: string): string => {
  const code = Number.parseInt(hex, 16);
  return code > 0x10ffff ? '\ufffd' : String.fromCodePoint(code);
};

/** Latin-1 with `\\uXXXX` and `\\UXXXXXXXX`. */
const rawUnicode = (said: string): string =>
  said.replace(/\\u([0-9a-f]{4})|\\U([0-9a-f]{8})/gi, (_, short?: string, long?: string) => fromCode(short ?? long!));

function protocol(c: ByteCursor): void {
  const version = c.byte();
  if (version > PROTOCOLS) throw c.wrong(`protocol ${version}; up to ${PROTOCOLS} are known`);
}

function frame(c: ByteCursor): void {
  u64(c);
}

function stackGlobal(m: Machine, c: ByteCursor): void {
  const name = m.pop();
  const module = m.pop();
  if (typeof name !== 'string' || typeof module !== 'string') throw c.wrong('a global without a name');
  m.global(module, name);
}

/** `cls.__new__(cls, *args)`: of the classes that are allowed the same as a call. */
function newObject(m: Machine): void {
  const args = m.pop();
  m.call(m.pop(), args);
}

function newObjectWithNames(m: Machine, c: ByteCursor): void {
  const named = m.pop();
  if (!(named instanceof Dict) || named.entries.size > 0) throw c.wrong('an object that is made with named arguments');
  newObject(m);
}

function classFromMark(m: Machine, c: ByteCursor): void {
  const [callable, ...args] = m.popToMark();
  if (callable === undefined) throw c.wrong('an object without a class');
  m.call(callable, new List(args, true));
}

function instance(m: Machine, c: ByteCursor): void {
  const [module, name] = [utf8(c), utf8(c)];
  const args = new List(m.popToMark(), true);
  m.global(module, name);
  m.call(m.pop(), args);
}

function tuple(m: Machine, length: number): void {
  const items = Array.from({ length }, () => m.pop());
  m.push(new List(items.reverse(), true));
}

function addToSet(m: Machine, c: ByteCursor): void {
  m.popToMark();
  if (!(m.top() instanceof Opaque)) throw c.wrong('items for what is no set');
}

function dictFromMark(m: Machine): void {
  const items = m.popToMark();
  m.push(new Dict());
  m.setItems(items);
}

function setItem(m: Machine): void {
  const value = m.pop();
  const key = m.pop();
  m.setItems([key, value]);
}

function reduce(m: Machine): void {
  const args = m.pop();
  m.call(m.pop(), args);
}

const code = (character: string): number => character.charCodeAt(0);

/** By instruction. Those that are missing (extension registry, text ids, buffers beside the pickle) are written by nobody who saves weights. */
const STEPS: Readonly<Record<number, Step>> = {
  [code('(')]: (m) => m.mark(),
  [code('0')]: (m) => m.drop(),
  [code('1')]: (m) => void m.popToMark(),
  [code('2')]: (m) => m.push(m.top()),
  [code('F')]: floatLine,
  [code('I')]: intLine,
  [code('J')]: (m, c) => m.push(c.take(4).readInt32LE()),
  [code('K')]: (m, c) => m.push(c.byte()),
  [code('L')]: (m, c) => m.push(decimal(c, ascii(c).replace(/L$/, ''))),
  [code('M')]: (m, c) => m.push(u16(c)),
  [code('N')]: (m) => m.push(null),
  [code('Q')]: (m) => m.persistent(m.pop()),
  [code('R')]: reduce,
  [code('S')]: quoted,
  [code('T')]: (m, c) => text(m, c, u32(c)),
  [code('U')]: (m, c) => text(m, c, c.byte()),
  [code('V')]: (m, c) => m.push(rawUnicode(ascii(c))),
  [code('X')]: (m, c) => text(m, c, u32(c)),
  [code('a')]: (m) => m.append([m.pop()]),
  [code('b')]: (m) => m.build(m.pop()),
  [code('c')]: (m, c) => m.global(utf8(c), utf8(c)),
  [code('d')]: dictFromMark,
  [code('}')]: (m) => m.push(new Dict()),
  [code('e')]: (m) => m.append(m.popToMark()),
  [code('g')]: (m, c) => m.recall(memoIndex(c)),
  [code('h')]: (m, c) => m.recall(c.byte()),
  [code('i')]: instance,
  [code('j')]: (m, c) => m.recall(u32(c)),
  [code('l')]: (m) => m.push(new List(m.popToMark())),
  [code(']')]: (m) => m.push(new List([])),
  [code('o')]: classFromMark,
  [code('p')]: (m, c) => m.remember(memoIndex(c)),
  [code('q')]: (m, c) => m.remember(c.byte()),
  [code('r')]: (m, c) => m.remember(u32(c)),
  [code('s')]: setItem,
  [code('t')]: (m) => m.push(new List(m.popToMark(), true)),
  [code(')')]: (m) => m.push(new List([], true)),
  [code('u')]: (m) => m.setItems(m.popToMark()),
  [code('G')]: (m, c) => m.push(c.take(8).readDoubleBE()),
  // Protocol 2.
  128: (_, c) => protocol(c),
  129: newObject,
  133: (m) => tuple(m, 1),
  134: (m) => tuple(m, 2),
  135: (m) => tuple(m, 3),
  136: (m) => m.push(true),
  137: (m) => m.push(false),
  138: (m, c) => integer(m, c, c.byte()),
  139: (m, c) => integer(m, c, u32(c)),
  // Protocol 3.
  [code('B')]: (m, c) => bytes(m, c, u32(c)),
  [code('C')]: (m, c) => bytes(m, c, c.byte()),
  // Protocol 4.
  140: (m, c) => text(m, c, c.byte()),
  141: (m, c) => text(m, c, u64(c)),
  142: (m, c) => bytes(m, c, u64(c)),
  143: (m) => m.push(new Opaque('a set')),
  144: addToSet,
  145: (m) => m.push(new Opaque('a frozen set', m.popToMark())),
  146: newObjectWithNames,
  147: stackGlobal,
  148: (m) => m.memoize(),
  149: (_, c) => frame(c),
  // Protocol 5.
  150: (m, c) => bytes(m, c, u64(c)),
};
