import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { micro } from '../micro.js';

const VARIABLE = 'SYNCLR_FUZZ_RUN';
const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

/** The folder of a whole run of seconds, whose files are sound inputs; made by the first who asks, and known to its child processes. */
export function fixtureRun(): string {
  const known = process.env[VARIABLE];
  if (known && existsSync(join(known, 'run', 'report.html'))) return join(known, 'run');
  const dir = mkdtempSync(join(tmpdir(), 'synclr-fuzz-run-'));
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
  process.env[VARIABLE] = dir;
  execFileSync(process.execPath, [MAIN, 'run', '--out', join(dir, 'run'), ...micro()], { stdio: 'pipe' });
  return join(dir, 'run');
}
