import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import type { Settings } from '../../config/schema.js';
import { codeOf, UserError } from '../../errors.js';
import { isRun } from '../../files/run-names.js';
import { readJson, readJsonAs } from '../../formats/json.js';
import { type RunConfig, readRunConfig } from '../../run/config.js';
import { atSize, type Backbone, fingerprint } from '../backbone.js';
import type { Score, TrainingFacts } from './card.js';

/** Groups of settings that decide what an encoder learns; what makes it fast is left out. */
const GROUPS = ['learn', 'model', 'optim', 'train', 'views', 'captions', 'images', 'concepts'] as const;
/** Of these groups only what says where the images are from. */
const FEW: Readonly<Record<string, readonly string[]>> = {
  captions: ['writer', 'count', 'model', 'source'],
  images: ['painter', 'size', 'perCaption', 'model'],
  concepts: ['source', 'limit'],
  train: ['steps', 'captionsPerBatch'],
};

/** What a card needs of `probes.json`. */
const share = z.number().min(0).max(1);
const row = z.looseObject({
  features: z.string(),
  knn: z.looseObject({ top1: share }),
  linear: z.looseObject({ top1: share }),
});
const probes = z.looseObject({
  encoder: z.looseObject({ hash: z.string() }),
  datasets: z.array(
    z.looseObject({ name: z.string(), kind: z.string(), test: z.number(), chance: share, rows: z.array(row) }),
  ),
});

const KINDS: Readonly<Record<string, string>> = {
  'own-concepts': 'painted: new captions of its own concepts',
  'held-out': 'painted: concepts that it never saw',
  folder: 'a folder of images',
};

const words = z.string().max(1000);

/** Facts as an exported encoder's config.json keeps them (`synclr.training`), so that they travel with it. */
export const factsForm: z.ZodType<TrainingFacts> = z.strictObject({
  by: words.optional(),
  data: z.array(words).max(100),
  settings: z.array(z.tuple([words, words])).max(1000),
  steps: z.int().nonnegative().optional(),
  scores: z
    .array(
      z.strictObject({
        ...{ dataset: words, kind: words, test: z.number(), chance: share, knn: share, linear: share },
        untrained: z.strictObject({ knn: share, linear: share }).optional(),
      }),
    )
    .max(1000),
});

const exported = z.looseObject({ synclr: z.looseObject({ training: factsForm.optional() }) });

/**
 * What is known of an encoder's training: from the run that it belongs to, or from what was exported with it.
 * @param path the run's folder, a checkpoint in it, or an exported encoder
 * @returns undefined where nothing is known
 */
export async function trainingFacts(path: string, b: Backbone): Promise<TrainingFacts | undefined> {
  if (!isRun(path) && existsSync(join(path, 'config.json'))) {
    const said = exported.safeParse(await readJson(join(path, 'config.json')));
    if (said.data?.synclr.training) return said.data.synclr.training;
  }
  const run = [path, dirname(dirname(path))].find(isRun);
  const config = run === undefined ? undefined : readRunConfig(run);
  if (run === undefined || !config) return undefined;
  return {
    by: `synclr ${config.synclr}`,
    data: dataOf(config),
    settings: settingsOf(config.settings),
    steps: stepOf(b.origin),
    scores: await scoresOf(run, b),
  };
}

function dataOf({ settings, corpus, from }: RunConfig): string[] {
  const { captions, images } = settings;
  const said: string[] = [];
  if (corpus?.foreign)
    said.push(
      `${many(corpus.images, 'image')} of ${many(corpus.captions, 'caption')}, made elsewhere (${basename(corpus.path)}).`,
    );
  else if (corpus)
    said.push(`${many(corpus.images, 'image')} of ${many(corpus.captions, 'caption')}, painted by another run.`);
  else if (captions.source !== '')
    said.push(`${many(captions.count, 'caption')} of the user's own (${basename(captions.source)}).`);
  else said.push(`${many(captions.count, 'caption')}, written by \`${captions.writer}\`.`);
  if (!corpus?.foreign)
    said.push(`Images painted by \`${images.painter}\` at ${images.size} px; no photograph among them.`);
  if (from !== undefined) said.push(`Training started from the weights of ${basename(from)}.`);
  return said;
}

/** The step in a checkpoint's name. */
function stepOf(origin: string): number | undefined {
  const step = /step-(\d{1,15})\.safetensors/.exec(origin)?.[1];
  return step === undefined ? undefined : Number(step);
}

const many = (n: number, what: string): string => `${n.toLocaleString('en-US')} ${what}${n === 1 ? '' : 's'}`;

/** Plain values by dotted path; paths of this machine by their last part. */
function settingsOf(settings: Settings): [string, string][] {
  const found: [string, string][] = [];
  const add = (path: string, value: unknown, names?: readonly string[]): void => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      for (const [name, inner] of Object.entries(value))
        if (!names || names.includes(name)) add(`${path}.${name}`, inner);
    } else if (value !== undefined && value !== null && value !== '') {
      const text = Array.isArray(value) ? value.join(', ') : String(value);
      found.push([path, text.startsWith('/') ? basename(text) : text]);
    }
  };
  for (const group of GROUPS) add(group, (settings as Record<string, unknown>)[group], FEW[group]);
  found.push(['seed', String(settings.seed)]);
  return found;
}

/** Scores of these very weights; those of another state say nothing of them. */
async function scoresOf(run: string, b: Backbone): Promise<Score[]> {
  const found = await readJsonAs(join(run, 'probes.json'), probes).catch((e: unknown) => {
    // A card is no place to stumble over a damaged file of another stage.
    if (codeOf(e) === 'ENOENT' || e instanceof UserError) return undefined;
    throw e;
  });
  // As `probe/` runs it: at its own side.
  const sized = atSize(b, b.preprocessing.size);
  if (!found || ![fingerprint(sized), fingerprint(sized, 'bf16')].includes(found.encoder.hash)) return [];
  return found.datasets.flatMap(({ name, kind, test, chance, rows }) => {
    const of = (features: string) => rows.find((r) => r.features === features);
    const [trained, untrained] = [of('trained'), of('untrained')];
    if (!trained) return [];
    return [
      {
        ...{ dataset: name, kind: KINDS[kind] ?? kind, test, chance },
        ...{ knn: trained.knn.top1, linear: trained.linear.top1 },
        ...(untrained && { untrained: { knn: untrained.knn.top1, linear: untrained.linear.top1 } }),
      },
    ];
  });
}
