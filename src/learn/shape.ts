import type { Settings } from '../config/schema.js';
import { vitConfig } from '../model/config.js';
import type { BatchNeeds } from '../views/batch.js';
import type { BatchShape } from './learner.js';

/** How batches look that bring what a learner needs. */
export function batchShape(s: Settings, needs: BatchNeeds): BatchShape & { maskedImages: number } {
  const { views, model, train } = s;
  const batch = train.captionsPerBatch * (needs.imagesPerCaption === 'all' ? s.images.perCaption : 1);
  const tokens = (views.globalSize / model.patch) ** 2;
  const maskedImages = needs.masks ? Math.floor(batch * views.maskProbability) : 0;
  return {
    vit: vitConfig(s),
    batch,
    globals: needs.globals,
    globalSize: views.globalSize,
    localSize: views.localSize,
    localCount: needs.locals,
    maskedImages,
    masked: maskedImages * Math.floor(tokens * views.maskRatio),
    views,
    dropPath: model.dropPath > 0,
  };
}

/** What most learners need: global crops alone. */
export const PLAIN: BatchNeeds = {
  ...{ imagesPerCaption: 'all', globals: 1, locals: 0, masks: false, classes: false, text: false },
};
