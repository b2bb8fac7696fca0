import { LEARNER_NAMES } from './names.js';
import type { Settings } from './schema.js';

/** Settings of the learner that do not fit the others: one line a problem. */
export function learnerChecks(s: Settings): string[] {
  const { learn, views, train, model } = s;
  const problems: string[] = [];
  const need = (ok: boolean, problem: () => string) => {
    if (!ok) problems.push(problem());
  };
  if (learn.method !== 'synclr')
    need(
      views.localCount === 0,
      () =>
        `views.localCount ${views.localCount}: local crops are ${LEARNER_NAMES[0]}’s; learn.method ${learn.method} has none, set it 0`,
    );
  if ('textWidth' in learn)
    need(
      learn.textWidth % learn.textHeads === 0,
      () => `learn.textWidth ${learn.textWidth} is not divisible by learn.textHeads ${learn.textHeads}`,
    );
  switch (learn.method) {
    case 'synclr': {
      const { contrast, ibot, dino } = learn;
      const batch = train.captionsPerBatch * s.images.perCaption;
      need(
        contrast === 0 || train.captionsPerBatch > 1,
        () => 'train.captionsPerBatch 1 leaves learn.contrast no negatives: use 2 or more',
      );
      need(
        contrast === 0 || s.images.perCaption > 1 || (views.localCount > 0 && !learn.avoidLocalGlobalSame),
        () =>
          'images.perCaption 1 leaves learn.contrast no positives: use 2 or more images a caption, or local crops without learn.avoidLocalGlobalSame',
      );
      need(
        contrast > 0 || ibot > 0 || dino > 0,
        () => 'learn.contrast, learn.ibot and learn.dino are all 0: nothing to learn',
      );
      need(
        dino === 0 || views.localCount > 0,
        () => `learn.dino ${dino} works on local crops, but views.localCount is 0`,
      );
      need(
        learn.ema !== false || (ibot === 0 && dino === 0),
        () =>
          `learn.ema false leaves no teacher, whose targets learn.ibot ${ibot} and learn.dino ${dino} need: set them 0`,
      );
      if (ibot === 0) break;
      const tokens = Math.floor(views.globalSize / model.patch) ** 2;
      need(
        Math.floor(batch * views.maskProbability) >= 1,
        () =>
          `views.maskProbability ${views.maskProbability} masks no image of a batch of ${batch} (train.captionsPerBatch × images.perCaption), but learn.ibot is ${ibot}`,
      );
      need(
        Math.floor(tokens * views.maskRatio) >= 1,
        () =>
          `views.maskRatio ${views.maskRatio} masks none of ${tokens} tokens (views.globalSize / model.patch, squared), but learn.ibot is ${ibot}`,
      );
      need(
        views.maskRatio < 1,
        () => `views.maskRatio 1 masks every token: learn.ibot ${ibot} needs some left to look at`,
      );
      break;
    }
    case 'stablerep':
      need(
        s.images.perCaption > 1,
        () =>
          'images.perCaption 1 leaves stablerep no positives: use 2 or more images a caption, or learn.method simclr',
      );
      need(train.captionsPerBatch > 1, () => 'train.captionsPerBatch 1 leaves stablerep no negatives: use 2 or more');
      break;
    case 'simclr':
      need(train.captionsPerBatch > 1, () => 'train.captionsPerBatch 1 leaves simclr no negatives: use 2 or more');
      break;
    case 'clip':
      need(train.captionsPerBatch > 1, () => 'train.captionsPerBatch 1 leaves clip no negatives: use 2 or more');
      break;
    case 'supervised':
      need(learn.smoothing < 1, () => 'learn.smoothing 1 leaves nothing of the label: use less, e.g. 0.1');
  }
  return problems;
}
