import type { LearnerName } from '../../config/names.js';
import type { Settings } from '../../config/schema.js';
import { openCorpus } from '../../corpus/corpus.js';
import type { Learner, LearnerFacts, LearnerKind } from '../learner.js';
import { clip } from './clip.js';
import { simclr } from './simclr.js';
import { stablerep } from './stablerep.js';
import { supervised } from './supervised.js';
import { synclr } from './synclr.js';

/** All learners by name; `LEARNER_NAMES` and this list are held to each other. */
export const LEARNERS: { readonly [M in LearnerName]: LearnerKind<M> } = {
  ...{ synclr, stablerep, simclr, supervised, clip },
};

/** The learner that the settings ask for. @param facts of the corpus, where they are known */
export function learnerOf(s: Settings, facts?: LearnerFacts): Learner {
  const kind = LEARNERS[s.learn.method] as LearnerKind;
  return kind.learner(s, s.learn, facts);
}

/** What the learner of the settings must know of a corpus; read where it needs any. @param dir the run's folder, where it is kept */
export async function learnerFacts(s: Settings, corpusDir: string, dir?: string): Promise<LearnerFacts> {
  const { facts } = LEARNERS[s.learn.method];
  if (!facts) return {};
  const corpus = await openCorpus(corpusDir);
  try {
    return (await facts(s, corpus, dir)) ?? {};
  } finally {
    await corpus.close();
  }
}
