/**
 * Compiles kernels/ (AssemblyScript) to views/kernels.wasm in the folder given, where the code compiled there looks for
 * it:   node scripts/kernels.js dist
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const compiler = dirname(createRequire(import.meta.url).resolve('assemblyscript/package.json'));

/**
 * @param {string} out folder of the compiled sources, relative to the package @returns {number} exit status of the
 * compiler
 */
export function buildKernels(out) {
  mkdirSync(join(root, out, 'views'), { recursive: true });
  const { status } = spawnSync(
    process.execPath,
    [join(compiler, 'bin', 'asc.js'), '--config', 'kernels/asconfig.json', '-o', `${out}/views/kernels.wasm`],
    { cwd: root, stdio: 'inherit' },
  );
  return status ?? 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = buildKernels(process.argv[2] ?? 'dist');
