import { expect, test } from 'vitest';
import { sayNotRun, smallProgram, xlaPlugin } from '../../../test/xla.js';
import { XlaDevice } from './device.js';

const plugin = xlaPlugin();
if (!plugin) sayNotRun('a thousand runs in the same memory');

const VALUES = 20;
const N = 4096;

/** Twenty values, to each of which the sum over a batch is added; and that sum. */
function program(devices: number) {
  const kept = Array.from({ length: VALUES }, (_, i) => {
    const name = `v${i}`;
    return { name, shape: [N], dtype: 'f32', kept: name } as const;
  });
  const split = devices > 1 ? { split: 0 } : {};
  const adds = kept.map((k) => `    %n${k.name} = stablehlo.add %${k.name}, %m : tensor<${N}xf32>`);
  const types = Array.from({ length: VALUES + 1 }, () => `tensor<${N}xf32>`).join(', ');
  return smallProgram(
    [...kept, { name: 'x', shape: [16, N], dtype: 'f32', ...split }],
    [...kept, { name: 'm', shape: [N], dtype: 'f32' }],
    `    %c = stablehlo.constant dense<0.0> : tensor<f32>
    %m = stablehlo.reduce(%x init: %c) applies stablehlo.add across dimensions = [0] : (tensor<16x${N}xf32>, tensor<f32>) -> tensor<${N}xf32>
${adds.join('\n')}
    return ${kept.map((k) => `%n${k.name}`).join(', ')}, %m : ${types}`,
    devices,
  );
}

test.skipIf(!plugin).each([1, 4])('a thousand runs on %i devices leave memory as it was', async (devices) => {
  const device = await XlaDevice.start({ plugin: plugin!, devices });
  await device.compile('p', program(devices));
  for (let i = 0; i < VALUES; i++) await device.keep(`v${i}`, { shape: [N], dtype: 'f32' }, 0);
  const x = new Float32Array(16 * N).fill(1 / 16);
  /** Always one run ahead, as training does. */
  const runs = async (count: number) => {
    let last: Promise<unknown> | undefined;
    for (let i = 0; i < count; i++) {
      const next = device.run('p', { x });
      await last;
      last = next;
    }
    await last;
  };
  await runs(500);
  const before = process.memoryUsage.rss();
  await runs(1000);
  const grown = (process.memoryUsage.rss() - before) / 2 ** 20;
  console.log(`${devices} devices: ${grown.toFixed(1)} MiB more after 1,000 runs of 0.6 MiB`);
  // What is forgotten in a run would be 300 to 600 MiB by now.
  expect(grown).toBeLessThan(60);
  expect(await device.alive()).toEqual({ buffers: VALUES * devices, events: 0 });
  expect((await device.read('v7'))[5]).toBe(1500);
  await device.close();
});
