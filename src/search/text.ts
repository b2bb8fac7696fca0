import { openWriter } from '../captions/registry.js';
import { bankOfOne } from '../concepts/bank.js';
import { withKeys } from '../config/key-files.js';
import { resolveSettings } from '../config/resolve.js';
import type { Settings } from '../config/schema.js';
import { someCaptions } from '../corpus/some-captions.js';
import { Interrupted, UserError } from '../errors.js';
import { paintSamples } from '../images/paint-samples.js';
import type { Pixels } from '../images/painter.js';
import { openPainter } from '../images/registry.js';
import type { Embedder } from '../probe/embedder.js';
import { named, TEMPLATES } from '../probe/templates.js';
import type { Words } from '../probe/words.js';
import type { OpenOptions } from '../stage.js';
import { unit } from './best.js';

/** What turns words into a vector in the space of an index's photos. */
export interface TextFeatures {
  /** One line: how. */
  readonly about: string;
  /** @returns [dim], of length 1 */
  features(text: string, signal?: AbortSignal): Promise<Float32Array>;
}

export interface PaintedTextOptions {
  embedder: Embedder;
  /** What the index says of its run: `seed`, `captions`, `images`. Without it the embedded writer and painter serve. */
  painting?: Readonly<Record<string, unknown>>;
  /** Settings on top, by dotted path. */
  settings?: Readonly<Record<string, unknown>>;
  /** Images painted for a text. */
  images?: number;
  hooks?: OpenOptions;
  /** Sees what was painted. */
  painted?(images: readonly { caption: string; image: Pixels }[]): void;
}

/** Images that are painted for a text: more make the result steadier, hardly better (docs/search.md). */
const IMAGES = 32;

/** The settings that a text is written and painted by. @throws UserError for what is none, or does not fit together */
export function paintingSettings(o: Pick<PaintedTextOptions, 'painting' | 'settings'>): Settings {
  return resolveSettings({ flags: { ...structuredClone(o.painting ?? {}), ...o.settings }, training: false });
}

/**
 * Words as the encoder has learnt them: captions of the concept are written and painted as those of its run were, and the features of the images
 * averaged. The same text gives the same vector, of writers and painters that heed their seed.
 */
export function paintedText(o: PaintedTextOptions): TextFeatures {
  const given = paintingSettings(o);
  const { writer } = given.captions;
  const { painter } = given.images;
  return {
    about: `captions by the ${writer} writer, images by the ${painter} painter`,
    async features(text, signal) {
      const settings = await withKeys(given, o.hooks?.warn ?? (() => {}));
      const images = await paint(text, settings, o, signal);
      o.painted?.(images);
      const { dim } = o.embedder;
      const sum = new Float64Array(dim);
      for (const { image } of images) {
        if (signal?.aborted) throw new Interrupted('stopped while looking at painted images');
        const x = await o.embedder.image(image, { normalise: true });
        for (let j = 0; j < dim; j++) sum[j] += x[j];
      }
      const mean = unit(sum);
      if (!mean) throw new UserError(`"${text}": its painted images give no direction: ask with --like`);
      return mean;
    },
  };
}

/** Words of a query from which on it is taken as a sentence, which no template is put around. */
const SENTENCE = 4;

/** Words as the text side of an image-text encoder has them: a concept in the sentences of the zero-shot probe, a sentence as it is. */
export function spokenText(words: Words): TextFeatures {
  return {
    about: 'the encoder’s text side',
    async features(text, signal) {
      const asked = text.trim().split(/\s+/);
      const texts = asked.length < SENTENCE ? TEMPLATES.map((template) => named(template, asked.join(' '))) : [text];
      const all = await words.texts(texts, signal);
      const sum = new Float64Array(words.out);
      for (let i = 0; i < all.length; i++) sum[i % words.out] += all[i];
      const mean = unit(sum);
      if (!mean) throw new UserError(`"${text}": the encoder’s text side gives no direction: ask with --like`);
      return mean;
    },
  };
}

async function paint(
  text: string,
  settings: Settings,
  o: PaintedTextOptions,
  signal?: AbortSignal,
): Promise<{ caption: string; image: Pixels }[]> {
  const { perCaption } = settings.images;
  const count = Math.ceil((o.images ?? IMAGES) / perCaption);
  const records = await captionsOf(text, settings, count, o.hooks, signal);
  const painter = await openPainter(settings, { ...o.hooks, signal });
  try {
    const samples = await paintSamples(painter, records, settings, signal);
    return samples.flatMap(({ images }, i) => images.map((image) => ({ caption: records[i].caption, image })));
  } finally {
    await painter.close?.();
  }
}

/** Captions of a concept, as a run with this concept alone would have them. */
async function captionsOf(text: string, settings: Settings, count: number, hooks?: OpenOptions, signal?: AbortSignal) {
  // A query means what the same line of a list means, whatever the run's captions came from.
  const bank = bankOfOne(text);
  const own = { ...settings, captions: { ...settings.captions, source: '' } };
  const writer = await openWriter(own, { ...hooks, signal });
  try {
    return await someCaptions({ settings: own, bank, writer, count, signal });
  } finally {
    await writer.close?.();
  }
}
