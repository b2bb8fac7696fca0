import { UserError } from '../errors.js';
import type { Family } from './family.js';
import { HALF, preprocessingFor } from './preprocess.js';
import { hasTimmNames, readTimmNames } from './timm-names.js';

/**
 * BEiT's and BEiT v2's own checkpoints (Bao et al. 2022; Peng et al. 2022): biases of queries and values alone, relative positions, shared by all
 * blocks in pre-training and of each block after fine-tuning.
 */
export const beit: Family = {
  name: 'BEiT v2',
  is: (f) => hasTimmNames(f) && (f.tensors.has('blocks.0.attn.q_bias') || hasTables(f.tensors)),
  read(f) {
    const read = readTimmNames(f, { resampling: 'plain' });
    // Its rotary positions are not stored.
    if (read.vit.activation === 'swiglu')
      throw new UserError(`${f.where}: biases as BEiT’s with SwiGLU are EVA-02’s, which is not run here`);
    const usual = { size: read.vit.imageSize, crop: 'shortest', middle: 'even', over: 256 / 224, ...HALF } as const;
    const told = preprocessingFor(f.configs, usual, 'BEiT v2');
    return { ...read, ...told, notes: [...read.notes, ...told.notes] };
  },
};

const hasTables = (tensors: ReadonlyMap<string, unknown>): boolean =>
  tensors.has('rel_pos_bias.relative_position_bias_table') || tensors.has('blocks.0.attn.relative_position_bias_table');
