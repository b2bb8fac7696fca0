#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { settingsSchema } from '../config/schema.js';
import { openForeign } from '../encoders/open.js';
import { casesIn, nameOfCase, verifyFile, weightsOf } from '../encoders/verify.js';
import { asUserError, UserError } from '../errors.js';
import { openWeights } from '../formats/open-weights.js';
import { oneLine } from '../printable.js';
import type { Executors } from '../runtime/executor.js';
import { openExecutors } from '../runtime/open-executors.js';
import { verifyTokenizer } from '../text/verify.js';
import { Terminal } from './support/terminal.js';

/**
 * `npm run verify:encoders -- [--provider NAME] [--plugin FILE] DIR…`: reads the encoders of cases, a folder each or a folder of such, and compares their
 * features with those of the library that wrote them, in float32; one line a file, exit 1 where one is off.
 */
const USE = 'npm run verify:encoders -- [--provider cpu|webgpu|xla|cuda …] [--plugin FILE] DIR…';
const terminal = new Terminal();
/** Files that look damaged and are sound: a wrong sum, which torch does not look at, and names that JavaScript's objects have too. */
const HARMLESS: readonly string[] = ['bad_crc.pth', 'proto_key.safetensors'];
try {
  const { dirs, runtime } = given(process.argv.slice(2));
  await using on = await openExecutors(runtime);
  const counts = { ok: 0, off: 0, left: 0 };
  for (const dir of dirs)
    for (const one of await casesIn(dir)) {
      const done = await verifyCase(one, on);
      for (const { line, state } of done) {
        counts[state]++;
        terminal.text(oneLine(line));
      }
    }
  if (counts.off > 0 || counts.ok === 0) process.exitCode = 1;
  terminal.text(`${counts.ok} agree, ${counts.off} off, ${counts.left} left out`);
} catch (e) {
  const mistake = asUserError(e);
  if (mistake) terminal.error(`synclr: ${mistake.message}`);
  else terminal.stack(e);
  process.exitCode = mistake?.exitCode ?? 1;
}

interface Line {
  line: string;
  state: 'ok' | 'off' | 'left';
}

/** A case of texts with their ids, which takes the published vocabulary. */
async function tokenised(dir: string, name: string): Promise<Line> {
  const vocabulary = process.env.SYNCLR_CLIP_VOCABULARY;
  if (!vocabulary)
    return { line: `${name} left out: SYNCLR_CLIP_VOCABULARY names no bpe_simple_vocab_16e6.txt.gz`, state: 'left' };
  const { agree, of, rows, first } = await verifyTokenizer(dir, vocabulary);
  const ok = agree === of && rows !== false;
  const off = first === undefined ? '' : `, the first that is off: ${first}`;
  const padded = rows === undefined ? '' : rows ? ', padded rows too' : ', padded rows are off';
  return {
    line: `${name} ${ok ? 'ok' : 'OFF'}: ids of ${agree} of ${of} texts${padded}${off}`,
    state: ok ? 'ok' : 'off',
  };
}

async function verifyCase(dir: string, on: Executors): Promise<Line[]> {
  const name = nameOfCase(dir).padEnd(28);
  if (existsSync(join(dir, 'strings.json'))) return [await tokenised(dir, name)];
  const files = await weightsOf(dir);
  if (!existsSync(join(dir, 'expected.safetensors'))) return [await refused(dir, name, files)];
  if (files.length === 0) return [{ line: `${name} left out: it holds no weights`, state: 'left' }];
  const lines: Line[] = [];
  for (const file of files) {
    const where = `${name} ${file.padEnd(30)}`;
    try {
      const v = await verifyFile(dir, file, on);
      const ok = v.worst <= 1;
      const beside = [
        ...(v.taken.length > 0 ? [`${v.taken.join(', ')} from about.json`] : []),
        ...(v.left.length > 0 ? [`not compared: ${v.left.join(', ')}`] : []),
      ];
      const figures = `${v.worst.toFixed(3)} of the tolerance (${v.worstOf}; ${v.compared.length} compared)`;
      const more = beside.length > 0 ? `; ${beside.join('; ')}` : '';
      lines.push({
        line: `${where} ${v.family.padEnd(22)} ${ok ? 'ok ' : 'OFF'} ${figures}${more}`,
        state: ok ? 'ok' : 'off',
      });
    } catch (e) {
      const mistake = asUserError(e);
      if (!mistake) throw e;
      lines.push({ line: `${where} OFF: ${mistake.message}`, state: 'off' });
    }
  }
  return lines;
}

/** A folder of files none of which is an encoder: those that are damaged are to be refused, the harmless ones read as weights. */
async function refused(dir: string, name: string, files: readonly string[]): Promise<Line> {
  const wrong: string[] = [];
  let [good, harmless] = [0, 0];
  for (const file of files) {
    const isHarmless = HARMLESS.includes(file);
    try {
      await (isHarmless ? readAll(join(dir, file)) : openForeign(join(dir, file)));
      if (isHarmless) harmless++;
      else wrong.push(`${file} is not refused`);
    } catch (e) {
      if (isHarmless || !asUserError(e)) wrong.push(`${file}: ${(e as Error).message}`);
      else good++;
    }
  }
  const isGood = wrong.length === 0 && files.length > 0;
  const read = harmless > 0 ? `, ${harmless} harmless ones read` : '';
  const off = wrong.length > 0 ? `; ${wrong.join('; ')}` : '';
  return {
    line: `${name} ${isGood ? 'ok ' : 'OFF'} of ${files.length} files ${good} refused in one line each${read}${off}`,
    state: isGood ? 'ok' : 'off',
  };
}

/** Every tensor of a file of weights. */
async function readAll(path: string): Promise<void> {
  const weights = await openWeights(path);
  for (const [group, tensors] of weights.groups) await weights.read(group, tensors.keys());
}

function given(args: string[]) {
  const options = { provider: { type: 'string' }, plugin: { type: 'string' } } as const;
  let parsed: { values: { provider?: string; plugin?: string }; positionals: string[] };
  try {
    parsed = parseArgs({ args, options, allowPositionals: true });
  } catch (e) {
    throw new UserError(`verify:encoders: ${(e as Error).message}; ${USE}`);
  }
  const { values, positionals: dirs } = parsed;
  if (dirs.length === 0) throw new UserError(`verify:encoders needs folders of cases: ${USE}`);
  const { provider } = settingsSchema.shape.runtime.unwrap().shape;
  const found = provider.safeParse(values.provider ?? 'cpu');
  if (!found.success) throw new UserError(`verify:encoders: --provider ${values.provider} is not possible; ${USE}`);
  return { dirs, runtime: { provider: found.data, plugin: values.plugin, threads: 0, precision: 'float32' as const } };
}
