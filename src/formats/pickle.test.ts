import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { dict, type Py, pickle, tuple } from '../../test/pickles.js';
import { ByteCursor } from './byte-cursor.js';
import { readPickle } from './pickle.js';
import { Dict, FileBytes, List, MadeBytes, type PickleValue } from './pickle-values.js';
import { TorchPickle } from './torch-pickle.js';

const dir = mkdtempSync(join(tmpdir(), 'pickle-'));
afterAll(() => rmSync(dir, { recursive: true }));

function read(bytes: Uint8Array | string): PickleValue {
  const file = join(dir, 'x.pkl');
  const data = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
  writeFileSync(file, data);
  const fd = openSync(file, 'r');
  try {
    const world = new TorchPickle('x.pkl', () => ({ at: 0, bytes: 0 }));
    return readPickle(new ByteCursor(fd, 'x.pkl', 0, data.length), world);
  } finally {
    closeSync(fd);
  }
}

/** As plain JavaScript. */
function plain(value: PickleValue): unknown {
  if (value instanceof List) return value.items.map(plain);
  if (value instanceof Dict) return [...value.entries].map(([k, v]) => [plain(k), plain(v)]);
  if (value instanceof MadeBytes) return [...value.bytes];
  return value instanceof FileBytes ? `${value.form} ${value.length}` : value;
}

describe('what Python writes', () => {
  test.each<[string, unknown]>([
    // pickle.dumps([1, -1, True, False, None, 1.5, 2**70, 'a\n€', {'k': (1,)}, float('-inf')], protocol=0)
    [
      '(lp0\nI1\naI-1\naI01\naI00\naNaF1.5\naL1180591620717411303424L\naVa\\u000a\\u20ac\np1\na(dp2\nVk\np3\n(I1\ntp4\nsaF-inf\na.',
      [1, -1, true, false, null, 1.5, 2n ** 70n, 'a\n€', [['k', [1]]], Number.NEGATIVE_INFINITY],
    ],
    // Python 2's texts.
    ["(S'it\\'s'\nS\"\\x41\\n\"\nt.", ["it's", 'A\n']],
    // Protocol 1: (255, 256, 65536, -1, 'é').
    ['(K\xffM\x00\x01J\x00\x00\x01\x00J\xff\xff\xff\xffX\x02\x00\x00\x00\xc3\xa9t.', [255, 256, 65536, -1, 'é']],
    // Whole numbers of any length.
    [
      '\x80\x02(\x8a\x00\x8a\x01\xff\x8a\x02\xff\x00\x8b\x09\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01t.',
      [0, -1, 255, 2n ** 64n],
    ],
    // The memo: a list that is in a tuple twice.
    ['\x80\x02]q\x00K\x01ah\x00\x86.', [[1], [1]]],
    // Protocol 4: frame, memoize, short texts, bytes, a set that stays closed.
    ['\x80\x04\x95\x0d\x00\x00\x00\x00\x00\x00\x00\x8c\x01a\x94C\x02xy\x94h\x00\x87.', ['a', [120, 121], 'a']],
    // POP, POP_MARK, DUP.
    ['\x80\x02K\x01K\x020(K\x03K\x0412\x86.', [1, 1]],
    ['\x80\x02(0K\x05.', 5],
  ])('%j', (bytes, value) => expect(plain(read(bytes))).toEqual(value));

  test('long texts and bytes stay in the file', () => {
    const values: Py[] = ['x'.repeat(5000), new Uint8Array(70_000), 'after', 'y'.repeat(4000)];
    expect(plain(read(pickle(values)))).toEqual(['text 5000', 'raw 70000', 'after', 'y'.repeat(4000)]);
  });

  test('pickles longer than the window', () => {
    const values = Array.from({ length: 30_000 }, (_, i) => (i % 3 === 0 ? `value ${i}` : i % 3 === 1 ? i / 7 : i));
    expect(plain(read(pickle(values)))).toEqual(values);
  });

  test('names that mean something to JavaScript are names', () => {
    const value = read(pickle(dict({ ['__proto__']: 1, constructor: 2, toString: 3 })));
    expect(plain(value)).toEqual([
      ['__proto__', 1],
      ['constructor', 2],
      ['toString', 3],
    ]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe('nothing is executed', () => {
  test.each([
    ['posix.system', 'cposix\nsystem\n(X\x04\x00\x00\x00echotR.'],
    ['__builtin__.eval', '\x80\x02c__builtin__\neval\n.'],
    ['builtins.getattr', '\x80\x04\x8c\x08builtins\x8c\x07getattr\x93.'],
    ['os.system', '(X\x04\x00\x00\x00echoios\nsystem\n.'],
    ['builtins.__import__', '\x80\x02cbuiltins\n__import__\n0N.'],
    ['collections.namedtuple', '\x80\x02ccollections\nnamedtuple\n.'],
    ['numpy.load', '\x80\x02cnumpy\nload\n.'],
    ['__main__.Model', '\x80\x02c__main__\nModel\n)\x81}b.'],
    ['toString.constructor', '\x80\x02ctoString\nconstructor\n.'],
  ])('%s is refused by name', (name, bytes) =>
    expect(() => read(bytes)).toThrow(`x.pkl: refused: its pickle asks for ${name}, `),
  );

  test('what is allowed makes data alone', () => {
    const asked = (raw: string) => () => read(`\x80\x02${raw}.`);
    expect(asked('ctorch.storage\n_load_from_bytes\n')).toThrow(/torch\.storage\._load_from_bytes/);
    expect(asked('ctorch.nn.modules.linear\nLinear\n')).toThrow(/torch\.nn\.modules\.linear\.Linear: a whole module/);
    expect(asked('c_codecs\nencode\nX\x01\x00\x00\x00aX\x04\x00\x00\x00zlib\x86R')).toThrow(/does not take these/);
    expect(asked('c__builtin__\nint\n)R')).toThrow(/__builtin__\.int does not take these arguments/);
    expect(asked('K\x01)R')).toThrow(/a number is called/);
    expect(asked('}}b]}b')).toThrow(/a list takes no state of this kind/);
  });
});

describe('what is no pickle', () => {
  test.each<[string, string, RegExp]>([
    ['ends in the middle', '\x80\x02X\xff\x00\x00\x00abc', /truncated/],
    ['ends before it stops', '\x80\x02K\x01', /truncated/],
    [
      'a length beyond all bounds',
      '\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\xffabc.',
      /a length of 18446744073709551615 bytes/,
    ],
    ['an unknown instruction', '\x80\x02\xff.', /instruction 0xff is not known/],
    ['an extension', '\x80\x02\x82\x01.', /instruction 0x82/],
    ['a later protocol', '\x80\x06N.', /protocol 6/],
    ['an empty stack', '\x80\x020.', /empty stack/],
    ['a mark in the way', '\x80\x02K\x01(a.', /empty stack/],
    ['no mark', '\x80\x02t.', /no mark/],
    ['an empty memo', '\x80\x02h\x05.', /memo 5 is empty/],
    ['a key without a value', '\x80\x02}(K\x01u.', /a key without a value/],
    ['two values', '\x80\x02K\x01K\x02.', /more than one value/],
    ['a number that is none', 'I1x\n.', /a whole number that is none/],
    ['a number without end', `L${'9'.repeat(9000)}L\n.`, /a whole number that is none/],
    ['a number of many bytes', '\x80\x02\x8b\xff\xff\x00\x00.', /a whole number of 65535 bytes/],
    ['a line without end', `V${'x'.repeat(70_000)}`, /a line of more than 65536 bytes/],
    ['items for a tuple', '\x80\x02)K\x01a.', /items for a tuple/],
  ])('%s', (_, bytes, what) => expect(() => read(bytes)).toThrow(what));
});

describe('in bounded time and memory', () => {
  test('depth', () => {
    expect(() => read(`\x80\x02${']'.repeat(100_000)}.`)).toThrow(/nests more than 65536/);
    expect(() => read(`\x80\x02${'('.repeat(100_000)}.`)).toThrow(/too many marks/);
  });

  test('instructions', () =>
    expect(() => read(`\x80\x02N${'0N'.repeat(1 << 20)}.`)).toThrow(/instructions is not read/));

  test('a dictionary that is copied again and again', () => {
    const pairs = Array.from({ length: 3000 }, (_, i) => tuple(i, i));
    const body = pickle(pairs).subarray(2, -1).toString('latin1');
    // memo 0: (pairs,); memo 1: OrderedDict
    const text = `\x80\x02${body}\x85q\x00ccollections\nOrderedDict\nq\x01${'h\x01h\x00R0'.repeat(1000)}00N.`;
    expect(() => read(text)).toThrow(/copies more than/);
  });
});
