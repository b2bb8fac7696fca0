import { z } from 'zod';
import type { CaptionRecord } from '../captions/record.js';
import { UserError } from '../errors.js';
import { checked, parseJson } from '../formats/json.js';

const FIELDS = {
  id: z.int().nonnegative(),
  template: z.enum(['concept', 'background', 'relation']),
  kind: z.enum(['object', 'place', 'texture']),
  concept: z.string(),
  source: z.string(),
  synset: z.string().optional(),
  sort: z.string().optional(),
  head: z.string().optional(),
  drawAs: z.string().optional(),
  background: z.string().optional(),
  relation: z.string().optional(),
  related: z.string().optional(),
  relatedSynset: z.string().optional(),
  relatedSort: z.string().optional(),
  relatedHead: z.string().optional(),
  relatedDrawAs: z.string().optional(),
  caption: z.string(),
  writer: z.string(),
  writerModel: z.string().optional(),
  promptSeed: z.number().optional(),
  row: z.int().nonnegative().optional(),
};
/** A line of a caption shard; other versions may add to it. */
export const recordSchema: z.ZodType<CaptionRecord> = z.looseObject(FIELDS);
const objectSchema = z.record(z.string(), z.unknown());

/**
 * A sample's record, by its `.json` and `.txt`. Of a sample of our own the `.json` is what we wrote; elsewhere it may hold anything: fields that only have
 * a name in common with ours are passed over, and what is left unsaid is filled in, so that readers need not ask.
 * @param sample number of the sample in its corpus, and what it is called in messages
 * @throws UserError naming the sample where its `.json` is none, or not of our form
 */
export function sampleRecord(
  { json, text }: { json: string; text: string },
  sample: { id: number; name: string; ours: boolean },
): CaptionRecord {
  const name = `${sample.name}: its .json`;
  const value = json.trim() === '' && !sample.ours ? {} : parseJson(json, name);
  if (sample.ours) return checked(value, recordSchema, name);
  const said = checked(value, objectSchema, name);
  const known = new Map<string, z.ZodType>(Object.entries(FIELDS));
  const own = Object.entries(said).filter(
    ([key, v]) => key !== '__proto__' && (known.get(key)?.safeParse(v).success ?? true),
  );
  return {
    template: 'concept',
    kind: 'object',
    concept: '',
    source: 'webdataset',
    writer: 'unknown',
    caption: text.trim(),
    ...Object.fromEntries(own),
    id: sample.id,
  };
}

/** @throws UserError where a shard has another number of lines than its manifest says */
export function sameCount(file: string, found: number, expected: number): void {
  if (found !== expected)
    throw new UserError(
      `corrupt shard ${file}: ${found} captions, expected ${expected}; delete it and run the same command again`,
    );
}
