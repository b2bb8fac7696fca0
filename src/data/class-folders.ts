import { isHidden, isPictureName } from '../probe/walk.js';
import type { FileEntry } from './file-split.js';
import type { Place } from './place.js';

/** Portable any-maps are pictures of data sets, too. */
const isPicture = (name: string): boolean => isPictureName(name) || /\.p[gp]m$/i.test(name);

/**
 * The pictures of folders that are classes, in the order of their names.
 * @param base folder of these, below the root
 * @param classes which of them; default: all
 */
export async function classFolders(
  place: Place,
  base: string,
  classes?: readonly string[],
): Promise<{ classes: string[]; entries: (FileEntry & { label: number })[] }> {
  place.need(base);
  const names = classes ? [...classes] : (await place.folders(base)).filter((n) => !isHidden(n));
  const entries: (FileEntry & { label: number })[] = [];
  for (const [label, name] of names.entries()) {
    for (const file of await place.names(`${base}/${name}`))
      if (isPicture(file)) entries.push({ file: base === '.' ? `${name}/${file}` : `${base}/${name}/${file}`, label });
    place.stopIfAsked();
  }
  return { classes: names, entries };
}
