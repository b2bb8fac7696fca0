import { z } from 'zod';

/** How a source of images lies on the disk; `docs/corpora.md` shows one of each. */
export const FORMS = ['webdataset', 'parquet', 'class', 'caption', 'sidecar', 'flat'] as const;
export type Form = (typeof FORMS)[number];

/** The forms in words, for messages. */
export const FORM_NAMES: Readonly<Record<Form, string>> = {
  webdataset: 'WebDataset tars',
  parquet: 'Parquet files with images',
  class: 'a folder a class',
  caption: 'a folder a caption',
  sidecar: 'pictures with .txt or .json beside them',
  flat: 'pictures, each its own caption',
};

/** Where images come from: painted by a run of synclr, by another painter, photographed, or nobody said. */
export const ORIGINS = ['synclr', 'painted', 'photographed', 'unknown'] as const;
export type Origin = (typeof ORIGINS)[number];

/** Where images come from, in words. */
export const ORIGIN_WORDS: Readonly<Record<Origin, string>> = {
  synclr: 'painted by synclr',
  painted: 'painted elsewhere',
  photographed: 'photographed',
  unknown: 'not painted by synclr, and nobody said whether photographed',
};

/** A source as a run has it, in config.json and in its index. */
export interface SourceRecord {
  /** Absolute. */
  path: string;
  /** Absent of image shards of a run of synclr. */
  form?: Form;
  /** Where its index lies, in the run's `corpus/`. */
  index?: string;
  origin: Origin;
  /** Share of the draws, 0…1. */
  share: number;
  fingerprint: string;
  captions: number;
  images: number;
  /** Names of classes that it has, where it has any. */
  classes?: number;
  /** Samples that were left out, by reason. */
  bad?: Record<string, number>;
}

export const sourceSchema: z.ZodType<SourceRecord> = z.object({
  path: z.string().min(1),
  form: z.enum(FORMS).optional(),
  index: z
    .string()
    .regex(/^[0-9a-f]+$/)
    .optional(),
  origin: z.enum(ORIGINS),
  share: z.number().positive().max(1),
  fingerprint: z.string(),
  captions: z.int().positive(),
  images: z.int().positive(),
  classes: z.int().positive().optional(),
  bad: z.record(z.string(), z.int().positive()).optional(),
});

/** A share of the draws, in words. */
export const inPercent = (share: number): string => `${Math.round(1000 * share) / 10} %`;
