import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  cleanCaption,
  createScheduler,
  type Draw,
  embed,
  evaluate,
  exportEncoder,
  Interrupted,
  knnClassify,
  type Labelled,
  linearProbe,
  loadConceptBank,
  logisticProbe,
  openCorpus,
  openEmbedder,
  openEncoder,
  openExecutors,
  openPainter,
  openWriter,
  type ProbeReport,
  resolveSettings,
  type Settings,
  type StageHooks,
  train,
  writeCaptions,
  writeImages,
  writeReport,
} from '../../src/index.js';

/**
 * The examples of docs/library.md, by what they show; a test runs each, in a folder with `runs/mine`, which is trained, and `photos`. What
 * stands between `example: NAME` and `end` is on the page.
 */

export interface Given {
  /** Settings of a run of seconds. */
  settings: Settings;
  hooks: StageHooks;
  trainSet: Labelled;
  testSet: Labelled;
}

export const EXAMPLES: Readonly<Record<string, (given: Given) => Promise<unknown>>> = {
  async resolveSettings() {
    // example: resolveSettings
    const settings = resolveSettings({
      preset: 'tiny',
      settings: { concepts: { source: 'parts.txt' }, train: { steps: 400 } },
    });
    // end
    return settings;
  },

  async writeCaptions({ settings }) {
    // example: writeCaptions
    const controller = new AbortController();
    const hooks: StageHooks = {
      signal: controller.signal, // abort it: the stage finishes what is in hand and throws Interrupted
      progress: ({ stage, done, total, unit }) => console.log(`${stage}: ${done} of ${total} ${unit}`),
      warn: (line) => console.warn(line),
    };
    await writeCaptions({ settings, dir: 'runs/new', hooks });
    // end
    await writeImages({ settings, dir: 'runs/new', hooks });
  },

  async train({ settings, hooks }) {
    // example: train
    const dir = 'runs/new';
    try {
      await writeCaptions({ settings, dir, hooks });
      await writeImages({ settings, dir, hooks });
      await train({ settings, dir, hooks });
    } catch (e) {
      if (!(e instanceof Interrupted)) throw e;
      // The same calls continue later.
    }
    // end
  },

  async evaluate({ settings, hooks }) {
    // example: evaluate
    const dir = 'runs/mine';
    const report = await evaluate({ settings, dir, hooks, evals: [{ name: 'mine', dir: 'photos' }] });
    for (const { name, rows } of report.datasets)
      for (const row of rows) console.log(name, row.features, row.knn.top1, row.linear.top1);
    // end
    return report satisfies ProbeReport;
  },

  async exportEncoder() {
    // example: exportEncoder
    const folder = await exportEncoder({ checkpoint: 'runs/mine', out: 'encoder' });
    // end
    return folder;
  },

  async writeReport() {
    // example: writeReport
    const page = await writeReport({ dir: 'runs/mine' });
    // end
    return page;
  },

  async cleanCaption() {
    // example: cleanCaption
    const draw: Draw = { id: 0, template: 'concept', kind: 'object', concept: 'teapot', source: 'file' };
    const completion = { text: '1. "A teapot on a wooden table."\n2. A red', cut: true };
    const cleaned = cleanCaption(completion, draw, { words: [3, 60], requireConcept: true });
    console.log(cleaned); // { caption: 'A teapot on a wooden table.' }
    // end
    return cleaned;
  },

  async openWriter() {
    // example: openWriter
    await using writer = await openWriter({ writer: 'embedded' });
    const [{ text }] = await writer.write(
      [{ id: 0, template: 'concept', kind: 'object', concept: 'teapot', source: 'file' }],
      { seed: 0, attempt: 0 },
    );
    // end
    return text;
  },

  async loadConceptBank({ settings }) {
    // example: loadConceptBank
    const bank = await loadConceptBank(settings);
    console.log(bank.concepts.slice(0, 3).map(({ name }) => name));
    // end
  },

  async openPainter() {
    // example: openPainter
    await using painter = await openPainter({ painter: 'embedded' });
    const [image] = await painter.paint([
      { caption: 'a red teapot on a table', captionId: 0, image: 0, attempt: 0, seed: 0, size: 64 },
    ]);
    console.log(image.width, image.height, image.data.length); // 64 64 12288
    // end
    return image;
  },

  async openCorpus() {
    // example: openCorpus
    await using corpus = await openCorpus('runs/mine');
    const { record, images } = await corpus.read(0);
    console.log(
      record.caption,
      images.map((jpeg) => jpeg.length),
    );
    // end
  },

  async createScheduler() {
    // example: createScheduler
    const scheduler = createScheduler({ _class_name: 'DDIMScheduler', num_train_timesteps: 1000 }, 50);
    // end
    return scheduler;
  },

  async openEmbedder() {
    // example: openEmbedder
    await using embedder = await openEmbedder({ encoder: 'runs/mine' });
    const feature = await embedder.image('photo.jpg', { normalise: true });
    console.log(feature.length === embedder.dim);
    // end
    return feature;
  },

  async openEncoder() {
    // example: openEncoder
    await using encoder = await openEncoder({ checkpoint: 'runs/mine' });
    const pixels = new Float32Array(2 * 3 * encoder.size ** 2); // two images, normalised with encoder.mean and encoder.std
    const { cls, patches } = await encoder.encode(pixels, 2, { patches: true });
    // end
    return [cls, patches];
  },

  async embed({ hooks }) {
    // example: embed
    const { images, dim } = await embed({ encoder: 'runs/mine', input: 'photos', out: 'photos.npy', hooks });
    // end
    return [images, dim];
  },

  async knnClassify({ trainSet, testSet }) {
    // example: knnClassify
    const predictions = await knnClassify(trainSet, testSet, { k: 5, temperature: 0.07, classes: 3 });
    // end
    return predictions;
  },

  async linearProbe({ trainSet, testSet }) {
    // example: linearProbe
    const { predictions, lr } = await linearProbe(trainSet, testSet, {
      classes: 3,
      lrs: [0.01, 0.1],
      epochs: 10,
      batch: 64,
      momentum: 0.9,
      validation: 0.2,
      seed: 0,
    });
    // end
    return [predictions, lr];
  },

  async logisticProbe({ trainSet, testSet }) {
    // example: logisticProbe
    await using on = await openExecutors({ provider: 'cpu', threads: 2 });
    const { predictions, l2 } = await logisticProbe(trainSet, testSet, {
      classes: 3,
      l2s: [0.01, 1],
      validation: 0.2,
      seed: 0,
      on,
    });
    // end
    return [predictions, l2];
  },
};

/** What the examples read beside runs and photos. */
export function writeInputs(dir: string): void {
  writeFileSync(join(dir, 'parts.txt'), 'teapot\ndesk lamp\noak tree\nrusty gear\nwool sock\n');
}
