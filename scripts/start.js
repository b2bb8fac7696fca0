/**
 * `npm start`: builds, then runs `synclr` with the given arguments in this very process. (Not with a pre-script, which `.npmrc` has npm
 * ignore, and not with `&&`, since a shell in between takes a SIGTERM for itself.)
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { buildKernels } from './kernels.js';

const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'));
const { status } = spawnSync(process.execPath, [join(typescript, 'bin', 'tsc')], { stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);
const kernels = buildKernels('dist');
if (kernels !== 0) process.exit(kernels);

// npm starts scripts in a shell; SIGTERM to npm ends that shell, and nothing tells us but a new parent.
const parent = process.ppid;
const watch = setInterval(() => {
  if (process.ppid === parent) return;
  clearInterval(watch);
  process.kill(process.pid, 'SIGTERM');
}, 300);
watch.unref();

await import('../dist/cli/main.js');
