import { existsSync } from 'node:fs';
import type { EncoderWeights } from '../config/names.js';
import { resolveSettings } from '../config/resolve.js';
import type { Settings } from '../config/schema.js';
import { isHubReference, openBackbone } from '../encoders/open-backbone.js';
import { type OpenedEncoder, openEncoder, openUntrainedEncoder } from '../encoders/open-encoder.js';
import { UserError } from '../errors.js';
import { sha256 } from '../files/digest.js';
import { preprocessingOf } from '../model/preprocessing.js';
import { vitParameters } from '../model/vit.js';
import { memoryLimitMb } from '../resources.js';
import { readRunConfig } from '../run/config.js';
import type { Executors } from '../runtime/executor.js';
import type { StageHooks } from '../stage.js';

/** An encoder as a comparison names it. */
export interface EncoderSpec {
  /** What tables call it. */
  label: string;
  /** `pixels`, `untrained:PLACE`, or PLACE: whatever `openEncoder` opens. */
  what: string;
}

/** Side of the pictures that raw pixels are taken of: 3,072 numbers each, as CIFAR has. */
const PIXELS = 32;
const UNTRAINED = 'untrained:';

/**
 * Reads encoders as a command line names them: PLACE, `untrained:PLACE`, `pixels`, each with `NAME=` before it to be called so.
 * @throws UserError for none, and for two of one name
 */
export function encoderSpecs(texts: readonly string[]): EncoderSpec[] {
  if (texts.length === 0) throw new UserError('no encoder is named to be compared');
  const specs = texts.map((text): EncoderSpec => {
    const at = text.indexOf('=');
    // A path may have such a sign in it.
    const isNamed = at > 0 && /^[\w. -]+$/.test(text.slice(0, at)) && !existsSync(text);
    const what = isNamed ? text.slice(at + 1) : text;
    if (what === '' || what === UNTRAINED) throw new UserError(`encoder ${text}: no place of an encoder is named`);
    return { label: isNamed ? text.slice(0, at) : withoutSlashes(what), what };
  });
  const twice = specs.find(({ label }, i) => specs.findIndex((s) => s.label === label) < i);
  if (twice) throw new UserError(`encoder ${twice.label} is given twice: give one of them another name, NAME=PLACE`);
  return specs;
}

/** Without the slashes that a completed path ends in. */
function withoutSlashes(path: string): string {
  let end = path.length;
  while (end > 1 && path[end - 1] === '/') end--;
  return path.slice(0, end);
}

/** What is known of an encoder without keeping it open. */
export interface EncoderFacts extends EncoderSpec {
  /** Of weights and preprocessing. */
  hash: string;
  origin: string;
  dim: number;
  patch: number;
  /** Side at which it sees pictures, pixels. */
  size: number;
  /** Of somebody else's: what it was found to be. */
  family?: string;
  /** Parameters of its image side; 0 of raw pixels. */
  parameters: number;
}

export interface EncodersOptions {
  executors: Executors;
  /** Of the untrained ones of other people's architectures. */
  seed: number;
  weights?: EncoderWeights;
  heads?: number;
  /** Side for all of them, pixels; default: each its own. */
  size?: number;
  hooks: StageHooks;
}

/** Encoders that are opened when they are needed, and closed, the longest unused first, where they would take too much memory. */
export class Encoders implements AsyncDisposable {
  private readonly o: EncodersOptions;
  private readonly opened = new Map<string, { encoder: OpenedEncoder; bytes: number }>();
  /** Weights of all that are open, at most: a quarter of the memory. */
  private readonly budget = (memoryLimitMb() / 4) * 2 ** 20;

  constructor(o: EncodersOptions) {
    this.o = o;
  }

  /** @throws UserError where there is none */
  async facts(spec: EncoderSpec): Promise<EncoderFacts> {
    const { hash, origin, dim, patch, size, record } = await this.open(spec);
    const parameters = this.opened.get(spec.what)!.bytes / COPIES / 4;
    return { ...spec, hash, origin, dim, patch, size, ...(record && { family: record.family }), parameters };
  }

  /**
   * @param beside others that stay open @returns it, which is closed by the pool alone
   * @throws UserError where there is none
   */
  async open(spec: EncoderSpec, beside: readonly EncoderSpec[] = []): Promise<OpenedEncoder> {
    const found = this.opened.get(spec.what);
    if (found) {
      // The last one of a map is the one used last.
      this.opened.delete(spec.what);
      this.opened.set(spec.what, found);
      return found.encoder;
    }
    const encoder = await openOne(spec.what, this.o);
    const bytes = spec.what === 'pixels' ? 0 : COPIES * weightBytes(encoder);
    for (const [what, other] of this.opened) {
      if (this.taken() + bytes <= this.budget) break;
      if (beside.some((b) => b.what === what)) continue;
      this.opened.delete(what);
      await other.encoder.close();
    }
    this.opened.set(spec.what, { encoder, bytes });
    return encoder;
  }

  /** Encoders in groups of those that can be open together. */
  together(all: readonly EncoderFacts[]): EncoderFacts[][] {
    const groups: EncoderFacts[][] = [];
    let left = 0;
    for (const one of all) {
      const bytes = COPIES * 4 * one.parameters;
      if (groups.length === 0 || bytes > left) {
        groups.push([]);
        left = this.budget;
      }
      groups.at(-1)!.push(one);
      left -= bytes;
    }
    return groups;
  }

  async close(): Promise<void> {
    const all = [...this.opened.values()];
    this.opened.clear();
    await Promise.all(all.map(({ encoder }) => encoder.close()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private taken(): number {
    return [...this.opened.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }
}

/** Of its weights: what was read, and what the executor keeps. */
const COPIES = 2;

const weightBytes = ({ architecture }: OpenedEncoder): number =>
  vitParameters(architecture).reduce((sum, { shape }) => sum + 4 * shape.reduce((a, b) => a * b, 1), 0);

async function openOne(what: string, o: EncodersOptions): Promise<OpenedEncoder> {
  const { executors, weights, heads, size, hooks } = o;
  if (what === 'pixels') return pixels();
  if (!what.startsWith(UNTRAINED)) return openEncoder({ checkpoint: what, weights, heads, size, executors, hooks });
  const place = what.slice(UNTRAINED.length);
  const { vit, preprocessing } = await openBackbone(place, { weights, heads, hooks });
  const settings = (await settingsOf(place)) ?? { ...resolveSettings({ training: false }), seed: o.seed };
  return openUntrainedEncoder(settings, size ?? preprocessing.size, executors, { architecture: vit, preprocessing });
}

/** Of a run: the settings by which its network began. */
async function settingsOf(place: string): Promise<Settings | undefined> {
  if (isHubReference(place)) return undefined;
  try {
    return readRunConfig(place)?.settings;
  } catch {
    // Something else than a run.
    return undefined;
  }
}

/** Raw pixels in an encoder's form: what every encoder has to beat. */
function pixels(): OpenedEncoder {
  const { mean, std } = resolveSettings({ training: false }).views;
  const preprocessing = preprocessingOf(PIXELS, mean, std);
  return {
    dim: 3 * PIXELS * PIXELS,
    patch: PIXELS,
    preprocessing,
    ...{ size: PIXELS, ownSize: PIXELS, mean, std },
    hash: sha256(JSON.stringify(['pixels', PIXELS, mean, std])),
    origin: `raw pixels, ${PIXELS} × ${PIXELS}`,
    encode: async (x, n) => ({ cls: x.slice(0, n * 3 * PIXELS * PIXELS) }),
    get architecture(): never {
      throw noNetwork();
    },
    get backbone(): never {
      throw noNetwork();
    },
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
}

const noNetwork = () => new UserError('raw pixels have no network: this protocol needs an encoder');
