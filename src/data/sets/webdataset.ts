import { readSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { UserError } from '../../errors.js';
import { isObject, parseJson } from '../../formats/json.js';
import { type TarMember, tarMembers } from '../../formats/tar.js';
import { isPictureName } from '../../probe/walk.js';
import type { ListedSplit, SetKind } from '../kind.js';
import type { Place } from '../place.js';
import { OpenFiles, readStretch } from '../record-split.js';
import { completed, filesWith, numbered, sidesOf } from '../shards.js';

/** Labels are a few bytes; captions and boxes beside them are larger. */
const MOST_LABEL = 2 ** 20;
const SLICE = 1000;
const MOST_PICTURE = 2 ** 30;
/** Files that name the classes, a line each, beside the archives or above them. */
const NAMES = ['classnames.txt', 'classes.txt', 'labels.txt'];

/** A picture in an archive. */
interface Entry {
  name: string;
  offset: number;
  size: number;
  label: number | string;
}

interface Archive {
  name: string;
  path: string;
  bytes: number;
  modified: number;
  entries: Entry[];
  handle: Awaited<ReturnType<OpenFiles['open']>>;
}

/** Pictures of some archives. */
class TarSplit implements ListedSplit {
  readonly labels: Int32Array;
  private readonly archives: readonly Archive[];
  private readonly at: readonly (readonly [Archive, Entry])[];

  constructor(archives: readonly Archive[], labels: Int32Array) {
    this.archives = archives;
    this.labels = labels;
    this.at = archives.flatMap((a) => a.entries.map((e) => [a, e] as const));
  }

  get length(): number {
    return this.at.length;
  }

  nameOf(i: number): string {
    const [archive, entry] = this.at[i];
    return `${archive.name}: ${entry.name}`;
  }

  async read(i: number): Promise<Uint8Array> {
    const [archive, { offset, size }] = this.at[i];
    if (size > MOST_PICTURE) throw new Error(`${size} bytes are more than a picture has`);
    return readStretch(archive.handle, archive.path, offset, size);
  }

  digest(add: (text: string) => void): void {
    for (const { name, bytes, modified, entries } of this.archives)
      add(JSON.stringify([name, bytes, modified, entries.length]));
    add(this.labels.join());
  }
}

/** The samples of an archive: members whose names are the same up to the first dot of their last part. */
async function indexed(place: Place, files: OpenFiles, name: string, left: { unlabelled: number }): Promise<Archive> {
  const path = join(place.root, name);
  const handle = await files.open(path);
  const { size, mtimeMs } = await handle.stat();
  const entries: Entry[] = [];
  let key: string | undefined;
  let count = 0;
  let picture: TarMember | undefined;
  let label: number | string | undefined;
  const end = () => {
    if (picture && label !== undefined)
      entries.push({ name: picture.name, offset: picture.offset, size: picture.size, label });
    else if (picture) left.unlabelled++;
    picture = label = undefined;
  };
  for (const member of tarMembers(handle.fd, path)) {
    if (member.kind !== 'file') continue;
    const slash = member.name.lastIndexOf('/') + 1;
    const dot = member.name.indexOf('.', slash);
    const stem = dot < 0 ? member.name : member.name.slice(0, dot);
    const ending = dot < 0 ? '' : member.name.slice(dot).toLowerCase();
    if (stem !== key) {
      end();
      key = stem;
      // Reading without waiting is many times as fast; signals come through between.
      if (++count % SLICE === 0) {
        await setImmediate();
        place.stopIfAsked();
      }
    }
    if (isPictureName(member.name)) picture ??= member;
    else if ((ending === '.cls' || ending === '.json') && (label === undefined || ending === '.cls')) {
      if (member.size > MOST_LABEL) continue;
      const bytes = Buffer.alloc(member.size);
      const read = readSync(handle.fd, bytes, 0, member.size, member.offset);
      const text = bytes.toString('utf8', 0, read);
      label = labelOf(ending, text, `${path}: ${member.name}`) ?? label;
    }
  }
  end();
  return { name, path, bytes: size, modified: mtimeMs, entries, handle };
}

const KEYS = ['cls', 'label', 'class', 'class_id', 'class_index', 'target'];

function labelOf(ending: string, text: string, where: string): number | string | undefined {
  if (ending === '.cls') return plain(text.trim());
  const value = parseJson(text, where);
  const key = isObject(value) ? KEYS.find((k) => ['number', 'string'].includes(typeof value[k])) : undefined;
  return key === undefined ? undefined : plain(String((value as Record<string, unknown>)[key]));
}

const plain = (text: string): number | string => (/^-?\d{1,9}$/.test(text) ? Number(text) : text);

export const WEBDATASET: SetKind = {
  name: 'webdataset',
  title: 'WebDataset',
  task: 'single',
  metric: 'top-1',
  splits:
    'train, val and test in the names of archives or of their folders; without them a fifth of each class is test',
  layout: 'archives train-000000.tar …, test-000000.tar … of KEY.jpg with KEY.cls (or KEY.json), and classnames.txt',
  // An archive beside folders is what these came in.
  marks: [['*.tar', '!*/'], ['train/*.tar'], ['test/*.tar'], ['data/*.tar']],
  anywhere: true,
  async open(place) {
    const names = await filesWith(place.root, /\.tar$/i);
    if (names.length === 0) throw place.missing('train-000000.tar');
    const sides = sidesOf(names, place.dir);
    const files = new OpenFiles();
    const left = { unlabelled: 0 };
    try {
      const parts = [];
      for (const side of ['train', 'val', 'test'] as const) {
        if (sides[side].length === 0) continue;
        const archives: Archive[] = [];
        for (const name of sides[side]) archives.push(await indexed(place, files, name, left));
        parts.push({ side, archives, of: archives.flatMap((a) => a.entries.map((e) => e.label)) });
      }
      const list = place.find(...NAMES, ...NAMES.map((n) => `../${n}`));
      const known = list === undefined ? undefined : await place.lines(list);
      const { classes, labels } = numbered(place.where, parts, known);
      const splits = Object.fromEntries(parts.map((p, i) => [p.side, new TarSplit(p.archives, labels[i])]));
      if (left.unlabelled > 0)
        place.remarks.push(
          `${left.unlabelled} ${left.unlabelled === 1 ? 'picture has' : 'pictures have'} no label (.cls, .json) and ${left.unlabelled === 1 ? 'is' : 'are'} left out`,
        );
      const { remarks, ...rest } = completed(splits, place.where);
      return { classes, ...rest, remarks: [...sides.remarks, ...remarks], close: () => files.close() };
    } catch (e) {
      await files.close();
      if (e instanceof UserError && !e.message.startsWith(place.where))
        throw new UserError(`${place.where}: ${e.message}`);
      throw e;
    }
  },
};
