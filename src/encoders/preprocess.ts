import type { Preprocessing } from '../model/preprocessing.js';
import type { Configs } from './configs.js';
import { IMAGENET, OPENAI, processorOf } from './processors.js';

export { HALF, IMAGENET, OPENAI } from './processors.js';

type Triple = Preprocessing['mean'];

/** What a family's authors do to pictures, where nothing beside the weights says it. */
export interface Usual {
  size: number;
  mean: Triple;
  std: Triple;
  crop: Preprocessing['crop'];
  /** Side before the middle is cut out over `size`; default 1. */
  over?: number;
  kernel?: Preprocessing['kernel'];
  middle?: Preprocessing['middle'];
}

export interface Told {
  preprocessing: Preprocessing;
  preprocessingFrom: string;
  notes: string[];
  /** Those of the notes that say what is done otherwise than described. */
  otherwise?: string[];
}

/**
 * Preprocessing as the library that wrote the weights reads it from the description beside them, else as the family's authors publish it. What
 * is not done here as it is described is among the notes.
 */
export function preprocessingFor(configs: Configs, usual: Usual, family: string): Told {
  const told = described(configs, usual);
  if (told) return { ...told, ...(told.notes.length > 0 && { otherwise: told.notes }) };
  const { size, mean, std, crop, kernel = 'bicubic', over = 1, middle } = usual;
  return {
    preprocessing: made({ size, resize: Math.round(size * over), crop, kernel, mean, std, middle }),
    preprocessingFrom: `as ${family} is published`,
    notes: [],
  };
}

function described(configs: Configs, usual: Usual): Told | undefined {
  const { timm, openClip, huggingFace, preprocessor } = configs;
  if (timm) return fromTimm(timm);
  if (openClip && !(huggingFace && preprocessor)) return fromOpenClip(openClip, usual);
  return preprocessor && fromPreprocessor(preprocessor, usual);
}

/** Only what is no default is said. */
const made = ({ resize, middle, ...rest }: Omit<Preprocessing, 'antialias'>): Preprocessing => {
  const isResized = resize !== undefined && resize !== rest.size;
  const isCut = isResized || rest.crop === 'shortest';
  return { ...rest, ...(isResized && { resize }), ...(isCut && middle && { middle }), antialias: true };
};

/** One number is that of all channels. */
const three = (x: number | Triple | null | undefined, otherwise: Triple): Triple =>
  typeof x === 'number' ? [x, x, x] : (x ?? otherwise);

/** Where more is to be cut out than there is, libraries put black around it. */
function sidesIn(resize: number, size: number, notes: string[]): number {
  if (resize >= size) return resize;
  notes.push(`pictures are resized to ${size} px, where its description puts a border around ${resize} px`);
  return size;
}

const SQUARES = 'takes squares, where its description asks for';

/** PIL's names of its kernels by their numbers. */
const KERNELS = ['nearest', 'lanczos', 'bilinear', 'bicubic', 'box', 'hamming'];

function fromPreprocessor(p: NonNullable<Configs['preprocessor']>, usual: Usual): Told {
  const notes: string[] = [];
  const type = p.image_processor_type ?? p.feature_extractor_type ?? undefined;
  const known = type === undefined ? undefined : processorOf(type);
  if (type !== undefined && !known)
    notes.push(`${type} is not known here: its sizes and numbers are taken as they stand`);
  for (const [key, what] of [
    ['do_pad', 'pictures are not padded'],
    ['do_flip_channel_order', 'channels stay in the order of RGB'],
    ['crop_pct', 'its crop_pct is not heeded'],
    ['rescale_offset', 'its rescale_offset is not heeded'],
  ])
    if (p[key]) notes.push(`${what}, where its description says ${key} ${JSON.stringify(p[key])}`);

  const number = p.resample ?? undefined;
  const kernel =
    number === undefined ? (known?.kernel ?? usual.kernel ?? 'bicubic') : number === 2 ? 'bilinear' : 'bicubic';
  if (number !== undefined && number !== 2 && number !== 3)
    notes.push(`pictures are resized by the cubic kernel, where its description says ${KERNELS[number] ?? number}`);

  const isCut = p.do_center_crop ?? known?.cut !== undefined;
  const side = (o: { height?: number | null; width?: number | null }): number | undefined => {
    if (o.height != null && o.width != null && o.height !== o.width)
      notes.push(`${SQUARES} ${o.height} × ${o.width} px`);
    return o.height ?? o.width ?? undefined;
  };
  const { size: told } = p;
  const isObject = typeof told === 'object' && told !== null;
  const shortest = isObject ? told.shortest_edge : undefined;
  if (isObject)
    for (const key of ['longest_edge', 'max_height', 'max_width'])
      if (told[key] != null) notes.push(`its size has ${key} ${told[key]}, which is not heeded`);
  const cut = !isCut ? undefined : typeof p.crop_size === 'object' && p.crop_size ? side(p.crop_size) : p.crop_size;
  const size = isCut ? (cut ?? known?.cut ?? usual.size) : undefined;
  let resize = (isObject ? (shortest ?? side(told)) : told) ?? known?.size ?? usual.size;
  const short = known?.short ?? { named: isCut, own: usual.crop === 'shortest' };
  let isShort = isObject ? shortest != null : told == null ? short.own : short.named;
  if (p.do_resize === false) {
    resize = size ?? usual.size;
    isShort = isCut;
    notes.push(`pictures of other sides than ${resize} px are resized, where its description says do_resize false`);
  } else if (isShort && !isCut)
    notes.push('the middle is cut out of pictures that are no squares, where its description leaves them whole');

  const scale = p.do_rescale === false ? 255 : 255 * (p.rescale_factor ?? 1 / 255);
  const scaled = ([r, g, b]: Triple): Triple =>
    Math.abs(scale - 1) < 1e-6 ? [r, g, b] : [r / scale, g / scale, b / scale];
  const isRaw = p.do_normalize === false;
  const pair = known ?? usual;
  return {
    preprocessing: made({
      ...{ size: size ?? resize, resize: sidesIn(resize, size ?? resize, notes) },
      ...{ crop: isShort ? 'shortest' : 'squash', kernel },
      mean: isRaw ? [0, 0, 0] : scaled(three(p.image_mean, pair.mean)),
      std: scaled(isRaw ? [1, 1, 1] : three(p.image_std, pair.std)),
    }),
    preprocessingFrom: 'preprocessor_config.json',
    notes,
  };
}

/** timm's own defaults where it says nothing; older ones have all in `config.json` itself (timm, data/config.py, models/_hub.py). */
function fromTimm(timm: NonNullable<Configs['timm']>): Told {
  const notes: string[] = [];
  const p = timm.pretrained_cfg ?? timm;
  const fixed = p.fixed_input_size ? timm.model_args?.img_size : undefined;
  const [height, width] = fixed ? [fixed, fixed].flat() : (p.input_size?.slice(1) ?? [224, 224]);
  const size = Math.max(height, width);
  if (height !== width) notes.push(`${SQUARES} ${height} × ${width} px`);
  const mode = p.crop_mode ?? 'center';
  if (mode !== 'center' && mode !== 'squash') notes.push(`pictures are cropped in the middle, not by "${mode}"`);
  const kernel = p.interpolation === 'bilinear' ? 'bilinear' : 'bicubic';
  if (p.interpolation != null && p.interpolation !== kernel)
    notes.push(`pictures are resized by the cubic kernel, not by "${p.interpolation}"`);
  const resize = sidesIn(Math.floor(size / (p.crop_pct ?? 0.875)), size, notes);
  return {
    preprocessing: made({
      ...{ size, resize, crop: mode === 'squash' ? 'squash' : 'shortest', middle: 'even', kernel },
      ...{ mean: three(p.mean, IMAGENET.mean), std: three(p.std, IMAGENET.std) },
    }),
    preprocessingFrom: `config.json${timm.pretrained_cfg ? ' (pretrained_cfg)' : ''}`,
    notes,
  };
}

/** The image tower's side comes before that of the pictures' description (open_clip, factory.py, transform.py). */
function fromOpenClip({ model_cfg, preprocess_cfg: p }: NonNullable<Configs['openClip']>, usual: Usual): Told {
  const notes: string[] = [];
  const [height, width = height] = [model_cfg.vision_cfg.image_size ?? p?.size ?? usual.size].flat();
  if (height !== width) notes.push(`${SQUARES} ${height} × ${width} px`);
  const mode = p?.resize_mode ?? 'shortest';
  if (mode !== 'shortest' && mode !== 'squash')
    notes.push(`pictures are cropped in the middle, where its description pads them (resize_mode "${mode}")`);
  return {
    preprocessing: made({
      ...{ size: Math.max(height, width), crop: mode === 'squash' ? 'squash' : 'shortest', middle: 'even' },
      ...{ kernel: p?.interpolation === 'bilinear' ? 'bilinear' : 'bicubic' },
      ...{ mean: three(p?.mean, OPENAI.mean), std: three(p?.std, OPENAI.std) },
    }),
    preprocessingFrom: 'open_clip_config.json',
    notes,
  };
}
