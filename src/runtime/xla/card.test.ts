import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { relativeDifference, testSeed } from '../../../test/numbers.js';
import { randomBatch, randomPair, SMALL, significant, tracedGradients, updateOf } from '../../../test/small-step.js';
import { type StepConfig, synclrLearner } from '../../learn/learners/synclr.js';
import { BARS, replay, worst } from '../../learn/replay.js';
import { TrainingStep } from '../../learn/step.js';
import { Rng } from '../../rng.js';
import { chooseProvider } from '../choose.js';

const seed = testSeed('xla/card.test.ts');
const root = fileURLToPath(new URL('../../..', import.meta.url));
const recorded = join(root, process.env.SYNCLR_REFERENCE ?? '../shared/reference/synclr-step');

/** Why there is no NVIDIA card to test with. */
const absent = await chooseProvider({ provider: 'cuda', plugin: '' }).then(
  () => undefined,
  (e: Error) => e.message,
);
if (absent) console.log(`not run: what needs an NVIDIA card (${absent})`);
const withCard = test.skipIf(absent !== undefined);
const TIME = { timeout: 600_000 };

/** Heads that suit cuDNN, and a number of tokens that is neither even nor a multiple of eight. */
const CONFIG: StepConfig = {
  ...SMALL,
  vit: { dim: 128, depth: 2, heads: 2, patch: 4, imageSize: 16, mlpRatio: 4 },
};

withCard('cuDNN’s attention is the plain one, forward and backward', TIME, async () => {
  const rng = Rng.of(seed, 'card');
  const pair = randomPair(CONFIG, rng);
  const batch = randomBatch(CONFIG, 3, rng);
  const results = [];
  for (const attention of ['plain', 'cudnn'] as const) {
    const step = await TrainingStep.start(synclrLearner(CONFIG), pair, {
      ...{ provider: 'cuda', threads: 0, precision: 'bfloat16', devices: 1 },
      ...{ attention, trace: true },
    });
    try {
      results.push(await step.update([batch], updateOf()));
    } finally {
      await step.close();
    }
  }
  const [plain, cudnn] = results;
  // Both round their operands to eight bits, at other places.
  expect(relativeDifference([cudnn.losses.loss], [plain.losses.loss])).toBeLessThan(0.01);
  const expected = tracedGradients(plain.traced!);
  const actual = tracedGradients(cudnn.traced!);
  for (const name of significant(expected))
    expect(relativeDifference(actual.get(name)!, expected.get(name)!), name).toBeLessThan(0.1);
});

withCard('recorded steps are replayed on the card within the bars of the CPU', TIME, async () => {
  const files = existsSync(recorded) ? readdirSync(recorded).filter((n) => n.endsWith('.safetensors')) : [];
  if (files.length === 0) console.log(`not run: no reference steps at ${recorded} (SYNCLR_REFERENCE)`);
  for (const file of files)
    for (const d of worst(await replay(join(recorded, file), { provider: 'cuda', threads: 0, precision: 'float32' })))
      expect(d.relative, `${file}: ${d.group}, ${d.name}`).toBeLessThanOrEqual(BARS[d.group]);
});
