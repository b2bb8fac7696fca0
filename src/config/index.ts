/** Settings: the schema, its presets, and how they are resolved and checked. */
export { type Leaf, settingLeaves } from './leaves.js';
export {
  PAINTER_NAMES,
  type PainterName,
  PROVIDER_NAMES,
  type ProviderName,
  WRITER_NAMES,
  type WriterName,
} from './names.js';
export { DEFAULT_PRESET, PRESET_NAMES, PRESETS, type Preset, type PresetName } from './presets.js';
export { checkSettings, differingSettings, resolveSettings, resultSettings, type SettingsSources } from './resolve.js';
export { type PartialSettings, type Settings, settingsSchema } from './schema.js';
