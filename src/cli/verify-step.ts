#!/usr/bin/env node
import { asUserError, UserError } from '../errors.js';
import { BARS, replay, worst } from '../learn/replay.js';
import { oneLine } from '../printable.js';
import { Terminal } from './support/terminal.js';

/** `npm run verify:step -- FILE…`: replays recorded steps of the authors' implementation; exit 1 where a bar is missed. */
const files = process.argv.slice(2);
const terminal = new Terminal();
try {
  if (files.length === 0)
    throw new UserError('verify:step needs files of reference steps: npm run verify:step -- FILE…');
  for (const file of files) {
    const differences = await replay(file);
    terminal.line(file);
    for (const d of worst(differences)) {
      const ok = d.relative <= BARS[d.group];
      if (!ok) process.exitCode = 1;
      const count = differences.filter((x) => x.group === d.group).length;
      terminal.text(
        `  ${oneLine(`${d.group.padEnd(17)} ${d.relative.toExponential(2).padStart(9)}  (bar ${BARS[d.group].toExponential(0)}, ${count} compared, worst: ${d.name})${ok ? '' : '  MISSED'}`)}`,
      );
    }
  }
} catch (e) {
  const mistake = asUserError(e);
  if (mistake) terminal.error(`synclr: ${mistake.message}`);
  else terminal.stack(e);
  process.exitCode = mistake?.exitCode ?? 1;
}
