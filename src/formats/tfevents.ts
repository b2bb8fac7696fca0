import { type FileHandle, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { temporaryName } from './atomic.js';

/**
 * TensorBoard's event files: TFRecords (u64 length, masked CRC32C of it, payload, masked CRC32C of that) of Event messages
 * (tensorflow/core/util/event.proto: wall_time = 1, step = 2, file_version = 3, summary = 5; Summary.Value: tag = 1, simple_value = 2).
 */
export interface ScalarEvent {
  wallTime: number;
  step: number;
  tag: string;
  value: number;
}

export class EventWriter {
  private readonly handle: FileHandle;

  private constructor(handle: FileHandle) {
    this.handle = handle;
  }

  /**
   * Opens the folder's event file; of an earlier part of the run, events up to `lastStep` stay.
   * @param lastStep newest step that still counts
   */
  static async open(dir: string, lastStep: number): Promise<EventWriter> {
    await mkdir(dir, { recursive: true });
    const earlier = (await readdir(dir)).filter((n) => n.startsWith('events.out.tfevents.')).sort();
    const kept: Buffer[] = [];
    for (const name of earlier)
      for (const e of await readEvents(join(dir, name))) if (e.step <= lastStep) kept.push(record(scalarEvent(e)));
    const file = join(dir, earlier[0] ?? `events.out.tfevents.${Math.floor(Date.now() / 1000)}.${hostname()}`);
    const temporary = temporaryName(file);
    const handle = await open(temporary, 'w');
    await handle.writeFile(
      Buffer.concat([record(Buffer.concat([double(1, Date.now() / 1000), text(3, 'brain.Event:2')])), ...kept]),
    );
    await handle.sync();
    await rename(temporary, file);
    for (const name of earlier.slice(1)) await rm(join(dir, name));
    return new EventWriter(handle);
  }

  /** One number a tag at a step. */
  async scalars(step: number, values: Record<string, number>): Promise<void> {
    const wallTime = Date.now() / 1000;
    const records = Object.entries(values).map(([tag, value]) => record(scalarEvent({ wallTime, step, tag, value })));
    await this.handle.appendFile(Buffer.concat(records));
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}

/** The scalars of an event file; a record cut off at the end is left out. @throws when a checksum is wrong */
export async function readEvents(file: string): Promise<ScalarEvent[]> {
  const bytes = await readFile(file);
  const out: ScalarEvent[] = [];
  for (let at = 0; at + 12 <= bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at));
    if (at + 16 + length > bytes.length) break;
    const payload = bytes.subarray(at + 12, at + 12 + length);
    if (
      bytes.readUInt32LE(at + 8) !== masked(bytes.subarray(at, at + 8)) ||
      bytes.readUInt32LE(at + 12 + length) !== masked(payload)
    )
      throw new Error(`${file}: wrong checksum of the record at byte ${at}`);
    const event = fields(payload);
    const summary = event.get(5);
    if (summary instanceof Buffer) {
      const value = fields(fields(summary).get(1) as Buffer);
      out.push({
        wallTime: (event.get(1) as Buffer).readDoubleLE(),
        step: Number(event.get(2) ?? 0n),
        tag: (value.get(1) as Buffer).toString('utf8'),
        value: (value.get(2) as Buffer).readFloatLE(),
      });
    }
    at += 16 + length;
  }
  return out;
}

function scalarEvent(e: ScalarEvent): Buffer {
  const value = Buffer.concat([text(1, e.tag), float(2, e.value)]);
  return Buffer.concat([double(1, e.wallTime), varintField(2, BigInt(e.step)), bytesField(5, bytesField(1, value))]);
}

function record(payload: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeBigUInt64LE(BigInt(payload.length));
  head.writeUInt32LE(masked(head.subarray(0, 8)), 8);
  const tail = Buffer.alloc(4);
  tail.writeUInt32LE(masked(payload));
  return Buffer.concat([head, payload, tail]);
}

function varint(value: bigint): Buffer {
  const out: number[] = [];
  do {
    const low = Number(value & 0x7fn);
    value >>= 7n;
    out.push(value > 0n ? low | 0x80 : low);
  } while (value > 0n);
  return Buffer.from(out);
}
const key = (field: number, wire: number): Buffer => varint(BigInt((field << 3) | wire));
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

/** Fields of a message: varints as bigint, everything else as its bytes (the last of a number wins). */
function fields(message: Buffer): Map<number, bigint | Buffer> {
  const out = new Map<number, bigint | Buffer>();
  let at = 0;
  const next = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at++];
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const tag = Number(next());
    const wire = tag & 7;
    if (wire === 0) out.set(tag >> 3, next());
    else {
      const length = wire === 1 ? 8 : wire === 5 ? 4 : Number(next());
      out.set(tag >> 3, message.subarray(at, at + length));
      at += length;
    }
  }
  return out;
}

/** CRC-32C (Castagnoli), table-driven. */
const TABLE = Uint32Array.from({ length: 256 }, (_, i) => {
  let c = i;
  for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0x82f63b78 : c >>> 1;
  return c >>> 0;
});

export function crc32c(data: Uint8Array): number {
  let c = 0xffffffff;
  for (const byte of data) c = TABLE[(c ^ byte) & 0xff] ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}

/** TFRecord's masking of a checksum, so that checksums of data that hold checksums stay good. */
function masked(data: Uint8Array): number {
  const c = crc32c(data);
  return (((c >>> 15) | (c << 17)) + 0xa282ead8) >>> 0;
}
