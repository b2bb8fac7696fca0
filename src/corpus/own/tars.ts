import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { asLabel, oneCaption, saidIn } from '../../captions/own/fields.js';
import { codeOf, UserError } from '../../errors.js';
import { tarMembers } from '../../formats/tar.js';
import { type FoundImage, type FoundSample, fileState, MOST_IMAGE, MOST_TEXT, type SourceReader } from './sample.js';

const PICTURE = /^(?:(\d{1,9})\.)?(?:jpe?g|png|webp|gif|bmp|tiff?|avif)$/;

interface Place {
  offset: number;
  size: number;
}

/**
 * WebDataset tars, and those of img2dataset: neighbouring members with the same name up to its first dot are a sample,
 * with `key.jpg` or
 * `key.0.jpg`, `key.1.jpg` …, `key.txt`, `key.json`, `key.cls`. Nothing is unpacked.
 */
export class TarSource implements SourceReader {
  readonly units: readonly { name: string }[];

  private readonly dir: string;
  readonly files: readonly string[];
  /** The archive that was asked for last. */
  private fd: number | undefined;

  constructor(dir: string, files: readonly string[]) {
    this.dir = dir;
    this.files = files;
    this.units = files.map((name) => ({ name }));
  }

  state(unit: number): Promise<string> {
    return fileState(this.dir, this.files[unit]);
  }

  *samples(unit: number): Iterable<FoundSample> {
    const file = join(this.dir, this.files[unit]);
    // Images are read after the archive was gone through.
    this.closeSync();
    this.fd = openFile(file);
    yield* samplesOf(this.fd, file, unit);
  }

  async close(): Promise<void> {
    this.closeSync();
  }

  private closeSync(): void {
    if (this.fd !== undefined) closeSync(this.fd);
    this.fd = undefined;
  }
}

/** @throws UserError saying what the file system does */
export function openFile(file: string): number {
  try {
    return openSync(file, 'r');
  } catch (e) {
    throw new UserError(`${file}: cannot be opened: ${codeOf(e)}`);
  }
}

/** @throws UserError where there are fewer bytes */
export function readAt(fd: number, file: string, at: number, bytes: number): Buffer {
  const out = Buffer.allocUnsafeSlow(bytes);
  for (let done = 0; done < bytes; ) {
    const n = readSync(fd, out, done, bytes - done, at + done);
    if (n === 0) throw new UserError(`${file}: it is cut off; was it changed while in use?`);
    done += n;
  }
  return out;
}

function* samplesOf(fd: number, file: string, unit: number): Iterable<FoundSample> {
  const seen = new Set<string>();
  let key: string | undefined;
  let pictures: (Place & { order: number })[] = [];
  let texts: Partial<Record<'txt' | 'json' | 'cls', Place>> = {};
  let endings = new Set<string>();
  let bad: string | undefined;

  const text = (place: Place | undefined): string => {
    if (!place || place.size > MOST_TEXT) return '';
    return readAt(fd, file, place.offset, place.size)
      .toString('utf8')
      .replace(/^\ufeff/, '');
  };
  const finish = (): FoundSample => {
    const said = texts.json ? saidIn(text(texts.json)) : { text: '', label: '' };
    const images = pictures
      .sort((a, b) => a.order - b.order)
      .map(
        ({ offset, size }): FoundImage => ({
          place: { file: unit, at: offset, span: 0, row: 0, group: 0, column: 0 },
          bytes: size,
          read: async () => readAt(fd, file, offset, size),
        }),
      );
    const own = oneCaption(text(texts.txt));
    const label = texts.cls ? asLabel(text(texts.cls)) : said.label;
    if (images.length === 0) bad ??= 'no image';
    const sample = { name: `${file}: ${key}`, text: own || said.text, label, images };
    return bad === undefined ? sample : { ...sample, images: [], bad };
  };

  for (const { name, kind: stored, offset, size } of tarMembers(fd, file)) {
    const slash = name.lastIndexOf('/') + 1;
    const dot = name.indexOf('.', slash);
    if (dot <= slash || name.startsWith('__', slash)) continue;
    if (name.slice(0, dot) !== key) {
      if (key !== undefined) yield finish();
      key = name.slice(0, dot);
      if (seen.has(key))
        throw new UserError(
          `${file}: ${name} belongs to sample ${key}, which came before: names must differ (were archives put together?)`,
        );
      seen.add(key);
      [pictures, texts, endings, bad] = [[], {}, new Set(), undefined];
    }
    const kind = name.slice(dot + 1).toLowerCase();
    const picture = PICTURE.exec(kind);
    if (!picture && kind !== 'txt' && kind !== 'json' && kind !== 'cls') continue;
    if (endings.has(kind))
      throw new UserError(`${file}: ${name} is in it twice: names must differ (were archives put together?)`);
    endings.add(kind);
    if (stored !== 'file') {
      bad = stored === 'link' ? 'a link in an archive' : 'stored without its holes';
      continue;
    }
    if (!picture) {
      if (size > MOST_TEXT) bad = 'too large';
      else texts[kind as 'txt' | 'json' | 'cls'] = { offset, size };
    } else if (size > MOST_IMAGE) bad = 'too large';
    else {
      const order = Number(picture[1] ?? 0);
      if (pictures.some((p) => p.order === order))
        throw new UserError(`${file}: sample ${key} has two images ${order}: name them ${key}.0.jpg, ${key}.1.jpg …`);
      pictures.push({ offset, size, order });
    }
  }
  if (key !== undefined) yield finish();
}

/** Bytes of an image in an open archive, or any other file. @throws UserError where it was cut off since */
export function readPiece(fd: number, file: string, { at, bytes }: { at: number; bytes: number }): Buffer {
  if (at + bytes > fstatSync(fd).size) throw new UserError(`${file}: it is cut off; was it changed while in use?`);
  return readAt(fd, file, at, bytes);
}
