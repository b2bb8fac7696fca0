import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type Settings, settingsSchema } from '../config/schema.js';
import { UserError } from '../errors.js';
import { readSafetensors, type SafeTensor } from '../formats/safetensors.js';
import { vitConfig } from './config.js';
import { type VitConfig, vitParameters } from './vit.js';

/** A trained (or untrained) backbone with all that is needed to use it. */
export interface Backbone {
  vit: VitConfig;
  mean: [number, number, number];
  std: [number, number, number];
  /** By graph name, `backbone.…`. */
  parameters: Map<string, Float32Array>;
  /** Where it came from, e.g. `…/step-00001000.safetensors (teacher)`. */
  origin: string;
}

/** What an exported encoder's config.json says beside what Transformers.js reads. */
export const exportedConfig = z.looseObject({
  hidden_size: z.int().positive(),
  num_hidden_layers: z.int().positive(),
  num_attention_heads: z.int().positive(),
  intermediate_size: z.int().positive(),
  patch_size: z.int().positive(),
  image_size: z.int().positive(),
  synclr: z.looseObject({
    mean: z.tuple([z.number(), z.number(), z.number()]),
    std: z.tuple([z.number(), z.number(), z.number()]),
  }),
});

/**
 * Reads a backbone from a run's folder (its newest checkpoint), a checkpoint file, or an exported encoder's folder.
 * @throws UserError when there is none, or when `expected` settings describe another architecture
 */
export async function readBackbone(
  path: string,
  weights: 'teacher' | 'student',
  expected?: Settings,
): Promise<Backbone> {
  const kind = await stat(path).catch(() => {
    throw new UserError(`${path}: no such run, checkpoint or exported encoder`);
  });
  if (kind.isDirectory()) {
    const names = await readdir(path);
    if (names.includes('model.safetensors')) return readExported(path);
    const folder = names.includes('checkpoints') ? join(path, 'checkpoints') : path;
    const newest = (await readdir(folder))
      .filter((n) => /^step-\d{8}\.safetensors$/.test(n))
      .sort()
      .at(-1);
    if (!newest)
      throw new UserError(
        `${path}: holds no checkpoint (checkpoints/step-….safetensors) and no exported encoder (model.safetensors); train first`,
      );
    return readCheckpointBackbone(join(folder, newest), weights, expected);
  }
  return readCheckpointBackbone(path, weights, expected);
}

async function readCheckpointBackbone(
  file: string,
  weights: 'teacher' | 'student',
  expected?: Settings,
): Promise<Backbone> {
  const { metadata, tensors } = await readSafetensors(file, (name) => name.startsWith(`${weights}.backbone.`));
  if (metadata.format !== 'synclr-checkpoint') throw new UserError(`${file}: not a checkpoint of synclr`);
  const settings = settingsSchema.parse(JSON.parse(metadata.settings));
  const vit = vitConfig(settings);
  if (expected && JSON.stringify(vitConfig(expected)) !== JSON.stringify(vit))
    throw new UserError(
      `${file}: a checkpoint of another architecture: it holds ${describe(vit)}, the settings ask for ${describe(vitConfig(expected))}`,
    );
  return {
    vit,
    mean: settings.views.mean,
    std: settings.views.std,
    parameters: collect(vit, (name) => tensors.get(`${weights}.${name}`), file),
    origin: `${file} (${weights})`,
  };
}

async function readExported(dir: string): Promise<Backbone> {
  const file = join(dir, 'config.json');
  const json = JSON.parse(await readFile(file, 'utf8').catch(() => 'null'));
  const parsed = exportedConfig.safeParse(json);
  if (!parsed.success) throw new UserError(`${file}: not the config of an encoder exported by synclr`);
  const c = parsed.data;
  const vit: VitConfig = {
    dim: c.hidden_size,
    depth: c.num_hidden_layers,
    heads: c.num_attention_heads,
    patch: c.patch_size,
    imageSize: c.image_size,
    mlpRatio: c.intermediate_size / c.hidden_size,
  };
  const { tensors } = await readSafetensors(join(dir, 'model.safetensors'));
  const parameters = collect(vit, (name) => tensors.get(name.replace(/^backbone\./, '')), dir);
  return { vit, mean: c.synclr.mean, std: c.synclr.std, parameters, origin: dir };
}

function collect(
  vit: VitConfig,
  get: (name: string) => SafeTensor | undefined,
  file: string,
): Map<string, Float32Array> {
  const out = new Map<string, Float32Array>();
  for (const { name, shape } of vitParameters(vit)) {
    const t = get(name);
    // Only training masks tokens.
    if (!t && name === 'backbone.mask_token') out.set(name, new Float32Array(vit.dim));
    else if (t?.dtype !== 'F32' || t.shape.join() !== shape.join())
      throw new UserError(
        `${file}: a checkpoint of another architecture: ${name} is ${t ? `[${t.shape}] ${t.dtype}` : 'missing'}, expected [${shape}] F32`,
      );
    else out.set(name, t.data as Float32Array);
  }
  return out;
}

export function describe(c: VitConfig): string {
  return `a ViT of dim ${c.dim}, depth ${c.depth}, heads ${c.heads}, patch ${c.patch} for ${c.imageSize} px`;
}

/** SHA-256 of the backbone's weights and sizes: the key under which features are cached. */
export function fingerprint(b: Backbone): string {
  const hash = createHash('sha256').update(JSON.stringify([b.vit, b.mean, b.std]));
  for (const [name, data] of b.parameters)
    hash.update(name).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return hash.digest('hex');
}
