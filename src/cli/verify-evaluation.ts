#!/usr/bin/env node
import { existsSync, statSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asUserError, UserError } from '../errors.js';
import { KINDS } from '../evaluation/verify/index.js';
import { parseJson } from '../formats/json.js';
import { oneLine } from '../printable.js';
import { Terminal } from './support/terminal.js';

/**
 * `npm run verify:evaluation -- DIR…`: metrics, classifiers, heads and recipes of evaluation against recorded ones, a line a case; exit 1 where one
 * is off. DIR is searched for NAME.json (with NAME.safetensors beside it); such a file alone may be named too.
 */
const terminal = new Terminal();
try {
  const places = process.argv.slice(2);
  if (places.length === 0)
    throw new UserError('verify:evaluation needs folders of cases: npm run verify:evaluation -- DIR…');
  let cases = 0;
  for (const place of places)
    for (const file of await filesOf(place)) {
      const json = parseJson(await readFile(file, 'utf8'), file);
      const kind = KINDS.find((k) => k.is(json));
      if (!kind) {
        terminal.line(oneLine(`--   ${file}: no cases of a kind that is known here`));
        continue;
      }
      cases++;
      let compared = 0;
      let worst = { name: 'nothing', off: 0, bar: 1 };
      let off = 0;
      for await (const check of kind.verify(file)) {
        compared++;
        // Whatever is no number is off.
        const wrong = !(check.off <= check.bar);
        if (wrong) {
          off++;
          terminal.line(
            oneLine(
              `OFF  ${kind.kind} ${check.name}: ${check.off.toExponential(1)} (bar ${check.bar.toExponential(0)})`,
            ),
          );
        }
        if (wrong || check.off / check.bar > worst.off / worst.bar) worst = check;
      }
      if (compared === 0) throw new UserError(`${file}: no case of ${kind.kind} in it`);
      if (off > 0) process.exitCode = 1;
      terminal.line(
        oneLine(
          `${off > 0 ? 'OFF ' : 'ok  '} ${kind.kind.padEnd(14)} ${file}: ${compared} compared, ${off} off; worst: ${worst.name} ${worst.off.toExponential(1)} (bar ${worst.bar.toExponential(0)})`,
        ),
      );
    }
  if (cases === 0)
    throw new UserError(`${places.join(', ')}: no cases here: NAME.json with NAME.safetensors beside it`);
} catch (e) {
  const mistake = asUserError(e);
  if (mistake) terminal.error(`synclr: ${mistake.message}`);
  else terminal.stack(e);
  process.exitCode = mistake?.exitCode ?? 1;
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
