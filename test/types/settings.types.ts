/**
 * What must not compile: `tsc -p tsconfig.check.json` refuses a line under @ts-expect-error that does. Never run.
 */
import { openPainter, PRESETS, type PresetName, resolveSettings, type Settings } from '../../src/index.js';

resolveSettings({ preset: 'tiny', settings: { captions: { writer: 'gguf' }, images: { painter: 'a1111' } } });
// @ts-expect-error a preset that is mistyped
resolveSettings({ preset: 'tinny' });
// @ts-expect-error a writer that is mistyped
resolveSettings({ settings: { captions: { writer: 'ggml' } } });
// @ts-expect-error a painter that is mistyped
resolveSettings({ settings: { images: { painter: 'a111' } } });
// @ts-expect-error a provider that is mistyped
resolveSettings({ settings: { runtime: { provider: 'cudda' } } });
// @ts-expect-error a setting that is mistyped
resolveSettings({ settings: { views: { globlSize: 32 } } });
// @ts-expect-error a group that is mistyped
resolveSettings({ settings: { view: { globalSize: 32 } } });
// @ts-expect-error a number that is a text
resolveSettings({ settings: { train: { steps: '100' } } });

declare const settings: Settings;
/** The names are literals wherever settings are read, too. */
export const writer: 'embedded' | 'name' | 'template' | 'openai' | 'gguf' = settings.captions.writer;
// @ts-expect-error no painter has this name
export const isPainter = settings.images.painter === 'stable';
// @ts-expect-error no preset has this name
export const about = PRESETS.tinny;
export const name: PresetName = 'paper-b16';
openPainter(settings);
