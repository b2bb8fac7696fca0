import { settingsJsonSchema } from '../config/json-schema.js';
import type { Command } from './support/command.js';

export const command: Command = {
  name: 'schema',
  about: 'Print the JSON schema of settings files: names, types, ranges and meanings, for editors and checks',
  details:
    'A settings file (--config) may name it: { "$schema": "./config.schema.json", "preset": "tiny", … }. The package has it as docs/config.schema.json.',
  flags: [],
  answers: true,
  examples: [{ line: 'synclr schema > config.schema.json', about: 'beside your settings files' }],
  async run(_, { terminal, answer }) {
    const schema = settingsJsonSchema();
    answer(schema, () => terminal.document(schema));
  },
};
