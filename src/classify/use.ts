import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../errors.js';
import { othersLine, SkippedFiles } from '../probe/left-out.js';
import { walk } from '../probe/walk.js';
import type { StageHooks } from '../stage.js';
import { PICTURE_KINDS } from '../views/picture-format.js';
import { openClassifier } from './open-classifier.js';
import type { Prediction } from './result.js';

/**
 * What an exported classifier takes photos for.
 * @param inputs folders of photos, with or without sub-folders, and single photos
 * @throws UserError for a folder that is no classifier, and where there is no photo that can be decoded; Interrupted
 */
export async function classifyFiles(
  dir: string,
  inputs: readonly string[],
  { threads, hooks }: { threads?: number; hooks: StageHooks },
): Promise<{ predictions: Prediction[]; skipped: { file: string; reason: string }[] }> {
  const paths: string[] = [];
  for (const input of inputs) {
    if (!(await stat(input)).isDirectory()) {
      paths.push(input);
      continue;
    }
    const { pictures, others, remarks } = await walk(input, [''], { unreadable: 'pass over' });
    for (const line of remarks) hooks.warn(line);
    const left = othersLine(others);
    if (left) hooks.warn(`${input}: ${left}`);
    if (pictures.length === 0)
      throw new UserError(`${input}: no photos in this folder or below it (${PICTURE_KINDS.join(', ')})`);
    paths.push(...pictures.map((p) => join(input, p.file)));
  }
  await using classifier = await openClassifier(dir, { threads });
  const broken = new SkippedFiles(hooks.warn);
  const skipped: { file: string; reason: string }[] = [];
  const predictions: Prediction[] = [];
  const progress = () => {
    const done = predictions.length + skipped.length;
    hooks.progress({ stage: 'eval', done, total: paths.length, before: 0, unit: 'photos' });
  };
  const files = classifier.files(paths, {
    signal: hooks.signal,
    skipped(file, reason) {
      skipped.push({ file, reason });
      broken.add('', [{ file, reason }]);
      progress();
    },
  });
  for await (const prediction of files) {
    predictions.push(prediction);
    progress();
  }
  broken.end();
  if (predictions.length === 0)
    throw new UserError(
      `${inputs.join(', ')}: none of the ${paths.length} photos can be decoded (${skipped[0].reason})`,
    );
  return { predictions, skipped };
}
