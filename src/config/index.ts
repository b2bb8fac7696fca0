/** Settings: the schema, its presets, and how they are resolved and checked. */
export { type Leaf, settingLeaves } from './leaves.js';
export { PRESETS, type Preset } from './presets.js';
export { checkSettings, differingSettings, resolveSettings, resultSettings, type SettingsSources } from './resolve.js';
export { type PartialSettings, type Settings, settingsSchema } from './schema.js';
