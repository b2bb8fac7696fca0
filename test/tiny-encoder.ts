import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { resolveSettings } from '../src/config/resolve.js';
import type { Settings } from '../src/config/schema.js';
import { type SafeTensor, writeSafetensors } from '../src/formats/safetensors.js';
import { saveCheckpoint } from '../src/learn/checkpoint.js';
import { learnerOf } from '../src/learn/learners/index.js';
import { vitConfig } from '../src/model/config.js';
import { initialise } from '../src/model/parameters.js';
import { startingAs } from '../src/model/start.js';
import { vitParameters } from '../src/model/vit.js';
import { Rng } from '../src/rng.js';
import { layoutOf, viewsOf } from '../src/runtime/layout.js';

/** Writes an exported encoder of these settings with random weights; its features see colours and shapes already. */
export async function writeEncoder(dir: string, settings: Settings, seed = 1): Promise<void> {
  mkdirSync(dir, { recursive: true });
  const c = vitConfig(settings);
  const specs = vitParameters(c);
  const layout = layoutOf(specs);
  const values = viewsOf(layout, initialise(layout, seed));
  const tensors = new Map(
    specs
      .filter((s) => s.name !== 'backbone.mask_token')
      .map((s): [string, SafeTensor] => [
        s.name.replace('backbone.', ''),
        { dtype: 'F32', shape: [...s.shape], data: values.get(s.name)! },
      ]),
  );
  await writeSafetensors(join(dir, 'model.safetensors'), tensors);
  const { mean, std } = settings.views;
  const config = {
    hidden_size: c.dim,
    num_hidden_layers: c.depth,
    num_attention_heads: c.heads,
    intermediate_size: c.dim * c.mlpRatio,
    patch_size: c.patch,
    image_size: c.imageSize,
    synclr: { mean, std },
  };
  writeFileSync(join(dir, 'config.json'), JSON.stringify(config));
}

/** Writes a run's folder with settings and one checkpoint: the tiny preset's encoder, of random weights. */
export async function writeRun(dir: string, seed = 1): Promise<void> {
  const settings = resolveSettings({ preset: 'tiny' });
  const specs = learnerOf(settings).parameters;
  const layout = layoutOf(startingAs(specs, settings.model.start));
  const student = viewsOf(layout, initialise(layout, seed));
  const moments = new Map([...student].map(([name, x]) => [name, { m: x, v: x }]));
  mkdirSync(join(dir, 'checkpoints'), { recursive: true });
  writeFileSync(join(dir, 'config.json'), JSON.stringify(settings));
  const state = { step: 1, student, teacher: student, moments, centres: new Map() };
  await saveCheckpoint(join(dir, 'checkpoints'), state, specs, JSON.stringify(settings));
}

/** Writes an image folder of classes that differ in colour, `sizes` images a class and part. */
export async function writeImages(
  dir: string,
  sizes: { train: number; test: number },
  names = ['red', 'green', 'blue'],
): Promise<void> {
  for (const [part, n] of Object.entries(sizes))
    for (const [c, name] of names.entries()) {
      mkdirSync(join(dir, part, name), { recursive: true });
      for (let i = 0; i < n; i++) {
        const rng = Rng.of(0, part, c, i);
        const data = Uint8Array.from({ length: 24 * 24 * 3 }, (_, k) => (k % 3 === c ? 190 : 40) + rng.int(60));
        const file = join(dir, part, name, `${i}.jpg`);
        await sharp(data, { raw: { width: 24, height: 24, channels: 3 } })
          .jpeg({ quality: 95 })
          .toFile(file);
      }
    }
}
