#!/usr/bin/env node
import { existsSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PROVIDER_NAMES, type ProviderName } from '../config/names.js';
import { asUserError, UserError } from '../errors.js';
import { lossTensors, readLossCases } from '../learn/loss-cases.js';
import { BAR, type Compared, isClamp, verifyClamp, verifyLoss } from '../learn/verify-losses.js';
import { oneLine } from '../printable.js';
import { openExecutors } from '../runtime/open-executors.js';
import { Terminal } from './support/terminal.js';

/**
 * `npm run verify:learners -- [--provider NAME] [--plugin FILE] DIR…`: losses and gradients of learners against recorded ones, in float32, a line a
 * case; exit 1 where one is off. DIR holds NAME.json (a case a key) with NAME.safetensors (tensors CASE/NAME); such a JSON file alone may be
 * named too.
 */
const USE = 'npm run verify:learners -- [--provider cpu|webgpu|xla|cuda …] [--plugin FILE] DIR…';
const terminal = new Terminal();
try {
  const { places, provider, plugin } = given(process.argv.slice(2));
  const runtime = { provider, plugin, threads: 1, precision: 'float32' } as const;
  const executors = await openExecutors(runtime);
  try {
    for (const place of places)
      for (const file of await filesOf(place)) {
        const cases = await readLossCases(file);
        for (const one of cases.values()) {
          const compared = isClamp(one)
            ? await verifyClamp(one, cases, file, runtime)
            : await verifyLoss(one, file, executors);
          say(one.name, compared);
        }
      }
  } finally {
    await executors.close();
  }
} catch (e) {
  const mistake = asUserError(e);
  if (mistake) terminal.error(`synclr: ${mistake.message}`);
  else terminal.stack(e);
  process.exitCode = mistake?.exitCode ?? 1;
}

function say(name: string, compared: readonly Compared[]): void {
  const worst = compared.reduce((a, b) => (b.off <= a.off ? a : b));
  const ok = compared.every((c) => c.off <= BAR);
  if (!ok) process.exitCode = 1;
  terminal.line(
    oneLine(
      `${ok ? 'ok  ' : 'OFF '} ${name.padEnd(28)} ${worst.off.toExponential(1)} (bar ${BAR.toExponential(0)}, ${compared.length} compared, worst: ${worst.name})`,
    ),
  );
}

/** JSON files of cases in a folder: those with tensors beside them. */
async function filesOf(place: string): Promise<string[]> {
  if (!existsSync(place)) throw new UserError(`${place}: no such folder or file of cases`);
  const named = place.replace(/\.safetensors$/, '.json');
  const files = statSync(place).isDirectory()
    ? (await readdir(place)).filter((n) => n.endsWith('.json')).map((n) => join(place, n))
    : [named];
  const found = files.filter((file) => existsSync(file) && existsSync(lossTensors(file))).sort();
  if (found.length > 0) return found;
  throw new UserError(`${place}: no cases here: NAME.json with NAME.safetensors beside it`);
}

function given(args: string[]): { places: string[]; provider: ProviderName; plugin: string } {
  const options = { provider: { type: 'string' }, plugin: { type: 'string' } } as const;
  let parsed: { values: { provider?: string; plugin?: string }; positionals: string[] };
  try {
    parsed = parseArgs({ args, options, allowPositionals: true });
  } catch (e) {
    throw new UserError(`verify:learners: ${(e as Error).message}; ${USE}`);
  }
  const { values, positionals: places } = parsed;
  if (places.length === 0) throw new UserError(`verify:learners needs folders of cases: ${USE}`);
  const provider = PROVIDER_NAMES.find((n) => n === (values.provider ?? 'cpu'));
  if (!provider) throw new UserError(`verify:learners: --provider ${values.provider} is not possible; ${USE}`);
  return { places, provider, plugin: values.plugin ?? '' };
}
