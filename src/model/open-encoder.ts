import type { Settings } from '../config/schema.js';
import { UserError } from '../errors.js';
import { ops } from '../graph/index.js';
import type { Encoder } from '../probe/encoder.js';
import type { Executors } from '../runtime/executor.js';
import { layoutOf, viewsOf } from '../runtime/layout.js';
import { type ExecutorSettings, openExecutors } from '../runtime/open-executors.js';
import { type Backbone, fingerprint, readBackbone } from './backbone.js';
import { vitConfig } from './config.js';
import { initialise } from './parameters.js';
import { startingAs } from './start.js';
import { vit, vitParameters } from './vit.js';

/** Images of one run. */
const BATCH = 64;

/** What runs an encoder: executors that are open (and stay so), else what the settings say; default: ONNX Runtime on the CPU. */
interface RunOn {
  executors?: Executors;
  runtime?: ExecutorSettings;
}

export interface OpenEncoderOptions extends RunOn {
  /** A run's folder, a checkpoint file, or an exported encoder's folder. */
  checkpoint: string;
  weights?: 'teacher' | 'student';
  /** When given, the checkpoint must be of this architecture. */
  settings?: Settings;
  /** Side of the images, pixels; default: the side it was trained at. Position embeddings are resampled to it. */
  size?: number;
}

/** An encoder with the hash of its weights, under which features may be kept. */
export interface OpenedEncoder extends Encoder {
  readonly hash: string;
  readonly origin: string;
}

/** Opens a trained encoder. @throws UserError when there is none at that path, or it does not fit */
export async function openEncoder(o: OpenEncoderOptions): Promise<OpenedEncoder> {
  const backbone = await readBackbone(o.checkpoint, o.weights ?? 'teacher', o.settings);
  return start(backbone, o.size, { executors: o.executors, runtime: o.runtime ?? o.settings?.runtime });
}

/** The encoder that the settings' seed initialises, before any training: the baseline of every probe. */
export async function openUntrainedEncoder(
  settings: Settings,
  size?: number,
  executors?: Executors,
): Promise<OpenedEncoder> {
  const config = vitConfig(settings);
  const layout = layoutOf(startingAs(vitParameters(config), settings.model.start));
  const parameters = viewsOf(layout, initialise(layout, settings.seed));
  const { mean, std } = settings.views;
  return start({ vit: config, mean, std, parameters, origin: `untrained, seed ${settings.seed}` }, size, {
    executors,
    runtime: settings.runtime,
  });
}

async function start(b: Backbone, size = b.vit.imageSize, { executors, runtime }: RunOn): Promise<OpenedEncoder> {
  if (size % b.vit.patch !== 0)
    throw new UserError(
      `images of ${size} px cannot be cut into patches of ${b.vit.patch} px; choose a multiple of ${b.vit.patch}`,
    );
  const on = executors ?? (await openExecutors(runtime ?? { provider: 'cpu', threads: 0 }));
  try {
    const encoder = await load(b, size, on);
    return executors ? encoder : { ...encoder, close: () => on.close() };
  } catch (e) {
    if (!executors) await on.close();
    throw e;
  }
}

async function load(b: Backbone, size: number, on: Executors): Promise<OpenedEncoder> {
  const specs = vitParameters(b.vit).filter((s) => s.name !== 'backbone.mask_token');
  const nodes = new Map(specs.map((s) => [s.name, ops.input(s.name, s.shape)]));
  const n = (size / b.vit.patch) ** 2;
  const { dim } = b.vit;
  const images = ops.input('images', [BATCH, 3, size, size]);
  const { order, precision } = on;
  const graph = vit(b.vit, (name) => nodes.get(name)!, images, { order, precision });
  const cls = ops.cast(graph.cls, 'f32');
  const executor = await on.open();
  try {
    for (const s of specs) await executor.keep(s.name, s.shape, b.parameters.get(s.name)!.slice());
    await executor.load('cls', { cls }, { batch: ['images', 'cls'] });
  } catch (e) {
    await executor.close();
    throw e;
  }
  const loadPatches = () => {
    const rows = ops.cast(graph.patches, 'f32');
    const patches =
      order === 'token'
        ? ops.transpose(ops.reshape(rows, [n, BATCH, dim]), [1, 0, 2])
        : ops.reshape(rows, [BATCH, n, dim]);
    return executor.load('patches', { cls, patches }, { batch: ['images', 'cls', 'patches'] });
  };
  let withPatches: Promise<void> | undefined;

  return {
    dim,
    patch: b.vit.patch,
    size,
    mean: b.mean,
    std: b.std,
    hash: fingerprint(b, precision),
    origin: b.origin,
    async encode(pixels, count, options = {}) {
      if (pixels.length !== count * 3 * size * size)
        throw new Error(`internal: ${pixels.length} values for ${count} images of ${size} px`);
      const cls = new Float32Array(count * dim);
      const patches = options.patches ? new Float32Array(count * n * dim) : undefined;
      if (patches) await (withPatches ??= loadPatches());
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
