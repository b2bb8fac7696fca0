import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    pool: 'forks',
    // Patience, not promises of speed: other work may run beside the tests.
    testTimeout: 180_000,
    hookTimeout: 240_000,
  },
});
