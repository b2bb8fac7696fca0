/** Writes pickles by hand, sound and unsound ones, for tests of what reads them. */

/** `GLOBAL(*args)`, then what BUILD and SETITEMS give it. */
export interface Call {
  call: string;
  args: readonly Py[];
  state?: Py;
  items?: readonly (readonly [Py, Py])[];
  /** By NEWOBJ. */
  isNew?: boolean;
}

export type Py =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly Py[]
  | ReadonlyMap<Py, Py>
  | Call
  | { tuple: readonly Py[] }
  | { persistent: Py }
  | { raw: Uint8Array };

export const tuple = (...items: Py[]): Py => ({ tuple: items });
export const dict = (entries: Readonly<Record<string, Py>>): Py => new Map(Object.entries(entries));

/** One pickle, of protocol 2 or 4. */
export function pickle(value: Py, protocol: 2 | 4 = 2): Buffer {
  const out: Buffer[] = [Buffer.from([0x80, protocol])];
  write(out, value, protocol);
  out.push(Buffer.from('.'));
  return Buffer.concat(out);
}

const op = (text: string): Buffer => Buffer.from(text, 'latin1');

function sized(code: string, bytes: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.write(code, 'latin1');
  head.writeUInt32LE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

function whole(value: number | bigint): Buffer {
  if (value >= -(2 ** 31) && value < 2 ** 31) {
    const out = Buffer.alloc(5);
    out.write('J');
    out.writeInt32LE(Number(value), 1);
    return out;
  }
  const bytes: number[] = [];
  for (let left = BigInt.asUintN(128, BigInt(value)), i = 0; i < 16; i++, left >>= 8n) bytes.push(Number(left & 255n));
  return Buffer.from([0x8a, 16, ...bytes]);
}

function double(value: number): Buffer {
  const out = Buffer.alloc(9);
  out.write('G');
  out.writeDoubleBE(value, 1);
  return out;
}

function global(out: Buffer[], name: string, protocol: number): void {
  const at = name.lastIndexOf('.');
  const [module, last] = [name.slice(0, at), name.slice(at + 1)];
  if (protocol < 4) out.push(op(`c${module}\n${last}\n`));
  else for (const part of [module, last]) out.push(Buffer.from([0x8c, part.length]), op(part));
  if (protocol >= 4) out.push(Buffer.from([0x93]));
}

function write(out: Buffer[], value: Py, protocol: number): void {
  const each = (items: readonly Py[]) => {
    for (const item of items) write(out, item, protocol);
  };
  if (value === null) out.push(op('N'));
  else if (typeof value === 'boolean') out.push(op(value ? '\x88' : '\x89'));
  else if (typeof value === 'bigint' || Number.isInteger(value)) out.push(whole(value as number));
  else if (typeof value === 'number') out.push(double(value));
  else if (typeof value === 'string') out.push(sized('X', Buffer.from(value)));
  else if (value instanceof Uint8Array) out.push(sized('B', value));
  else if (value instanceof Map) {
    out.push(op('}('));
    for (const pair of value) each(pair);
    out.push(op('u'));
  } else if (Array.isArray(value)) {
    out.push(op(']('));
    each(value);
    out.push(op('e'));
  } else writeObject(out, value as Exclude<Py, readonly Py[]>, protocol);
}

function writeObject(out: Buffer[], value: Py, protocol: number): void {
  const each = (items: readonly Py[]) => {
    for (const item of items) write(out, item, protocol);
  };
  const object = value as Call | { tuple: readonly Py[] } | { persistent: Py } | { raw: Uint8Array };
  if ('raw' in object) out.push(Buffer.from(object.raw));
  else if ('tuple' in object) {
    out.push(op('('));
    each(object.tuple);
    out.push(op('t'));
  } else if ('persistent' in object) {
    write(out, object.persistent, protocol);
    out.push(op('Q'));
  } else {
    global(out, object.call, protocol);
    write(out, { tuple: object.args }, protocol);
    out.push(op(object.isNew ? '\x81' : 'R'));
    if (object.items) {
      out.push(op('('));
      for (const pair of object.items) each(pair);
      out.push(op('u'));
    }
    if (object.state !== undefined) {
      write(out, object.state, protocol);
      out.push(op('b'));
    }
  }
}

/** What torch's pickles say of a tensor. */
export interface TensorSaid {
  key?: string;
  /** Of torch's storages, e.g. FloatStorage. */
  type?: string;
  /** Numbers that its storage is said to have. */
  numbers: number | bigint;
  offset?: Py;
  shape: readonly (number | bigint)[];
  stride: readonly (number | bigint)[];
  device?: string;
}

/** A tensor over a storage. */
export function tensor({
  key = '0',
  type = 'FloatStorage',
  numbers,
  offset = 0,
  shape,
  stride,
  device = 'cpu',
}: TensorSaid): Py {
  const storage: Py = { persistent: tuple('storage', { raw: op(`ctorch\n${type}\n`) }, key, device, numbers) };
  const hooks: Call = { call: 'collections.OrderedDict', args: [] };
  return {
    call: 'torch._utils._rebuild_tensor_v2',
    args: [storage, offset, { tuple: shape }, { tuple: stride }, false, hooks],
  };
}

/** A numpy array as protocol 2 and later say it. */
export function numpyArray(
  data: Py,
  shape: readonly number[],
  { type = 'f4', isFortran = false, core = 'numpy._core', order = '<' } = {},
): Py {
  return {
    call: `${core}.multiarray._reconstruct`,
    args: [{ raw: op('cnumpy\nndarray\n') }, tuple(0), new Uint8Array([0x62])],
    state: tuple(1, { tuple: shape }, numpyType(type, order), isFortran, data),
  };
}

export const numpyType = (type: string, order = '<'): Py => ({
  call: 'numpy.dtype',
  args: [type, false, true],
  state: tuple(3, order, null, null, null, -1, -1, 0),
});

export const bytesOf = (data: ArrayBufferView): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/** The stream that torch wrote before its zip archives. @param storages their numbers, and how many there are */
export function legacyStream(
  value: Py,
  storages: ReadonlyMap<string, { count: number | bigint; bytes: Uint8Array }>,
  { isLittle = true, keys = [...storages.keys()] as readonly Py[] } = {},
): Buffer {
  const machine = dict({ protocol_version: 1001, little_endian: isLittle, type_sizes: dict({ int: 4, long: 4 }) });
  const magic = Buffer.from('80028a0a6cfc9c46f9206aa850192e', 'hex');
  const parts = [magic, pickle(1001), pickle(machine), pickle(value), pickle(keys)];
  for (const { count, bytes } of storages.values()) {
    const head = Buffer.alloc(8);
    head.writeBigInt64LE(BigInt(count));
    parts.push(head, Buffer.from(bytes));
  }
  return Buffer.concat(parts);
}
