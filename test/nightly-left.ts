import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

const root = fileURLToPath(new URL('../', import.meta.url));
/** A test, or a `describe` of them, tagged in its options; a whole file by `@module-tag nightly` in its first comment. */
const TAGGED = /tags: \[?'nightly'|^(?:\/\/| ?\*|\/\*\*) @module-tag nightly/gm;

/** Says at the end of `npm test` what it left out. @throws Error for a file of test/nightly that would not be left out */
export default function nightlyLeft(project: TestProject): (() => void) | undefined {
  if (!project.vitest.config.tagsFilter) return undefined;
  const files = ['src', 'test'].flatMap((dir) =>
    readdirSync(`${root}${dir}`, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.test.ts'))
      .map((name) => `${dir}/${name}`),
  );
  const found = files.map((file) => ({ file, tests: readFileSync(root + file, 'utf8').match(TAGGED)?.length ?? 0 }));
  const untagged = found.find(({ file, tests }) => tests === 0 && file.startsWith('test/nightly/'));
  if (untagged)
    throw new Error(`${untagged.file}: the first line of a file of test/nightly is /** @module-tag nightly */`);
  const nightly = found.filter(({ tests }) => tests > 0);
  const tests = nightly.reduce((sum, file) => sum + file.tests, 0);
  const names = nightly.map(({ file }) => file.replace(/^.*\/|\.test\.ts$/g, '')).join(', ');
  return () => console.log(`${tests} nightly tests are left to npm run test:nightly: those of ${names}`);
}
