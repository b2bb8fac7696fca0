/**
 * Every parser of outside bytes or JSON, fed with broken inputs: no other error than the product's own, no hang, no memory beyond what
 * follows from the input.
 *   npm run fuzz [-- --inputs 10000] [--target NAME …] [--seed N] [--input I]
 * prints the seed; `--seed N --target NAME --input I` repeats one input, and writes it to build/fuzz-input.bin.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Rng } from '../../src/rng.js';
import { fixtureRun } from './fixture.js';
import { mutate } from './mutate.js';
import { type Tried, tryTarget } from './run.js';
import { TARGETS } from './targets/index.js';

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '10000' },
    seed: { type: 'string', default: process.env.SYNCLR_TEST_SEED ?? String(Date.now() % 1_000_000) },
    target: { type: 'string', multiple: true },
    input: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed);
const wanted = values.target ?? TARGETS.map((t) => t.name);
const unknown = wanted.find((name) => !TARGETS.some((t) => t.name === name));
if (unknown !== undefined || !Number.isSafeInteger(seed)) {
  console.error(`no target ${unknown}; there are: ${TARGETS.map((t) => t.name).join(', ')}`);
  process.exit(2);
}
console.log(`fuzz: seed ${seed}`);

// Once, for all processes.
fixtureRun();
let failures = 0;
let inputs = 0;
for (const name of wanted) {
  const [from, to] = values.input ? [Number(values.input), Number(values.input) + 1] : [0, Number(values.inputs)];
  if (values.input) await keepInput(name, from);
  const tried = await tryTarget(name, seed, from, to);
  failures += tried.failures.length;
  inputs += tried.inputs;
  if (values.json) console.log(JSON.stringify(tried));
  else show(tried);
}
console.log(`fuzz: ${inputs} inputs of ${wanted.length} targets, ${failures} failures (seed ${seed})`);
process.exitCode = failures > 0 ? 1 : 0;

function show(t: Tried): void {
  const rate = Math.round(t.inputs / t.seconds);
  console.log(
    `${t.target.padEnd(24)} ${t.inputs} inputs, ${t.accepted} read, ${t.refused} refused, ${rate}/s, ${Math.round(t.peakMb)} MiB at most`,
  );
  for (const f of t.failures)
    console.log(
      `  ${f.kind} at --target ${f.target} --seed ${f.seed} --input ${f.input}\n    ${f.what.split('\n').slice(0, 6).join('\n    ')}`,
    );
}

async function keepInput(name: string, input: number): Promise<void> {
  const parser = await TARGETS.find((t) => t.name === name)!.open();
  const { bytes, tag } = mutate(parser.seeds, Rng.of(seed, 'fuzz', name, input));
  await parser.close?.();
  mkdirSync('build', { recursive: true });
  writeFileSync('build/fuzz-input.bin', bytes);
  console.log(`build/fuzz-input.bin: ${bytes.length} bytes${tag === undefined ? '' : `, ${tag}`}`);
}
