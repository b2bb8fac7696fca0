import type { Family } from './family.js';
import { IMAGENET, preprocessingFor } from './preprocess.js';
import { hasTimmNames, readTimmNames } from './timm-names.js';

/** MoCo v3's checkpoints (Chen et al. 2021): `base_encoder` and its average, `momentum_encoder`. */
export const mocov3: Family = {
  name: 'MoCo v3',
  is: (f) => hasTimmNames(f) && /(^|\.)(base|momentum)_encoder\.$/.test(f.prefix),
  read(f) {
    const read = readTimmNames(f, { resampling: 'plain' });
    const usual = { size: read.vit.imageSize, crop: 'shortest', middle: 'even', over: 256 / 224, ...IMAGENET } as const;
    const told = preprocessingFor(f.configs, usual, 'MoCo v3');
    // Its head is a projection with batch norms, and no classifier.
    return { ...read, after: undefined, ...told, notes: [...read.notes, ...told.notes] };
  },
};
