import { join } from 'node:path';
import { openWriter } from '../../captions/registry.js';
import { loadConceptBank } from '../../concepts/bank.js';
import { withKeys } from '../../config/key-files.js';
import type { Settings } from '../../config/schema.js';
import { CaptionShards } from '../../corpus/captions.js';
import { captionsDir } from '../../corpus/captions-stage.js';
import { readManifest } from '../../corpus/manifest.js';
import { someCaptions } from '../../corpus/some-captions.js';
import { UserError } from '../../errors.js';
import { refuseForeignFile } from '../../files/replace.js';
import { contactSheet } from '../../images/contact-sheet.js';
import { paintSamples } from '../../images/paint-samples.js';
import { openPainter } from '../../images/registry.js';
import { SHEET } from '../../images/signed-png.js';
import type { StageHooks } from '../../stage.js';
import type { Parsed } from './args.js';
import { requestRun } from './run-request.js';

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
  hooks: StageHooks;
}

/** `synclr images --preview`: paints a contact sheet. @returns its path, and its captions */
export async function writePreview(o: PreviewOptions): Promise<{ file: string; captions: string[] }> {
  const { dir, settings: given, stored } = requestRun(o.args, { mayDiffer: true });
  const { out } = o.args.values;
  if (out !== undefined && !stored)
    throw new UserError(
      `--out ${out}: no run there whose captions could be shown; without a run leave --out away, the sheet’s own file is --sheet FILE`,
    );
  const file = o.sheet ?? (stored ? join(dir, 'preview.png') : 'preview.png');
  await refuseForeignFile(file, SHEET);
  const settings = await withKeys(given, o.hooks.warn);
  const rows = o.captions
    ? o.captions.map((caption, id) => ({ id, caption }))
    : await previewCaptions(dir, settings, o);
  const painter = await openPainter(settings, o.hooks);
  const samples = await paintSamples(painter, rows, settings, o.hooks.signal).finally(() => painter.close?.());
  await contactSheet(
    rows.map(({ caption }, i) => ({ caption, images: samples[i].images })),
    file,
  );
  return { file, captions: rows.map((r) => r.caption) };
}

/** Captions of the run, spread evenly over it; of a run without any, the first ones that it would have. */
async function previewCaptions(dir: string, settings: Settings, o: PreviewOptions): Promise<Row[]> {
  const count = o.rows;
  // Of a run whose first shard is still on its way there are none to read.
  if (((await readManifest(captionsDir(dir)))?.shards.length ?? 0) > 0) {
    const captions = await CaptionShards.open(captionsDir(dir), { partial: true });
    const n = Math.min(count, captions.length);
    const rows: Row[] = [];
    for (let i = 0; i < n; i++) rows.push(...(await captions.range(Math.floor((i * captions.length) / n), 1)));
    if (rows.length > 0) return rows;
  }
  const bank = await loadConceptBank(settings);
  const writer = await openWriter(settings, o.hooks);
  return someCaptions({ settings, bank, writer, count, signal: o.hooks.signal }).finally(() => writer.close?.());
}
