import type { CaptionRecord } from '../captions/record.js';
import { openWriter } from '../captions/registry.js';
import type { ConceptBank } from '../concepts/bank.js';
import type { Concept } from '../concepts/concept.js';
import type { Settings } from '../config/schema.js';
import { CaptionSource, drawRng } from '../corpus/caption-source.js';
import { sha256 } from '../files/digest.js';
import { Rng } from '../rng.js';
import type { Named } from './named.js';
import { PAINTED, type PaintHooks, paintSet } from './painted-set.js';

/** Images a caption: the second one steadies the figures and costs little. */
const IMAGES = 2;

/** The concepts of the probe, and how many images they will have; or why there is no such probe. */
export type HeldOutPlan = { classes: readonly Concept[]; images: number } | { none: string };

/**
 * What the probe of held-out concepts will be: concepts drawn by the seed from those that training never names.
 * @param named what the run's captions name; a corpus of an earlier version may have held out others
 */
export function heldOutPlan(settings: Settings, bank: ConceptBank, named?: Named): HeldOutPlan {
  const { heldOutClasses, heldOutCaptions } = settings.probe;
  if (heldOutClasses < 2 || heldOutCaptions < 2)
    return { none: `probe.heldOutClasses ${heldOutClasses}, probe.heldOutCaptions ${heldOutCaptions}` };
  if (bank.noneHeldOut !== undefined) return { none: bank.noneHeldOut };
  const byName = new Map(bank.heldOut.map((c) => [c.name.toLowerCase(), c]));
  for (const name of byName.keys()) if (named?.names.has(name)) byName.delete(name);
  const chosen = Rng.of(settings.seed, 'held-out probe', 'concepts').shuffle([...byName.values()]);
  if (chosen.length < 2)
    return {
      none:
        bank.heldOut.length < 2
          ? 'fewer than two concepts are held out (concepts.heldOut)'
          : 'the captions of this run name the concepts that would be held out: they were written with other concepts, or by an earlier version',
    };
  const classes = chosen.slice(0, heldOutClasses);
  return { classes, images: classes.length * heldOutCaptions * IMAGES };
}

/**
 * Paints the data set of held-out concepts: concepts that training never names, each with captions of its own, painted with the settings'
 * painter from a seed apart from training's. Half of a concept's captions make its training images, the other half its test images. Kept in
 * `dir/heldout/{train,test}/<concept>/`, whole or not at all.
 * @returns the folder
 * @throws UserError where `heldout` holds anything that synclr did not put there
 */
export function paintHeldOut(
  settings: Settings,
  dir: string,
  bank: ConceptBank,
  chosen: readonly Concept[],
  hooks: PaintHooks,
): Promise<string> {
  const { concepts, captions, images, seed } = settings;
  const { heldOutCaptions: each } = settings.probe;
  const { perCaption: _, captionsPerShard: _2, ...painting } = images;
  // Far from the run's seed, so that no caption or image of training comes back.
  const apart = Rng.of(seed, 'held-out probe', 'seed').u32();
  const total = chosen.length * each;
  return paintSet(
    settings,
    dir,
    {
      folder: PAINTED.heldOut,
      what: 'a held-out set',
      key: sha256(JSON.stringify([1, seed, concepts, captions.writer, painting, each, chosen, IMAGES])),
      classes: chosen,
      perCaption: IMAGES,
      seed: apart,
      async captions() {
        const records = await written(settings, apart, total, hooks, (id, redraw) =>
          bank.drawOf(chosen[Math.floor(id / each)], drawRng(apart, id, redraw), id),
        );
        return records.map((record) => {
          const number = record.id % each;
          const part = number < Math.ceil(each / 2) ? 'train' : 'test';
          return { record, part, label: Math.floor(record.id / each), number };
        });
      },
    },
    hooks,
  );
}

/** Captions 0 … total − 1 of draws, by the settings' writer from another seed. */
export async function written(
  settings: Settings,
  seed: number,
  total: number,
  hooks: PaintHooks,
  draw: ConstructorParameters<typeof CaptionSource>[0]['draw'],
  first = 0,
): Promise<CaptionRecord[]> {
  const writer = await openWriter(settings, hooks);
  const records: CaptionRecord[] = [];
  try {
    const o = { settings: { ...settings, seed }, writer, total: first + total, draw, signal: hooks.signal };
    const source = new CaptionSource(o, first);
    try {
      while (records.length < total) records.push((await source.take()).record);
    } finally {
      source.close();
    }
  } finally {
    await writer.close?.();
  }
  return records;
}
