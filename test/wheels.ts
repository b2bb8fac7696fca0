import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';

/** One entry of an archive that a test writes; what is not given is as it should be. */
export interface ZipPart {
  name: string;
  data?: string | Uint8Array;
  /** Unix mode and type; default a regular file. */
  mode?: number;
  /** Unpacked size that is claimed. */
  claims?: number;
  /** Flags of the entry; 1 = encrypted. */
  flags?: number;
}

/** A zip archive (APPNOTE.TXT of PKWARE), with whatever names and claims a test wants. */
export function zipOf(parts: readonly ZipPart[]): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, data = '', mode = 0o100644, claims, flags = 0 } of parts) {
    const plain = Buffer.from(data);
    const packed = deflateRawSync(plain);
    const path = Buffer.from(name);
    // From "version needed" to "extra length": both headers have them in this order.
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(flags | 0x800, 2);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(plain), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(claims ?? plain.length, 18);
    common.writeUInt16LE(path.length, 22);
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), common, path, packed]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE((mode * 0x10000) >>> 0, 6);
    rest.writeUInt32LE(offset, 10);
    central.push(Buffer.concat([Buffer.from('PK\u0001\u0002\u0014\u0003', 'latin1'), common, rest, path]));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006', 0, 'latin1');
  end.writeUInt16LE(parts.length, 8);
  end.writeUInt16LE(parts.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}

export interface WheelParts {
  name: string;
  version?: string;
  /** By path. */
  files?: Readonly<Record<string, string | Uint8Array>>;
  /** Lines of METADATA beside name and version, such as `Requires-Dist: …`. */
  metadata?: readonly string[];
  platform?: string;
  /** Entries that the record does not list. */
  more?: readonly ZipPart[];
  /** Changes the record's text. */
  record?(text: string): string;
}

/** A small wheel with its record, written into a folder. @returns its path */
export function writeWheel(dir: string, w: WheelParts): string {
  const { name, version = '1.0', platform = 'any' } = w;
  const stem = `${name.replaceAll('-', '_')}-${version}`;
  const info = `${stem}.dist-info`;
  const metadata = ['Metadata-Version: 2.1', `Name: ${name}`, `Version: ${version}`, ...(w.metadata ?? [])];
  const files: Record<string, string | Uint8Array> = {
    ...w.files,
    [`${info}/METADATA`]: `${metadata.join('\n')}\n`,
    [`${info}/WHEEL`]: `Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-${platform}\n`,
  };
  const lines = Object.entries(files).map(([path, data]) => {
    const bytes = Buffer.from(data);
    return `${path},sha256=${createHash('sha256').update(bytes).digest('base64url')},${bytes.length}`;
  });
  const record = [...lines, `${info}/RECORD,,`].join('\n');
  const parts = Object.entries(files).map(([path, data]) => ({ name: path, data, mode: 0o100755 }));
  const all = [...parts, ...(w.more ?? []), { name: `${info}/RECORD`, data: w.record?.(record) ?? `${record}\n` }];
  const path = join(dir, `${stem}-py3-none-${platform}.whl`);
  writeFileSync(path, zipOf(all));
  return path;
}
