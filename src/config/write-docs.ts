import { writeFileSync } from 'node:fs';
import { settingsMarkdown } from './docs.js';

/** `npm run docs:settings`: writes the list of settings to the file named on the command line. */
writeFileSync(process.argv[2], settingsMarkdown());
