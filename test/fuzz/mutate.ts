import type { Rng } from '../../src/rng.js';
import type { Seed } from './target.js';

/** No input grows beyond this, bytes. */
const MOST = 1 << 18;

/** A sound input, broken in one to several ways; now and then left as it is. */
export function mutate(seeds: readonly Seed[], rng: Rng): { bytes: Buffer; tag: string | undefined } {
  const seed = seeds[rng.int(seeds.length)];
  if (rng.uniform() < 0.01) return { bytes: seed.bytes, tag: seed.tag };
  let { bytes } = seed;
  // JSON that is still JSON gets deeper into a reader than broken brackets do.
  const structural = seed.json !== undefined && rng.uniform() < 0.7;
  if (structural) bytes = seed.json === 'whole' ? brokenJson(bytes, rng) : brokenLines(bytes, rng);
  if (!structural || rng.uniform() < 0.1) {
    const times = rng.uniform() < 0.5 ? 1 : 1 + rng.int(6);
    for (let k = 0; k < times; k++) bytes = BYTES[rng.int(BYTES.length)](bytes, rng, seeds);
  }
  return { bytes: bytes.length > MOST ? bytes.subarray(0, MOST) : bytes, tag: seed.tag };
}

const SIZES = [1, 2, 4, 8] as const;
const INTEGERS = [0n, 1n, 2n, 0x7fn, 0x80n, 0xffn, 0x7fffn, 0xffffn, 0x7fffffffn, 0x80000000n, 0xffffffffn].concat([
  (1n << 40n) - 1n,
  1n << 53n,
  (1n << 63n) - 1n,
  1n << 63n,
  (1n << 64n) - 1n,
]);
const WORDS = [
  '\0',
  '\u001b]0;x\u0007',
  '\r',
  '\n\n',
  '\ufeff',
  '\u202e',
  '"',
  '\\',
  '__proto__',
  'constructor',
  '../../../etc/passwd',
  '/dev/zero',
  'NaN',
  'Infinity',
  '-1',
  '1e999',
  '9007199254740993',
  '0.5',
  '<think>',
  '<|channel|>final<|message|>',
  '%s%n',
  '\ud83d\ude00',
];

type Change = (bytes: Buffer, rng: Rng, seeds: readonly Seed[]) => Buffer;

/** A stretch of the input, more often a short one. */
function stretch(bytes: Buffer, rng: Rng): { from: number; to: number } {
  const from = rng.int(bytes.length + 1);
  const length = Math.min(bytes.length - from, Math.floor(2 ** (rng.uniform() * 10)));
  return { from, to: from + length };
}

const joined = (bytes: Buffer, from: number, to: number, between: Uint8Array): Buffer =>
  Buffer.concat([bytes.subarray(0, from), between, bytes.subarray(to)]);

const BYTES: readonly Change[] = [
  // A flipped bit, a changed byte.
  (bytes, rng) => {
    if (bytes.length === 0) return bytes;
    const out = Buffer.from(bytes);
    out[rng.int(out.length)] ^= 1 << rng.int(8);
    return out;
  },
  (bytes, rng) => {
    if (bytes.length === 0) return bytes;
    const out = Buffer.from(bytes);
    out[rng.int(out.length)] = rng.int(256);
    return out;
  },
  // An integer that is odd in one of the ways that sizes and counts are.
  (bytes, rng) => {
    const size = SIZES[rng.int(SIZES.length)];
    if (bytes.length < size) return bytes;
    const out = Buffer.from(bytes);
    const value = INTEGERS[rng.int(INTEGERS.length)];
    const word = Buffer.alloc(8);
    word.writeBigUInt64LE(value);
    const part = Buffer.from(word.subarray(0, size));
    if (rng.uniform() < 0.3) part.reverse();
    part.copy(out, rng.int(out.length - size + 1));
    return out;
  },
  // Cut off, cut out, said twice, said very often.
  (bytes, rng) => bytes.subarray(0, rng.int(bytes.length + 1)),
  (bytes, rng) => {
    const { from, to } = stretch(bytes, rng);
    return joined(bytes, from, to, Buffer.alloc(0));
  },
  (bytes, rng) => {
    const { from, to } = stretch(bytes, rng);
    return joined(bytes, to, to, bytes.subarray(from, to));
  },
  (bytes, rng) => {
    const { from, to } = stretch(bytes, rng);
    const piece = bytes.subarray(from, Math.min(to, from + 64));
    const times = Math.min(Math.floor(2 ** (rng.uniform() * 14)), Math.floor(MOST / (piece.length || 1)));
    return joined(bytes, to, to, Buffer.concat(Array.from({ length: times }, () => piece)));
  },
  // Noise, words, a piece of another sound input.
  (bytes, rng) => {
    const { from, to } = stretch(bytes, rng);
    return joined(
      bytes,
      from,
      rng.uniform() < 0.5 ? to : from,
      Buffer.from(Array.from({ length: 1 + rng.int(32) }, () => rng.int(256))),
    );
  },
  (bytes, rng) => {
    const { from, to } = stretch(bytes, rng);
    return joined(bytes, from, rng.uniform() < 0.3 ? to : from, Buffer.from(WORDS[rng.int(WORDS.length)]));
  },
  (bytes, rng, seeds) => {
    const other = seeds[rng.int(seeds.length)].bytes;
    const { from, to } = stretch(bytes, rng);
    const piece = stretch(other, rng);
    return joined(bytes, from, to, other.subarray(piece.from, piece.to));
  },
  // A number in the text becomes another.
  (bytes, rng) => {
    const text = bytes.toString('latin1');
    const numbers = [...text.slice(0, 1 << 16).matchAll(/\d+/g)];
    if (numbers.length === 0) return bytes;
    const found = numbers[rng.int(numbers.length)];
    const end = found.index + found[0].length;
    return joined(bytes, found.index, end, Buffer.from(String(ODD_NUMBERS[rng.int(ODD_NUMBERS.length)])));
  },
];

const ODD_NUMBERS = [
  '0',
  '-0',
  '-1',
  '0.5',
  '1e9',
  '1e308',
  '1e999',
  '-2147483649',
  '4294967296',
  '1e21',
  'NaN',
].concat(['9007199254740992', '00', '0x10', '1e-320']);

/** Values that stand where a reader expects something else. */
function oddValue(rng: Rng): unknown {
  const values: readonly (() => unknown)[] = [
    () => null,
    () => true,
    () => false,
    () => 0,
    () => -1,
    () => 0.5,
    () => 2 ** 53,
    () => 1e300,
    () => '',
    () => WORDS[rng.int(WORDS.length)],
    () => 'x'.repeat(1 + rng.int(5000)),
    () => [],
    () => [[]],
    () => Array.from({ length: rng.int(300) }, () => rng.int(10)),
    () => ({}),
    () => ({ length: 3 }),
    () => ({ toString: null, valueOf: 1 }),
    () => nested(2 + rng.int(400)),
    () => new Raw(ODD_NUMBERS[rng.int(ODD_NUMBERS.length)]),
  ];
  return values[rng.int(values.length)]();
}

/** A number as it is written, also where JSON has none such. */
class Raw {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = i % 2 ? [value] : { a: value };
  return value;
}

function brokenJson(bytes: Buffer, rng: Rng): Buffer {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    return bytes;
  }
  const times = rng.uniform() < 0.6 ? 1 : 1 + rng.int(4);
  for (let k = 0; k < times; k++) value = changed(value, rng);
  return Buffer.from(written(value));
}

function brokenLines(bytes: Buffer, rng: Rng): Buffer {
  const lines = bytes.toString('utf8').split('\n');
  const at = rng.int(lines.length);
  const line = brokenJson(Buffer.from(lines[at]), rng).toString('utf8');
  const [first, last] = rng.uniform() < 0.1 ? [line, lines[at]] : [line];
  return Buffer.from(
    [...lines.slice(0, at), first, ...(last === undefined ? [] : [last]), ...lines.slice(at + 1)].join('\n'),
  );
}

/** The value with one place in it changed. */
function changed(value: unknown, rng: Rng): unknown {
  const holder = typeof value === 'object' && value !== null && !(value instanceof Raw);
  const entries = holder ? Object.entries(value as object) : [];
  if (entries.length === 0 || rng.uniform() < 0.12) return oddValue(rng);
  const [key, inner] = entries[rng.int(entries.length)];
  if (Array.isArray(value)) {
    const at = Number(key);
    const draw = rng.uniform();
    if (draw < 0.1) return value.toSpliced(at, 1);
    if (draw < 0.2) return value.toSpliced(at, 0, inner);
    if (draw < 0.25) return Object.fromEntries(entries);
    return value.with(at, changed(inner, rng));
  }
  const rest = entries.filter(([k]) => k !== key);
  const draw = rng.uniform();
  const kept: [string, unknown][] =
    draw < 0.15
      ? rest
      : draw < 0.22
        ? [...rest, [WORDS[rng.int(WORDS.length)], inner]]
        : draw < 0.27
          ? [...entries, [WORDS[rng.int(WORDS.length)], oddValue(rng)]]
          : entries.map(([k, v]) => (k === key ? [k, changed(v, rng)] : [k, v]));
  return new Members(kept);
}

/** An object's members in order, which may be named `__proto__` or be there twice. */
class Members {
  constructor(entries: readonly [string, unknown][]) {
    for (const [key, value] of entries)
      Object.defineProperty(this, key, { value, enumerable: true, configurable: true, writable: true });
  }
}

function written(value: unknown): string {
  if (value instanceof Raw) return value.text;
  if (Array.isArray(value)) return `[${value.map(written).join(',')}]`;
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .map(([k, v]) => `${JSON.stringify(k)}:${written(v)}`)
      .join(',')}}`;
  return JSON.stringify(value) ?? 'null';
}
