import { stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { count as countOf } from '../../counts.js';
import { UserError } from '../../errors.js';
import { FORM_NAMES, type Form } from '../../run/sources.js';
import { FolderSource, foldersBelow, hasSidecar, isPicture, isSidecar, listFolder } from './folders.js';
import { ParquetSource } from './parquets.js';
import type { SourceReader } from './sample.js';
import type { SourceSpec } from './source.js';
import { TarSource } from './tars.js';

/** A source whose form is known. */
export interface Detected {
  form: Form;
  /** The folder that all names are relative to. */
  dir: string;
  /** By what its form was told, in a line. */
  line: string;
  reader: SourceReader;
}

/** What there is below a folder. */
interface Survey {
  tars: string[];
  parquets: string[];
  pictures: number;
  /** Pictures with text beside them. */
  besides: number;
  /** Folders that hold pictures, relative: how many they hold, and whether a file of theirs is their caption. */
  folders: { path: string; pictures: number; caption: boolean }[];
  /** Files of other kinds, by ending. */
  others: Record<string, number>;
}

/**
 * Words that a caption has at least, as a folder's name, and pictures that it has at most: a class has shorter names
 * and more.
 */
const CAPTION_WORDS = 3;
const CAPTION_PICTURES = 64;
const TRAIN = /^train(?:ing)?(?![a-z])/i;
const TEST = /^(?:test|val|valid|validation|eval)(?![a-z])/i;

/**
 * Finds out what a path holds, by its content.
 * @throws UserError where there is nothing that is read here, or of several forms some
 */
export async function detect({ path, form }: SourceSpec): Promise<Detected> {
  const found = await stat(path).catch(() => undefined);
  if (!found) throw new UserError(`--corpus ${path}: no such file or folder`);
  if (found.isFile()) return ofFile(path, form);
  if (!found.isDirectory()) throw new UserError(`--corpus ${path}: neither a file nor a folder`);
  const survey = await look(path);
  const { form: told, why } = form === undefined ? tell(path, survey) : { form, why: 'as --corpus says' };
  const split = (names: readonly string[]) => trainingOnly(names);
  if (told === 'webdataset' || told === 'parquet') {
    const { kept, left } = split(told === 'webdataset' ? survey.tars : survey.parquets);
    if (kept.length === 0)
      throw new UserError(
        `--corpus ${path}: no ${told === 'webdataset' ? '*.tar' : '*.parquet'} here: ${shown(survey)}`,
      );
    const reader = told === 'webdataset' ? new TarSource(path, kept) : new ParquetSource(path, kept);
    return { form: told, dir: path, line: line(path, told, `${why}${leftLine(left)}`), reader };
  }
  const { kept, left } = split(survey.folders.map((f) => f.path));
  if (kept.length === 0) throw new UserError(`--corpus ${path}: no pictures here: ${shown(survey)}`);
  // Of `train/CLASS` the classes lie below; of `CLASS/train` they are on top.
  const [top] = kept[0].split('/');
  const base = left.length > 0 && TRAIN.test(top) ? top : '';
  const reader = new FolderSource(path, told, kept, base);
  return { form: told, dir: path, line: line(path, told, `${why}${leftLine(left)}`), reader };
}

function ofFile(path: string, form: Form | undefined): Detected {
  const [dir, name] = [dirname(path), basename(path)];
  const ending = extname(name).toLowerCase();
  if (ending === '.tar' && (form ?? 'webdataset') === 'webdataset')
    return { form: 'webdataset', dir, line: line(path, 'webdataset', 'one file'), reader: new TarSource(dir, [name]) };
  if (ending === '.parquet' && (form ?? 'parquet') === 'parquet')
    return { form: 'parquet', dir, line: line(path, 'parquet', 'one file'), reader: new ParquetSource(dir, [name]) };
  throw new UserError(
    `--corpus ${path}: a file that is no *.tar or *.parquet${form ? ` of the form ${form}` : ''}; name a folder of pictures, or such a file`,
  );
}

const line = (path: string, form: Form, why: string): string => `${path}: ${FORM_NAMES[form]} (${why})`;

async function look(dir: string): Promise<Survey> {
  const out: Survey = { tars: [], parquets: [], pictures: 0, besides: 0, folders: [], others: {} };
  for (const path of await foldersBelow(dir)) {
    const { files } = await listFolder(join(dir, path));
    const there = new Set(files);
    let pictures = 0;
    for (const name of files) {
      const relative = path === '' ? name : `${path}/${name}`;
      const ending = extname(name).toLowerCase();
      if (isPicture(name)) {
        pictures++;
        if (hasSidecar(name, there)) out.besides++;
      } else if (ending === '.tar') out.tars.push(relative);
      else if (ending === '.parquet') out.parquets.push(relative);
      else if (!isSidecar(name)) countOf(out.others, ending || 'without an ending');
    }
    if (pictures === 0) continue;
    out.pictures += pictures;
    out.folders.push({ path, pictures, caption: there.has('caption.txt') || there.has('prompt.txt') });
  }
  return out;
}

/** Which form it is, and by what that was told. */
function tell(path: string, s: Survey): { form: Form; why: string } {
  const stems = new Set(s.tars.map((t) => t.slice(0, -'.tar'.length)));
  // img2dataset leaves its metadata as Parquet beside each archive.
  const parquets = s.parquets.filter((p) => !stems.has(p.slice(0, -'.parquet'.length)));
  const kinds = [s.tars.length > 0, parquets.length > 0, s.pictures > 0].filter((is) => is).length;
  if (kinds === 0) throw new UserError(`--corpus ${path}: nothing here that is read as images: ${shown(s)}`);
  if (kinds > 1)
    throw new UserError(
      `--corpus ${path}: of several forms (${shown(s)}): name one of their folders, or say which: ${path},${s.tars.length > 0 ? 'webdataset' : 'parquet'}`,
    );
  if (s.tars.length > 0) return { form: 'webdataset', why: `${s.tars.length} *.tar` };
  if (parquets.length > 0) return { form: 'parquet', why: `${parquets.length} *.parquet` };
  const pictures = `${s.pictures} pictures`;
  if (2 * s.besides >= s.pictures) return { form: 'sidecar', why: `${s.besides} of ${pictures} have text beside them` };
  if (s.folders.every((f) => f.path === '')) return { form: 'flat', why: `${pictures} in one folder` };
  const inside = s.folders.filter((f) => f.path !== '');
  const said = inside.filter((f) => f.caption).length;
  if (2 * said >= inside.length)
    return { form: 'caption', why: `${said} of ${inside.length} folders have a caption.txt` };
  const words = middle(inside.map((f) => f.path.slice(f.path.lastIndexOf('/') + 1).split(/[\s_]+/).length));
  const each = middle(inside.map((f) => f.pictures));
  const folders = `${inside.length} folders of ${pictures}`;
  if (words >= CAPTION_WORDS && each <= CAPTION_PICTURES)
    return { form: 'caption', why: `${folders}, whose names are sentences; if they are classes: ${path},class` };
  return { form: 'class', why: `${folders}; if their names are captions: ${path},caption` };
}

const middle = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor((numbers.length - 1) / 2)];

/**
 * Where both train and test are there, by the names of folders or files, only the first: nobody means to learn from
 * the test images.
 */
function trainingOnly(names: readonly string[]): { kept: string[]; left: string[] } {
  const part = (name: string, is: RegExp) => is.test(name.split('/')[0]) || is.test(basename(name));
  const train = names.filter((n) => part(n, TRAIN));
  const rest = names.filter((n) => !part(n, TRAIN));
  if (train.length === 0 || rest.length === 0 || !rest.every((n) => part(n, TEST)))
    return { kept: [...names], left: [] };
  return { kept: train, left: rest };
}

const leftLine = (left: readonly string[]): string =>
  left.length === 0 ? '' : `; of train and ${left[0].split('/')[0]} only train is taken`;

function shown(s: Survey): string {
  const parts = [
    ...(s.tars.length > 0 ? [`${s.tars.length} *.tar`] : []),
    ...(s.parquets.length > 0 ? [`${s.parquets.length} *.parquet`] : []),
    ...(s.pictures > 0 ? [`${s.pictures} pictures`] : []),
    ...Object.entries(s.others)
      .slice(0, 4)
      .map(([ending, n]) => `${n} ${ending.startsWith('.') ? `*${ending}` : ending}`),
  ];
  return parts.length === 0 ? 'the folder is empty' : `it has ${parts.join(', ')}`;
}
