import type { Dirent } from 'node:fs';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { oneCaption, saidIn } from '../../captions/own/fields.js';
import { codeOf, UserError } from '../../errors.js';
import { sha256 } from '../../files/digest.js';
import { oneLine } from '../../printable.js';
import type { Form } from '../../run/sources.js';
import { type FoundImage, type FoundSample, MOST_IMAGE, MOST_TEXT, type SourceReader } from './sample.js';

/** Endings that pictures have. */
const PICTURE_ENDINGS = new Set('.jpg .jpeg .jpe .jfif .png .webp .gif .tif .tiff .avif .bmp .dib'.split(' '));
/** Files whose content is a folder's caption. */
const CAPTION_FILES = ['caption.txt', 'prompt.txt'];
const SIDECARS = ['.txt', '.caption', '.json'];

export const isPicture = (name: string): boolean => PICTURE_ENDINGS.has(extname(name).toLowerCase());
export const isSidecar = (name: string): boolean => SIDECARS.includes(extname(name).toLowerCase());
const isHidden = (name: string): boolean => name.startsWith('.') || name === '__MACOSX' || name === 'lost+found';
const inOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** What a folder holds, without hidden things; links are followed. @throws UserError where it cannot be read */
export async function listFolder(path: string): Promise<{ folders: string[]; files: string[] }> {
  let entries: Dirent[];
  try {
    entries = await readdir(path, { withFileTypes: true });
  } catch (e) {
    throw new UserError(`${path}: not a readable folder (${codeOf(e)})`);
  }
  const folders: string[] = [];
  const files: string[] = [];
  for (const entry of entries) {
    if (isHidden(entry.name)) continue;
    const leads = entry.isSymbolicLink() ? await stat(join(path, entry.name)).catch(() => undefined) : entry;
    if (leads?.isDirectory()) folders.push(entry.name);
    else if (leads?.isFile()) files.push(entry.name);
  }
  return { folders: folders.sort(inOrder), files: files.sort(inOrder) };
}

/**
 * All folders below one, itself first, in order of their paths; relative, with `/`. A link that leads back to a folder
 * above it is not followed.
 * @param top the folder below it to begin with
 */
export async function foldersBelow(dir: string, top = '', above: readonly string[] = []): Promise<string[]> {
  const path = join(dir, top);
  const real = await realpath(path).catch(() => path);
  if (above.includes(real)) return [];
  const out = [top];
  for (const name of (await listFolder(path)).folders)
    out.push(...(await foldersBelow(dir, top === '' ? name : `${top}/${name}`, [...above, real])));
  return out;
}

/** Pictures in folders: `class`, `caption`, `sidecar` and `flat`. A unit is a folder; each image is a file. */
export class FolderSource implements SourceReader {
  readonly files: readonly string[] = [];
  readonly units: readonly { name: string }[];

  private readonly dir: string;
  private readonly form: Exclude<Form, 'webdataset' | 'parquet'>;
  /** The folder, below `dir`, whose folders are the classes. */
  private readonly base: string;

  constructor(dir: string, form: Exclude<Form, 'webdataset' | 'parquet'>, folders: readonly string[], base: string) {
    this.dir = dir;
    this.form = form;
    this.base = base;
    this.units = folders.map((name) => ({ name }));
  }

  async state(unit: number): Promise<string> {
    const { name } = this.units[unit];
    const { files } = await listFolder(join(this.dir, name));
    const lines: string[] = [];
    const looked = files.filter((f) => isPicture(f) || isSidecar(f));
    for (let at = 0; at < looked.length; at += 256)
      lines.push(
        ...(await Promise.all(
          looked.slice(at, at + 256).map(async (f) => {
            const found = await stat(join(this.dir, name, f)).catch(() => undefined);
            return `${f} ${found?.size} ${found?.mtimeMs}`;
          }),
        )),
      );
    return `${name} ${sha256(lines.join('\n'))}`;
  }

  async *samples(unit: number): AsyncIterable<FoundSample> {
    const { name: folder } = this.units[unit];
    const { files } = await listFolder(join(this.dir, folder));
    const pictures = files.filter(isPicture);
    if (pictures.length === 0) return;
    const label = this.labelOf(folder);
    if (this.form === 'caption') {
      yield this.sample(folder, await this.captionOf(folder, files), '', pictures);
      return;
    }
    if (this.form !== 'sidecar') {
      for (const p of pictures) yield this.sample(folder, '', this.form === 'class' ? label : '', [p]);
      return;
    }
    const there = new Set(files);
    let at = 0;
    while (at < pictures.length) {
      const stem = stemOf(pictures[at], there);
      const first = at;
      while (at < pictures.length && stemOf(pictures[at], there) === stem) at++;
      const said = await this.besides(folder, stem, there);
      const own = pictures.slice(first, at).sort((a, b) => numberOf(a) - numberOf(b) || inOrder(a, b));
      yield this.sample(folder, said.text, said.label || label, own);
    }
  }

  async close(): Promise<void> {}

  /** The folder below the base, which is the class of all that is below it. */
  private labelOf(folder: string): string {
    const inner = this.base === '' ? folder : folder.slice(this.base.length + 1);
    return oneLine(inner.split('/')[0].normalize('NFC'));
  }

  private async captionOf(folder: string, files: readonly string[]): Promise<string> {
    const file = CAPTION_FILES.find((f) => files.includes(f));
    if (file !== undefined) return oneCaption(await readSmall(join(this.dir, folder, file)));
    const name = folder.slice(folder.lastIndexOf('/') + 1).normalize('NFC');
    return oneCaption(name.includes(' ') ? name : name.replaceAll('_', ' '));
  }

  private async besides(folder: string, stem: string, there: ReadonlySet<string>) {
    const path = (ending: string) => join(this.dir, folder, stem + ending);
    const json = there.has(`${stem}.json`) ? saidIn(await readSmall(path('.json'))) : { text: '', label: '' };
    const ending = ['.txt', '.caption'].find((e) => there.has(stem + e));
    const text = ending === undefined ? '' : oneCaption(await readSmall(path(ending)));
    return { text: text || json.text, label: json.label };
  }

  private sample(folder: string, text: string, label: string, pictures: readonly string[]): FoundSample {
    const relative = (name: string) => (folder === '' ? name : `${folder}/${name}`);
    const images = pictures.map((name): FoundImage => {
      const path = relative(name);
      return {
        place: { file: 0, at: 0, span: 0, row: 0, group: 0, column: 0 },
        name: path,
        bytes: -1,
        read: () => readPicture(join(this.dir, path)),
      };
    });
    return { name: join(this.dir, relative(pictures[0])), text, label, images };
  }
}

/**
 * A picture's name without its ending, and without its number where only the rest has a sidecar: `a.0.jpg`, `a.1.jpg`,
 * `a.txt`.
 */
function stemOf(name: string, there: ReadonlySet<string>): string {
  const stem = name.slice(0, -extname(name).length);
  const numbered = /^(.+)\.\d{1,9}$/.exec(stem)?.[1];
  const has = (s: string) => SIDECARS.some((e) => there.has(s + e));
  return numbered !== undefined && !has(stem) && has(numbered) ? numbered : stem;
}

/** Whether a picture has text beside it. */
export const hasSidecar = (name: string, there: ReadonlySet<string>): boolean => {
  const stem = stemOf(name, there);
  return SIDECARS.some((e) => there.has(stem + e));
};

const numberOf = (name: string): number => Number(/\.(\d{1,9})\.[^.]+$/.exec(name)?.[1] ?? 0);

/** Text of a small file; empty where it is none. */
async function readSmall(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile() || found.size > MOST_TEXT) return '';
  return (await readFile(path, 'utf8')).replace(/^\ufeff/, '');
}

/** @throws with the reason where it is no file, or too large */
export async function readPicture(path: string): Promise<Buffer> {
  const found = await stat(path);
  if (!found.isFile()) throw new Error('something else than a file');
  if (found.size > MOST_IMAGE) throw new Error(`too large: ${found.size} bytes`);
  return readFile(path);
}
