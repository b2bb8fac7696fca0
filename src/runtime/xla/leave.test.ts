import { spawn } from 'node:child_process';
import { expect, test } from 'vitest';
import { manySorts, sayNotRun, smallProgram, xlaPlugin } from '../../../test/xla.js';

const plugin = xlaPlugin();
if (!plugin) sayNotRun('ends of processes that have an XLA device');

/** Adds its state to itself, slowly enough that runs are in flight when the process ends. */
const N = 1_000_000;
const small = smallProgram(
  [{ name: 'state', shape: [N], dtype: 'f32', kept: 'state' }],
  [
    { name: 'state', shape: [N], dtype: 'f32', kept: 'state' },
    { name: 'y', shape: [N], dtype: 'f32' },
  ],
  `    %0 = stablehlo.cosine %state : tensor<${N}xf32>
    %1 = stablehlo.add %0, %0 : tensor<${N}xf32>
    return %0, %1 : tensor<${N}xf32>, tensor<${N}xf32>`,
);

const script = (end: string) => `(async () => {
  const { XlaDevice } = await import('${new URL('../../../dist/runtime/xla/device.js', import.meta.url)}');
  const { leaveNow } = await import('${new URL('../../../dist/runtime/xla/leave.js', import.meta.url)}');
  const device = await XlaDevice.start({ plugin: process.env.PLUGIN });
  await device.keep('state', { shape: [${N}], dtype: 'f32' }, 0);
  await device.compile('small', ${JSON.stringify(small)});
  await device.run('small', {});
  console.log('ready');
  const many = () => { for (let i = 0; i < 50; i++) device.run('small', {}).catch(() => {}); };
  const compile = async () => {
    await device.compile('long', JSON.parse(require('node:fs').readFileSync(0, 'utf8')));
    console.log('compiled');
  };
  ${end}
})()`;

/** How a process with a device ends. */
function ending(end: string, long = ''): Promise<{ code: number | null; signal: string | null; out: string }> {
  const env = { ...process.env, PLUGIN: plugin! };
  const child = spawn(process.execPath, ['-e', script(end)], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(long);
  let out = '';
  child.stdout.on('data', (d) => (out += d));
  return new Promise((done) => child.on('close', (code, signal) => done({ code, signal, out })));
}

test.skipIf(!plugin).each([
  ['closed', 'await device.close()', 0],
  ['left with its values', 'process.exit(3)', 3],
  ['left while runs are in flight', 'many(); setTimeout(() => process.exit(4), 5)', 4],
  ['its thread ended while runs are in flight', 'many(); await device.thread.terminate()', 0],
  ['left at once while runs are in flight', 'many(); setTimeout(() => leaveNow(130), 5)', 130],
])('a process whose device is %s ends cleanly', async (_, end, code) => {
  expect(await ending(end)).toEqual({ code, signal: null, out: 'ready\n' });
});

test.skipIf(!plugin)('a process does not wait for the compiler to end', async () => {
  // The whole of it would take minutes.
  const long = JSON.stringify(manySorts(6000));
  const end = 'compile(); setTimeout(() => { console.log(device.compiling.join()); process.exit(130); }, 300)';
  expect(await ending(end, long)).toEqual({ code: 130, signal: null, out: 'ready\nlong\n' });
});
