import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openWriter } from '../../captions/registry.js';
import { loadConceptBank } from '../../concepts/bank.js';
import type { Settings } from '../../config/schema.js';
import { CaptionShards } from '../../corpus/captions.js';
import { captionsDir } from '../../corpus/captions-stage.js';
import { contactSheet } from '../../images/contact-sheet.js';
import { openPainter } from '../../images/registry.js';
import { Rng } from '../../rng.js';
import type { Parsed } from './args.js';
import { requestRun } from './run-folder.js';

/** A caption as the painter gets it. */
interface Row {
  id: number;
  caption: string;
}

export interface PreviewOptions {
  args: Parsed;
  rows: number;
  /** Given captions; else the run's, spread over all of them; else freshly written ones. */
  captions?: readonly string[];
  sheet?: string;
}

/** `synclr images --preview`: paints a contact sheet. @returns its path */
export async function writePreview(o: PreviewOptions): Promise<string> {
  const { dir, settings, stored } = requestRun(o.args, { mayDiffer: true });
  const rows = o.captions
    ? o.captions.map((caption, id) => ({ id, caption }))
    : await someCaptions(dir, settings, o.rows);
  const painter = await openPainter(settings);
  const { perCaption, size } = settings.images;
  const painted = await painter.paint(
    rows.flatMap(({ id, caption }) =>
      Array.from({ length: perCaption }, (_, image) => ({ caption, captionId: id, image, seed: settings.seed, size })),
    ),
  );
  await painter.close?.();
  const file = o.sheet ?? (stored ? join(dir, 'preview.png') : 'preview.png');
  await contactSheet(
    rows.map(({ caption }, i) => ({ caption, images: painted.slice(i * perCaption, (i + 1) * perCaption) })),
    file,
  );
  return file;
}

/** Captions of the run, spread evenly over it; of a run without any, the first ones that it would have. */
async function someCaptions(dir: string, settings: Settings, count: number): Promise<Row[]> {
  if (existsSync(join(captionsDir(dir), 'manifest.json'))) {
    const captions = await CaptionShards.open(captionsDir(dir), { partial: true });
    const n = Math.min(count, captions.length);
    const rows: Row[] = [];
    for (let i = 0; i < n; i++) rows.push(...(await captions.range(Math.floor((i * captions.length) / n), 1)));
    if (rows.length > 0) return rows;
  }
  const bank = await loadConceptBank(settings);
  const writer = openWriter(settings);
  const draws = Array.from({ length: count }, (_, id) => bank.draw(Rng.of(settings.seed, 'draw', id), id));
  const captions = await writer.write(draws, settings.seed);
  await writer.close?.();
  return captions.map((caption, id) => ({ id, caption }));
}
