import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PAINTED, readPainted } from '../../../src/probe/painted-set.js';
import { readPictures } from '../../../src/probe/pictures-index.js';
import { RowCache } from '../../../src/probe/rows.js';
import { writeReport } from '../../../src/report/report.js';
import { fixtureRun } from '../fixture.js';
import { Scratch, type Seed, type Target } from '../target.js';

/** What the report and a repeated evaluation read from a run's folder. */
const run: Target = {
  name: 'run folder',
  bytesPerByte: 256,
  open() {
    const scratch = new Scratch();
    const from = fixtureRun();
    const dir = join(scratch.dir, 'run');
    cpSync(from, dir, { recursive: true });
    const datasets = readdirSync(join(from, 'eval'));
    const files = [
      'config.json',
      'probes.json',
      'heldout/manifest.json',
      'train/metrics.jsonl',
      ...datasets.map((name) => `eval/${name}/index.json`),
    ].filter((f) => existsSync(join(from, f)));
    if (files.length < 5) throw new Error(`the run lacks files: ${files}`);
    return {
      seeds: files.map(
        (tag): Seed => ({ bytes: readFileSync(join(from, tag)), tag, json: tag.endsWith('l') ? 'lines' : 'whole' }),
      ),
      async parse(bytes, tag) {
        scratch.put(join('run', tag!), bytes);
        try {
          const page = readFileSync(await writeReport({ dir }), 'utf8');
          if (page.includes('root:x:0:0')) throw new Error('the page holds a file from elsewhere');
          for (const folder of Object.values(PAINTED)) await readPainted(dir, folder);
          for (const name of datasets) await readPictures(dir, name);
        } finally {
          cpSync(join(from, tag!), join(dir, tag!));
        }
      },
    };
  },
};

const rows: Target = {
  name: 'probe rows',
  open() {
    const scratch = new Scratch();
    const seed = readFileSync(join(fixtureRun(), 'features', 'rows.json'));
    return {
      seeds: [{ bytes: seed, json: 'whole' }],
      async parse(bytes) {
        scratch.put('rows.json', bytes);
        const cache = await RowCache.open(scratch.dir);
        await cache.prune();
      },
    };
  },
};

export const TARGETS: readonly Target[] = [run, rows];
