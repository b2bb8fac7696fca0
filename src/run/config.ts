import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Settings } from '../config/schema.js';
import { withoutSecrets } from '../config/secrets.js';
import { presentName, translated } from '../config/translate.js';
import { codeOf, UserError } from '../errors.js';
import { writeFileAtomic } from '../files/write.js';
import { checked, parseJson } from '../formats/json.js';
import { type SourceRecord, sourceSchema } from './sources.js';

/**
 * Images that lie elsewhere: those of another run, whose settings of concepts, captions and images are the run's then;
 * or images of whomever, by
 * indices in the run's `corpus/`.
 */
export interface CorpusRecord {
  /** The folder of the shards, absolute; of sources with indices theirs, for messages. */
  path: string;
  /** Of what lies there, `corpusFingerprint`. */
  fingerprint: string;
  captions: number;
  /** Images of all captions. */
  images: number;
  /** A WebDataset made elsewhere: what it was painted from is not known. */
  foreign?: boolean;
  /** Of sources with indices: the file in `corpus/` that names them, and what they are. */
  set?: string;
  sources?: SourceRecord[];
}

/** Where the images of a run are: what `openCorpus` opens. */
export const imagesOf = (dir: string, corpus: CorpusRecord | undefined): string =>
  corpus === undefined
    ? join(dir, 'images')
    : corpus.set === undefined
      ? corpus.path
      : join(dir, CORPUS_FOLDER, corpus.set);

/** The folder of a run that holds the indices of images that lie elsewhere. */
export const CORPUS_FOLDER = 'corpus';

/** What a time budget was fitted to. */
export interface MinutesRecord {
  /** The budget, minutes. */
  asked: number;
  /** The settings that it chose, by dotted path. */
  chosen: Record<string, number>;
  /** Whether training's were chosen again when training began. */
  refitted: boolean;
}

/** `config.json` of a run: what it was asked to do, resolved. */
export interface RunConfig {
  /** Version that wrote it. */
  synclr: string;
  /** The preset that the settings began with; absent where a program gave them. */
  preset?: string;
  /** The command line that last wrote it; absent where a program did. */
  command?: string;
  /** Weights that training started from, as given with --from. */
  from?: string;
  /** Where the images are, when they are not the run's own. */
  corpus?: CorpusRecord;
  /** The time budget that it was fitted to. */
  minutes?: MinutesRecord;
  settings: Settings;
}

/** A `CorpusRecord` in a file. */
export const corpusSchema: z.ZodType<CorpusRecord> = z.object({
  path: z.string().min(1),
  fingerprint: z.string(),
  captions: z.int().positive(),
  images: z.int().positive(),
  foreign: z.boolean().optional(),
  set: z
    .string()
    .regex(/^set-[0-9a-f]{12}\.json$/)
    .optional(),
  sources: z.array(sourceSchema).optional(),
});

const formSchema = z.looseObject({
  synclr: z.string(),
  preset: z.string().optional(),
  command: z.string().optional(),
  from: z.string().optional(),
  corpus: corpusSchema.optional(),
  minutes: z
    .object({ asked: z.number().positive(), chosen: z.record(z.string(), z.number()), refitted: z.boolean() })
    .optional(),
  settings: z.looseObject({}),
});

export const CONFIG_NAME = 'config.json';

/**
 * The folder's config.json; undefined where there is none. Its settings are as they were written: one that its version
 * did not know is
 * missing.
 * @throws UserError for one that cannot be read
 */
export function readRunConfig(dir: string): RunConfig | undefined {
  const path = join(dir, CONFIG_NAME);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (e) {
    const code = codeOf(e);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new UserError(`cannot read ${path}: ${(e as Error).message}`);
  }
  try {
    const { minutes, ...config } = checked(parseJson(text, path), formSchema, path);
    // Settings of earlier versions, under today's names.
    const chosen = Object.entries(minutes?.chosen ?? {}).map(([name, value]) => [presentName(name), value]);
    return {
      ...config,
      settings: translated(config.settings, path),
      ...(minutes && { minutes: { ...minutes, chosen: Object.fromEntries(chosen) } }),
    } as unknown as RunConfig;
  } catch (e) {
    if (!(e instanceof UserError)) throw e;
    throw new UserError(`${path} is not a run's config.json (${e.message}): choose another folder with --out`);
  }
}

/** Writes config.json whole, without keys. */
export async function writeRunConfig(dir: string, config: RunConfig): Promise<void> {
  const stored = { ...config, settings: withoutSecrets(config.settings) };
  await writeFileAtomic(join(dir, CONFIG_NAME), `${JSON.stringify(stored, null, 2)}\n`);
}
