import type { Preprocessing } from '../model/preprocessing.js';
import type { Family, Found } from './family.js';
import { IMAGENET, OPENAI, preprocessingFor } from './preprocess.js';
import { hasTimmNames, readTimmNames } from './timm-names.js';

interface How {
  resampling: 'offset' | 'plain';
  mean: Preprocessing['mean'];
  std: Preprocessing['std'];
}

const read = (f: Found, family: string, how: How, notes: string[] = []) => {
  const { resampling, mean, std } = how;
  const read = readTimmNames(f, { resampling });
  const usual = { size: read.vit.imageSize, crop: 'shortest', middle: 'even', mean, std } as const;
  const told = preprocessingFor(f.configs, usual, family);
  return { ...read, ...told, notes: [...read.notes, ...told.notes, ...notes] };
};

/** What SynCLR's pre-training saves (Tian et al. 2023): `student.backbone.` and `teacher.backbone.` in one dictionary, positions as DINO's. */
export const synclrPretraining: Family = {
  name: 'SynCLR (pre-training)',
  is: (f) => hasTimmNames(f) && /(^|\.)(student|teacher)\.backbone\.$/.test(f.prefix),
  read: (f) => read(f, 'SynCLR’s pre-training', { resampling: 'offset', ...IMAGENET }),
};

/**
 * SynCLR's and StableRep's releases (Tian et al. 2023), whose code evaluates them with CLIP's mean and deviation: names begin with `visual.`, or
 * with nothing, under `model` or `state_dict`; what fine-tuning saves, beside `model_ema`.
 */
export const synclr: Family = {
  name: 'SynCLR or StableRep',
  is: (f) =>
    hasTimmNames(f) &&
    (/(^|\.)visual\.$/.test(f.prefix) || ['model', 'model_ema', 'state_dict'].includes(f.group)) &&
    f.file.format.startsWith('torch'),
  read(f) {
    const isNamed = /visual\.$/.test(f.prefix) || f.file.groups.has('model_ema');
    const note =
      'nothing in the file names the method: taken for SynCLR’s layout; pixels are normalised as CLIP’s are (others in timm’s names, as DeiT, use ImageNet’s)';
    // A norm of the mean is what MAE's fine-tuning leaves, a distillation token DeiT: neither is in SynCLR's code.
    const other = f.tensors.has('fc_norm.weight')
      ? 'MAE (fine-tuned)'
      : f.tensors.has('dist_token')
        ? 'DeiT'
        : undefined;
    if (other && !/visual\.$/.test(f.prefix)) return read(f, other, { resampling: 'plain', ...IMAGENET });
    return read(f, 'SynCLR', { resampling: 'plain', ...OPENAI }, isNamed ? [] : [note]);
  },
};
