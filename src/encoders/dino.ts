import type { Family, Found } from './family.js';
import { IMAGENET, preprocessingFor } from './preprocess.js';
import { hasTimmNames, readTimmNames } from './timm-names.js';

const read = (f: Found, family: string) => {
  const read = readTimmNames(f, { resampling: 'offset' });
  const usual = { size: read.vit.imageSize, crop: 'shortest', middle: 'even', over: 256 / 224, ...IMAGENET } as const;
  const told = preprocessingFor(f.configs, usual, family);
  return { ...read, ...told, notes: [...read.notes, ...told.notes] };
};

const isPair = (f: Found) =>
  hasTimmNames(f) && ['teacher', 'student'].includes(f.group) && /(^|\.)backbone\.$/.test(f.prefix);
const hasName = (f: Found, part: RegExp) => [...f.all.keys()].some((name) => part.test(name));

/** iBOT's checkpoints (Zhou et al. 2022): student with a masked embedding, heads with a layer for patches. */
export const ibot: Family = {
  name: 'iBOT',
  is: (f) => isPair(f) && !f.tensors.has('blocks.0.ls1.gamma') && hasName(f, /masked_embed$|head\.last_layer2\./),
  read: (f) => read(f, 'iBOT'),
};

/** DINO's checkpoints (Caron et al. 2021): {student, teacher}, names begin with `backbone.`. */
export const dino: Family = {
  name: 'DINO',
  is: (f) => isPair(f) && !f.tensors.has('blocks.0.ls1.gamma') && !hasName(f, /(dino|ibot)_head\./),
  read: (f) => read(f, 'DINO'),
};
