import { existsSync } from 'node:fs';
import { lstat, readFile, realpath } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { UserError } from '../../errors.js';
import { sha256File } from '../../files/digest.js';
import { placeCopy } from '../../files/place.js';
import { parseRecord, plainName } from '../../formats/wheel.js';
import { namesIn, sitesOf } from './site.js';

/** What installers add to a wheel's own files. */
const ADDED = /\.dist-info\/(INSTALLER|REQUESTED|direct_url\.json|uv_\w+\.json)$/;

/**
 * Takes over what an installer unpacked below a prefix: every file that the packages' records list, held against size and hash, each at its
 * place below `root`. Files that no record lists stay behind.
 * @returns the packages, and where their folder lies below `root`
 * @throws UserError for a file that is not as its package's record says
 */
export async function adoptPrefix(
  prefix: string,
  root: string,
): Promise<{ site: string; packages: { name: string; version: string }[] }> {
  const from = await realpath(prefix);
  const site = sitesOf(from).find((dir) => namesIn(dir).some((name) => name.endsWith('.dist-info')));
  if (site === undefined) throw new UserError(`${prefix}: nothing was installed there`);
  const packages = [];
  for (const info of namesIn(site).filter((name) => name.endsWith('.dist-info'))) {
    const [, name, version] = /^(.+?)-([^-]+)\.dist-info$/.exec(info) ?? [];
    if (name === undefined) continue;
    const list = join(site, info, 'RECORD');
    for (const [path, { sha256 }] of parseRecord(await readFile(list, 'utf8'), list)) {
      const file = resolve(site, path);
      if (!file.startsWith(from + sep)) throw new UserError(`${list}: ${path} leads elsewhere`);
      const isList = file === list;
      if (ADDED.test(path) || (sha256 === undefined && !isList)) continue;
      const at = await lstat(file).catch(() => undefined);
      if (!at?.isFile() || (!isList && (await sha256File(file)) !== sha256))
        throw new UserError(`${list}: ${path} is not as the package's list says: fetch it again`);
      const place = join(root, relative(from, file));
      // Parts of one namespace list the same small files; each was held against its own list.
      if (existsSync(place)) continue;
      await placeCopy(file, place);
    }
    packages.push({ name: plainName(name), version });
  }
  return { site: join(root, relative(from, site)), packages };
}
