import { DamagedFile } from './damaged.js';
import { type PickleBytes, PickleObject } from './pickle-values.js';
import { isKnown, type SafeDType } from './safetensors-header.js';

/** Where a tensor's numbers lie: bytes of the file, which several tensors may share. */
export interface Place {
  /** First byte in the file; undefined until it is known (the older stream puts them behind the pickle). */
  at?: number;
  bytes: number;
}

/** A torch storage: a stretch of numbers of one type. */
export class Storage extends PickleObject {
  readonly kind = 'a storage';
  readonly key: string;
  /** As safetensors call it; undefined where the storage has no type of its own. */
  readonly dtype: string | undefined;
  readonly itemBytes: number;
  readonly numel: number;
  readonly place: Place;

  constructor(key: string, dtype: string | undefined, itemBytes: number, numel: number, place: Place) {
    super();
    this.key = key;
    this.dtype = dtype;
    this.itemBytes = itemBytes;
    this.numel = numel;
    this.place = place;
  }
}

/** A tensor as a view of stored numbers: element [i, j, …] is number `offset + i·strides[0] + j·strides[1] + …` of them. */
export class StoredTensor extends PickleObject {
  readonly kind = 'a tensor';
  readonly dtype: string;
  readonly itemBytes: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
  /** Numbers in the file, or bytes of the pickle. */
  readonly source: Place | PickleBytes;

  constructor(
    source: Place | PickleBytes,
    o: { dtype: string; itemBytes: number; shape: readonly number[]; strides: readonly number[]; offset: number },
  ) {
    super();
    this.source = source;
    this.dtype = o.dtype;
    this.itemBytes = o.itemBytes;
    this.shape = o.shape;
    this.strides = o.strides;
    this.offset = o.offset;
  }

  /** Attributes that somebody hung on a tensor are of no use here. */
  override setState(): boolean {
    return true;
  }

  get numel(): number {
    return this.shape.reduce((n, side) => n * side, 1);
  }

  get isContiguous(): boolean {
    let step = 1;
    for (let axis = this.shape.length - 1; axis >= 0; axis--) {
      if (this.shape[axis] !== 1 && this.strides[axis] !== step) return false;
      step *= this.shape[axis];
    }
    return true;
  }

  /** Numbers from the first that the view uses to the last, both counted. */
  get extent(): number {
    if (this.numel === 0) return 0;
    return 1 + this.shape.reduce((sum, side, axis) => sum + (side - 1) * this.strides[axis], 0);
  }

  /** A type that can be read, else undefined. */
  get readable(): SafeDType | undefined {
    return isKnown(this.dtype) ? this.dtype : undefined;
  }
}

/** Strides of a contiguous tensor; first axis fastest for Fortran's order. */
export function contiguousStrides(shape: readonly number[], isFortran = false): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let k = 0; k < shape.length; k++) {
    const axis = isFortran ? k : shape.length - 1 - k;
    strides[axis] = step;
    step *= shape[axis];
  }
  return strides;
}

/**
 * What is wrong with a view of so many numbers, of at most MOST_AXES axes; undefined where it is sound. All products are exact: sides whose product is no exact number are
 * refused, also where strides of zero would make them fit.
 */
export function wrongView(
  shape: readonly number[],
  strides: readonly number[],
  offset: number,
  numbers: number,
): string | undefined {
  const of = `[${shape.slice(0, 8).join(', ')}${shape.length > 8 ? ', …' : ''}]`;
  if (strides.length !== shape.length) return `has ${shape.length} sides and ${strides.length} strides`;
  if (shape.some((side) => side < 0)) return `has a negative side: ${of}`;
  if (strides.some((stride) => stride < 0)) return `has a negative stride: [${strides.slice(0, 8).join(', ')}]`;
  if (offset < 0) return `begins at number ${offset}`;
  let numel = 1;
  let last = offset;
  for (const [axis, side] of shape.entries()) {
    numel *= Math.max(side, 1);
    last += Math.max(side - 1, 0) * strides[axis];
    if (!Number.isSafeInteger(numel) || !Number.isSafeInteger(last))
      return `${of} has more numbers than can be counted`;
  }
  if (!shape.includes(0) && last >= numbers)
    return `${of} goes beyond its storage: it ends at number ${last}, of ${numbers}`;
  return undefined;
}

export const damaged = (file: string, what: string): DamagedFile =>
  new DamagedFile(`${file}: not a sound torch checkpoint: ${what}`);
