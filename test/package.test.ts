import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface Locked {
  version?: string;
  optionalDependencies?: Record<string, string>;
}
const lock = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')) as {
  packages: Record<string, Locked>;
};

describe('package-lock.json', () => {
  it('has the prebuilt files of every platform: npm ci refuses a lock that leaves some out', () => {
    for (const [path, { optionalDependencies }] of Object.entries(lock.packages)) {
      for (const [name, version] of Object.entries(optionalDependencies ?? {})) {
        const entry = lock.packages[`node_modules/${name}`] ?? lock.packages[`${path}/node_modules/${name}`];
        expect(entry?.version, `${name} ${version}, of ${path}`).toBeDefined();
      }
    }
  });

  it('agrees with package.json', () => {
    const own = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
    expect(lock.packages['']).toMatchObject({
      version: own.version,
      dependencies: own.dependencies,
      devDependencies: own.devDependencies,
    });
  });
});
