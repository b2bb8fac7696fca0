import { join } from 'node:path';
import { type OpenedEncoder, openEncoder } from '../encoders/open-encoder.js';
import { sha256 } from '../files/digest.js';
import { replaceFolder } from '../files/replace.js';
import { writeFileAtomic } from '../files/write.js';
import { Rng } from '../rng.js';
import type { Executors } from '../runtime/executor.js';
import type { StageOptions } from '../stage.js';
import { sharp } from '../views/guarded-sharp.js';
import { decodeFile } from '../views/image.js';
import type { ImageDataset } from './datasets.js';
import { decodeBatches } from './decode.js';
import { type DatasetFeatures, extractFeatures } from './features.js';
import { nearest } from './knn.js';
import { patchPictures } from './pca.js';
import { type EvalPictures, type Picture, picturesDir, readPictures } from './pictures-index.js';
import { encoderSource, normalised } from './sources.js';

/** Queries, and neighbours of each. */
const QUERIES = 6;
const NEIGHBOURS = 6;
/** Test images whose neighbours are counted. */
const COUNTED = 1000;
/** Images with PCA pictures. */
const PCA_IMAGES = 12;
/** Patches along a side of a PCA picture, at least: small images are enlarged. */
const PCA_GRID = 16;
/** Largest side of a stored image, pixels. */
const THUMBNAIL = 96;

/**
 * Pictures for the report, into `eval/<data set>/`: nearest training images of some test images, and PCA pictures of patch features. What
 * is there already for the same encoder and files is kept.
 * @throws UserError where the folder holds anything that synclr did not put there
 */
export async function makePictures(
  o: StageOptions & {
    dataset: ImageDataset;
    encoder: OpenedEncoder;
    executors: Executors;
    /** Caption of every image by file, of a painted set. */
    captions?: Record<string, string>;
    checkpoint?: string;
    heads?: number;
  },
): Promise<void> {
  const { dataset, encoder, settings } = o;
  const key = sha256(`3 ${encoder.hash} ${encoder.size} ${dataset.hash} ${settings.seed}`);
  // What cannot be read is made again: it is a copy of what the data set holds.
  if ((await readPictures(o.dir, dataset.name).catch(() => undefined))?.key === key) return;
  const cache = join(o.dir, 'features');
  const source = encoderSource('trained', encoder);
  const features = (await extractFeatures([source], dataset, { cache, hooks: o.hooks })).get('trained')!;
  await replaceFolder(picturesDir(o.dir, dataset.name), {
    what: 'a folder of pictures that synclr made',
    fill: async (dir) => {
      const store = new Thumbnails(dataset, dir, o.captions);
      const chosen = someOfEachClass(features, dataset, settings.seed);
      const neighbours = await findNeighbours(features, chosen.slice(0, QUERIES), store, o.executors);
      const agreement = await agreementOf(features, settings.seed, o.executors);
      const { pca, grid } = await paintPca(o, chosen.slice(0, PCA_IMAGES), features, store);
      const index: EvalPictures = { key, dataset: dataset.name, neighbours, agreement, pca, grid };
      await writeFileAtomic(join(dir, 'index.json'), JSON.stringify(index));
    },
    isEarlier: (_, files) => isEarlier(o.dir, dataset.name, files),
  });
}

/** The first versions kept no list of files; but their index names all of them. */
async function isEarlier(dir: string, dataset: string, files: readonly string[]): Promise<boolean> {
  const index = await readPictures(dir, dataset).catch(() => undefined);
  if (!/^[0-9a-f]{64}$/.test(index?.key ?? '') || !index?.neighbours || !index.pca) return false;
  const pictures = index.neighbours.flatMap(({ query, found }) => [query, ...found].map((p) => p.image));
  const named = new Set([...pictures, ...index.pca.flatMap((p) => [p.image, p.all, p.foreground]), 'index.json']);
  return files.every((file) => named.has(file));
}

/** Rows of test images, from one class after another. */
function someOfEachClass(f: DatasetFeatures, dataset: ImageDataset, seed: number): number[] {
  const rng = Rng.of(seed, 'pictures');
  const byClass = new Map<number, number[]>();
  f.test.labels.forEach((c, row) => {
    if (!byClass.has(c)) byClass.set(c, []);
    byClass.get(c)!.push(row);
  });
  const classes = rng.shuffle(dataset.classes.map((_, c) => c)).filter((c) => byClass.has(c));
  for (const c of classes) rng.shuffle(byClass.get(c)!);
  const out: number[] = [];
  for (let round = 0; out.length < PCA_IMAGES && classes.some((c) => byClass.get(c)!.length > round); round++)
    for (const c of classes) if (byClass.get(c)!.length > round) out.push(byClass.get(c)![round]);
  return out;
}

/** How often the nearest training images have the class of a test image, over many of these; and how often any training image has it. */
async function agreementOf(f: DatasetFeatures, seed: number, on: Executors): Promise<EvalPictures['agreement']> {
  const { dim, labels } = f.test;
  const rows = Rng.of(seed, 'pictures', 'agreement')
    .shuffle([...labels.keys()])
    .slice(0, COUNTED);
  const found = await nearest(f.train.x, rowsOf(f.test.x, dim, rows), dim, NEIGHBOURS, on);
  const inTrain = new Map<number, number>();
  for (const c of f.train.labels) inTrain.set(c, (inTrain.get(c) ?? 0) + 1);
  let same = 0;
  let chance = 0;
  rows.forEach((row, i) => {
    chance += (inTrain.get(labels[row]) ?? 0) / f.train.labels.length;
    for (let j = i * found.k; j < (i + 1) * found.k; j++) if (f.train.labels[found.index[j]] === labels[row]) same++;
  });
  return { images: rows.length, share: same / (rows.length * found.k), chance: chance / rows.length };
}

function rowsOf(x: Float32Array, dim: number, rows: readonly number[]): Float32Array {
  const out = new Float32Array(rows.length * dim);
  rows.forEach((row, i) => {
    out.set(x.subarray(row * dim, (row + 1) * dim), i * dim);
  });
  return out;
}

async function findNeighbours(
  f: DatasetFeatures,
  rows: readonly number[],
  store: Thumbnails,
  on: Executors,
): Promise<EvalPictures['neighbours']> {
  const { dim } = f.test;
  const found = await nearest(f.train.x, rowsOf(f.test.x, dim, rows), dim, NEIGHBOURS, on);
  const out: EvalPictures['neighbours'] = [];
  for (const [i, row] of rows.entries()) {
    const query = await store.add('test', f.test.index[row]);
    const neighbours = [];
    for (let j = i * found.k; j < (i + 1) * found.k; j++)
      neighbours.push({
        ...(await store.add('train', f.train.index[found.index[j]])),
        similarity: Number(found.similarity[j].toFixed(4)),
      });
    out.push({ query, found: neighbours });
  }
  return out;
}

async function paintPca(
  o: Parameters<typeof makePictures>[0],
  rows: readonly number[],
  f: DatasetFeatures,
  store: Thumbnails,
): Promise<Pick<EvalPictures, 'pca' | 'grid'>> {
  const { dataset, settings } = o;
  const { patch } = o.encoder;
  const size = Math.max(o.encoder.size, PCA_GRID * patch);
  const grid = Math.floor(size / patch);
  const encoder =
    size === o.encoder.size
      ? o.encoder
      : await openEncoder({
          checkpoint: o.checkpoint ?? o.dir,
          ...{ weights: settings.probe.weights, heads: o.heads, hooks: o.hooks },
          settings,
          size,
          executors: o.executors,
        });
  try {
    const files = rows.map((row) => dataset.test[f.test.index[row]].file);
    const image = 3 * size * size;
    const pixels = new Float32Array(files.length * image);
    for await (const b of decodeBatches(dataset.dir, files, encoder.preprocessing, o.hooks.signal))
      b.index.forEach((i, at) => {
        pixels.set(b.pixels.subarray(at * image, (at + 1) * image), i * image);
      });
    const n = files.length;
    const { patches } = await encoder.encode(normalised(pixels, size, encoder.mean, encoder.std), n, { patches: true });
    const { all, foreground, masked } = patchPictures(patches!, n, grid, encoder.dim);
    const pca: EvalPictures['pca'] = [];
    for (const [i, row] of rows.entries()) {
      const picture = await store.add('test', f.test.index[row]);
      const area = grid * grid;
      pca.push({
        ...picture,
        all: await store.png(`pca-${i}`, all.subarray(i * area * 3, (i + 1) * area * 3), grid, 3),
        foreground: await store.png(`pca-${i}-fg`, foreground.subarray(i * area * 4, (i + 1) * area * 4), grid, 4),
        masked: masked[i],
      });
    }
    return { pca, grid };
  } finally {
    if (encoder !== o.encoder) await encoder.close();
  }
}

/** Small copies of a data set's images, each stored once. */
class Thumbnails {
  private readonly dataset: ImageDataset;
  private readonly dir: string;
  private readonly captions: Record<string, string> | undefined;
  private readonly stored = new Map<string, Picture>();

  constructor(dataset: ImageDataset, dir: string, captions: Record<string, string> | undefined) {
    this.dataset = dataset;
    this.dir = dir;
    this.captions = captions;
  }

  async add(part: 'train' | 'test', i: number): Promise<Picture> {
    const { file, label } = this.dataset[part][i];
    const before = this.stored.get(file);
    if (before) return before;
    const image = `${String(this.stored.size).padStart(3, '0')}.jpg`;
    const { data, width, height } = await decodeFile(join(this.dataset.dir, file), { enough: THUMBNAIL });
    const side = Math.min(THUMBNAIL, width, height);
    const small = await sharp(data, { raw: { width, height, channels: 3 } })
      .resize(side, side, { fit: 'cover' })
      .jpeg({ quality: 85 })
      .toBuffer();
    await writeFileAtomic(join(this.dir, image), small);
    const caption = this.captions?.[file];
    const picture: Picture = { image, file, class: this.dataset.classes[label], ...(caption ? { caption } : {}) };
    this.stored.set(file, picture);
    return picture;
  }

  async png(name: string, data: Uint8Array, side: number, channels: 3 | 4): Promise<string> {
    const png = await sharp(data, { raw: { width: side, height: side, channels } })
      .png()
      .toBuffer();
    await writeFileAtomic(join(this.dir, `${name}.png`), png);
    return `${name}.png`;
  }
}
