import type { Family, Found } from './family.js';
import { IMAGENET, preprocessingFor } from './preprocess.js';
import { hasTimmNames, readTimmNames } from './timm-names.js';

const isDinov3 = (f: Found) => f.tensors.has('storage_tokens') || f.tensors.has('rope_embed.periods');

/**
 * DINOv2's and DINOv3's own checkpoints: backbones of the hub, and teachers of training (FSDP, blocks in chunks). With registers DINOv2's
 * code resamples positions with antialiasing, without them by DINO's scale (Oquab et al. 2024; Darcet et al. 2024; Siméoni et al. 2025).
 */
export const dinov2: Family = {
  name: 'DINOv2',
  is: (f) =>
    hasTimmNames(f) &&
    (isDinov3(f) ||
      f.tensors.has('register_tokens') ||
      (f.tensors.has('mask_token') && f.tensors.has('blocks.0.ls1.gamma')) ||
      [...f.all.keys()].some((name) => /(^|\.)(dino|ibot)_head\./.test(name) && f.tensors.has('blocks.0.ls1.gamma'))),
  read(f) {
    const three = isDinov3(f);
    const read = readTimmNames(f, {
      resampling: f.tensors.has('register_tokens') ? 'antialias' : 'offset',
      ...(three && { eps: 1e-5, rotary: { base: 100 } }),
    });
    const size = read.vit.imageSize === 518 ? 224 : read.vit.imageSize;
    const usual = { size, crop: 'shortest', middle: 'even', over: 256 / 224, ...IMAGENET } as const;
    const told = preprocessingFor(f.configs, usual, 'DINOv2');
    return { ...read, ...told, notes: [...read.notes, ...told.notes] };
  },
};
