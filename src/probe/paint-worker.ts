import { parentPort, workerData } from 'node:worker_threads';
import type { CaptionRecord } from '../captions/record.js';
import type { Settings } from '../config/schema.js';
import { encodeSample } from '../corpus/image-shards.js';
import { paintSamples } from '../images/paint-samples.js';
import { openPainter } from '../images/registry.js';
import { packError, type ThreadError } from '../threads.js';

/** A thread that paints captions: records in, JPEG files out, in the order asked for. */

export type PaintReply = { images: Uint8Array[][] } | { error: ThreadError };

const settings = workerData as Settings;
const painter = openPainter(settings);
// Whoever asks first hears of it.
painter.catch(() => {});

parentPort!.on('message', async (records: CaptionRecord[] | 'close') => {
  if (records === 'close') {
    await painter.then((p) => p.close?.()).catch(() => {});
    parentPort!.close();
    return;
  }
  let reply: PaintReply;
  try {
    const samples = await paintSamples(await painter, records, settings);
    reply = { images: await Promise.all(samples.map((s) => encodeSample(s, settings))) };
  } catch (e) {
    reply = { error: packError(e) };
  }
  parentPort!.postMessage(reply);
});
