/**
 * Compiles kernels/ (AssemblyScript) to views/kernels.wasm, search/scan.wasm and probe/kernels.wasm in the folder given, where the code
 * compiled there looks for them:   node scripts/kernels.js dist
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const compiler = dirname(createRequire(import.meta.url).resolve('assemblyscript/package.json'));

/** What is compiled, and where to. */
const MODULES = [
  ['kernels/index.ts', 'views/kernels.wasm'],
  ['kernels/scan.ts', 'search/scan.wasm'],
  ['kernels/probe.ts', 'probe/kernels.wasm'],
];

/**
 * @param {string} out folder of the compiled sources, relative to the package @returns {number} exit status of the
 * compiler
 */
export function buildKernels(out) {
  for (const [entry, wasm] of MODULES) {
    mkdirSync(join(root, out, dirname(wasm)), { recursive: true });
    const { status } = spawnSync(
      process.execPath,
      [join(compiler, 'bin', 'asc.js'), entry, '--config', 'kernels/asconfig.json', '-o', `${out}/${wasm}`],
      { cwd: root, stdio: 'inherit' },
    );
    if (status !== 0) return status ?? 1;
  }
  return 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = buildKernels(process.argv[2] ?? 'dist');
