import { join } from 'node:path';
import { writeFileAtomic } from '../files/write.js';
import { settingsMarkdown } from './docs.js';
import { settingsJsonSchema } from './json-schema.js';

/** `npm run docs:settings`: writes the list of settings and their JSON schema into the folder named on the command line. */
const dir = process.argv[2];
await writeFileAtomic(join(dir, 'settings.md'), settingsMarkdown());
await writeFileAtomic(join(dir, 'config.schema.json'), `${JSON.stringify(settingsJsonSchema(), null, 2)}\n`);
