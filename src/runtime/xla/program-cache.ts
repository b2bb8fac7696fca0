import { readFileSync, statSync, utimesSync } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { arch, cpus } from 'node:os';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { sha256 } from '../../files/digest.js';
import { removeFile } from '../../files/remove.js';
import { type FileKind, isOfKind, replaceFile } from '../../files/replace.js';
import { removeTemporaries } from '../../files/temporary.js';
import { parseJson } from '../../formats/json.js';
import type { ProgramMemory } from './pjrt.js';
import type { DeviceInfo } from './session.js';

/** First line of a compiled program's file; the number changes with the form. */
const MAGIC = 'synclr compiled program 1\n';
const NAME = /^[0-9a-f]{64}\.xla$/;

const KIND: FileKind = {
  what: 'a compiled program of synclr',
  isOurs: (head) => head.subarray(0, MAGIC.length).equals(Buffer.from(MAGIC)),
};

/** Most that is kept by default, bytes. */
export const MOST_BYTES = 2 * 2 ** 30;

/** Second line: what the plugin does not tell of a program that it loads, and what damage is known by. */
const Header = z.object({
  digest: z.string(),
  memory: z
    .object({
      ...{ arguments: z.number(), outputs: z.number(), alias: z.number() },
      ...{ temp: z.number(), code: z.number(), peak: z.number() },
    })
    .optional(),
});

/**
 * Compiled programs in a folder, by what they were compiled from and for: the plugin, its devices, the program's text,
 * options and flags. A file that is damaged is as good as none. The folder may hold other files; only ours are removed.
 */
export class ProgramCache {
  private readonly folder: string;
  private readonly maker: string;
  private readonly most: number;

  /** @param most bytes that are kept: beyond, those used longest ago go */
  constructor(folder: string, info: DeviceInfo, plugin: string, most = MOST_BYTES) {
    this.folder = folder;
    this.most = most;
    const { platform, version, api, devices } = info;
    // What is compiled for a CPU runs on its kind alone.
    const host = platform === 'cpu' ? [arch(), cpus()[0]?.model] : [];
    const kinds = devices.map((d) => d.kind);
    this.maker = JSON.stringify([basename(plugin), statSync(plugin).size, platform, version, api, kinds, host]);
  }

  /** @param options as compiled with, flags among them */
  key(text: string, options: Uint8Array): string {
    return sha256(`${this.maker}\n${sha256(options)}\n${text}`);
  }

  /** A program, or undefined; at once, since the device's order must not depend on the disk. */
  read(key: string): { bytes: Uint8Array; memory?: ProgramMemory } | undefined {
    const path = this.path(key);
    try {
      const all = readFileSync(path);
      if (!KIND.isOurs(all, path)) return undefined;
      const end = all.indexOf(10, MAGIC.length);
      const header = Header.parse(parseJson(all.toString('utf8', MAGIC.length, end), path));
      const bytes = all.subarray(end + 1);
      if (sha256(bytes) !== header.digest) return undefined;
      const now = new Date();
      utimesSync(path, now, now);
      return { bytes, memory: header.memory };
    } catch {
      return undefined;
    }
  }

  /** Writes a program; where that fails (a full or read-only disk), none is kept. */
  async write(key: string, bytes: Uint8Array, memory: ProgramMemory | undefined): Promise<void> {
    const header = JSON.stringify({ digest: sha256(bytes), memory });
    try {
      await removeTemporaries(this.folder);
      await replaceFile(this.path(key), Buffer.concat([Buffer.from(`${MAGIC}${header}\n`), bytes]), KIND);
      await this.shrink();
    } catch {
      // A program that is not kept is compiled again.
    }
  }

  private path(key: string): string {
    return join(this.folder, `${key}.xla`);
  }

  private async shrink(): Promise<void> {
    const files: { path: string; size: number; used: number }[] = [];
    for (const name of await readdir(this.folder)) {
      if (!NAME.test(name)) continue;
      const path = join(this.folder, name);
      const at = await lstat(path);
      if (await isOfKind(path, KIND)) files.push({ path, size: at.size, used: at.mtimeMs });
    }
    files.sort((a, b) => b.used - a.used);
    let sum = 0;
    for (const { path, size } of files) {
      sum += size;
      if (sum > this.most) await removeFile(path);
    }
  }
}
