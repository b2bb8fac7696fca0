import { existsSync } from 'node:fs';

/** Where a Chromium is, if one is here. */
export const chromiumPath: string | undefined = [
  process.env.SYNCLR_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
].find((path) => path !== undefined && existsSync(path));
