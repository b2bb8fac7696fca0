import { z } from 'zod';
import { UserError } from '../errors.js';
import { readClassNames, readTemplates, TEMPLATES } from '../probe/templates.js';
import { openWords } from '../probe/words.js';
import { classFeatures, wordCosines } from '../probe/zero-shot.js';
import { vocabularyBeside } from '../text/beside.js';
import type { Cell, SplitFeatures } from './protocol.js';

/** How classes are put into words. */
export const wordsForm = {
  /** A file of templates, a line each, `{}` where the name goes; default: those of the zero-shot probe. */
  templates: z.string().optional(),
  /** A file of names, `folder<tab>name, name …` a line; default: the folders' own. */
  classNames: z.string().optional(),
  /** File or folder of the text tower's vocabulary; default: beside the encoder. */
  vocabulary: z.string().optional(),
} as const;

/** Of these options, those that name files. */
export const wordFiles = ({ templates, classNames, vocabulary }: WordOptions): string[] =>
  [templates, classNames, vocabulary].filter((path) => path !== undefined);

export interface WordOptions {
  templates?: string;
  classNames?: string;
  vocabulary?: string;
}

/** Why an encoder cannot be asked by words; undefined: it can. */
export function wordless({ encoder }: Pick<Cell, 'encoder'>): string | undefined {
  return encoder.text ? undefined : 'the encoder has no text tower';
}

/**
 * Cosines of images and the words of the set's classes, [n, classes].
 * @throws UserError where there is no vocabulary, or templates and names cannot be read
 */
export async function cosinesToWords(cell: Cell, images: SplitFeatures, o: WordOptions): Promise<Float64Array> {
  const { encoder, set } = cell;
  const vocabulary = o.vocabulary ?? (encoder.path === undefined ? undefined : vocabularyBeside(encoder.path));
  if (!encoder.text || !vocabulary)
    throw new UserError(`${encoder.origin}: no vocabulary lies beside it; the option vocabulary names one`);
  const words = await openWords(encoder.text, vocabulary, cell.executors);
  try {
    const classes = await classFeatures(words, set.classes, {
      templates: o.templates ? await readTemplates(o.templates) : TEMPLATES,
      names: o.classNames ? await readClassNames(o.classNames) : undefined,
      signal: cell.hooks.signal,
    });
    return wordCosines(images, encoder.projection, classes);
  } finally {
    await words.close();
  }
}
