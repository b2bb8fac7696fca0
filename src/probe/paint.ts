import { availableParallelism } from 'node:os';
import type { CaptionRecord } from '../captions/record.js';
import type { Settings } from '../config/schema.js';
import { encodeSample } from '../corpus/image-shards.js';
import { Interrupted } from '../errors.js';
import { paintSamples } from '../images/paint-samples.js';
import { openPainter, paintsOnThreads } from '../images/registry.js';
import { Thread } from '../threads.js';
import type { PaintCalls } from './paint-worker.js';

/** Captions a thread is handed at once. */
const STEP = 16;

type Paint = (records: CaptionRecord[]) => Promise<Uint8Array[][]>;

/**
 * Paints captions on `runtime.workers` threads and hands over the JPEG files of each, `settings.images.perCaption` a caption, in any order of
 * captions. What is painted depends on the records and settings alone.
 * @throws Interrupted when the signal asks for it
 */
export async function paintCaptions(
  settings: Settings,
  records: readonly CaptionRecord[],
  signal: AbortSignal,
  painted: (record: CaptionRecord, images: Uint8Array[]) => Promise<void>,
): Promise<void> {
  const steps: CaptionRecord[][] = [];
  for (let i = 0; i < records.length; i += STEP) steps.push(records.slice(i, i + STEP));
  // A thread's start is worth a few dozen captions.
  const most = paintsOnThreads(settings) ? settings.runtime.workers || availableParallelism() : 1;
  const threads = Math.min(most, Math.floor(steps.length / 2));
  const makers =
    threads < 2 ? [await here(settings, signal)] : Array.from({ length: threads }, () => onThread(settings));
  try {
    const run = async (paint: Paint) => {
      for (let some = steps.shift(); some; some = steps.shift()) {
        if (signal.aborted) throw new Interrupted('stopped while painting images to probe with');
        const images = await paint(some);
        for (const [i, record] of some.entries()) await painted(record, images[i]);
      }
    };
    const ends = await Promise.allSettled(
      makers.map((m) =>
        run(m.paint).catch((e) => {
          steps.length = 0;
          throw e;
        }),
      ),
    );
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  } finally {
    await Promise.all(makers.map((m) => m.close()));
  }
}

async function here(settings: Settings, signal: AbortSignal): Promise<{ paint: Paint; close(): Promise<void> }> {
  const painter = await openPainter(settings, { signal });
  return {
    async paint(records) {
      const samples = await paintSamples(painter, records, settings, signal);
      return Promise.all(samples.map((s) => encodeSample(s, settings)));
    },
    close: async () => painter.close?.(),
  };
}

function onThread(settings: Settings): { paint: Paint; close(): Promise<void> } {
  const thread = Thread.start<PaintCalls>('probe/paint-worker', { what: 'a painting thread', data: settings });
  return { paint: (records) => thread.ask('paint', records), close: () => thread.close() };
}
