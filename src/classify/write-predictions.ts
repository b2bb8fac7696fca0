import { extname } from 'node:path';
import { UserError } from '../errors.js';
import { type FileKind, refuseForeignFile, replaceFile } from '../files/replace.js';
import type { Prediction } from './result.js';

/** Endings of what predictions are written to. */
const FORMATS = ['.csv', '.jsonl'];

const HEADER = 'file,class,confidence,second,second_confidence';
const CSV: FileKind = {
  what: 'predictions that synclr wrote',
  isOurs: (head) => new RegExp(`^${HEADER}(,truth)?\n`).test(head.toString()),
};
const LINES: FileKind = {
  what: 'predictions that synclr wrote',
  isOurs: (head) => /^\{"file":"(?:[^"\\]|\\.)*","class":"/.test(head.toString()),
};
const kindOf = (path: string): FileKind => (extname(path).toLowerCase() === '.csv' ? CSV : LINES);

/** Looks whether predictions could be written there. @throws UserError for another ending, and for a file that is something else */
export async function checkPredictions(path: string): Promise<void> {
  if (!FORMATS.includes(extname(path).toLowerCase()))
    throw new UserError(`--predictions ${path}: unknown ending; choices: ${FORMATS.join(', ')}`);
  await refuseForeignFile(path, kindOf(path));
}

/** Writes predictions as a table or as JSON lines, by the file's ending; whole or not at all. @throws UserError as `checkPredictions` */
export async function writePredictions(path: string, predictions: readonly Prediction[]): Promise<void> {
  await checkPredictions(path);
  const kind = kindOf(path);
  await replaceFile(path, kind === CSV ? csv(predictions) : lines(predictions), kind);
}

function csv(predictions: readonly Prediction[]): string {
  const withTruth = predictions.some((p) => p.truth !== undefined);
  const rows = predictions.map((p) => [
    ...[p.file, p.label, p.confidence.toFixed(4), p.second.label, p.second.confidence.toFixed(4)],
    ...(withTruth ? [p.truth ?? ''] : []),
  ]);
  const text = rows.map((row) => `${row.map(quoted).join(',')}\n`).join('');
  return `${HEADER}${withTruth ? ',truth' : ''}\n${text}`;
}

const quoted = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

const lines = (predictions: readonly Prediction[]): string =>
  predictions.map((p) => `${JSON.stringify(plain(p))}\n`).join('');

/** A prediction as programs read it. */
export function plain({ file, label, confidence, second, truth }: Prediction): Record<string, unknown> {
  const round = (x: number) => Number(x.toFixed(4));
  return {
    ...{ file, class: label, confidence: round(confidence) },
    second: { class: second.label, confidence: round(second.confidence) },
    ...(truth === undefined ? {} : { truth }),
  };
}
