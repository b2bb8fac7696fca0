import type { Settings } from '../config/schema.js';
import { vocabularySize } from '../text/learn-vocabulary.js';
import { CLIP_TEXT, type TextConfig } from './text.js';
import type { VitConfig } from './vit.js';

/** The backbone that the settings ask for. */
export function vitConfig(s: Settings): VitConfig {
  const { dim, depth, heads, patch, mlpRatio, form } = s.model;
  return { ...{ dim, depth, heads, patch, mlpRatio, imageSize: s.views.globalSize }, ...optionsOf(form) };
}

/** Settings that say what holds anyway leave no trace: the same encoder has the same description. */
function optionsOf(form: Settings['model']['form']): Partial<VitConfig> {
  const { cls, dist, positions, normBefore, norm, layerScale, poolNorm, rotary, eps, activation, resampling, ...rest } =
    form;
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return {
    ...given,
    ...(eps !== undefined && eps !== 1e-6 && { eps }),
    ...(activation !== undefined && activation !== 'gelu' && { activation }),
    ...(resampling !== undefined && resampling !== 'offset' && { resampling }),
    ...(rotary !== undefined && { rotary: { base: rotary } }),
    ...(cls === false && { cls }),
    ...(positions === false && { positions }),
    ...(norm === false && { norm }),
    ...(dist && { dist: true as const }),
    ...(normBefore && { normBefore: true as const }),
    ...(layerScale && { layerScale: true as const }),
    ...(poolNorm && { poolNorm: true as const }),
  };
}

/** The settings of `model.form` that describe an architecture, by their names: the inverse of what they do. */
export function formOf(c: VitConfig): Settings['model']['form'] {
  const { dim: _d, depth: _e, heads: _h, patch: _p, imageSize: _i, mlpRatio: _m, grid: _g, rotary, ...form } = c;
  return { ...form, ...(rotary && { rotary: rotary.base }) };
}

/** Settings of a text side, of whichever learner. */
export interface TextSettings {
  vocabulary: string;
  merges: number;
  textWidth: number;
  textDepth: number;
  textHeads: number;
  textContext: number;
  textTemperature: number;
  embeddingWidth: number;
}

/** Words of CLIP's published vocabulary. */
const PUBLISHED = CLIP_TEXT.vocabulary;

/** The tower of some settings. @param words of the vocabulary, where it is known; else what the settings let expect */
export function textConfig(s: TextSettings, words?: number): TextConfig {
  return {
    ...CLIP_TEXT,
    width: s.textWidth,
    depth: s.textDepth,
    heads: s.textHeads,
    context: s.textContext,
    out: s.embeddingWidth,
    vocabulary: words ?? (s.vocabulary === 'corpus' ? vocabularySize(s.merges) : PUBLISHED),
  };
}

/** The settings of a text side among those of a run; undefined where its learner has none. */
export function textSettings({ learn }: Pick<Settings, 'learn'>): TextSettings | undefined {
  if (learn.method === 'clip') return learn;
  return learn.method === 'stablerep' && learn.imageText > 0 ? learn : undefined;
}
