import type { Settings } from '../config/schema.js';
import { UserError } from '../errors.js';
import { ops } from '../graph/index.js';
import type { Encoder } from '../probe/encoder.js';
import { onnxProvider } from '../runtime/choose.js';
import { layoutOf, viewsOf } from '../runtime/layout.js';
import { Executor } from '../runtime/ort/executor.js';
import { type Backbone, fingerprint, readBackbone } from './backbone.js';
import { vitConfig } from './config.js';
import { initialise } from './parameters.js';
import { startingAs } from './start.js';
import { vit, vitParameters } from './vit.js';

/** Images of one run of the session. */
const BATCH = 64;

export interface OpenEncoderOptions {
  /** A run's folder, a checkpoint file, or an exported encoder's folder. */
  checkpoint: string;
  weights?: 'teacher' | 'student';
  /** When given, the checkpoint must be of this architecture. */
  settings?: Settings;
  /** Side of the images, pixels; default: the side it was trained at. Position embeddings are resampled to it. */
  size?: number;
  runtime?: Pick<Settings['runtime'], 'provider' | 'threads'>;
}

/** An encoder with the hash of its weights, under which features may be kept. */
export interface OpenedEncoder extends Encoder {
  readonly hash: string;
  readonly origin: string;
}

/** Opens a trained encoder. @throws UserError when there is none at that path, or it does not fit */
export async function openEncoder(o: OpenEncoderOptions): Promise<OpenedEncoder> {
  const backbone = await readBackbone(o.checkpoint, o.weights ?? 'teacher', o.settings);
  return start(backbone, o.size, o.runtime ?? o.settings?.runtime);
}

/** The encoder that the settings' seed initialises, before any training: the baseline of every probe. */
export async function openUntrainedEncoder(settings: Settings, size?: number): Promise<OpenedEncoder> {
  const config = vitConfig(settings);
  const layout = layoutOf(startingAs(vitParameters(config), settings.model.start));
  const parameters = viewsOf(layout, initialise(layout, settings.seed));
  const { mean, std } = settings.views;
  return start(
    { vit: config, mean, std, parameters, origin: `untrained, seed ${settings.seed}` },
    size,
    settings.runtime,
  );
}

async function start(
  b: Backbone,
  size = b.vit.imageSize,
  runtime?: Pick<Settings['runtime'], 'provider' | 'threads'>,
): Promise<OpenedEncoder> {
  if (size % b.vit.patch !== 0)
    throw new UserError(
      `images of ${size} px cannot be cut into patches of ${b.vit.patch} px; choose a multiple of ${b.vit.patch}`,
    );
  const specs = vitParameters(b.vit).filter((s) => s.name !== 'backbone.mask_token');
  const layout = layoutOf(specs);
  const flat = new Float32Array(layout.length);
  for (const s of specs) flat.set(b.parameters.get(s.name)!, layout.offset.get(s.name)!);
  const nodes = new Map(specs.map((s) => [s.name, ops.input(s.name, s.shape)]));
  const inputs = Object.fromEntries(
    specs.map((s) => [s.name, { buffer: 'parameters', offset: layout.offset.get(s.name)! }]),
  );
  const n = (size / b.vit.patch) ** 2;
  const { dim } = b.vit;
  const graph = vit(b.vit, (name) => nodes.get(name)!, ops.input('images', [BATCH, 3, size, size]));
  const executor = Executor.start({
    provider: onnxProvider(runtime?.provider ?? 'cpu'),
    threads: runtime?.threads ?? 0,
  });
  try {
    await executor.put('parameters', flat);
    await executor.load('cls', { cls: graph.cls }, { inputs });
  } catch (e) {
    await executor.close();
    throw e;
  }
  let withPatches: Promise<unknown> | undefined;

  return {
    dim,
    patch: b.vit.patch,
    size,
    mean: b.mean,
    std: b.std,
    hash: fingerprint(b),
    origin: b.origin,
    async encode(pixels, count, options = {}) {
      if (pixels.length !== count * 3 * size * size)
        throw new Error(`internal: ${pixels.length} values for ${count} images of ${size} px`);
      const cls = new Float32Array(count * dim);
      const patches = options.patches ? new Float32Array(count * n * dim) : undefined;
      if (patches) {
        const ordered = ops.transpose(ops.reshape(graph.patches, [n, BATCH, dim]), [1, 0, 2]);
        withPatches ??= executor.load('patches', { cls: graph.cls, patches: ordered }, { inputs });
        await withPatches;
      }
      const image = 3 * size * size;
      for (let at = 0; at < count; at += BATCH) {
        const rows = Math.min(BATCH, count - at);
        const images = new Float32Array(BATCH * image);
        images.set(pixels.subarray(at * image, (at + rows) * image));
        const out = await executor.run(patches ? 'patches' : 'cls', { images });
        cls.set(out.cls.subarray(0, rows * dim), at * dim);
        patches?.set(out.patches.subarray(0, rows * n * dim), at * n * dim);
      }
      return { cls, patches };
    },
    close: () => executor.close(),
  };
}
