import { UserError } from '../../../src/errors.js';
import { type Target, text } from '../target.js';

/** Parsers with every fault that fuzzing is to find, by which it is tried itself; not in the list of rooms. */

const seeds = [text('sound')];
const broken = (bytes: Buffer) => bytes.toString() !== 'sound';

export const TARGETS: readonly Target[] = [
  {
    name: 'refuses',
    open: () => ({
      seeds,
      parse(bytes) {
        if (broken(bytes)) throw new UserError('not sound');
      },
    }),
  },
  {
    name: 'stumbles',
    open: () => ({
      seeds,
      parse(bytes) {
        if (broken(bytes)) (undefined as unknown as string[]).push('x');
      },
    }),
  },
  {
    name: 'forgets',
    open: () => ({
      seeds,
      // Nobody waits for it.
      parse: (bytes) => void (broken(bytes) && Promise.reject(new Error('forgotten'))),
    }),
  },
  {
    name: 'spins',
    open: () => ({
      seeds,
      parse(bytes) {
        while (broken(bytes));
      },
    }),
  },
  {
    name: 'waits',
    open: () => ({
      seeds,
      parse: (bytes) => (broken(bytes) ? new Promise(() => {}) : undefined),
    }),
  },
  {
    name: 'swallows',
    open: () => ({
      seeds,
      parse(bytes) {
        if (broken(bytes)) Buffer.alloc(600 * 2 ** 20, 1);
      },
    }),
  },
  {
    name: 'aborts',
    open: () => ({
      seeds,
      parse(bytes) {
        if (broken(bytes)) process.abort();
      },
    }),
  },
];
