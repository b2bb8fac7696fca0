/** What a pickle holds, as inert data: no value of these is a function or an object with a behaviour of its own. */
export type PickleValue = null | boolean | number | bigint | string | PickleObject;

/** Anything that is no plain value. */
export abstract class PickleObject {
  /** For messages. */
  abstract readonly kind: string;
  /** What the BUILD instruction gives it; objects without this take none. @returns whether the state was one that it takes */
  setState?(state: PickleValue): boolean;
}

/** Bytes or a long text that stay in the file until somebody wants them. */
export class FileBytes extends PickleObject {
  readonly kind: string;
  readonly at: number;
  /** In the file. */
  readonly length: number;
  /** `latin1`: each byte is a character, and the file holds their UTF-8, as protocols before 3 wrote bytes. */
  readonly form: 'raw' | 'text' | 'latin1';

  constructor(at: number, length: number, form: FileBytes['form']) {
    super();
    this.at = at;
    this.length = length;
    this.form = form;
    this.kind = form === 'text' ? 'a long text' : 'bytes';
  }
}

/** Bytes that an instruction made. */
export class MadeBytes extends PickleObject {
  readonly kind = 'bytes';
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    super();
    this.bytes = bytes;
  }
}

export type PickleBytes = FileBytes | MadeBytes;

export class List extends PickleObject {
  readonly kind: string;
  readonly items: PickleValue[];
  readonly isTuple: boolean;

  constructor(items: PickleValue[], isTuple = false) {
    super();
    this.items = items;
    this.isTuple = isTuple;
    this.kind = isTuple ? 'a tuple' : 'a list';
  }
}

/** A dictionary; also what only carries attributes, whose names are its keys. */
export class Dict extends PickleObject {
  readonly kind: string = 'a dictionary';
  protected made: Map<PickleValue, PickleValue> | undefined;

  get entries(): Map<PickleValue, PickleValue> {
    // Made when needed: an empty one takes one byte of a file.
    this.made ??= new Map();
    return this.made;
  }

  /** An OrderedDict brings attributes (`_metadata` of a state dict), which nobody needs here. */
  override setState(state: PickleValue): boolean {
    return state instanceof Dict || state instanceof List;
  }
}

/** An object of a class that is known to hold attributes alone. */
export class Attributes extends Dict {
  override readonly kind: string;

  constructor(name: string) {
    super();
    this.kind = name;
  }

  override setState(state: PickleValue): boolean {
    if (!(state instanceof Dict)) return false;
    // Not copied: a file can give one state to as many objects as it likes.
    this.made = state.entries;
    return true;
  }
}

/** A value of a class that nobody here looks into: a device, a path, a set. */
export class Opaque extends PickleObject {
  readonly kind: string;
  readonly items: readonly PickleValue[];

  constructor(name: string, items: readonly PickleValue[] = []) {
    super();
    this.kind = name;
    this.items = items;
  }
}

/** What a pickle refers to by module and name, where that is allowed. */
export class Global extends PickleObject {
  readonly kind: string;
  readonly name: string;
  /** What a call of it gives, undefined for arguments that it does not take. Only data is made: nothing of the pickle's own is executed. */
  readonly make?: (args: readonly PickleValue[]) => PickleValue | undefined;

  constructor(name: string, make?: Global['make']) {
    super();
    this.name = name;
    this.make = make;
    this.kind = `the global ${name}`;
  }
}

/** A number that is whole and exact, else undefined. */
export function wholeNumber(value: PickleValue): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
}

/** Axes of a tensor at most: torch has no more (c10 `kMaxDims`). */
export const MOST_AXES = 64;

/** Sides, strides or axes: whole numbers of a tuple, a list or a torch.Size; undefined where they are too many, or something else is among them. */
export function wholeNumbers(value: PickleValue): number[] | undefined {
  if (!(value instanceof List) || value.items.length > MOST_AXES) return undefined;
  const numbers = value.items.map(wholeNumber);
  return numbers.includes(undefined) ? undefined : (numbers as number[]);
}
