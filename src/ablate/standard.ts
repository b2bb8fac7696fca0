import { isLanguageWriter } from '../config/names.js';
import type { PresetName } from '../config/presets.js';
import { resolveSettings } from '../config/resolve.js';
import type { PartialSettings, Settings } from '../config/schema.js';
import { type Cell, checkGrid, type Grid, seedsOf } from './grid.js';

/** Of presets that have none, where the grid needs some. */
const LOCAL_CROPS = 2;
const IBOT = 1;
/** Captions of one word, the same again and again. */
const ALIKE = { words: [1, 60] as [number, number], seenMb: 0 };

/**
 * The grid of the paper's tables 2 to 5 and 10 at a preset's scale, and captions against images a caption at as many images in all.
 * @param settings any part of the settings, over the preset's; a language model under `captions` is a caption source beside the embedded
 *   writer, and a painter under `images` that takes a guidance scale gives table 3
 */
export function standardGrid(preset: PresetName, settings: PartialSettings = {}): Grid {
  const { writer, model, api, temperature, topP, maxTokens, ...captions } = settings.captions ?? {};
  const language = writer !== undefined && isLanguageWriter(writer);
  const base: PartialSettings = language ? { ...settings, captions } : settings;
  const s = resolveSettings({ preset, settings: base });
  const localCount = s.views.localCount || LOCAL_CROPS;
  const ibot = (s.learn.method === 'synclr' && s.learn.ibot) || IBOT;
  const synclr = { learn: { ibot }, views: { localCount } };
  const guided = s.images.painter !== 'embedded';

  const cells: Cell[] = [
    cell('synclr', synclr, '4/SynCLR: all three', '10/SynCLR', '2/embedded writer (grammar)', rowOf(s)),
    cell('stablerep', { learn: { method: 'stablerep' } }, '4/StableRep', '5/SynCLR: caption'),
    cell('ema', { learn: { ibot: 0 }, views: { localCount: 0 } }, '4/+ EMA'),
    cell('ema-ibot', { learn: { ibot }, views: { localCount: 0 } }, '4/+ EMA, iBOT'),
    cell('ema-multicrop', { learn: { ibot: 0 }, views: { localCount } }, '4/+ EMA, multi-crop'),
    cell('supervised', { learn: { method: 'supervised' } }, '5/supervised: class'),
    cell('simclr', { learn: { method: 'simclr' } }, '5/SimCLR: image'),
    cell('clip', { learn: { method: 'clip' } }, '10/CLIP'),
  ];
  const corpora: Record<string, PartialSettings> = {};
  const on = (name: string, corpus: PartialSettings, row: string, more: PartialSettings = {}) => {
    corpora[name] = corpus;
    cells.push({ ...cell(name, { ...synclr, ...more }, row), corpus: name });
  };
  on('captions-name', { captions: { writer: 'name', ...ALIKE } }, '2/class name');
  on('captions-template', { captions: { writer: 'template', ...ALIKE } }, '2/template sentence');
  if (language)
    on(
      'captions-language-model',
      { captions: { writer, model, api, temperature, topP, maxTokens } },
      '2/concepts and backgrounds, language model',
    );
  // As many images in all, and a batch.
  const { perCaption } = s.images;
  for (const [name, by] of [
    ['half', 0.5],
    ['twice', 2],
  ] as const) {
    const n = perCaption * by;
    const count = Math.round(s.captions.count / by);
    const captionsPerBatch = Math.round(s.train.captionsPerBatch / by);
    if (n < 2 || !Number.isInteger(n) || captionsPerBatch < 2) continue;
    const corpus = { captions: { count }, images: { perCaption: n } };
    on(`images-${name}`, corpus, rowOf({ captions: { count }, images: { perCaption: n } }), {
      train: { captionsPerBatch },
    });
  }
  const left: { row: string; why: string }[] = [];
  if (!language)
    left.push({
      row: '2/concepts and backgrounds, language model',
      why: 'no language model is configured (--writer openai --writer-url URL, or --writer gguf --writer-model FILE)',
    });
  for (const guidance of [2, 3, 4])
    if (guided) on(`guidance-${guidance}`, { images: { guidance } }, `3/guidance ${guidance}`);
    else
      left.push({
        row: `3/guidance ${guidance}`,
        why: 'the embedded painter has no guidance scale (--painter diffusion …)',
      });
  return checkGrid({ preset, settings: base, seeds: seedsOf(2), evals: [], corpora, cells, left }, `preset ${preset}`);
}

const cell = (name: string, settings: PartialSettings, ...rows: string[]): Cell => ({ name, settings, rows });

/** A row of the table of captions against images a caption. */
const rowOf = (s: { captions: { count: number }; images: { perCaption: number } } | Settings): string =>
  `captions × images/${s.captions.count.toLocaleString('en-US')} × ${s.images.perCaption}`;
