import { open, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf, UserError } from '../errors.js';
import { FileWindow } from './file-window.js';

/** Files of other frameworks, configurations and prose. */
const FOREIGN =
  /\.(onnx|json|txt|safetensors|bin|msgpack|h5|ckpt|pt|pth|ot|xml|engine|plan|mlmodel|py|md|png|jpg|jpeg)$/i;

/**
 * Whether a file beside an ONNX file holds its weights. They may have any name (`model.onnx_data`, `weights.pb`, one file a tensor), so:
 * whatever is no other format, nor the data of another ONNX file there, which by custom begins with that file's name
 * (`model_fp16.onnx_data`).
 * @param name of the file  @param names of all files in the folder  @param model of the ONNX file, e.g. `model.onnx`
 */
export function isOnnxData(name: string, names: readonly string[], model: string): boolean {
  if (name.startsWith('.') || FOREIGN.test(name)) return false;
  const stems = names.filter((n) => n.endsWith('.onnx')).map((n) => n.slice(0, -'.onnx'.length));
  // The longest name that fits is the one that is meant: model_fp16.onnx_data is not model's.
  const owner = stems.filter((s) => name.startsWith(`${s}.`)).sort((a, b) => b.length - a.length)[0];
  return owner === undefined || `${owner}.onnx` === model;
}

/**
 * Checks an ONNX file before a runtime opens it: that its messages end where they say, and that the data it keeps in other files lie in its own
 * folder, are there, and are as long as it says. Reads no weights.
 * @throws UserError naming the file and what is wrong; the file system's error where it cannot be opened
 */
export async function checkOnnx(file: string): Promise<void> {
  const handle = await open(file, 'r');
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw new UserError(`${file}: not a file`);
    if (found.size === 0) throw new UserError(`${file}: no ONNX model: it is empty`);
    const walk = new OnnxWalk(handle.fd, file);
    walk.message(0, found.size, MODEL, 0);
    if (!walk.sawGraph) throw new UserError(`${file}: no ONNX model: it has no graph`);
    for (const [location, end] of walk.external) await checkData(file, location, end);
  } finally {
    await handle.close();
  }
}

/** @param end bytes that the file must have */
async function checkData(file: string, location: string, end: number): Promise<void> {
  const parts = location.split(/[/\\]/);
  if (location.includes('\0') || /^([/\\]|[A-Za-z]:)/.test(location) || parts.includes('..'))
    throw new UserError(
      `${file} has data in ${JSON.stringify(location.slice(0, 200))}, outside its own folder: such a model is not opened`,
    );
  const path = join(dirname(file), location);
  const info = await stat(path).catch((e) => {
    if (codeOf(e) === 'ENOENT') throw new UserError(`${file} has data in ${path}, which is missing`);
    throw e;
  });
  if (!info.isFile()) throw new UserError(`${file} has data in ${path}, which is no file`);
  if (info.size < end)
    throw new UserError(`${path} is cut off: it has ${info.size} bytes, ${file} needs ${end}; get it again`);
}

/** Fields of the messages that lead to tensors (onnx.proto): by number, what a field holds. */
interface Form {
  readonly name: string;
  readonly fields: Readonly<Record<number, () => Form>>;
}
const TENSOR: Form = { name: 'tensor', fields: {} };
const SPARSE: Form = { name: 'sparse tensor', fields: { 1: () => TENSOR, 2: () => TENSOR } };
const ATTRIBUTE: Form = {
  name: 'attribute',
  fields: { 5: () => TENSOR, 6: () => GRAPH, 10: () => TENSOR, 11: () => GRAPH, 22: () => SPARSE, 23: () => SPARSE },
};
const NODE: Form = { name: 'node', fields: { 5: () => ATTRIBUTE } };
const GRAPH: Form = { name: 'graph', fields: { 1: () => NODE, 5: () => TENSOR, 15: () => SPARSE } };
const FUNCTION: Form = { name: 'function', fields: { 7: () => NODE } };
const MODEL: Form = { name: 'model', fields: { 7: () => GRAPH, 25: () => FUNCTION } };
/** Of a tensor: where its data lie elsewhere. */
const EXTERNAL_DATA = 13;
/** Graphs in nodes of graphs; no exporter comes near. */
const MOST_DEPTH = 64;
/** Longest entry on a tensor's data elsewhere, bytes. */
const MOST_ENTRY = 8192;
/** Read at once. */
const WINDOW = 1 << 16;

/** Goes through an ONNX file's messages without reading its weights; synchronously, for there are many small ones. */
class OnnxWalk {
  /** Bytes that each file with data must have, by its name. */
  readonly external = new Map<string, number>();
  sawGraph = false;
  private readonly file: string;
  private readonly window: FileWindow;

  constructor(fd: number, file: string) {
    this.file = file;
    this.window = new FileWindow(fd, WINDOW);
  }

  message(begin: number, end: number, form: Form, depth: number): void {
    if (depth > MOST_DEPTH) throw this.damaged(begin, `nested more than ${MOST_DEPTH} deep`);
    if (form === GRAPH) this.sawGraph = true;
    const elsewhere = new Map<string, string>();
    for (let at = begin; at < end; ) {
      const field = this.field(at, end);
      if (field.wire === 2) {
        const inner = form.fields[field.number]?.();
        if (inner) this.message(field.begin, field.end, inner, depth + 1);
        else if (form === TENSOR && field.number === EXTERNAL_DATA) {
          const [key, value] = this.entry(field.begin, field.end);
          elsewhere.set(key, value);
        }
      }
      at = field.end;
    }
    const location = elsewhere.get('location');
    if (location === undefined) return;
    const number = (key: string): number => {
      const text = elsewhere.get(key) || '0';
      if (!/^[0-9]{1,15}$/.test(text)) throw this.damaged(begin, `${key} ${text.slice(0, 40)} of a tensor's data`);
      return Number(text);
    };
    const needed = number('offset') + number('length');
    this.external.set(location, Math.max(needed, this.external.get(location) ?? 0));
  }

  /** A field's number, kind, and where what it holds lies. */
  private field(at: number, end: number): { number: number; wire: number; begin: number; end: number } {
    const [tag, after] = this.varint(at, end);
    const number = Math.floor(tag / 8);
    const wire = tag % 8;
    if (number === 0 || number >= 2 ** 29) throw this.damaged(at, 'no field');
    let begin = after;
    let length: number;
    if (wire === 0) length = this.varint(after, end)[1] - after;
    else if (wire === 1) length = 8;
    else if (wire === 5) length = 4;
    else if (wire === 2) [length, begin] = this.varint(after, end);
    else throw this.damaged(at, 'no field');
    if (!(length <= end - begin)) throw this.damaged(at, 'it is cut off, or says more than it holds');
    return { number, wire, begin, end: begin + length };
  }

  /** A key and its value. */
  private entry(begin: number, end: number): [string, string] {
    if (end - begin > MOST_ENTRY) throw this.damaged(begin, "an endless name of a tensor's data");
    const found = ['', ''];
    for (let at = begin; at < end; ) {
      const field = this.field(at, end);
      if (field.wire === 2 && (field.number === 1 || field.number === 2))
        found[field.number - 1] = this.bytes(field.begin, field.end - field.begin).toString('utf8');
      at = field.end;
    }
    return [found[0], found[1]];
  }

  /** Its value (not exact beyond 2^53, which nothing here can be), and where it ends. */
  private varint(at: number, end: number): [number, number] {
    let value = 0;
    for (let i = 0; i < 10 && at + i < end; i++) {
      const byte = this.bytes(at + i, 1)[0];
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return [value, at + i + 1];
    }
    throw this.damaged(at, 'a number without an end');
  }

  private bytes(at: number, length: number): Buffer {
    const found = this.window.at(at, length);
    if (!found) throw this.damaged(at, 'it is cut off');
    return found;
  }

  private damaged(at: number, what: string): UserError {
    return new UserError(`${this.file}: damaged ONNX file at byte ${at}: ${what}`);
  }
}
