import { workerData } from 'node:worker_threads';
import type { CaptionRecord } from '../captions/record.js';
import type { Settings } from '../config/schema.js';
import { encodeSample } from '../corpus/image-shards.js';
import { paintSamples } from '../images/paint-samples.js';
import { openPainter } from '../images/registry.js';
import { serve } from '../threads.js';

/** A thread that paints captions: records in, JPEG files out, in the order asked for. */

export interface PaintCalls {
  paint(records: CaptionRecord[]): Uint8Array[][];
}

const settings = workerData as Settings;
const painter = openPainter(settings);
// Whoever asks first hears of it.
painter.catch(() => {});

serve<PaintCalls>(
  {
    async paint(records) {
      const samples = await paintSamples(await painter, records, settings);
      return Promise.all(samples.map((s) => encodeSample(s, settings)));
    },
  },
  { close: () => painter.then((p) => p.close?.()).catch(() => {}) },
);
