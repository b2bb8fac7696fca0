import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { casesIn, nameOfCase, verifyFile, weightsOf } from '../src/encoders/verify.js';
import { cpuExecutors } from '../src/runtime/open-executors.js';

/** Encoders in the layouts of other libraries, against the features that those libraries compute. */

const root = fileURLToPath(new URL('..', import.meta.url));
const recorded = join(root, process.env.SYNCLR_INTERCHANGE ?? '../shared/reference/interchange');
const isHere = existsSync(join(recorded, 'README.md'));
if (!isHere) console.log(`no encoders of other libraries at ${recorded} (SYNCLR_INTERCHANGE): not compared`);

const cases: { name: string; dir: string; file: string }[] = [];
for (const dir of isHere ? await casesIn(recorded) : [])
  if (existsSync(join(dir, 'expected.safetensors')))
    for (const file of await weightsOf(dir)) cases.push({ name: nameOfCase(dir), dir, file });

describe.skipIf(!isHere)('features of other libraries', () => {
  const on = cpuExecutors(1);
  afterAll(() => on.close());

  test.each(cases)('$name: $file', async ({ dir, file }) => {
    const v = await verifyFile(dir, file, on);
    expect(v.worst, `${v.worstOf}, times the tolerance`).toBeLessThanOrEqual(1);
    // CLS or the pooled feature at least, and that pixels are normalised by the same numbers.
    expect(v.compared.length).toBeGreaterThan(2);
    expect(v.left).toEqual([]);
  });
});
