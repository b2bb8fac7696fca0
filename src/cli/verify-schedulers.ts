#!/usr/bin/env node
import { UserError } from '../errors.js';
import {
  type Comparison,
  readSchedulerCases,
  replaySchedulerCase,
  type SchedulerCase,
} from '../images/diffusion/replay-schedulers.js';

/**
 * `npm run verify:schedulers -- FILE…`: replays recorded scheduler runs of diffusers. Exit 1 where a value is off; 2 for a file that is not
 * of the form, or a case that cannot be run: the others are.
 */
const files = process.argv.slice(2);
try {
  if (files.length === 0)
    throw new UserError('verify:schedulers needs files of scheduler values: npm run verify:schedulers -- FILE…');
  for (const file of files) {
    const cases = await readSchedulerCases(file);
    const width = Math.max(...cases.map((c) => c.name.length));
    console.log(file);
    for (const c of cases) {
      for (const r of replayed(c, file)) {
        if (!r.ok) process.exitCode = 1;
        console.log(
          `  ${r.case.padEnd(width)} ${r.measure.padEnd(8)} expected ${r.expected}, found ${r.found.toPrecision(8)}, difference ${r.difference.toExponential(1)} (tolerance ${r.tolerance.toExponential(0)})${r.ok ? '' : '  OFF'}`,
        );
      }
    }
  }
} catch (e) {
  if (!(e instanceof UserError)) throw e;
  console.error(`synclr: ${e.message}`);
  process.exitCode ??= e.exitCode;
}

function replayed(c: SchedulerCase, file: string): Comparison[] {
  try {
    return replaySchedulerCase(c, file);
  } catch (e) {
    if (!(e instanceof UserError)) throw e;
    console.error(`synclr: ${e.message}`);
    process.exitCode ??= e.exitCode;
    return [];
  }
}
