import { isObject } from '../../formats/json.js';
import { readLossCases } from '../../learn/loss-cases.js';
import { BAR, isClamp, verifyClamp, verifyLoss } from '../../learn/verify-losses.js';
import { openExecutors } from '../../runtime/open-executors.js';
import type { Check, KINDS } from './index.js';

/** Recorded losses of learners, a case a key, with gradients; as `npm run verify:learners` compares them. */
async function* verifyLearners(file: string): AsyncGenerator<Check> {
  const runtime = { provider: 'cpu', plugin: '', threads: 1, precision: 'float32' } as const;
  const cases = await readLossCases(file);
  const executors = await openExecutors(runtime);
  try {
    for (const one of cases.values()) {
      const compared = isClamp(one)
        ? await verifyClamp(one, cases, file, runtime)
        : await verifyLoss(one, file, executors);
      for (const { name, off } of compared) yield { name: `${one.name} ${name}`, off, bar: BAR };
    }
  } finally {
    await executors.close();
  }
}

/** Cases whose entries all say a loss, or bounds of what is learned beside one. */
const isLosses = (json: unknown): boolean => {
  if (!isObject(json)) return false;
  const entries = Object.values(json);
  const isLoss = (e: unknown) => isObject(e) && typeof e.loss === 'number';
  return entries.some(isLoss) && entries.every((e) => isLoss(e) || (isObject(e) && 'range' in e && 'cases' in e));
};

export const LEARNER_KINDS: typeof KINDS = [{ kind: 'learners', is: isLosses, verify: verifyLearners }];
