import { serve } from '../threads.js';
import type { Look } from '../views/eval.js';
import { intoLooks } from './looks.js';
import type { Picture } from './set.js';

/** A thread that makes pictures what encoders see. */
export interface LookCalls {
  /** @param into [slots, 3, size, size] for each look, shared memory @returns why the picture is left out */
  look(r: {
    picture: Picture;
    looks: readonly Look[];
    into: readonly Float32Array[];
    slot: number;
  }): string | undefined;
}

serve<LookCalls>(
  { look: ({ picture, looks, into, slot }) => intoLooks(picture, looks, into, slot) },
  // While one is decoded in a library's thread, another is resized in this one.
  { concurrent: true },
);
