/**
 * Every parser of outside bytes or JSON, fed with broken inputs: no other error than the product's own, no hang, no memory beyond what
 * follows from the input.
 *   npm run fuzz [-- --inputs 10000] [--target NAME … | --targets COUNT] [--seed N] [--input I] [--jobs N] [--json]
 * prints the seed, which also draws the targets of `--targets`; `--seed N --target NAME --input I` repeats one input, and writes it to build/fuzz-input.bin.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Rng } from '../../src/rng.js';
import { fixtureRun } from './fixture.js';
import { mutate } from './mutate.js';
import { type Tried, tryTarget } from './run.js';
import type { Target } from './target.js';
import { allTargets } from './targets/index.js';

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '10000' },
    seed: { type: 'string', default: process.env.SYNCLR_TEST_SEED ?? String(Date.now() % 1_000_000) },
    target: { type: 'string', multiple: true },
    targets: { type: 'string' },
    input: { type: 'string' },
    jobs: { type: 'string', default: String(availableParallelism()) },
    json: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed);
const targets = await allTargets();
const names = targets.map((t) => t.target.name);
const unknown = values.target?.find((name) => !names.includes(name));
const numbers = ['inputs', 'targets', 'jobs', 'seed', 'input'] as const;
const odd = numbers.find((name) => values[name] !== undefined && !/^\d{1,15}$/.test(values[name]));
if (unknown !== undefined || odd || values.inputs === '0' || values.jobs === '0') {
  console.error(
    unknown === undefined
      ? `--${odd ?? 'inputs, --jobs'}: a number is needed, above 0`
      : `no target ${unknown}; there are: ${names.join(', ')}`,
  );
  process.exit(2);
}
console.log(`fuzz: seed ${seed}`);
const drawn = values.targets
  ? Rng.of(seed, 'targets')
      .shuffle([...names])
      .slice(0, Number(values.targets))
  : names;
const todo = targets.filter((t) => (values.target ?? drawn).includes(t.target.name));
// Once, for all processes. Weights of others have seeds of their own.
if (todo.some((t) => t.room !== 'weights')) fixtureRun();

const [from, to] = values.input ? [Number(values.input), Number(values.input) + 1] : [0, Number(values.inputs)];
const all: Tried[] = [];
async function worker(): Promise<void> {
  for (let next = todo.shift(); next; next = todo.shift()) {
    if (values.input) await keepInput(next.target, from);
    const tried = await tryTarget({ room: next.room, target: next.target.name }, seed, from, to);
    all.push(tried);
    if (values.json) console.log(JSON.stringify(tried));
    else show(tried);
  }
}
await Promise.all(Array.from({ length: Number(values.jobs) }, worker));
const failures = all.reduce((sum, t) => sum + t.failures.length, 0);
const inputs = all.reduce((sum, t) => sum + t.inputs, 0);
console.log(`fuzz: ${inputs} inputs of ${all.length} targets, ${failures} failures (seed ${seed})`);
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

async function keepInput(target: Target, input: number): Promise<void> {
  const parser = await target.open();
  const { bytes, tag } = mutate(parser.seeds, Rng.of(seed, 'fuzz', target.name, input));
  await parser.close?.();
  mkdirSync('build', { recursive: true });
  writeFileSync('build/fuzz-input.bin', bytes);
  console.log(`build/fuzz-input.bin: ${bytes.length} bytes${tag === undefined ? '' : `, ${tag}`}`);
}
