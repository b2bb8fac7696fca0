import type { Settings } from '../config/schema.js';
import { vocabularySize } from '../text/learn-vocabulary.js';
import { CLIP_TEXT, type TextConfig } from './text.js';
import type { VitConfig } from './vit.js';

/** The backbone that the settings ask for. */
export function vitConfig(s: Settings): VitConfig {
  const { dim, depth, heads, patch, mlpRatio } = s.model;
  return { dim, depth, heads, patch, mlpRatio, imageSize: s.views.globalSize };
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
