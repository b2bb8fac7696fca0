import { deflateSync } from 'node:zlib';

/** MATLAB files of version 5, by the format's own account, so that no test needs MATLAB or Python. */

export type Mat = number[] | string | Mat[] | { cells: Mat[] } | { structs: Record<string, Mat>[] };

const element = (type: number, data: Buffer): Buffer => {
  if (data.length > 0 && data.length <= 4) {
    const small = Buffer.alloc(8);
    small.writeUInt16LE(type, 0);
    small.writeUInt16LE(data.length, 2);
    data.copy(small, 4);
    return small;
  }
  const head = Buffer.alloc(8);
  head.writeUInt32LE(type, 0);
  head.writeUInt32LE(data.length, 4);
  return Buffer.concat([head, data, Buffer.alloc((8 - (data.length % 8)) % 8)]);
};
const int32s = (...values: number[]) => Buffer.from(Int32Array.from(values).buffer);

function matrix(name: string, kind: number, dims: number[], ...content: Buffer[]): Buffer {
  return element(
    14,
    Buffer.concat([
      element(6, int32s(kind, 0)),
      element(5, int32s(...dims)),
      element(1, Buffer.from(name, 'latin1')),
      ...content,
    ]),
  );
}

function coded(name: string, value: Mat): Buffer {
  if (typeof value === 'string') {
    const text = Buffer.alloc(2 * value.length);
    for (let i = 0; i < value.length; i++) text.writeUInt16LE(value.charCodeAt(i), 2 * i);
    return matrix(name, 4, [1, value.length], element(4, text));
  }
  if (Array.isArray(value)) {
    const numbers = value as number[];
    // MATLAB stores whole numbers of doubles as small as they fit.
    const small = numbers.every((n) => Number.isInteger(n) && n >= 0 && n < 256);
    const bytes = small ? Buffer.from(numbers) : Buffer.from(Float64Array.from(numbers).buffer);
    return matrix(name, 6, [1, numbers.length], element(small ? 2 : 9, bytes));
  }
  if ('cells' in value) return matrix(name, 1, [1, value.cells.length], ...value.cells.map((c) => coded('', c)));
  const fields = Object.keys(value.structs[0] ?? {});
  const names = Buffer.alloc(32 * fields.length);
  for (const [i, f] of fields.entries()) names.write(f, 32 * i, 'latin1');
  const content = value.structs.flatMap((s) => fields.map((f) => coded('', s[f])));
  return matrix(name, 2, [1, value.structs.length], element(5, int32s(32)), element(1, names), ...content);
}

/** A file with some variables. @param packed as version 7 has it */
export function matlab(variables: Record<string, Mat>, packed = false): Buffer {
  const head = Buffer.alloc(128, ' ');
  head.write('MATLAB 5.0 MAT-file, Platform: GLNXA64', 'latin1');
  head.fill(0, 116, 124);
  head.writeUInt16LE(0x0100, 124);
  head.write('IM', 126, 'latin1');
  const parts = Object.entries(variables).map(([name, value]) => {
    const plain = coded(name, value);
    if (!packed) return plain;
    const data = deflateSync(plain);
    const before = Buffer.alloc(8);
    before.writeUInt32LE(15, 0);
    before.writeUInt32LE(data.length, 4);
    return Buffer.concat([before, data]);
  });
  return Buffer.concat([head, ...parts]);
}
