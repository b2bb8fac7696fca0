import { UserError } from '../errors.js';
import type { ResolveOptions } from '../hub/model.js';
import { isHubReference } from '../hub/reference.js';
import { resolveModel } from '../hub/resolve.js';
import { isPictureName } from '../probe/walk.js';
import { sidesOf } from './shards.js';

export type HubOptions = Pick<ResolveOptions, 'signal' | 'onProgress' | 'onWarn' | 'hub'>;

/**
 * The folder of a data set: a local one stays what it is, `hf:owner/name` is downloaded into the cache of Hugging
 * Face's own tools unless it is there. Of a repository the Parquet files are taken; without such its archives, then its
 * pictures.
 * @throws UserError where it holds none of these, or several data sets of which none is named; Interrupted
 */
export async function folderOf(dir: string, o: HubOptions): Promise<string> {
  if (!isHubReference(dir)) return dir;
  const { folder } = await resolveModel(dir, {
    ...o,
    dataset: true,
    choose: (files) => {
      const paths = files.map((f) => f.path);
      const ending = (e: RegExp) => paths.filter((p) => e.test(p));
      const parquet = ending(/\.parquet$/i);
      if (parquet.length > 0) {
        sidesOf(parquet, dir);
        return parquet;
      }
      const tars = ending(/\.tar$/i);
      if (tars.length > 0) return [...tars, ...ending(/(^|\/)(classnames|classes|labels)\.txt$/)];
      const pictures = paths.filter(isPictureName);
      if (pictures.length > 0) return pictures;
      throw new UserError(
        `${dir} holds neither Parquet, nor archives (.tar), nor pictures; of many data sets the hub has a Parquet copy: ${dir}@refs/convert/parquet`,
      );
    },
  });
  return folder;
}
