import type { CaptionRecord, CaptionWriter } from '../captions/record.js';
import type { ConceptBank } from '../concepts/bank.js';
import type { Settings } from '../config/schema.js';
import { CaptionSource, drawRng } from './caption-source.js';
import { OwnCaptionSource } from './own-captions.js';
import type { RejectionWatch } from './rejection-watch.js';

export interface SomeCaptions {
  settings: Settings;
  bank: ConceptBank;
  writer: CaptionWriter;
  count: number;
  signal?: AbortSignal;
  watch?: RejectionWatch;
}

/** The first captions that a run would have, to be measured or looked at; nothing is stored, near-duplicates are not looked for. */
export async function someCaptions(o: SomeCaptions): Promise<CaptionRecord[]> {
  if (o.settings.captions.source !== '') return someOwn(o);
  const draw = (id: number, redraw: number) => o.bank.draw(drawRng(o.settings.seed, id, redraw), id);
  const source = new CaptionSource({ ...o, total: o.count, draw }, 0);
  try {
    const records: CaptionRecord[] = [];
    while (records.length < o.count) records.push((await source.take()).record);
    return records;
  } finally {
    source.close();
  }
}

async function someOwn({ settings, count }: SomeCaptions): Promise<CaptionRecord[]> {
  const source = new OwnCaptionSource(settings, undefined);
  try {
    const records: CaptionRecord[] = [];
    while (records.length < count) {
      const { record } = await source.find();
      if (!record) break;
      records.push(record);
    }
    return records;
  } finally {
    source.close();
  }
}
