import { join } from 'node:path';
import type { Settings } from '../config/schema.js';
import { Interrupted, UserError } from '../errors.js';
import { sha256 } from '../files/digest.js';
import { makeFolder } from '../files/folders.js';
import { type FileKind, refuseForeignFile } from '../files/replace.js';
import { readSafetensors, writeSafetensors } from '../formats/safetensors.js';
import { decodeBatches, type Skipped } from '../probe/decode.js';
import type { Encoder } from '../probe/encoder.js';
import { requireFinite } from '../probe/finite.js';
import { encoderSource, type FeatureSource } from '../probe/sources.js';
import { Rng } from '../rng.js';
import type { StageHooks } from '../stage.js';
import { Augmenter } from '../views/augment.js';
import { decodeFile, whyNot } from '../views/image.js';

/** Features of images, several views of each where it was asked for; what cannot be decoded is left out. */
export interface Features {
  /** [n · views, dim], the views of an image one after the other; the first is the image as it is measured. */
  x: Float32Array;
  dim: number;
  views: number;
  /** [n] which file each image is */
  index: Int32Array;
  skipped: readonly Skipped[];
}

/** What is to be looked at: files below a folder, and the hash under which their features are kept. */
export interface Listed {
  dir: string;
  files: readonly string[];
  hash: string;
}

/** Augmented views beside the image itself, cut and coloured as in training. */
export interface Augmenting {
  views: Settings['views'];
  /** Views beside the plain one; 0: none. */
  count: number;
  seed: number;
}

/** Images whose views are made and encoded together. */
const BATCH = 32;

const FEATURES: FileKind = {
  what: 'features that synclr wrote',
  isOurs: (head) => /"synclr\.classify":/.test(head.toString('latin1', 0, 4096)),
};

/**
 * Features of listed images by an encoder. Kept in `cache/<name>.safetensors` as long as encoder, files and views are the same.
 * @throws UserError where no image can be decoded, for features that are not finite; Interrupted
 */
export async function featuresOf(
  encoder: Encoder & { readonly hash: string },
  listed: Listed,
  o: { cache: string; name: string; what: string; augment?: Augmenting } & Asked,
): Promise<Features> {
  const source = encoderSource('trained', encoder);
  const augment = o.augment && o.augment.count > 0 ? o.augment : undefined;
  const key = sha256(JSON.stringify([1, source.hash, encoder.size, listed.hash, augment ?? 0]));
  const path = join(o.cache, `${o.name}.safetensors`);
  const kept = await readKept(path, key);
  if (kept) {
    o.looked(listed.files.length * kept.views);
    return kept;
  }
  await makeFolder(o.cache);
  await refuseForeignFile(path, FEATURES);
  const made = augment ? await augmented(encoder, source, listed, augment, o) : await plain(source, listed, o);
  const { x, dim, views, index, skipped } = made;
  if (index.length === 0)
    throw new UserError(
      `${o.what}: none of the ${listed.files.length} images in ${listed.dir} can be decoded (${skipped.at(-1)?.file}: ${skipped.at(-1)?.reason})`,
    );
  await writeSafetensors(
    path,
    new Map([
      ['features', { dtype: 'F32', shape: [index.length * views, dim], data: x }],
      ['index', { dtype: 'I32', shape: [index.length], data: index }],
    ]),
    { 'synclr.classify': key, skipped: JSON.stringify(skipped), views: String(views) },
    { sealed: true },
  );
  return made;
}

async function readKept(path: string, key: string): Promise<Features | undefined> {
  try {
    const { metadata, tensors } = await readSafetensors(path);
    if (metadata['synclr.classify'] !== key) return undefined;
    const features = tensors.get('features')!;
    return {
      x: features.data as Float32Array,
      dim: features.shape[1],
      views: Number(metadata.views),
      index: tensors.get('index')!.data as Int32Array,
      skipped: JSON.parse(metadata.skipped) as Skipped[],
    };
  } catch {
    // Missing, of another version, or damaged: computed again.
    return undefined;
  }
}

interface Asked {
  hooks: Pick<StageHooks, 'signal'>;
  /** Told of views that are done, those of images that cannot be decoded among them. */
  looked(views: number): void;
}

async function plain(source: FeatureSource, { dir, files }: Listed, { looked, hooks }: Asked): Promise<Features> {
  const x = new Float32Array(files.length * source.dim);
  const index: number[] = [];
  const skipped: Skipped[] = [];
  for await (const batch of decodeBatches(dir, files, source.look, hooks.signal)) {
    const count = batch.index.length;
    if (count > 0) {
      const features = await source.features(batch.pixels, count);
      requireFinite(
        features,
        batch.index.map((i) => files[i]),
        'the encoder',
      );
      x.set(features, index.length * source.dim);
    }
    index.push(...batch.index);
    skipped.push(...batch.skipped);
    looked(count + batch.skipped.length);
  }
  const { dim } = source;
  return { x: x.slice(0, index.length * dim), dim, views: 1, index: Int32Array.from(index), skipped };
}

async function augmented(
  encoder: Encoder,
  source: FeatureSource,
  { dir, files }: Listed,
  { views: settings, count, seed }: Augmenting,
  o: Asked,
): Promise<Features> {
  const whole = await plain(source, { dir, files, hash: '' }, o);
  const { dim } = source;
  const { size, mean, std } = encoder;
  const each = 1 + count;
  const x = new Float32Array(whole.index.length * each * dim);
  whole.index.forEach((_, i) => {
    x.set(whole.x.subarray(i * dim, (i + 1) * dim), i * each * dim);
  });
  const augmenter = new Augmenter({ ...settings, mean: [...mean], std: [...std] });
  const image = 3 * size * size;
  const total = whole.index.length;
  for (let at = 0; at < total; at += BATCH) {
    if (o.hooks.signal.aborted) throw new Interrupted('stopped while looking at painted images');
    const rows = Math.min(BATCH, total - at);
    const pixels = new Float32Array(rows * count * image);
    for (let i = 0; i < rows; i++) {
      const file = files[whole.index[at + i]];
      augmenter.load(await decoded(join(dir, file)));
      for (let v = 0; v < count; v++) {
        const rng = Rng.of(seed, 'classify', 'view', whole.index[at + i], v);
        const from = (i * count + v) * image;
        augmenter.floats(size, settings.globalScale, rng, pixels.subarray(from, from + image));
      }
    }
    const { cls } = await encoder.encode(pixels, rows * count);
    requireFinite(cls, ['an augmented view'], 'the encoder');
    for (let i = 0; i < rows; i++)
      x.set(cls.subarray(i * count * dim, (i + 1) * count * dim), ((at + i) * each + 1) * dim);
    o.looked(rows * count);
  }
  return { ...whole, x, views: each };
}

async function decoded(path: string) {
  try {
    return await decodeFile(path);
  } catch (e) {
    throw new UserError(`${path}: ${whyNot(e)}`);
  }
}
