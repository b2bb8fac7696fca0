import type { EncoderWeights } from '../config/names.js';
import type { Settings } from '../config/schema.js';
import { closing } from '../disposable.js';
import { ops, type Tensor } from '../graph/index.js';
import { atSize, type Backbone, fingerprint, type TextPart } from '../model/backbone.js';
import { vitConfig } from '../model/config.js';
import { initialise } from '../model/parameters.js';
import { settingsPreprocessing } from '../model/preprocessing.js';
import { startingAs } from '../model/start.js';
import { type VitConfig, vit, vitParameters } from '../model/vit.js';
import type { Encoder } from '../probe/encoder.js';
import type { Executors } from '../runtime/executor.js';
import { layoutOf, viewsOf } from '../runtime/layout.js';
import { type ExecutorSettings, openExecutors } from '../runtime/open-executors.js';
import type { OpenOptions } from '../stage.js';
import { type EncoderRecord, openBackbone } from './open-backbone.js';

/** Images of one run of a program: one alone, as the query of a search, costs one. */
const BATCHES = [64, 8, 1];

/** What runs an encoder: executors that are open (and stay so), else what the settings say; default: ONNX Runtime on the CPU. */
interface RunOn {
  executors?: Executors;
  runtime?: ExecutorSettings;
}

export interface OpenEncoderOptions extends RunOn {
  /** A run's folder, a checkpoint, an exported encoder, or one of other people's: a file, a folder or `hf:owner/name`. */
  checkpoint: string;
  /** Which of several encoders; default the teacher, of other people's the one that its authors evaluate. */
  weights?: EncoderWeights;
  /** Heads of somebody else's encoder, where neither its weights nor a description say them. */
  heads?: number;
  /** When given, a checkpoint of ours must be of this architecture. */
  settings?: Settings;
  hooks?: OpenOptions;
  /** Side of the images, pixels; default: what its preprocessing says. Positions are resampled to it. Ours and other people's may differ. */
  size?: number | { ours?: number; others?: number };
}

/** An encoder with the hash of its weights and preprocessing, under which features may be kept. */
export interface OpenedEncoder extends Encoder {
  readonly hash: string;
  readonly origin: string;
  /** The side that travels with it, pixels; `size` may have been asked for instead. */
  readonly ownSize: number;
  /** Where it lies on this machine; undefined for one that was never trained. */
  readonly path?: string;
  /** Of somebody else's: what it was found to be. */
  readonly record?: EncoderRecord;
  /** The same architecture before any training. */
  readonly architecture: VitConfig;
  /** Its weights, at the side that it is run at: what is trained further begins from them. Not to be changed. */
  readonly backbone: Backbone;
  /** Of an image-text model: its text tower, and what brings features of images to the width of texts. */
  readonly text?: TextPart;
  readonly projection?: Backbone['projection'];
}

/** Opens a trained encoder. @throws UserError when there is none at that path, or it does not fit */
export async function openEncoder(o: OpenEncoderOptions): Promise<OpenedEncoder> {
  const { weights, heads, settings: expected, hooks } = o;
  const backbone = await openBackbone(o.checkpoint, { weights, heads, expected, hooks });
  const { path, record } = backbone;
  const size = typeof o.size === 'object' ? o.size[record ? 'others' : 'ours'] : o.size;
  const started = await start(backbone, size, { executors: o.executors, runtime: o.runtime ?? expected?.runtime });
  return Object.assign(started, { path, record });
}

/**
 * The encoder that the settings' seed initialises, before any training: the baseline of every probe.
 * @param like of somebody else's architecture and preprocessing; default: those of the settings
 */
export async function openUntrainedEncoder(
  settings: Settings,
  size?: number,
  executors?: Executors,
  like?: Pick<OpenedEncoder, 'architecture' | 'preprocessing'>,
): Promise<OpenedEncoder> {
  const config = like?.architecture ?? vitConfig(settings);
  const layout = layoutOf(startingAs(vitParameters(config), settings.model.start));
  const parameters = viewsOf(layout, initialise(layout, settings.seed));
  const origin = `untrained, seed ${settings.seed}`;
  const preprocessing = like?.preprocessing ?? settingsPreprocessing(settings);
  return start({ vit: config, preprocessing, parameters, origin }, size, { executors, runtime: settings.runtime });
}

/** An encoder whose weights are in memory. @param size side of the images, pixels, whole patches; default: its own */
export const openWeightsOf = (b: Backbone, executors: Executors, size?: number): Promise<OpenedEncoder> =>
  start(b, size, { executors });

async function start(b: Backbone, size = b.preprocessing.size, { executors, runtime }: RunOn): Promise<OpenedEncoder> {
  const sized = atSize(b, size);
  const on = executors ?? (await openExecutors(runtime ?? { provider: 'cpu', threads: 0 }));
  try {
    const loaded = await load(sized, on);
    const { text, projection } = b;
    const own = { ownSize: b.preprocessing.size, architecture: sized.vit, backbone: sized };
    const encoder = { ...loaded, ...own, text, projection };
    return closing({ ...encoder, close: executors ? loaded.close : () => on.close() });
  } catch (e) {
    if (!executors) await on.close();
    throw e;
  }
}

/** What is known before anything is loaded. */
type Started = 'ownSize' | 'architecture' | 'backbone';

async function load(b: Backbone, on: Executors): Promise<Omit<OpenedEncoder, Started>> {
  const specs = vitParameters(b.vit).filter((s) => s.name !== 'backbone.mask_token');
  const nodes = new Map(specs.map((s) => [s.name, ops.input(s.name, s.shape)]));
  const { size } = b.preprocessing;
  const n = Math.floor(size / b.vit.patch) ** 2;
  const { dim } = b.vit;
  const { order, precision } = on;
  const executor = await on.open();
  try {
    for (const s of specs) await executor.keep(s.name, s.shape, b.parameters.get(s.name)!.slice());
  } catch (e) {
    await executor.close();
    throw e;
  }

  const programs = new Map<string, Promise<void>>();
  /** Compiles at the first need. @returns the program's name */
  const program = async (batch: number, withPatches: boolean): Promise<string> => {
    const name = `${withPatches ? 'patches' : 'cls'} ${batch}`;
    let known = programs.get(name);
    if (!known) {
      const images = ops.input('images', [batch, 3, size, size]);
      const graph = vit(b.vit, (name) => nodes.get(name)!, images, { order, precision });
      const outputs: Record<string, Tensor> = { cls: ops.cast(graph.pooled, 'f32') };
      if (withPatches) {
        const rows = ops.cast(graph.patches, 'f32');
        outputs.patches =
          order === 'token'
            ? ops.transpose(ops.reshape(rows, [n, batch, dim]), [1, 0, 2])
            : ops.reshape(rows, [batch, n, dim]);
      }
      known = executor.load(name, outputs, { batch: ['images', ...Object.keys(outputs)] });
      programs.set(name, known);
    }
    await known;
    return name;
  };

  return closing<Omit<OpenedEncoder, typeof Symbol.asyncDispose | Started>>({
    dim,
    patch: b.vit.patch,
    preprocessing: b.preprocessing,
    size,
    mean: b.preprocessing.mean,
    std: b.preprocessing.std,
    hash: fingerprint(b, precision),
    origin: b.origin,
    async encode(pixels, count, options = {}) {
      if (pixels.length !== count * 3 * size * size)
        throw new Error(`internal: ${pixels.length} values for ${count} images of ${size} px`);
      const cls = new Float32Array(count * dim);
      const patches = options.patches ? new Float32Array(count * n * dim) : undefined;
      const image = 3 * size * size;
      for (let at = 0; at < count; ) {
        const batch = batchFor(count - at, order === 'sample');
        const rows = Math.min(batch, count - at);
        const name = await program(batch, patches !== undefined);
        const images = new Float32Array(batch * image);
        images.set(pixels.subarray(at * image, (at + rows) * image));
        const out = await executor.run(name, { images });
        cls.set(out.cls.subarray(0, rows * dim), at * dim);
        patches?.set(out.patches.subarray(0, rows * n * dim), at * n * dim);
        at += rows;
      }
      return { cls, patches };
    },
    close: () => executor.close(),
  });
}

/**
 * The batch for the next of so many images: one that more than half of is used, so that little is computed for nothing. Where compiling
 * takes its time, there are two programs only.
 */
function batchFor(left: number, isCompiled: boolean): number {
  if (isCompiled) return left > 1 ? BATCHES[0] : 1;
  return BATCHES.find((batch) => left * 2 > batch)!;
}
