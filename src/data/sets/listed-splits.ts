import { classFolders } from '../class-folders.js';
import type { Contents } from '../kind.js';
import { tableOf } from '../lists.js';
import type { Place } from '../place.js';
import { completed } from '../shards.js';

/** Endings of tables by side, as EuroSAT's authors give them. */
const TABLES = { train: 'train.csv', val: 'validation.csv', test: 'test.csv' };

/**
 * Folders a class without an official split: by lists of names that others have agreed on where they lie beside, else a
 * fifth of each class is test.
 * @param base where the class folders are
 * @param lists `NAME-train.txt`, `NAME-val.txt`, `NAME-test.txt` with a picture's name a line
 */
export async function withLists(place: Place, base: string, lists: string): Promise<Contents> {
  const { classes, entries } = await classFolders(place, base);
  const shown = classes.map((c) => c.replaceAll('_', ' '));
  const split = (names: ReadonlySet<string>, said: string) => {
    const own = entries.filter((e) => names.has(e.file.split('/').at(-1)!));
    const there = new Set(own.map((e) => e.file.split('/').at(-1)!));
    const gone = [...names].filter((n) => !there.has(n)).map((file) => ({ file: `${base}/${file}`, label: 0 }));
    return place.files([...own, ...gone], said);
  };
  const found = (side: string) => place.find(`${lists}-${side}.txt`, `${base}/../${lists}-${side}.txt`);
  const [train, val, test] = ['train', 'val', 'test'].map(found);
  if (train && test) {
    const of = async (list: string) => split(new Set((await place.lines(list)).map((l) => l.split('/').at(-1)!)), list);
    return { classes: shown, train: await of(train), ...(val && { val: await of(val) }), test: await of(test) };
  }
  if (place.has(TABLES.train) && place.has(TABLES.test)) {
    const of = async (table: string) => {
      const rows = tableOf(await place.text(table), place.path(table), ['Filename']);
      return split(new Set(rows.map((r) => r.Filename.split('/').at(-1)!)), table);
    };
    const hasVal = place.has(TABLES.val);
    return {
      classes: shown,
      train: await of(TABLES.train),
      ...(hasVal && { val: await of(TABLES.val) }),
      test: await of(TABLES.test),
    };
  }
  const all = await place.files(entries, base);
  return { classes: shown, ...completed({ train: all }, place.where) };
}
