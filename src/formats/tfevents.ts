import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../errors.js';
import { makeFolder } from '../files/folders.js';
import { removeFile } from '../files/remove.js';
import { cutFile, onFile, writeFileAtomic } from '../files/write.js';
import { maskedCrc32c } from './crc32c.js';
import { varint } from './protobuf.js';

/**
 * TensorBoard's event files: TFRecords (u64 length, masked CRC32C of it, payload, masked CRC32C of that) of Event messages
 * (tensorflow/core/util/event.proto: wall_time = 1, step = 2, file_version = 3, summary = 5; Summary.Value: tag = 1, simple_value = 2).
 */
export interface ScalarEvent {
  /** Seconds since 1970. */
  wallTime: number;
  step: number;
  tag: string;
  /** Stored in single precision. */
  value: number;
}

/** Length and its checksum before a payload, and the payload's checksum after it, bytes. */
const HEAD = 12;
const TAIL = 4;

/** Longest record that is read, bytes: scalars take some dozen; images and histograms of other writers stay far below. */
const MOST_RECORD = 64 * 2 ** 20;
/** Of an event: most bytes of a number. */
const MOST_VARINT = 10;

/** Writes scalars for TensorBoard; one file a folder, continued by a resumed run. */
export class EventWriter {
  private readonly file: string;
  private readonly handle: FileHandle;

  private constructor(file: string, handle: FileHandle) {
    this.file = file;
    this.handle = handle;
  }

  /**
   * Opens the folder's newest event file of ours, or a new one; files of other writers stay as they are. Of an earlier part of the run, events up to `lastStep` stay, so that no step
   * is there twice. A record that a killed writer left torn goes.
   * @param lastStep newest step that still counts; default all
   */
  static async open(dir: string, lastStep = Number.POSITIVE_INFINITY): Promise<EventWriter> {
    await makeFolder(dir);
    const entries = await readdir(dir, { withFileTypes: true });
    const names = entries.flatMap((e) => (e.isFile() && e.name.startsWith('events.out.tfevents.') ? [e.name] : []));
    let newest: string | undefined;
    for (const name of names.sort()) {
      const file = join(dir, name);
      if (!(await isOurs(file))) continue;
      const end = await cut(file, lastStep);
      if (end === 0) await removeFile(file);
      else newest = file;
    }
    const file = newest ?? (await begin(dir, entries.length));
    return new EventWriter(file, await open(file, 'a'));
  }

  /** One number under a tag at a step. */
  async scalar(step: number, tag: string, value: number, wallTime = Date.now() / 1000): Promise<void> {
    await onFile(this.file, this.handle.appendFile(record(scalarEvent({ wallTime, step, tag, value }))));
  }

  /** Numbers by tag at a step, in one write. */
  async scalars(step: number, values: Record<string, number>, wallTime = Date.now() / 1000): Promise<void> {
    const records = Object.entries(values).map(([tag, value]) => record(scalarEvent({ wallTime, step, tag, value })));
    await onFile(this.file, this.handle.appendFile(Buffer.concat(records)));
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}

/** Who wrote a file, in its second record: `source_metadata` = 10 of Event, `writer` = 1 of that. The first is the same in all files. */
const WRITER = 'synclr';

/** A new file with its first records, which appears whole. @param others files in the folder: its last number sets it apart from them */
async function begin(dir: string, others: number): Promise<string> {
  const seconds = String(Math.floor(Date.now() / 1000)).padStart(10, '0');
  const file = join(dir, `events.out.tfevents.${seconds}.${hostname()}.${process.pid}.${others}`);
  const now = double(1, Date.now() / 1000);
  const version = record(Buffer.concat([now, text(3, 'brain.Event:2')]));
  await writeFileAtomic(file, Buffer.concat([version, record(Buffer.concat([now, bytesField(10, text(1, WRITER))]))]));
  return file;
}

/** Tags that every step of our training has; the first versions did not name the writer. */
const OUR_TAGS = ['teacher_temperature', 'images_per_s'];
/** More than our training writes a step. */
const FIRST_RECORDS = 64;

/** Whether an event file is one of ours, by its first records. */
async function isOurs(file: string): Promise<boolean> {
  const tags = new Set<string>();
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    let at = 0;
    for (let i = 0; i < FIRST_RECORDS; i++) {
      const payload = await recordAt(handle, at, size);
      if (!payload) break;
      const source = fields(payload)?.get(10);
      if (i <= 1 && source instanceof Buffer) return fields(source)?.get(1)?.toString() === WRITER;
      const scalar = scalarIn(payload);
      if (typeof scalar === 'object') tags.add(scalar.tag);
      at += HEAD + payload.length + TAIL;
    }
  } finally {
    await handle.close();
  }
  return OUR_TAGS.every((tag) => tags.has(tag));
}

/** The payload of a record that is whole; undefined for any other. */
async function recordAt(handle: FileHandle, at: number, size: number): Promise<Buffer | undefined> {
  const head = Buffer.alloc(HEAD);
  if (at + HEAD + TAIL > size) return undefined;
  await handle.read(head, 0, HEAD, at);
  const length = lengthIn(head);
  if (length === undefined || length > MOST_RECORD || at + HEAD + length + TAIL > size) return undefined;
  const payload = Buffer.alloc(length + TAIL);
  await handle.read(payload, 0, payload.length, at + HEAD);
  const body = payload.subarray(0, length);
  return payload.readUInt32LE(length) === maskedCrc32c(body) ? body : undefined;
}

/** Cuts an event file off at its first event after `lastStep`, or at a record that is torn or damaged. @returns bytes left */
async function cut(file: string, lastStep: number): Promise<number> {
  const { size } = await stat(file);
  const handle = await open(file, 'r');
  let at = 0;
  try {
    for (let body = await recordAt(handle, at, size); body; body = await recordAt(handle, at, size)) {
      const event = fields(body);
      if (!event || stepOf(event) > lastStep) break;
      at += HEAD + body.length + TAIL;
    }
  } finally {
    await handle.close();
  }
  if (at < size) await cutFile(file, at);
  return at;
}

/**
 * The scalars of an event file; a record torn off at the end is left out.
 * @throws UserError naming the file and the byte where a checksum is wrong, or what it guards is no event
 */
export async function readEvents(file: string): Promise<ScalarEvent[]> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const out: ScalarEvent[] = [];
    const head = Buffer.alloc(HEAD);
    for (let at = 0; at + HEAD <= size; ) {
      await handle.read(head, 0, HEAD, at);
      const length = lengthIn(head);
      if (length === undefined) throw new UserError(`${file}: wrong checksum of the length at byte ${at}`);
      if (length > MOST_RECORD) throw new UserError(`${file}: a record of ${length} bytes at byte ${at}`);
      if (at + HEAD + length + TAIL > size) break;
      const bytes = Buffer.alloc(length + TAIL);
      await handle.read(bytes, 0, bytes.length, at + HEAD);
      const payload = bytes.subarray(0, length);
      if (bytes.readUInt32LE(length) !== maskedCrc32c(payload))
        throw new UserError(`${file}: wrong checksum of the record at byte ${at}`);
      const scalar = scalarIn(payload);
      if (scalar === undefined) throw new UserError(`${file}: the record at byte ${at} is no event`);
      if (scalar !== 'other') out.push(scalar);
      at += HEAD + length + TAIL;
    }
    return out;
  } finally {
    await handle.close();
  }
}

/** The scalar of an event; `other` of one that holds none: writers also store images, histograms and tensors. */
function scalarIn(payload: Buffer): ScalarEvent | 'other' | undefined {
  const event = fields(payload);
  if (!event) return undefined;
  const time = event.get(1);
  if (time !== undefined && !(time instanceof Buffer && time.length === 8)) return undefined;
  const summary = event.get(5);
  if (!(summary instanceof Buffer)) return 'other';
  const value = fields(summary)?.get(1);
  if (!(value instanceof Buffer)) return 'other';
  const inner = fields(value);
  if (!inner) return undefined;
  const [tag, scalar] = [inner.get(1), inner.get(2)];
  if (!(scalar instanceof Buffer && scalar.length === 4)) return 'other';
  return {
    wallTime: time?.readDoubleLE() ?? 0,
    step: stepOf(event),
    tag: tag instanceof Buffer ? tag.toString('utf8') : '',
    value: scalar.readFloatLE(),
  };
}

/** A signed number of 64 bits; 0 where the event names none. */
function stepOf(event: Map<number, bigint | Buffer>): number {
  const step = event.get(2);
  return typeof step === 'bigint' ? Number(BigInt.asIntN(64, step)) : 0;
}

/** Length of a record's payload; undefined when its checksum is wrong. */
function lengthIn(head: Buffer): number | undefined {
  return head.readUInt32LE(8) === maskedCrc32c(head.subarray(0, 8)) ? Number(head.readBigUInt64LE()) : undefined;
}

function scalarEvent(e: ScalarEvent): Buffer {
  const value = Buffer.concat([text(1, e.tag), float(2, e.value)]);
  return Buffer.concat([double(1, e.wallTime), varintField(2, BigInt(e.step)), bytesField(5, bytesField(1, value))]);
}

function record(payload: Buffer): Buffer {
  const head = Buffer.alloc(HEAD);
  head.writeBigUInt64LE(BigInt(payload.length));
  head.writeUInt32LE(maskedCrc32c(head.subarray(0, 8)), 8);
  const tail = Buffer.alloc(TAIL);
  tail.writeUInt32LE(maskedCrc32c(payload));
  return Buffer.concat([head, payload, tail]);
}

// Protocol buffers' wire format: as much of it as events need.

const key = (field: number, wire: number): Uint8Array => varint(BigInt((field << 3) | wire));
const varintField = (field: number, value: bigint): Buffer => Buffer.concat([key(field, 0), varint(value)]);
const bytesField = (field: number, value: Buffer): Buffer =>
  Buffer.concat([key(field, 2), varint(BigInt(value.length)), value]);
const text = (field: number, value: string): Buffer => bytesField(field, Buffer.from(value, 'utf8'));

function double(field: number, value: number): Buffer {
  const b = Buffer.alloc(8);
  b.writeDoubleLE(value);
  return Buffer.concat([key(field, 1), b]);
}

function float(field: number, value: number): Buffer {
  const b = Buffer.alloc(4);
  b.writeFloatLE(value);
  return Buffer.concat([key(field, 5), b]);
}

/** Fields of a message: varints as bigint, everything else as its bytes (the last of a number wins); undefined where it is none. */
function fields(message: Buffer): Map<number, bigint | Buffer> | undefined {
  const out = new Map<number, bigint | Buffer>();
  let at = 0;
  const next = (): bigint | undefined => {
    let value = 0n;
    for (let i = 0; i < MOST_VARINT && at < message.length; i++) {
      const byte = message[at++];
      value |= BigInt(byte & 0x7f) << BigInt(7 * i);
      if (byte < 0x80) return value;
    }
    return undefined;
  };
  while (at < message.length) {
    const tag = next();
    // Numbers of fields go up to 2^29.
    if (tag === undefined || tag >= 2n ** 32n) return undefined;
    const number = Number(tag >> 3n);
    const wire = Number(tag & 7n);
    if (wire === 0) {
      const value = next();
      if (value === undefined) return undefined;
      out.set(number, value);
      continue;
    }
    const length = wire === 1 ? 8n : wire === 5 ? 4n : wire === 2 ? next() : undefined;
    if (length === undefined || length > BigInt(message.length - at)) return undefined;
    out.set(number, message.subarray(at, at + Number(length)));
    at += Number(length);
  }
  return out;
}
