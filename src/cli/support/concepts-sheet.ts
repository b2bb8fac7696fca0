import { drawAlone } from '../../concepts/bank.js';
import type { Concept } from '../../concepts/concept.js';
import { resolveSettings } from '../../config/resolve.js';
import { UserError } from '../../errors.js';
import { refuseForeignFile } from '../../files/replace.js';
import { namesSheet } from '../../images/contact-sheet.js';
import { paintSamples } from '../../images/paint-samples.js';
import { openPainter } from '../../images/registry.js';
import { SHEET } from '../../images/signed-png.js';

/** More names make no sheet that anybody could look at. */
const MOST = 1000;
const IMAGES = 2;
const SIDE = 128;

/**
 * Paints every concept of a list by the embedded painter, twice, at a place of its own choice.
 * @throws UserError for more than a thousand concepts, and where another file stands there
 */
export async function writeConceptsSheet(
  concepts: readonly Concept[],
  file: string,
  signal: AbortSignal,
): Promise<void> {
  if (concepts.length > MOST)
    throw new UserError(`--sheet ${file}: ${concepts.length} concepts are too many for a sheet (at most ${MOST})`);
  await refuseForeignFile(file, SHEET);
  const flags = { 'images.perCaption': IMAGES, 'images.size': SIDE };
  const settings = resolveSettings({ flags, training: false });
  await using painter = await openPainter(settings);
  const records = concepts.map((c, id) => ({ ...drawAlone(c, id), caption: c.name, writer: 'sheet' }));
  const samples = await paintSamples(painter, records, settings, signal);
  await namesSheet(
    concepts.map(({ name }, i) => ({ caption: name, images: samples[i].images })),
    file,
  );
}
