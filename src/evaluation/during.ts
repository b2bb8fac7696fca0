import { hasTeacher } from '../config/learners.js';
import { decodeSplit, keyOf } from '../data/decode-split.js';
import { openEvalSet } from '../data/open.js';
import type { EvalSet, EvalSplit } from '../data/set.js';
import type { EvalSpec } from '../data/spec.js';
import { type Closing, closing } from '../disposable.js';
import { openWeightsOf } from '../encoders/open-encoder.js';
import type { TrainingProbe } from '../learn/train.js';
import { vitConfig } from '../model/config.js';
import { settingsPreprocessing } from '../model/preprocessing.js';
import { vitParameters } from '../model/vit.js';
import { requireFinite } from '../probe/finite.js';
import { knnClassify } from '../probe/knn.js';
import type { Labelled } from '../probe/labelled.js';
import { accuracy } from '../probe/metrics.js';
import { paintProbes } from '../probe/painted-probes.js';
import { encoderSource } from '../probe/sources.js';
import { PROBED } from '../report/metrics.js';
import { openExecutors } from '../runtime/open-executors.js';
import type { StageOptions } from '../stage.js';
import type { Source } from './features.js';

/** Pictures of a side at most, evenly taken: it is measured often, and a curve needs no more. */
const MOST = 2000;

/**
 * What `train` asks every `probe.every` steps: top-1 of kNN on the run's own and held-out concepts and on data sets of one's own, under
 * `knn_NAME` in the log.
 *
 *     await using probe = await openTrainingProbe({ settings, dir, hooks });
 *     await train({ settings, dir, hooks, probe: probe.measure });
 *
 * Data sets are painted and opened at the first measurement, which is after training has found its images; at most 2,000 pictures of either
 * side are taken.
 */
export async function openTrainingProbe(
  o: Pick<StageOptions, 'settings' | 'dir' | 'hooks'> & { evals?: readonly EvalSpec[] },
): Promise<Closing<{ measure: TrainingProbe }>> {
  let opened: Promise<EvalSet[]> | undefined;
  const measure: TrainingProbe = async ({ weights, executors: theirs }) => {
    opened ??= openSets(o);
    const sets = await opened;
    const { settings } = o;
    const { runtime, probe } = settings;
    // The provider of training, or the CPU where that one is not to be shared.
    const executors = theirs ?? (await openExecutors(runtime, { note: o.hooks.note }));
    try {
      const vit = vitConfig(settings);
      const parameters = new Map(vitParameters(vit).map(({ name }) => [name, weights.get(name)!]));
      const origin = hasTeacher(settings) ? 'teacher in training' : 'student in training';
      const backbone = { vit, preprocessing: settingsPreprocessing(settings), parameters, origin };
      await using encoder = await openWeightsOf(backbone, executors);
      const source = encoderSource('trained', encoder);
      const numbers: Record<string, number> = {};
      for (const set of sets) {
        const [train, test] = [await featuresOf(source, set.train, set), await featuresOf(source, set.test, set)];
        if (train.labels.length === 0 || test.labels.length === 0) continue;
        const classes = set.classes.length;
        const found = await knnClassify(train, test, { ...probe.knn, classes, on: executors });
        numbers[`${PROBED}${set.name}`] = accuracy(found, test.labels, classes).top1;
      }
      return numbers;
    } finally {
      await executors.close();
    }
  };
  return closing({
    measure,
    async close() {
      const sets = await opened?.catch(() => []);
      await Promise.all((sets ?? []).map((set) => set.close()));
    },
  });
}

async function openSets({
  settings,
  dir,
  hooks,
  evals = [],
}: Parameters<typeof openTrainingProbe>[0]): Promise<EvalSet[]> {
  // It is begun between two steps, and is not to be cut off there: the next start would have to paint before it can go on.
  const quiet = { ...hooks, signal: new AbortController().signal, progress() {} };
  const { ready } = await paintProbes(settings, dir, quiet);
  const places = [...ready.map(({ name, folder }) => ({ name, dir: folder })), ...evals];
  const sets: EvalSet[] = [];
  try {
    for (const spec of places) {
      const set = await openEvalSet(spec, { onWarn: hooks.warn });
      if (set.task === 'single') sets.push(set);
      else {
        await set.close();
        hooks.warn(`data set ${set.name}: kNN needs one class an image: it is not measured during training`);
      }
    }
  } catch (e) {
    await Promise.all(sets.map((set) => set.close()));
    throw e;
  }
  return sets;
}

/** Features of at most so many pictures of a split, evenly taken. */
async function featuresOf(source: Source, split: EvalSplit, set: EvalSet): Promise<Labelled> {
  const n = Math.min(MOST, split.length);
  const which = Array.from({ length: n }, (_, i) => Math.floor((i * split.length) / n));
  const few: EvalSplit = {
    length: n,
    labels: Int32Array.from(which, (i) => split.labels[i]),
    nameOf: (i) => split.nameOf(which[i]),
    read: (i) => split.read(which[i]),
  };
  const x = new Float32Array(n * source.dim);
  const labels: number[] = [];
  for await (const batch of decodeSplit(few, { looks: [source.look], signal: new AbortController().signal })) {
    const count = batch.index.length;
    const features =
      count > 0 ? await source.features(batch.pixels.get(keyOf(source.look))!, count) : new Float32Array(0);
    batch.release();
    if (count > 0) requireFinite(features, batch.index.map(few.nameOf), `data set ${set.name}: the encoder`);
    x.set(features, labels.length * source.dim);
    labels.push(...batch.index.map((i) => few.labels[i]));
  }
  return { x: x.subarray(0, labels.length * source.dim), dim: source.dim, labels: Int32Array.from(labels) };
}
