import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take longest. Begun last, one of them alone would be waited for at the end. */
const SLOW = [
  ...['run', 'files', 'generators', 'learner-runs', 'run-library', 'fuzz', 'own-corpora', 'kill', 'library', 'answers'],
  ...['backend', 'from-encoders', 'ablate', 'probe-during', 'own-concepts', 'readback', 'search', 'docs-commands'],
  ...['encoder-agreement', 'report', 'classify', 'probe', 'in-process', 'cli', 'hub', 'openai-llama', 'corpus-kill'],
].map((name) => `test/${name}.test.ts`);
const SLOW_ROOMS = ['captions/models/gguf', 'captions/models/openai', 'corpus/stages', 'images/diffusion/painter'].map(
  (name) => `src/${name}.test.ts`,
);
const FIRST = new Set([...SLOW, ...SLOW_ROOMS]);

/** Starts the slow files first, where vitest has not seen how long they take, too; the others in vitest's order. */
export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isSlow = ({ moduleId, project }: TestSpecification) =>
      FIRST.has(relative(project.config.root, moduleId).replaceAll('\\', '/'));
    return [...sorted.filter(isSlow), ...sorted.filter((file) => !isSlow(file))];
  }
}
