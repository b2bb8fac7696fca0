import { z } from 'zod';
import { AP_CONVENTIONS } from '../metrics/average-precision.js';
import { softmaxRows } from '../metrics/calibration.js';
import type { Protocol } from '../protocol.js';
import { ofClasses, ofLabels, optionsOf } from '../results.js';
import { cosinesToWords, wordFiles, wordless, wordsForm } from '../words-of.js';

const NAME = 'zero-shot';
const form = z.strictObject({
  ...wordsForm,
  /** What cosines are multiplied with before they are probabilities: CLIP's after training. */
  scale: z.number().positive().default(100),
  ap: z.enum(AP_CONVENTIONS).default('paper'),
});

/** Test images by the words of their classes; no training image is looked at. */
export const zeroShot: Protocol = {
  name: NAME,
  title: 'zero-shot',
  source: 'Radford et al. 2021 (CLIP), section 3.1',
  tasks: ['single', 'multi-label'],
  needs: 'features',
  settings: (o) => optionsOf(NAME, form, o),
  files: (o) => wordFiles(optionsOf(NAME, form, o)),
  refuses: wordless,
  async run(cell) {
    const o = optionsOf(NAME, form, cell.options);
    const { test } = await cell.features();
    const cosines = await cosinesToWords(cell, test, o);
    const measured =
      cell.set.task === 'single'
        ? ofClasses(
            cell.set,
            test,
            cosines,
            cell.seed,
            softmaxRows(
              cosines.map((c) => c * o.scale),
              cell.set.classes.length,
            ),
          )
        : ofLabels(cell.set, test, Float32Array.from(cosines), cell.seed, o.ap);
    return measured;
  },
};
