import { FINETUNE_KINDS } from './finetune.js';
import { LEARNER_KINDS } from './learners.js';
import { LINEAR_KINDS } from './linear.js';
import { LOGISTIC_KINDS } from './logistic.js';
import { METRIC_KINDS } from './metrics.js';
import { SEGMENTATION_KINDS } from './segmentation.js';
import { UPER_KINDS } from './uper.js';

/** One quantity of a case, compared with what it should be. */
export interface Check {
  /** Which case, and what of it. */
  name: string;
  /** How far off it is, in the unit of `bar` (relative, absolute, samples …). */
  off: number;
  /** How far it may be. */
  bar: number;
}

/**
 * Compares one kind of recorded cases with what is computed here.
 * @param file NAME.json of a folder of cases, with NAME.safetensors beside it where the kind has tensors
 * @throws UserError for a file that is not of this kind's form
 */
export type Verify = (file: string) => AsyncIterable<Check>;

/**
 * Kinds of cases by how their JSON tells itself, tried in order: `is` looks at the parsed JSON (names of fields, not of files), so that
 * unseen cases of the same kinds are known too.
 */
export const KINDS: readonly { kind: string; is(json: unknown): boolean; verify: Verify }[] = [
  ...SEGMENTATION_KINDS,
  ...FINETUNE_KINDS,
  ...UPER_KINDS,
  ...METRIC_KINDS,
  ...LOGISTIC_KINDS,
  ...LINEAR_KINDS,
  ...LEARNER_KINDS,
];
