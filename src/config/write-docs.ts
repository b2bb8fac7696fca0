import { writeFileAtomic } from '../files/write.js';
import { settingsMarkdown } from './docs.js';

/** `npm run docs:settings`: writes the list of settings to the file named on the command line. */
await writeFileAtomic(process.argv[2], settingsMarkdown());
