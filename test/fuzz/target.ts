import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A sound input, from which broken ones are made. */
export interface Seed {
  bytes: Buffer;
  /** What it is an input of, where a target has several, e.g. a route of a server or the ending of a file. */
  tag?: string;
  /** JSON is also broken by its structure; `lines`: one JSON value a line. */
  json?: 'whole' | 'lines';
}

/** A parser of outside bytes. */
export interface Target {
  name: string;
  /** Makes what the parser needs beside its input, and the sound inputs. */
  open(): Promise<Parser> | Parser;
  /** Memory that any of its inputs may take, MiB; default 192: buffers, code that is compiled for the first time. */
  allowanceMb?: number;
  /** Bytes of memory that it may take beside a fixed allowance, for every byte of the input. Default 64. */
  bytesPerByte?: number;
}

export interface Parser {
  seeds: readonly Seed[];
  /** Reads one input as the product would. Any error but the product's own for bad input is a failure of the target. */
  parse(bytes: Buffer, tag: string | undefined): unknown;
  close?(): Promise<void> | void;
}

/** A folder for a target's files, removed with the process. */
export class Scratch {
  readonly dir: string;

  constructor() {
    this.dir = mkdtempSync(join(tmpdir(), 'synclr-fuzz-'));
    process.once('exit', () => rmSync(this.dir, { recursive: true, force: true }));
  }

  /** Writes an input as a file. @returns its path */
  put(name: string, bytes: Uint8Array | string): string {
    const path = join(this.dir, name);
    writeFileSync(path, bytes);
    return path;
  }
}

/** JSON as a seed. */
export const json = (value: unknown, tag?: string): Seed => ({
  bytes: Buffer.from(JSON.stringify(value)),
  json: 'whole',
  tag,
});

/** Text as a seed. */
export const text = (value: string, tag?: string): Seed => ({ bytes: Buffer.from(value), tag });
