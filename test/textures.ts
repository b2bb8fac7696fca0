import type { EvalSet, EvalSplit } from '../src/data/set.js';
import { Rng } from '../src/rng.js';

/**
 * Pictures of two textures, stripes that lie and stripes that stand, of the same mean colour, in two parts whose border is somewhere else in
 * each; a frame of one pixel is ignored. Class 2 is nowhere.
 */
export function textures(o: { train: number; test: number; side?: number; broken?: readonly number[] }): EvalSet {
  const { side = 48, broken = [] } = o;
  const split = (name: string, length: number): EvalSplit => {
    const draw = (i: number) => {
      const rng = Rng.of(11, name, i);
      const border = Math.round(side * rng.range(0.3, 0.7));
      const [phase, flipped] = [rng.int(4), rng.chance(0.5)];
      const data = new Uint8Array(side * side * 3);
      const labels = new Uint8Array(side * side);
      for (let y = 0; y < side; y++)
        for (let x = 0; x < side; x++) {
          const label = x < border !== flipped ? 0 : 1;
          const bright = ((label === 0 ? y : x) + phase) % 4 < 2 ? 200 : 60;
          data.fill(Math.min(255, bright + rng.int(20)), (y * side + x) * 3, (y * side + x) * 3 + 3);
          labels[y * side + x] = Math.min(x, y, side - 1 - x, side - 1 - y) === 0 ? 255 : label;
        }
      return { data, labels };
    };
    return {
      length,
      labels: new Int32Array(0),
      nameOf: (i) => `${name}/${i}.png`,
      async read(i) {
        if (broken.includes(i)) throw new Error('cut off');
        return { width: side, height: side, data: draw(i).data };
      },
      async readMask(i) {
        return { width: side, height: side, data: draw(i).labels };
      },
    };
  };
  return {
    ...{ name: 'textures', kind: 'textures', dir: 'memory', task: 'segmentation', metric: 'mIoU' },
    ...{ classes: ['lying', 'standing', 'nowhere'], hash: `textures ${o.train} ${o.test} ${side} ${broken}` },
    ...{ train: split('train', o.train), test: split('test', o.test), remarks: [] },
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
}
