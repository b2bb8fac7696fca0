import type { Family } from './family.js';
import { IMAGENET, preprocessingFor } from './preprocess.js';
import { hasTimmNames, readTimmNames } from './timm-names.js';

/** MAE's checkpoints (He et al. 2022), with the decoder or without: then by the fixed sine and cosine positions, which only it stores so. */
export const mae: Family = {
  name: 'MAE',
  is: (f) =>
    hasTimmNames(f) && (f.all.has(`${f.prefix}decoder_embed.weight`) || (f.fixedPositions && f.group === 'model')),
  read(f) {
    const read = readTimmNames(f, { resampling: 'plain' });
    const usual = { size: read.vit.imageSize, crop: 'shortest', middle: 'even', over: 256 / 224, ...IMAGENET } as const;
    const told = preprocessingFor(f.configs, usual, 'MAE');
    return { ...read, ...told, notes: [...read.notes, ...told.notes] };
  },
};
