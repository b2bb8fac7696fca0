import { join } from 'node:path';
import { z } from 'zod';
import { readJsonAs } from '../formats/json.js';

/** An image of `eval/<data set>/`, by file name there. */
export interface Picture {
  image: string;
  /** The data set's file. */
  file: string;
  class: string;
  caption?: string;
}

/** `eval/<data set>/index.json`: what the report shows of a data set, without needing the encoder. */
export interface EvalPictures {
  key: string;
  dataset: string;
  neighbours: { query: Picture; found: (Picture & { similarity: number })[] }[];
  /**
   * Of many test images: the share of their nearest training images that have their class, and what it would be of any training images; absent
   * in what earlier versions wrote.
   */
  agreement?: { images: number; share: number; chance: number };
  /** `all` and `foreground`: PNGs of one pixel a patch; `masked`: whether a subject was found, else all patches are shown there too. */
  pca: (Picture & { all: string; foreground: string; masked?: boolean })[];
  /** Patches along a side of the PCA pictures. */
  grid: number;
}

/** Folder of a data set's pictures. */
export const picturesDir = (dir: string, dataset: string): string => join(dir, 'eval', dataset);

/** Names of pictures are ours: no path, nothing hidden. */
const fileName = z.string().regex(/^[\w-]{1,60}\.(jpg|png)$/, 'is no name of a picture beside it');
const picture = { image: fileName, file: z.string(), class: z.string(), caption: z.string().optional() };
const indexSchema: z.ZodType<EvalPictures> = z.object({
  key: z.string(),
  dataset: z.string(),
  neighbours: z
    .array(
      z.object({
        query: z.object(picture),
        found: z.array(z.object({ ...picture, similarity: z.number() })).max(100),
      }),
    )
    .max(100),
  agreement: z
    .object({ images: z.int().positive(), share: z.number().min(0).max(1), chance: z.number().min(0).max(1) })
    .optional(),
  pca: z.array(z.object({ ...picture, all: fileName, foreground: fileName, masked: z.boolean().optional() })).max(100),
  grid: z.int().positive(),
});

/**
 * What `makePictures` wrote.
 * @throws UserError naming the file where it is damaged, or names other files than pictures beside it; the file system's error (ENOENT) where there
 *   is none
 */
export function readPictures(dir: string, dataset: string): Promise<EvalPictures> {
  return readJsonAs(join(picturesDir(dir, dataset), 'index.json'), indexSchema);
}
