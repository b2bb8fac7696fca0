import { isAugment, verifyAugment } from './finetune-augment.js';
import { isErasing, verifyErasing } from './finetune-erasing.js';
import { isGroups, verifyGroups } from './finetune-groups.js';
import { isMixing, verifyMixing } from './finetune-mixing.js';
import { isSteps, verifySteps } from './finetune-steps.js';

/** Recorded cases of fine-tuning. */
export const FINETUNE_KINDS = [
  { kind: 'steps', is: isSteps, verify: verifySteps },
  { kind: 'mixing', is: isMixing, verify: verifyMixing },
  { kind: 'RandAugment', is: isAugment, verify: verifyAugment },
  { kind: 'erasing', is: isErasing, verify: verifyErasing },
  { kind: 'rates', is: isGroups, verify: verifyGroups },
] as const;
