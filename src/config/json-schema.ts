import { z } from 'zod';
import { PRESET_NAMES } from './presets.js';
import { settingsSchema } from './schema.js';

/**
 * JSON Schema (draft 2020-12) of a settings file, as `--config` takes it: any part of the settings, `preset` beside them, and `$schema`, by
 * which editors find it. It knows names, types and ranges; what does not fit together (a crop that the patch does not divide) only a run
 * says.
 */
export function settingsJsonSchema(): Record<string, unknown> {
  const { $schema, properties, ...schema } = z.toJSONSchema(settingsSchema, { io: 'input' });
  return {
    $schema,
    title: 'Settings of synclr',
    description: 'Any part of the settings, for --config. Names that are not here are refused.',
    ...schema,
    properties: {
      $schema: { type: 'string', description: 'where this schema is; not a setting' },
      preset: { type: 'string', enum: [...PRESET_NAMES], description: 'the preset that the settings stand on' },
      ...properties,
    },
  };
}
