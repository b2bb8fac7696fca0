#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { settingsSchema } from '../config/schema.js';
import { asUserError, UserError } from '../errors.js';
import { BARS, replay, worst } from '../learn/replay.js';
import { oneLine } from '../printable.js';
import type { TrainerOptions } from '../runtime/start-trainer.js';
import { Terminal } from './support/terminal.js';

/**
 * `npm run verify:step -- [--provider NAME] [--plugin FILE] [--devices N] FILE…`: replays recorded steps of the authors' implementation, in float32;
 * exit 1 where a bar is missed.
 */
const USE = 'npm run verify:step -- [--provider cpu|webgpu|xla|cuda …] [--plugin FILE] [--devices N] FILE…';
const terminal = new Terminal();
try {
  const { files, runtime } = given(process.argv.slice(2));
  for (const file of files) {
    const differences = await replay(file, runtime);
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

function given(args: string[]): { files: string[]; runtime: TrainerOptions } {
  const options = { provider: { type: 'string' }, plugin: { type: 'string' }, devices: { type: 'string' } } as const;
  let parsed: { values: { provider?: string; plugin?: string; devices?: string }; positionals: string[] };
  try {
    parsed = parseArgs({ args, options, allowPositionals: true });
  } catch (e) {
    throw new UserError(`verify:step: ${(e as Error).message}; ${USE}`);
  }
  const { values, positionals: files } = parsed;
  if (files.length === 0) throw new UserError(`verify:step needs files of reference steps: ${USE}`);
  const { provider, plugin, devices } = settingsSchema.shape.runtime.unwrap().shape;
  const read = <T>(name: string, form: { safeParse(v: unknown): { success: boolean; data?: T } }, v: unknown): T => {
    const found = form.safeParse(v);
    if (!found.success) throw new UserError(`verify:step: --${name} ${v} is not possible; ${USE}`);
    return found.data as T;
  };
  return {
    files,
    runtime: {
      provider: read('provider', provider, values.provider ?? 'cpu'),
      plugin: read('plugin', plugin, values.plugin ?? ''),
      devices: read('devices', devices, Number(values.devices ?? 0)),
      ...{ precision: 'float32', threads: 0, optimizerThreads: 2 },
    },
  };
}
