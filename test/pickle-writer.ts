/**
 * Python's pickles, as far as CIFAR's batches go: written by hand, from Lib/pickletools.py, so that no test needs
 * Python.
 */

/** What Python 2 called a text, and Python 3 bytes: a key of CIFAR's dictionaries. */
export const pyText = (text: string): string => `b'${text}`;

export class PyBytes {
  readonly bytes: Buffer;
  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }
}
export const pyBytes = (bytes: Buffer): PyBytes => new PyBytes(bytes);

class Raw {
  readonly code: Buffer;
  constructor(code: Buffer) {
    this.code = code;
  }
}

type Value = number | string | PyBytes | Raw | Value[] | { [key: string]: Value };

/** @param python 2: texts are bytes (protocol 2); 3: bytes are bytes (protocol 3) */
export function pickled(value: Value, python: 2 | 3): Buffer {
  return Buffer.concat([Buffer.from([0x80, python]), code(value, python), Buffer.from('.')]);
}

function code(value: Value, python: 2 | 3): Buffer {
  if (value instanceof Raw) return value.code;
  if (value instanceof PyBytes) {
    const { bytes } = value;
    const head = Buffer.alloc(5);
    head.write(python === 2 ? 'T' : 'B', 'latin1');
    head.writeUInt32LE(bytes.length, 1);
    return Buffer.concat([head, bytes]);
  }
  if (typeof value === 'number') {
    const head = Buffer.alloc(5);
    head.write('J', 'latin1');
    head.writeInt32LE(value, 1);
    return head;
  }
  if (typeof value === 'string') {
    const isBytes = value.startsWith("b'");
    if (isBytes) return code(pyBytes(Buffer.from(value.slice(2), 'latin1')), python);
    const text = Buffer.from(value);
    const head = Buffer.alloc(5);
    head.write('X', 'latin1');
    head.writeUInt32LE(text.length, 1);
    return Buffer.concat([head, text]);
  }
  if (Array.isArray(value))
    return Buffer.concat([Buffer.from(']('), ...value.map((v) => code(v, python)), Buffer.from('e')]);
  const items = Object.entries(value).flatMap(([k, v]) => [code(k, python), code(v, python)]);
  return Buffer.concat([Buffer.from('}('), ...items, Buffer.from('u')]);
}

/** A batch of CIFAR: an array of bytes as numpy gives its state, and labels. */
export function batch(python: 2 | 3, pictures: readonly Buffer[], labels: number[], key: string): Buffer {
  const data = Buffer.concat(pictures);
  const number = (n: number) => code(n, python);
  const tuple = (...items: Buffer[]) => Buffer.concat([Buffer.from('('), ...items, Buffer.from('t')]);
  const type = Buffer.concat([
    Buffer.from('cnumpy\ndtype\n'),
    tuple(code('u1', 3), number(0), number(1)),
    Buffer.from('R'),
    tuple(
      number(3),
      code('|', 3),
      Buffer.from('N'),
      Buffer.from('N'),
      Buffer.from('N'),
      number(-1),
      number(-1),
      number(0),
    ),
    Buffer.from('b'),
  ]);
  const array = Buffer.concat([
    Buffer.from('cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\n'.replace('\ncnumpy', '\n(cnumpy')),
    tuple(number(0)),
    code(pyBytes(Buffer.from('b')), python),
    Buffer.from('tR'),
    tuple(
      number(1),
      tuple(number(pictures.length), number(3072)),
      type,
      Buffer.from([0x89]),
      code(pyBytes(data), python),
    ),
    Buffer.from('b'),
  ]);
  return pickled(
    { [pyText('batch_label')]: pyText('a batch'), [pyText(key)]: labels, [pyText('data')]: new Raw(array) },
    python,
  );
}
