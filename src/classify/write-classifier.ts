import { join } from 'node:path';
import { refuseForeignFolder, replaceFolder } from '../files/replace.js';
import { writeFileAtomic } from '../files/write.js';
import type { Backbone } from '../model/backbone.js';
import { classifierOnnx } from '../model/export/onnx.js';
import { ownConfig, PREPROCESSOR } from '../model/export/own.js';
import { preprocessingText } from '../model/preprocessing.js';
import { VERSION } from '../version.js';
import type { Head } from './head.js';
import type { Figures } from './result.js';

/** What is written of how a classifier came about. */
export interface ClassifierFacts {
  /** Where the encoder is from. */
  encoder: string;
  trainedOn: Figures['trainedOn'];
  /** Images that it was fitted to. */
  images: number;
  seed: number;
  l2: number;
  /** Who wrote and painted, where painted images were among them. */
  writer?: string;
  painter?: string;
  /** On photos whose classes are known. */
  test?: Pick<Figures, 'top1' | 'interval' | 'meanPerClass'> & { photos: number; chance: number };
}

const CLASSIFIER = {
  what: 'a classifier that synclr exported',
  names: ['onnx', 'config.json', 'preprocessor_config.json', 'README.md'],
};

/** Looks whether a classifier could be put there, before minutes go into it. @throws UserError naming what stands there instead */
export const checkClassifierTarget = (dir: string): Promise<void> => refuseForeignFolder(dir, CLASSIFIER);

/**
 * Writes a classifier as a folder that Transformers.js' `image-classification` takes: `onnx/model.onnx`, which is the encoder, its
 * preprocessing and the linear layer (pixel_values [batch, 3, height, width] in 0…1, pictures of any size → logits and probabilities [batch,
 * classes]), `config.json` with the classes' names, `preprocessor_config.json`, and a card. Whole or not at all.
 * @throws UserError where something else stands there
 */
export async function writeClassifier(
  dir: string,
  b: Backbone,
  head: Head,
  labels: readonly string[],
  facts: ClassifierFacts,
): Promise<void> {
  const config = {
    ...ownConfig(b),
    architectures: ['ViTForImageClassification'],
    num_labels: labels.length,
    id2label: Object.fromEntries(labels.map((label, c) => [c, label])),
    label2id: Object.fromEntries(labels.map((label, c) => [label, c])),
  };
  const synclr = { ...(config as { synclr?: object }).synclr, classifier: { synclr: VERSION, ...facts } };
  await replaceFolder(dir, {
    ...CLASSIFIER,
    async fill(folder) {
      await writeFileAtomic(join(folder, 'onnx', 'model.onnx'), classifierOnnx(b, head));
      await writeFileAtomic(join(folder, 'config.json'), json({ ...config, synclr }));
      await writeFileAtomic(join(folder, 'preprocessor_config.json'), json(PREPROCESSOR));
      await writeFileAtomic(join(folder, 'README.md'), card(b, labels, facts));
    },
  });
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

function card(b: Backbone, labels: readonly string[], f: ClassifierFacts): string {
  const learnt = {
    painted: `${f.images} painted images, and not one photo`,
    photos: `${f.images} photos`,
    both: `${f.images} images, painted ones and photos`,
  }[f.trainedOn];
  const made =
    f.painter === undefined ? '' : ` (captions by the ${f.writer} writer, images by the ${f.painter} painter)`;
  const { test } = f;
  return [
    '---',
    'library_name: transformers.js',
    'pipeline_tag: image-classification',
    'tags:\n- vision\n- image-classification\n- synclr',
    '---',
    '',
    `# A classifier of ${labels.length} concepts`,
    '',
    `A frozen encoder (${f.encoder}) and a linear layer on its feature, fitted to ${learnt}${made}; seed ${f.seed}, l2 ${Number(f.l2.toPrecision(3))}. Written by synclr ${VERSION}.`,
    '',
    `Classes: ${labels.join(', ')}.`,
    '',
    ...(test
      ? [
          `On ${test.photos} photos: ${percent(test.top1)} right (95 %: ${test.interval.map(percent).join(' to ')}), mean of the classes ${percent(test.meanPerClass)}; chance ${percent(test.chance)}.`,
          '',
        ]
      : []),
    '```js',
    "import { env, pipeline } from '@huggingface/transformers';",
    '',
    "env.localModelPath = '.'; // the folder that FOLDER lies in",
    'env.allowLocalModels = true;',
    'env.allowRemoteModels = false;',
    "const classify = await pipeline('image-classification', 'FOLDER', { dtype: 'fp32' });",
    "const best = await classify('photo.jpg', { top_k: 3 }); // [{ label, score }, …]",
    '```',
    '',
    `The graph does all that is done to a picture (${preprocessingText(b.preprocessing)}) but decoding it and dividing by 255. \`synclr classify photos --with FOLDER\` uses it, too.`,
    '',
  ].join('\n');
}
