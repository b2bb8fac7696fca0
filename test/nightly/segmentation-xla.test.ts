/** @module-tag nightly */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resolveSettings } from '../../src/config/resolve.js';
import { openUntrainedEncoder } from '../../src/encoders/open-encoder.js';
import { segmentationLinear } from '../../src/evaluation/protocols/segmentation-linear.js';
import { upernet } from '../../src/evaluation/protocols/upernet.js';
import { readSafetensors } from '../../src/formats/safetensors.js';
import { openExecutors } from '../../src/runtime/open-executors.js';
import { textures } from '../textures.js';
import { sayNotRun, xlaPlugin } from '../xla.js';

const plugin = xlaPlugin();
if (!plugin) sayNotRun('heads of segmentation through XLA');

/** Crops of 32 px, six updates. */
const few = { crop: 32, scale: [64, 48], batch: 4, steps: 6, lr: 0.003, overlays: 0, checkpointEvery: 100 };
const OPTIONS = {
  'segmentation-linear': { ...few, views: 2 },
  upernet: { ...few, channels: 8, auxChannels: 8, layerDecay: 0.9, dropPath: 0.1, accumulate: 2 },
};

test.skipIf(!plugin).each([segmentationLinear, upernet])(
  '$name learns the same on either executor',
  async (protocol) => {
    const dir = await mkdtemp(join(tmpdir(), 'segmentation-xla-'));
    try {
      const flags = { 'model.dim': 32, 'model.depth': 2, 'model.heads': 2, 'model.patch': 4, 'views.globalSize': 16 };
      const settings = resolveSettings({ preset: 'tiny', flags });
      const trained = async (name: string, runtime: { provider: 'cpu' | 'xla'; threads: number; plugin?: string }) => {
        await using executors = await openExecutors({ ...runtime, precision: 'float32' });
        await using encoder = await openUntrainedEncoder(settings, undefined, executors);
        const found = await protocol.run({
          ...{
            encoder,
            executors,
            set: textures({ train: 6, test: 2 }),
            seed: 4,
            dir: join(dir, name),
            options: OPTIONS,
          },
          runtime: { ...runtime, precision: 'float32' },
          hooks: { signal: new AbortController().signal, progress: () => {}, warn: () => {} },
          features: () => Promise.reject(new Error('not asked for')),
        });
        const { tensors } = await readSafetensors(join(dir, name, 'checkpoints', 'step-00000006.safetensors'));
        return { found, tensors };
      };
      const ort = await trained('ort', { provider: 'cpu', threads: 1 });
      const xla = await trained('xla', { provider: 'xla', threads: 1, plugin });
      expect(Math.abs(ort.found.metrics.mIoU - xla.found.metrics.mIoU)).toBeLessThan(0.01);
      expect([...xla.tensors.keys()].sort()).toEqual([...ort.tensors.keys()].sort());
      const off: Record<string, number> = {};
      for (const [name, { data }] of ort.tensors) {
        if (!name.startsWith('student.') && !name.startsWith('centre.')) continue;
        // Rounding alone moves what has no gradient: the key third of a bias, biases before a batch norm (AdamW steps by the rate all the same).
        if (/qkv\.bias$|neck\.upsample_\dx\.\d\.bias$/.test(name)) continue;
        const [a, b] = [data, xla.tensors.get(name)!.data] as Float32Array[];
        let most = 0;
        a.forEach((v, i) => {
          most = Math.max(most, Math.abs(v - b[i]));
        });
        // An update moves a weight by the rate at most; here by six of them.
        if (most > 0.003) off[name] = most;
      }
      expect(off).toEqual({});
    } finally {
      await rm(dir, { recursive: true });
    }
  },
  // Compiles a dozen programs.
  900_000,
);
