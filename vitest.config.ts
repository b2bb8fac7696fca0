import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    pool: 'forks',
    // `npm test` leaves them out, `npm run test:nightly` and a file that is named do not.
    tags: [{ name: 'nightly', description: 'takes long; a cheaper test stands beside it' }],
    globalSetup: 'test/nightly-left.ts',
    // Many tests wait for servers and processes: on two cores two at a time, where vitest itself would run one.
    maxWorkers: Math.max(2, availableParallelism()),
    // Patience, not promises of speed: other work may run beside the tests.
    testTimeout: 180_000,
    hookTimeout: 240_000,
  },
});
