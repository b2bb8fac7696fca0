import type { Preprocessing } from '../model/preprocessing.js';
import type { Configs } from './configs.js';

type Triple = Preprocessing['mean'];

export const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;
export const HALF = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } as const;
export const OPENAI = {
  mean: [0.48145466, 0.4578275, 0.40821073],
  std: [0.26862954, 0.26130258, 0.27577711],
} as const;

/** What a family's authors do to pictures, where nothing beside the weights says it. */
export interface Usual {
  size: number;
  mean: Triple;
  std: Triple;
  crop: Preprocessing['crop'];
  /** Side before the middle is cut out over `size`; default 1. */
  over?: number;
  kernel?: Preprocessing['kernel'];
}

export interface Told {
  preprocessing: Preprocessing;
  preprocessingFrom: string;
  notes: string[];
}

/** Preprocessing as a description beside the weights says it, else as the family's authors publish it. */
export function preprocessingFor(configs: Configs, usual: Usual, family: string): Told {
  if (configs.preprocessor) return fromPreprocessor(configs, usual);
  if (configs.timm?.pretrained_cfg) return fromTimm(configs, usual);
  if (configs.openClip?.preprocess_cfg) return fromOpenClip(configs, usual);
  const { size, mean, std, crop, kernel = 'bicubic', over = 1 } = usual;
  return {
    preprocessing: made({ size, resize: Math.round(size * over), crop, kernel, mean, std }),
    preprocessingFrom: `as ${family} is published`,
    notes: [],
  };
}

const made = (p: Omit<Preprocessing, 'antialias'>): Preprocessing => {
  const { resize, ...rest } = p;
  return { ...rest, ...(resize !== undefined && resize !== p.size && { resize }), antialias: true };
};

/** PIL's numbers for kernels. */
function kernelOf(resample: number | undefined, usual: Usual, notes: string[]): Preprocessing['kernel'] {
  if (resample === undefined) return usual.kernel ?? 'bicubic';
  if (resample === 2) return 'bilinear';
  if (resample !== 3)
    notes.push(`pictures are resized by the cubic kernel, where its description names PIL’s number ${resample}`);
  return 'bicubic';
}

function fromPreprocessor({ preprocessor: p }: Configs, usual: Usual): Told {
  const notes: string[] = [];
  const side = (x: unknown): number | undefined => {
    if (typeof x === 'number') return x;
    const o = x as { height?: number; width?: number } | undefined;
    if (o?.height !== undefined && o.width !== undefined && o.height !== o.width)
      notes.push(`takes squares, where its description asks for ${o.height} × ${o.width} px`);
    return o?.height;
  };
  const { size } = p!;
  const shortest = typeof size === 'object' ? size.shortest_edge : undefined;
  const cut = p!.do_center_crop === false ? undefined : p!.do_center_crop ? side(p!.crop_size) : undefined;
  const whole = p!.do_resize === false ? undefined : side(size);
  const resize = shortest ?? whole ?? usual.size;
  const crop = shortest !== undefined || (typeof size === 'number' && cut !== undefined) ? 'shortest' : 'squash';
  const isRaw = p!.do_normalize === false;
  return {
    preprocessing: made({
      ...{ size: cut ?? resize, resize, crop, kernel: kernelOf(p!.resample, usual, notes) },
      mean: isRaw ? [0, 0, 0] : (p!.image_mean ?? usual.mean),
      std: isRaw ? [1, 1, 1] : (p!.image_std ?? usual.std),
    }),
    preprocessingFrom: 'preprocessor_config.json',
    notes,
  };
}

function fromTimm({ timm }: Configs, usual: Usual): Told {
  const notes: string[] = [];
  const p = timm!.pretrained_cfg!;
  const size = p.input_size ? Math.max(p.input_size[1], p.input_size[2]) : usual.size;
  if (p.input_size && p.input_size[1] !== p.input_size[2])
    notes.push(`takes squares, where its description asks for ${p.input_size[1]} × ${p.input_size[2]} px`);
  const mode = p.crop_mode ?? 'center';
  if (mode !== 'center' && mode !== 'squash') notes.push(`pictures are cropped in the middle, not by "${mode}"`);
  const kernel = p.interpolation === 'bilinear' ? 'bilinear' : 'bicubic';
  if (p.interpolation !== undefined && p.interpolation !== kernel)
    notes.push(`pictures are resized by the cubic kernel, not by "${p.interpolation}"`);
  return {
    preprocessing: made({
      ...{ size, resize: Math.floor(size / (p.crop_pct ?? 0.875)), crop: mode === 'squash' ? 'squash' : 'shortest' },
      ...{ kernel, mean: p.mean ?? usual.mean, std: p.std ?? usual.std },
    }),
    preprocessingFrom: 'config.json (pretrained_cfg)',
    notes,
  };
}

function fromOpenClip({ openClip }: Configs, usual: Usual): Told {
  const p = openClip!.preprocess_cfg!;
  const told = [p.size ?? openClip!.model_cfg.vision_cfg.image_size ?? usual.size].flat();
  const size = Math.max(...told);
  return {
    preprocessing: made({
      ...{ size, crop: p.resize_mode === 'squash' ? 'squash' : 'shortest' },
      ...{ kernel: p.interpolation === 'bilinear' ? 'bilinear' : 'bicubic' },
      ...{ mean: p.mean ?? usual.mean, std: p.std ?? usual.std },
    }),
    preprocessingFrom: 'open_clip_config.json',
    notes: p.resize_mode === 'longest' ? ['pictures are cropped in the middle, not padded'] : [],
  };
}
