import type { FileHandle } from 'node:fs/promises';
import { UserError } from '../errors.js';
import { DamagedFile } from './damaged.js';
import { FileBytes, MadeBytes, type PickleBytes } from './pickle-values.js';
import type { SafeTensor } from './safetensors.js';
import { viewOf } from './safetensors-header.js';
import { damaged, type Place, type StoredTensor } from './stored-tensor.js';

/** Most bytes of one read: a call takes at most 2 GiB. */
const PIECE = 1 << 26;

/**
 * The numbers of a stored tensor in memory of their own, row-major and contiguous.
 * @param name for messages
 * @throws UserError for a type that is not read; DamagedFile where the file ends before
 */
export async function readStored(
  handle: FileHandle,
  file: string,
  name: string,
  tensor: StoredTensor,
): Promise<SafeTensor> {
  const dtype = tensor.readable;
  if (!dtype) throw new UserError(`${file}: tensor ${name} has the type ${tensor.dtype}, which is not read`);
  const { itemBytes, source, offset, extent } = tensor;
  const isWhole = source instanceof FileBytes && source.form !== 'raw';
  const bytes = isWhole
    ? await latin1(handle, file, name, source, extent * itemBytes)
    : await stretch(handle, file, source, offset * itemBytes, extent * itemBytes);
  const data = tensor.isContiguous ? bytes : gathered(bytes, tensor);
  return { dtype, shape: [...tensor.shape], data: viewOf(dtype, data.buffer) };
}

async function stretch(
  handle: FileHandle,
  file: string,
  source: Place | PickleBytes,
  from: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  if (source instanceof MadeBytes) return Uint8Array.from(source.bytes.subarray(from, from + length));
  if (source.at === undefined) throw new Error('internal: a storage without a place');
  const bytes = new Uint8Array(length);
  await readFully(handle, file, bytes, source.at + from);
  return bytes;
}

/** Bytes that are written as the UTF-8 of a text. */
async function latin1(
  handle: FileHandle,
  file: string,
  name: string,
  source: FileBytes,
  needed: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const text = new Uint8Array(source.length);
  await readFully(handle, file, text, source.at);
  const bytes = new Uint8Array(needed);
  let to = 0;
  for (let i = 0; i < text.length; i++) {
    let byte = text[i];
    if (byte >= 0x80) {
      // Of characters up to U+00FF, 110000ab 10cdefgh.
      const next = text[++i] ?? 0;
      if ((byte & 0xfc) !== 0xc0 || (next & 0xc0) !== 0x80)
        throw damaged(file, `the bytes of array ${name} are no text of single bytes`);
      byte = ((byte & 3) << 6) | (next & 0x3f);
    }
    // Beyond its end nothing is kept, and all is counted.
    bytes[to++] = byte;
  }
  if (to !== needed) throw damaged(file, `array ${name} has ${to} bytes, it needs ${needed}`);
  return bytes;
}

async function readFully(handle: FileHandle, file: string, into: Uint8Array, from: number): Promise<void> {
  for (let done = 0; done < into.length; ) {
    const { bytesRead } = await handle.read(into, done, Math.min(PIECE, into.length - done), from + done);
    if (bytesRead === 0) throw new DamagedFile(`${file}: truncated at byte ${from + done}`);
    done += bytesRead;
  }
}

const WORDS: Readonly<Record<number, (b: ArrayBuffer) => Uint8Array | Uint16Array | Uint32Array | BigUint64Array>> = {
  1: (b) => new Uint8Array(b),
  2: (b) => new Uint16Array(b),
  4: (b) => new Uint32Array(b),
  8: (b) => new BigUint64Array(b),
};

/** A view's numbers in the order of its axes. @param bytes from the first number that it uses to the last */
function gathered(
  bytes: Uint8Array<ArrayBuffer>,
  { shape, strides, itemBytes, numel }: StoredTensor,
): Uint8Array<ArrayBuffer> {
  const out = new ArrayBuffer(numel * itemBytes);
  const from = WORDS[itemBytes](bytes.buffer);
  const to = WORDS[itemBytes](out);
  const at = new Array<number>(shape.length).fill(0);
  let source = 0;
  for (let i = 0; i < numel; i++) {
    (to as Uint8Array)[i] = (from as Uint8Array)[source];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      source += strides[axis];
      if (++at[axis] < shape[axis]) break;
      source -= shape[axis] * strides[axis];
      at[axis] = 0;
    }
  }
  return new Uint8Array(out);
}
