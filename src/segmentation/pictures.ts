import { decodePair } from '../data/decode.js';
import type { EvalSet, EvalSplit } from '../data/set.js';
import { Interrupted, UserError } from '../errors.js';
import type { StageHooks } from '../stage.js';
import { type Rgb, whyNot } from '../views/image.js';
import { IGNORED } from './areas.js';

/** A picture and the class of each of its pixels. */
export interface LabelledPicture {
  /** May have been made smaller while it was read; the labels never are. */
  image: Rgb;
  mask: { width: number; height: number; data: Uint8Array };
}

/** Broken pictures that are named one by one. */
const MOST_NAMED = 20;
/** Memory for decoded pictures, bytes. */
const KEPT = 2 ** 28;

/**
 * Pictures of a split with their labels, decoded when they are asked for; the last ones stay in memory, up to 256 MiB. Broken ones are named
 * once and left out of everything.
 */
export class Pictures {
  readonly set: EvalSet;
  readonly split: EvalSplit;
  /** Those that cannot be used. */
  readonly broken = new Map<number, string>();
  private readonly kept = new Map<number, LabelledPicture>();
  /** Those that are being read: who asks for the same one waits for it. */
  private readonly reading = new Map<number, Promise<LabelledPicture | undefined>>();
  private bytes = 0;
  private readonly enough: number;
  private readonly warn: StageHooks['warn'];

  /** @param enough a shorter side that is enough, pixels: what is much larger is made smaller while it is read */
  constructor(set: EvalSet, split: EvalSplit, enough: number, warn: StageHooks['warn']) {
    if (!split.readMask) throw new UserError(`data set ${set.name}: ${set.dir} has no label maps`);
    this.set = set;
    this.split = split;
    this.enough = enough;
    this.warn = warn;
  }

  get length(): number {
    return this.split.length;
  }

  /** @returns undefined for one that is broken */
  async at(i: number): Promise<LabelledPicture | undefined> {
    if (this.broken.has(i)) return undefined;
    const known = this.kept.get(i);
    if (known) {
      // The longest unused goes first.
      this.kept.delete(i);
      this.kept.set(i, known);
      return known;
    }
    const reading = this.reading.get(i) ?? this.take(i).finally(() => this.reading.delete(i));
    this.reading.set(i, reading);
    return reading;
  }

  private async take(i: number): Promise<LabelledPicture | undefined> {
    try {
      const picture = await this.read(i);
      this.keep(i, picture);
      return picture;
    } catch (e) {
      if (e instanceof Interrupted) throw e;
      const why = whyNot(e);
      this.broken.set(i, why);
      const { size } = this.broken;
      if (size <= MOST_NAMED) this.warn(`${this.split.nameOf(i)}: left out: ${why}`);
      if (size === MOST_NAMED) this.warn('further pictures that cannot be used are left out without a line for each');
      return undefined;
    }
  }

  private async read(i: number): Promise<LabelledPicture> {
    const { image, mask } = await decodePair(this.split, i, { enough: this.enough });
    const { classes } = this.set;
    for (const label of mask.data)
      if (label >= classes.length && label !== IGNORED)
        throw new Error(`its label map says ${label}, and there are ${classes.length} classes`);
    return { image, mask };
  }

  private keep(i: number, picture: LabelledPicture): void {
    const size = (p: LabelledPicture) => p.image.data.length + p.mask.data.length;
    this.kept.set(i, picture);
    this.bytes += size(picture);
    for (const [other, old] of this.kept) {
      if (this.bytes <= KEPT || other === i) break;
      this.kept.delete(other);
      this.bytes -= size(old);
    }
  }
}
