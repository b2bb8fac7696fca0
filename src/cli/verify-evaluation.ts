#!/usr/bin/env node
import { existsSync, statSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asUserError, UserError } from '../errors.js';
import { type Check, KINDS } from '../evaluation/verify/index.js';
import { isObject, parseJson } from '../formats/json.js';
import { oneLine } from '../printable.js';
import { Terminal } from './support/terminal.js';

/**
 * `npm run verify:evaluation -- DIR…`: metrics, classifiers, heads and recipes of evaluation against recorded ones, a line a case; exit 1 where one
 * is off, 2 where a file cannot be compared, which does not keep the others from it; of what may be a fault of
 * ours the stack is shown, and the exit code is 1. DIR is searched for NAME.json (with NAME.safetensors beside it); such a file alone may be
 * named too.
 */
const terminal = new Terminal();
const mistaken = (message: string): void => {
  terminal.error(oneLine(`synclr: ${message}`));
  process.exitCode = 2;
};
let isOurs = false;
/** A fault that is no mistake of the user's. @param file in which it was met */
const failed = (e: unknown, file?: string): void => {
  const why = 'a fault of ours, or tensors that do not fit together';
  if (file !== undefined) terminal.error(oneLine(`synclr: ${file}: cannot be compared: ${why}:`));
  terminal.stack(e);
  isOurs = true;
};
try {
  const places = process.argv.slice(2);
  if (places.length === 0)
    throw new UserError('verify:evaluation needs folders of cases: npm run verify:evaluation -- DIR…');
  let cases = 0;
  for (const place of places)
    for (const file of await filesOf(place))
      try {
        if (await verified(file)) cases++;
      } catch (e) {
        cases++;
        const mistake = asUserError(e);
        if (mistake) mistaken(mistake.message);
        else failed(e, file);
      }
  if (cases === 0)
    throw new UserError(`${places.join(', ')}: no cases here: NAME.json with NAME.safetensors beside it`);
} catch (e) {
  const mistake = asUserError(e);
  if (mistake) mistaken(mistake.message);
  else failed(e);
}
if (isOurs) process.exitCode = 1;

/** Compares the cases of one file. @returns whether it has any @throws UserError where they cannot be */
async function verified(file: string): Promise<boolean> {
  const json = parseJson(await readFile(file, 'utf8'), file);
  const kind = KINDS.find((k) => k.is(json));
  if (!kind) {
    const fields = isObject(json) ? Object.keys(json).slice(0, 8).join(', ') : '';
    if (existsSync(file.replace(/\.json$/, '.safetensors')))
      throw new UserError(`${file}: has tensors beside it, but its fields (${fields}) are of no kind that is known`);
    terminal.line(oneLine(`--   ${file}: no cases of a kind that is known here`));
    return false;
  }
  let compared = 0;
  let worst: Check | undefined;
  let off = 0;
  const share = (c: Check) => (Number.isNaN(c.off) ? Number.POSITIVE_INFINITY : c.bar > 0 ? c.off / c.bar : c.off);
  for await (const check of kind.verify(file)) {
    compared++;
    // Whatever is no number is off.
    if (!(check.off <= check.bar)) {
      off++;
      terminal.line(oneLine(`OFF  ${kind.kind} ${check.name}: ${figures(check)}`));
    }
    if (!worst || share(check) > share(worst)) worst = check;
  }
  if (!worst) throw new UserError(`${file}: no case of ${kind.kind} in it`);
  if (off > 0) process.exitCode ??= 1;
  const verdict = `${off > 0 ? 'OFF ' : 'ok  '} ${kind.kind.padEnd(14)} ${file}: ${compared} compared, ${off} off`;
  terminal.line(oneLine(`${verdict}; worst: ${worst.name} ${figures(worst)}`));
  return true;
}

function figures({ off, bar }: Check): string {
  return `${off.toExponential(1)} (bar ${bar.toExponential(0)})`;
}

async function filesOf(place: string): Promise<string[]> {
  if (!existsSync(place)) throw new UserError(`${place}: no such folder or file of cases`);
  if (!statSync(place).isDirectory()) return [place.replace(/\.safetensors$/, '.json')];
  const names = await readdir(place, { recursive: true });
  return names
    .filter((n) => n.endsWith('.json'))
    .sort()
    .map((n) => join(place, n));
}
