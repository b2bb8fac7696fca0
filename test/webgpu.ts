import { spawn } from 'node:child_process';

/** One addition on the WebGPU provider, in a process of its own since a driver that is refused may abort it. */
const PROBE = `(async () => {
  const { OrtExecutor } = await import('${new URL('../dist/runtime/ort/executor.js', import.meta.url)}');
  const { ops } = await import('${new URL('../dist/graph/index.js', import.meta.url)}');
  const e = OrtExecutor.start({ provider: 'webgpu', threads: 1 });
  const x = ops.input('x', [2]);
  await e.load('probe', { y: ops.add(x, x) });
  const { y } = await e.run('probe', { x: Float32Array.of(1, 2) });
  await e.close();
  if (y.join() !== '2,4') throw new Error('wrong sum ' + y);
})()`;

/** Why WebGPU cannot be used here; undefined where it can. */
export async function webgpuAbsent(): Promise<string | undefined> {
  const child = spawn(process.execPath, ['-e', PROBE], { stdio: ['ignore', 'ignore', 'pipe'] });
  const timer = setTimeout(() => child.kill('SIGKILL'), 60_000);
  let stderr = '';
  child.stderr.on('data', (d) => (stderr += d));
  const code = await new Promise<number | null>((done) => child.on('close', done));
  clearTimeout(timer);
  if (code === 0) return undefined;
  const line = stderr.split('\n').find((l) => /error/i.test(l)) ?? `the process ended with ${code}`;
  return line.trim().slice(0, 200);
}
