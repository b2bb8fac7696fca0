import type { Family } from './family.js';
import { IMAGENET, preprocessingFor } from './preprocess.js';
import { hasTimmNames, readTimmNames } from './timm-names.js';

/**
 * A bare dictionary in timm's names, with nothing that names a method. Of torch's files the published backbones of DINO look so, of safetensors those
 * of timm without their description.
 */
export const plain: Family = {
  name: 'a ViT in timm’s names',
  is: hasTimmNames,
  read(f) {
    const isTorch = f.file.format.startsWith('torch');
    const like = isTorch ? 'DINO' : 'timm';
    const isClip = f.tensors.has('norm_pre.weight');
    const read = readTimmNames(f, { resampling: isTorch ? 'offset' : 'antialias', ...(isClip && { eps: 1e-5 }) });
    const usual = { size: read.vit.imageSize, crop: 'shortest', middle: 'even', over: 256 / 224, ...IMAGENET } as const;
    const told = preprocessingFor(f.configs, usual, like);
    const note = `nothing beside the weights names the method: positions are resampled and pixels normalised as ${like}’s are`;
    return { ...read, ...told, notes: [...read.notes, ...told.notes, note] };
  },
};
