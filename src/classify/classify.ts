import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { loadConceptBank } from '../concepts/bank.js';
import type { EncoderWeights } from '../config/names.js';
import type { Settings } from '../config/schema.js';
import { openBackbone } from '../encoders/open-backbone.js';
import { openEncoder } from '../encoders/open-encoder.js';
import { UserError } from '../errors.js';
import { makeFolder } from '../files/folders.js';
import { refuseExportInto, refuseOverlap } from '../files/overlap.js';
import { paintsOnThreads } from '../images/registry.js';
import { atSize } from '../model/backbone.js';
import type { Paired } from '../probe/intervals.js';
import { SkippedFiles } from '../probe/left-out.js';
import { FolderLock } from '../run/lock.js';
import { openExecutors } from '../runtime/open-executors.js';
import type { StageHooks } from '../stage.js';
import { type Features, featuresOf } from './features.js';
import { classify as answersOf, type FitResult, fitHead, type Rows } from './head.js';
import { ClassNames, type ConceptClass, classesOf } from './names.js';
import { type Painted, paintConcepts } from './painted.js';
import { listPhotos, type Photos } from './photos.js';
import {
  type Baselines,
  baselines,
  comparison,
  type Figures,
  figuresOf,
  type Prediction,
  predictionsOf,
  type Source,
} from './result.js';
import { checkClassifierTarget, writeClassifier } from './write-classifier.js';

/** Images painted a class: more add little on the embedded painter's (docs/classify.md), and others' take seconds each. */
const IMAGES = { fast: 192, slow: 64 };
/** Augmented views beside each painted image (docs/classify.md). */
const VIEWS = 2;

export interface ClassifyOptions {
  /** A run's folder, or any other: painted images and features are kept in `classify/` of it. */
  out: string;
  /** A run's folder, a checkpoint, an exported encoder, or one of other people's: a file, a folder or `hf:owner/name`. */
  encoder: string;
  weights?: EncoderWeights;
  heads?: number;
  /** `concepts` names the classes; `captions`, `images` and `seed` say how they are written and painted; `views` how painted images are augmented. */
  settings: Settings;
  /** Painted images a class, rounded up to whole pieces of 32; 0: none, the classifier learns from `train` alone. */
  images?: number;
  /** Augmented views beside each painted image. */
  views?: number;
  /** Photos to be told apart: a folder a class, or without classes. */
  test?: string;
  /** Photos to learn from, a folder a class: a classifier of them stands beside the painted one, and one of both. */
  train?: string;
  /** Which of them is exported, and predicts; default the painted one. */
  use?: Source;
  /** Folder of the exported classifier; default `<out>/classifier`. */
  export?: string;
  hooks: StageHooks;
}

export interface ClassifyResult {
  classes: readonly string[];
  encoder: { place: string; origin: string; hash: string; dim: number };
  seed: number;
  painted?: { images: number; writer: string; painter: string; views: number; hash: string };
  photos?: { dir: string; images: number; hash: string; without: readonly string[] };
  /** Of photos whose classes are known. */
  test?: Baselines & {
    dir: string;
    photos: number;
    hash: string;
    figures: readonly Figures[];
    /** Photos less painted images, top-1 on the same test photos. */
    photosLessPainted?: Paired;
  };
  /** By the classifier that was exported. */
  predictions: readonly Prediction[];
  /** Photos that cannot be decoded. */
  skipped: readonly { file: string; reason: string }[];
  use: Source;
  exported: string;
}

/**
 * A classifier of concepts, from an encoder that never learns: captions of the concepts are written and painted, a linear layer is fitted to
 * the features of the images, tested on photos, and exported with the encoder as one ONNX model. Painted images and features are kept, so that
 * an interrupted call continues.
 * @throws UserError for fewer than two concepts, folders without photos or with no concept's name, and what stands where something is to be
 *   written; Interrupted
 */
export async function classifyConcepts(o: ClassifyOptions): Promise<ClassifyResult> {
  const plan = await planned(o);
  const work = join(o.out, 'classify');
  await makeFolder(work);
  const lock = await FolderLock.take(work);
  try {
    return await new Work(o, plan, work).run();
  } finally {
    lock.releaseSync();
  }
}

/** All that can be known before anything is painted. */
interface Plan {
  settings: Settings;
  bank: Awaited<ReturnType<typeof loadConceptBank>>;
  classes: ConceptClass[];
  train?: Photos;
  test?: Photos;
  use: Source;
  images: number;
  exported: string;
}

async function planned(o: ClassifyOptions): Promise<Plan> {
  const { source } = o.settings.concepts;
  if (source === 'wordnet')
    throw new UserError('--concepts wordnet: name the concepts that shall be told apart, in a file (one a line)');
  const concepts = { ...o.settings.concepts, limit: Number.MAX_SAFE_INTEGER, heldOut: 0 };
  const settings = { ...o.settings, concepts };
  const bank = await loadConceptBank(settings);
  const classes = classesOf(bank, source);
  const images = o.images ?? (paintsOnThreads(settings) ? IMAGES.fast : IMAGES.slow);
  if (images === 0 && o.train === undefined)
    throw new UserError('--images 0: nothing to learn from; name photos with --train, or paint some');
  const sources: Source[] = [...(images > 0 ? ['painted' as const] : []), ...(o.train ? ['photos' as const] : [])];
  if (sources.length === 2) sources.push('both');
  const use = o.use ?? sources[0];
  if (!sources.includes(use))
    throw new UserError(`--use ${use}: there are no ${use === 'painted' ? 'painted images' : 'photos (--train DIR)'}`);
  const exported = o.export ?? join(o.out, 'classifier');
  const inputs = [o.train, o.test].flatMap((path) => (path === undefined ? [] : [{ what: 'the photos', path }]));
  await refuseOverlap(o.out, inputs);
  await refuseExportInto(exported, o.encoder);
  await checkClassifierTarget(exported);
  const names = await ClassNames.of(classes, source);
  const train = o.train === undefined ? undefined : await listPhotos('--train', o.train, names, 'train');
  const tested = o.test ?? (train?.isSide ? o.train : undefined);
  const test = tested === undefined ? undefined : await listPhotos('--test', tested, names, 'test');
  if (train && test) await refuseShared(train, test);
  for (const line of new Set([...(train?.remarks ?? []), ...(test?.remarks ?? [])])) o.hooks.warn(line);
  if (train && new Set(train.labels).size < 2)
    throw new UserError(`--train ${o.train}: photos of one concept alone (${classes[train.labels![0]].label})`);
  return { settings, bank, classes, train, test, use, images, exported };
}

/** @throws UserError where a test photo is learnt from */
async function refuseShared(train: Photos, test: Photos): Promise<void> {
  const [a, b] = await Promise.all([realpath(train.dir), realpath(test.dir)]);
  const learnt = new Set(train.files.map((file) => join(a, file)));
  const shared = test.files.filter((file) => learnt.has(join(b, file)));
  if (shared.length > 0)
    throw new UserError(
      `${shared.length} of the photos in --test ${test.dir} are among those of --train ${train.dir} (${shared[0]}): a test needs others`,
    );
}

class Work {
  private readonly o: ClassifyOptions;
  private readonly plan: Plan;
  private readonly work: string;
  private readonly broken: SkippedFiles;

  constructor(o: ClassifyOptions, plan: Plan, work: string) {
    this.o = o;
    this.plan = plan;
    this.work = work;
    this.broken = new SkippedFiles(o.hooks.warn);
  }

  async run(): Promise<ClassifyResult> {
    const { o, plan } = this;
    const { hooks } = o;
    const on = await openExecutors(plan.settings.runtime, hooks);
    try {
      await using encoder = await openEncoder({
        ...{ checkpoint: o.encoder, weights: o.weights, heads: o.heads, executors: on },
        hooks: { signal: hooks.signal, warn: hooks.warn, note: hooks.note },
      });
      const settings = this.paintedFor(encoder.size);
      const painted = plan.images > 0 ? await this.paint(settings) : undefined;
      const cache = join(this.work, 'features');
      const views = o.views ?? VIEWS;
      const looked = this.meter((painted?.files.length ?? 0) * (1 + views));
      const look = (name: string, what: string, listed: Painted | Photos, views = 0) =>
        featuresOf(encoder, listed, {
          ...{ cache, name, what, hooks, looked },
          augment: { views: settings.views, count: views, seed: settings.seed },
        });
      const learnt = painted && { of: painted, is: await look('painted', 'painted captions', painted, views) };
      const photos = plan.train && { of: plan.train, is: await look('train', 'photos to learn from', plan.train) };
      const test = plan.test && (await look('test', 'photos', plan.test));
      for (const [listed, { skipped }] of [
        ...(photos ? [[photos.of, photos.is] as const] : []),
        ...(test ? [[plan.test!, test] as const] : []),
      ])
        this.broken.add(listed.dir, skipped);
      this.broken.end();

      const fits = new Map<Source, FitResult & { images: number }>();
      const names = plan.classes.map((c) => c.label);
      const learn = async (source: Source, rows: Rows) => {
        const { seed } = settings;
        const found = await fitHead(rows, { classes: names.length, seed, on, signal: hooks.signal });
        fits.set(source, { ...found, images: rows.labels.length });
      };
      const rowsOf = ({ of, is }: { of: Painted | Photos; is: Features }): Rows => ({
        ...{ x: is.x, dim: is.dim, views: is.views },
        labels: Int32Array.from(is.index, (i) => of.labels![i]),
      });
      if (learnt) await learn('painted', rowsOf(learnt));
      if (photos) await learn('photos', rowsOf(photos));
      if (learnt && photos) await learn('both', together(rowsOf(learnt), rowsOf(photos)));

      const tested = this.test(test, fits, names);
      const chosen = fits.get(plan.use)!;
      const predictions = test
        ? predictionsOf(
            Array.from(test.index, (i) => plan.test!.files[i]),
            answersOf(chosen.head, test.x).probabilities,
            names,
            plan.test!.labels && Int32Array.from(test.index, (i) => plan.test!.labels![i]),
          )
        : [];
      await this.write(settings, chosen, names, tested);
      return {
        classes: names,
        encoder: { place: o.encoder, origin: encoder.origin, hash: encoder.hash, dim: encoder.dim },
        seed: settings.seed,
        ...(painted && {
          painted: {
            images: painted.files.length,
            ...{ writer: settings.captions.writer, painter: settings.images.painter, views, hash: painted.hash },
          },
        }),
        ...(photos && {
          photos: {
            ...{ dir: photos.of.dir, images: photos.is.index.length, hash: photos.of.hash },
            without: names.filter((_, c) => !photos.of.labels!.includes(c)),
          },
        }),
        ...(tested && { test: tested }),
        predictions,
        skipped: [...(photos?.is.skipped ?? []), ...(test?.skipped ?? [])],
        use: plan.use,
        exported: plan.exported,
      };
    } finally {
      await on.close();
    }
  }

  /** The embedded painter paints at any size; what is smaller than the encoder's own would be shown to it blurred. */
  private paintedFor(size: number): Settings {
    const { settings } = this.plan;
    if (!paintsOnThreads(settings) || settings.images.size >= size) return settings;
    return { ...settings, images: { ...settings.images, size } };
  }

  /** Progress over all images that are looked at. @param painted views of painted images */
  private meter(painted: number): (views: number) => void {
    const { train, test } = this.plan;
    const total = painted + (train?.files.length ?? 0) + (test?.files.length ?? 0);
    let done = 0;
    return (views) => {
      done += views;
      this.o.hooks.progress({ stage: 'eval', done, total, before: 0, unit: 'images looked at' });
    };
  }

  private async paint(settings: Settings): Promise<Painted> {
    const { bank, classes, images } = this.plan;
    const { writer } = settings.captions;
    this.o.hooks.note?.(
      `${classes.length} × ${images} captions by the ${writer} writer, painted by the ${settings.images.painter} painter; what is there already is kept`,
    );
    return paintConcepts(settings, join(this.work, 'painted'), bank, classes, images, this.o.hooks);
  }

  private test(
    features: Features | undefined,
    fits: ReadonlyMap<Source, FitResult & { images: number }>,
    names: readonly string[],
  ): ClassifyResult['test'] {
    const photos = this.plan.test;
    if (!features || !photos?.labels) return undefined;
    const labels = Int32Array.from(features.index, (i) => photos.labels![i]);
    const answers = new Map<Source, Int32Array>();
    const figures = [...fits].map(([trainedOn, { head, l2, images }]) => {
      const { classes, probabilities } = answersOf(head, features.x);
      answers.set(trainedOn, classes);
      const sure = Float32Array.from(classes, (c, i) => probabilities[i * names.length + c]);
      return figuresOf({ trainedOn, images, l2 }, classes, sure, labels, names);
    });
    const [painted, real] = [answers.get('painted'), answers.get('photos')];
    return {
      ...baselines(labels, names.length),
      ...{ dir: photos.dir, photos: labels.length, hash: photos.hash, figures },
      ...(painted && real && { photosLessPainted: comparison(real, painted, labels) }),
    };
  }

  private async write(
    settings: Settings,
    { head, l2, images }: FitResult & { images: number },
    names: readonly string[],
    test: ClassifyResult['test'],
  ): Promise<void> {
    const { o, plan } = this;
    const { weights, heads, hooks } = o;
    const backbone = await openBackbone(o.encoder, { weights, heads, hooks });
    const own = test?.figures.find((f) => f.trainedOn === plan.use);
    await writeClassifier(plan.exported, atSize(backbone, backbone.preprocessing.size), head, names, {
      ...{ encoder: backbone.origin, trainedOn: plan.use, images, seed: settings.seed, l2 },
      ...(plan.use !== 'photos' && { writer: settings.captions.writer, painter: settings.images.painter }),
      ...(own && {
        test: {
          ...{ photos: test!.photos, top1: own.top1, interval: own.interval },
          ...{ meanPerClass: own.meanPerClass, chance: test!.chance },
        },
      }),
    });
  }
}

/** Rows of both; the fewer views of one are repeated, so that its images weigh as much. */
function together(a: Rows, b: Rows): Rows {
  const views = Math.max(a.views, b.views);
  const { dim } = a;
  const images = a.labels.length + b.labels.length;
  const x = new Float32Array(images * views * dim);
  let row = 0;
  for (const part of [a, b])
    for (let i = 0; i < part.labels.length; i++)
      for (let v = 0; v < views; v++, row++) {
        const from = (i * part.views + (v % part.views)) * dim;
        x.set(part.x.subarray(from, from + dim), row * dim);
      }
  return { x, dim, views, labels: Int32Array.from([...a.labels, ...b.labels]) };
}
