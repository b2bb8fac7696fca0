import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { settingsSchema } from '../src/config/schema.js';
import { openDiffusion } from '../src/images/diffusion/open.js';
import type { Pixels } from '../src/images/painter.js';
import { SD_SCHEDULER, TINY, writeDiffusion } from './tiny-diffusion.js';
import { webgpuAbsent } from './webgpu.js';

const absent = await webgpuAbsent();
if (absent) console.log(`diffusion-webgpu.test: no WebGPU here (${absent}): the pipeline is not run on it`);

test.runIf(!absent)('a pipeline paints on WebGPU what it paints on the CPU', { timeout: 240_000 }, async () => {
  const dir = mkdtempSync(join(tmpdir(), 'diffusion-webgpu-'));
  try {
    await writeDiffusion(dir, { family: 'sd', seed: 3, sizes: TINY, scheduler: SD_SCHEDULER });
    const paint = async (provider: 'cpu' | 'webgpu'): Promise<Pixels[]> => {
      const painter = await openDiffusion(
        settingsSchema.parse({
          images: { painter: 'diffusion', model: dir, size: 16, steps: 3, perCaption: 2 },
          runtime: { provider, threads: 1 },
        }),
      );
      const request = { caption: 'a fox', captionId: 1, attempt: 0, seed: 0, size: 16 };
      const images = await painter.paint([0, 1].map((image) => ({ ...request, image })));
      await painter.close?.();
      return images;
    };
    const [cpu, gpu] = [await paint('cpu'), await paint('webgpu')];
    const values = cpu.flatMap((image) => [...image.data]);
    expect(new Set(values).size).toBeGreaterThan(20);
    cpu.forEach((image, i) => {
      const off = image.data.map((v, k) => Math.abs(v - gpu[i].data[k]));
      expect(Math.max(...off)).toBeLessThanOrEqual(1);
    });
  } finally {
    rmSync(dir, { recursive: true });
  }
});
