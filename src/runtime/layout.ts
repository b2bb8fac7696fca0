import { type Shape, sizeOf } from '../graph/index.js';

interface Named {
  name: string;
  shape: Shape;
}

/** Where each of several named values lies in one flat Float32Array. */
export interface Layout<T extends Named = Named> {
  specs: readonly T[];
  offset: ReadonlyMap<string, number>;
  length: number;
}

export function layoutOf<T extends Named>(specs: readonly T[]): Layout<T> {
  const offset = new Map<string, number>();
  let length = 0;
  for (const s of specs) {
    offset.set(s.name, length);
    // Rows of 64 bytes, so that every value starts on a cache line.
    length += Math.ceil(sizeOf(s.shape) / 16) * 16;
  }
  return { specs, offset, length };
}

/** Views of each value into a flat buffer. */
export function viewsOf(layout: Layout<Named>, flat: Float32Array): Map<string, Float32Array> {
  return new Map(
    layout.specs.map((s) => {
      const start = layout.offset.get(s.name)!;
      return [s.name, flat.subarray(start, start + sizeOf(s.shape))];
    }),
  );
}
