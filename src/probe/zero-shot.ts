import { sha256 } from '../files/digest.js';
import type { Backbone } from '../model/backbone.js';
import type { Labelled } from './labelled.js';
import { argmaxRows } from './metrics.js';
import { type ClassNames, named, namesOf } from './templates.js';
import { unitRows } from './unit-rows.js';
import { jointFeatures, projectionHash, type Words } from './words.js';

/** How classes are put into words. */
export interface ZeroShotOptions {
  templates: readonly string[];
  names?: ClassNames;
}

/** What decides a zero-shot figure beside the features of images. */
export function zeroShotKey(
  words: Words,
  projection: Backbone['projection'],
  classes: readonly string[],
  o: ZeroShotOptions,
): string {
  const names = classes.map((c) => namesOf(c, o.names));
  return sha256(JSON.stringify([1, words.hash, projectionHash(projection), o.templates, names]));
}

/**
 * Features of classes: the mean over all templates and names of a class, each of length 1, brought to length 1 (Radford et al. 2021, section
 * 3.1.4).
 * @returns [classes, out]
 */
export async function classFeatures(
  words: Words,
  classes: readonly string[],
  o: ZeroShotOptions & { signal?: AbortSignal },
): Promise<Float32Array> {
  const all = new Float32Array(classes.length * words.out);
  for (const [c, folder] of classes.entries()) {
    const texts = namesOf(folder, o.names).flatMap((name) => o.templates.map((template) => named(template, name)));
    const features = await words.texts(texts, o.signal);
    for (let i = 0; i < features.length; i++) all[c * words.out + (i % words.out)] += features[i];
  }
  return unitRows(all, words.out);
}

/**
 * Classifies images by the class whose words are nearest by cosine; ties go to the lower class.
 * @param images features of the encoder @param classes [classes, out] @returns [n] the class of each
 */
export function zeroShot(images: Labelled, projection: Backbone['projection'], classes: Float32Array): Int32Array {
  const out = projection?.out ?? images.dim;
  return argmaxRows(wordCosines(images, projection, classes), classes.length / out);
}

/** @param images features of the encoder @param classes [classes, out] @returns [n, classes] cosines of images and the words of classes */
export function wordCosines(
  { x, dim }: Pick<Labelled, 'x' | 'dim'>,
  projection: Backbone['projection'],
  classes: Float32Array,
): Float64Array {
  const joint = jointFeatures(x, dim, projection);
  const out = projection?.out ?? dim;
  const count = classes.length / out;
  const cosines = new Float64Array((x.length / dim) * count);
  for (let at = 0; at < cosines.length; at++) {
    const [i, c] = [Math.floor(at / count) * out, (at % count) * out];
    let sum = 0;
    for (let d = 0; d < out; d++) sum += joint[i + d] * classes[c + d];
    cosines[at] = sum;
  }
  return cosines;
}
