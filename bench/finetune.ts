/**
 * Fine-tuning an encoder against the same network from fresh weights: one recipe, one number of updates, the same pictures in the same order,
 * with parts of the training pictures and with all.
 *   npm run bench:finetune -- ENCODER DATA [--recipe small] [--fractions 0.01,0.05,0.1,1] [--seeds 1] [--out DIR] [KEY=VALUE …]
 * Prints a JSON line a fine-tuning as it ends, and a table.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openEvalSet } from '../src/data/open.js';
import { parseEvalSpec } from '../src/data/spec.js';
import { openBackbone } from '../src/encoders/open-backbone.js';
import { fineTune } from '../src/finetune/fine-tune.js';
import { recipeOf } from '../src/finetune/recipe.js';
import { subset } from '../src/finetune/subset.js';
import { rightOf } from '../src/finetune/test-pictures.js';
import { type Interval, pairedDifference, shareInterval } from '../src/probe/intervals.js';
import { cpuExecutors } from '../src/runtime/open-executors.js';

const { values: o, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    recipe: { type: 'string', default: 'small' },
    fractions: { type: 'string', default: '0.01,0.05,0.1,1' },
    seeds: { type: 'string', default: '1' },
    threads: { type: 'string', default: '0' },
    out: { type: 'string' },
  },
});
const [place, data, ...changes] = positionals;
const overrides = Object.fromEntries(
  changes.map((text) => {
    const [key, ...rest] = text.split('=');
    return [key, JSON.parse(rest.join('='))];
  }),
);
const recipe = recipeOf(o.recipe, overrides);
const encoder = await openBackbone(place);
const set = await openEvalSet(parseEvalSpec(data));
const out = o.out ?? mkdtempSync(join(tmpdir(), 'synclr-finetune-'));
const threads = Number(o.threads);
const on = cpuExecutors(threads);
const signal = new AbortController().signal;
const share = (x: number) => (100 * x).toFixed(1);
const interval = ([low, high]: Interval) => `${share(low)}…${share(high)}`;
const rows: string[] = [];
for (const fraction of o.fractions.split(',').map(Number))
  for (let seed = 0; seed < Number(o.seeds); seed++) {
    const pictures = subset(set.train.labels, fraction, seed);
    const right: Uint8Array[] = [];
    for (const scratch of [false, true]) {
      const began = performance.now();
      const found = await fineTune({
        ...{ encoder, scratch, set, pictures, recipe, seed, executors: on },
        runtime: { provider: 'cpu', threads },
        dir: join(out, `${fraction}-${seed}-${scratch ? 'fresh' : 'encoder'}`),
        hooks: { signal, progress: () => {}, warn: (line) => console.error(line), note: (line) => console.error(line) },
      });
      const { logits, labels } = found.averaged ?? found.last;
      const hits = rightOf(logits, labels);
      right.push(hits);
      const lastHits = rightOf(found.last.logits, found.last.labels);
      const top1 = (x: Uint8Array) => Number((x.reduce((s, r) => s + r, 0) / x.length).toFixed(4));
      console.log(
        JSON.stringify({
          ...{ bench: 'finetune', start: scratch ? 'fresh weights' : 'encoder', fraction, seed },
          ...{ pictures: found.pictures, updates: found.length.steps, top1: top1(hits), top1_last: top1(lastHits) },
          ...{ interval: shareInterval(hits), curve: found.curve },
          seconds: Number(((performance.now() - began) / 1000).toFixed(1)),
        }),
      );
    }
    const [ours, fresh] = right;
    const { difference, interval: by } = pairedDifference(ours, fresh);
    const sum = (x: Uint8Array) => x.reduce((s, r) => s + r, 0) / x.length;
    rows.push(
      `| ${share(fraction)} % (${pictures.length}) | ${seed} | ${share(sum(ours))} (${interval(shareInterval(ours))}) | ${share(sum(fresh))} (${interval(shareInterval(fresh))}) | ${share(difference)} (${interval(by)}) |`,
    );
  }
console.log('| training pictures | seed | from the encoder, % | from fresh weights, % | difference |');
console.log('|---|---|---|---|---|');
for (const row of rows) console.log(row);
await on.close();
await set.close();
if (!o.out) rmSync(out, { recursive: true });
