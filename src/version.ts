import { existsSync, readFileSync } from 'node:fs';

/** The package's version, from its package.json: the nearest one above this file, be it in src/, dist/ or build/. */
export const VERSION: string = read(new URL('./package.json', import.meta.url));

function read(file: URL): string {
  if (existsSync(file)) return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
  const above = new URL('../package.json', file);
  if (above.href === file.href) throw new Error('internal: no package.json above the code');
  return read(above);
}
