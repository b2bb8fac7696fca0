#!/usr/bin/env node
import { asUserError, UserError } from '../errors.js';
import {
  type Comparison,
  readSchedulerCases,
  replaySchedulerCase,
  type SchedulerCase,
} from '../images/diffusion/replay-schedulers.js';
import { oneLine } from '../printable.js';
import { Terminal } from './support/terminal.js';

/**
 * `npm run verify:schedulers -- FILE…`: replays recorded scheduler runs of diffusers. Exit 1 where a value is off; 2 for a file that is not
 * of the form, or a case that cannot be run: the others are.
 */
const files = process.argv.slice(2);
const terminal = new Terminal();
try {
  if (files.length === 0)
    throw new UserError('verify:schedulers needs files of scheduler values: npm run verify:schedulers -- FILE…');
  for (const file of files) {
    const cases = await readSchedulerCases(file);
    const width = Math.max(...cases.map((c) => c.name.length));
    terminal.line(file);
    for (const c of cases) {
      for (const r of replayed(c, file)) {
        if (!r.ok) process.exitCode = 1;
        terminal.text(
          `  ${oneLine(`${r.case.padEnd(width)} ${r.measure.padEnd(8)} expected ${r.expected}, found ${r.found.toPrecision(8)}, difference ${r.difference.toExponential(1)} (tolerance ${r.tolerance.toExponential(0)})${r.ok ? '' : '  OFF'}`)}`,
        );
      }
    }
  }
} catch (e) {
  const mistake = asUserError(e);
  if (mistake) terminal.error(`synclr: ${mistake.message}`);
  else terminal.stack(e);
  process.exitCode ??= mistake?.exitCode ?? 1;
}

function replayed(c: SchedulerCase, file: string): Comparison[] {
  try {
    return replaySchedulerCase(c, file);
  } catch (e) {
    if (!(e instanceof UserError)) throw e;
    terminal.error(`synclr: ${e.message}`);
    process.exitCode ??= e.exitCode;
    return [];
  }
}
