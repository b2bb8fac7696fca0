import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { SlowFirst } from './test/slow-first.js';

/** Rooms whose tests only compute, and leave nothing behind in their process: a worker does one after the other in it. */
const TOGETHER = ['config', 'data', 'files', 'formats', 'graph', 'model', 'text'].map((r) => `src/${r}/**/*.test.ts`);

export default defineConfig({
  test: {
    pool: 'forks',
    // `npm test` leaves them out, `npm run test:nightly` and a file that is named do not.
    tags: [{ name: 'nightly', description: 'takes long; a cheaper test stands beside it' }],
    sequence: { sequencer: SlowFirst },
    // Many tests wait for servers and processes: on two cores two at a time, where vitest itself would run one.
    maxWorkers: Math.max(2, availableParallelism()),
    // Patience, not promises of speed: other work may run beside the tests.
    testTimeout: 180_000,
    hookTimeout: 240_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'apart',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: TOGETHER,
          globalSetup: 'test/nightly-left.ts',
        },
      },
      { extends: true, test: { name: 'together', include: TOGETHER, isolate: false } },
    ],
  },
});
