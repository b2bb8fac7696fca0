import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

/** What a plugin of the tests does: a card, no card, an error in starting, a crash or no end there, another API, no plugin at all. */
export type Behaviour =
  | 'works'
  | 'no device'
  | 'no driver'
  | 'crashes'
  | 'crashes later'
  | 'hangs'
  | 'other API'
  | 'no plugin';

/**
 * A PJRT plugin that does nothing but start (pjrt_c_api.h): every argument struct is a row of 8-byte cells, size and extensions first.
 * Places in the table and cells as in `runtime/xla/pjrt-api.ts`.
 */
const SOURCE = `
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
typedef uint64_t u64;
static u64 text(u64 *a, int at, const char *s) { a[at] = (u64)s; a[at + 1] = strlen(s); return 0; }
static u64 nothing(u64 *a) { return 0; }
static u64 message(u64 *a) { return text(a, 3, "no driver of version 999 is here\\nand more lines"); }
static u64 code(u64 *a) { a[3] = 9; return 0; }
static u64 name(u64 *a) { return text(a, 3, "fake"); }
static u64 version(u64 *a) { return text(a, 3, "fake 1.2"); }
static u64 one[] = {1};
static u64 devices(u64 *a) { a[3] = (u64)one; a[4] = DEVICES; return 0; }
static u64 description(u64 *a) { a[3] = 1; return 0; }
static u64 id(u64 *a) { a[3] = 7; return 0; }
static u64 kind(u64 *a) { return text(a, 3, "Fake Card 9000"); }
static u64 memory(u64 *a) { a[3] = 1 << 20; a[10] = (u64)3 << 30; a[11] = 1; return 0; }
static u64 create(u64 *a) { START; a[8] = 1; return 0; }
static u64 table[140];
u64 *ENTRY(void) {
  ENTERED;
  table[0] = sizeof table;
  ((int32_t *)(table + 4))[0] = MAJOR;
  ((int32_t *)(table + 4))[1] = 110;
  for (int i = 5; i < 140; i++) table[i] = (u64)nothing;
  table[5 + 1] = (u64)message; table[5 + 2] = (u64)code; table[5 + 10] = (u64)create; table[5 + 12] = (u64)name;
  table[5 + 14] = (u64)version; table[5 + 16] = (u64)devices; table[5 + 23] = (u64)id; table[5 + 26] = (u64)kind;
  table[5 + 29] = (u64)description; table[5 + 34] = (u64)memory;
  return table;
}
`;

const DEFINED: Readonly<Record<Behaviour, Readonly<Record<string, string>>>> = {
  works: {},
  'no device': { DEVICES: '0' },
  'no driver': { START: 'return 1' },
  crashes: { ENTERED: 'abort()' },
  'crashes later': { START: 'abort()' },
  hangs: { START: 'for (;;) sleep(1)' },
  'other API': { MAJOR: '1' },
  'no plugin': { ENTRY: 'SomethingElse' },
};

/** Whether a C compiler is here; without one the tests that need a plugin that misbehaves say that they did not run. */
export const hasCompiler = process.platform === 'linux' && spawnSync('cc', ['--version']).status === 0;

/** Makes such a plugin. @param path where its library goes */
export function buildPlugin(path: string, behaviour: Behaviour = 'works'): string {
  const defined = {
    DEVICES: '1',
    START: '(void)0',
    ENTERED: '(void)0',
    MAJOR: '0',
    ENTRY: 'GetPjrtApi',
    ...DEFINED[behaviour],
  };
  const flags = Object.entries(defined).map(([name, value]) => `-D${name}=${value}`);
  writeFileSync(`${path}.c`, SOURCE);
  const made = spawnSync('cc', ['-shared', '-fPIC', '-w', ...flags, '-o', path, `${path}.c`], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(made.stderr);
  return path;
}
