import { z } from 'zod';
import { UserError } from '../../errors.js';
import type { Colour } from '../../finetune/affine.js';
import { planesOf } from '../../finetune/planes.js';
import { RAND_AUGMENT, type RandAugmentOp } from '../../finetune/rand-augment.js';
import { readJsonAs } from '../../formats/json.js';
import { absolute, tensorsOf } from './finetune-compare.js';
import type { Check } from './index.js';

const number = z.number();
const op = z.looseObject({
  name: z.string(),
  prob: number.optional(),
  args: z.array(number).nullable(),
  args_negative: z.array(number).optional(),
  random_sign: z.boolean(),
});
const file = z.looseObject({
  fill: z.tuple([number, number, number]),
  levels: z.array(number),
  ops: z.array(op),
});

export const isAugment = (json: unknown): boolean => file.safeParse(json).success;

/** How far off a picture may be, grey levels: tables are exact, mixtures rounded once, resampled ones twice. */
const BAR: Record<RandAugmentOp['kind'], number> = { 'look-up': 0, blend: 1, place: 2 };
/** A mixture with black is a table. */
const barOf = ({ name, kind }: RandAugmentOp): number => (name.startsWith('Brightness') ? 0 : BAR[kind]);

/** The list of operations, what a magnitude means to each, and the pictures that come of it. */
export async function* verifyAugment(path: string): AsyncIterable<Check> {
  const j = await readJsonAs(path, file);
  const known = new Map(RAND_AUGMENT.map((o) => [o.name, o]));
  const order = j.ops.map((o) => o.name).join() === RAND_AUGMENT.map((o) => o.name).join();
  yield { name: 'operations in their order', off: order ? 0 : 1, bar: 0 };
  for (const o of j.ops) {
    const own = known.get(o.name);
    if (!own) continue;
    const arguments_ = (negative: boolean) => j.levels.map((m) => own.argument?.(m, negative) ?? 0);
    yield { name: `${o.name}: whether the sign is drawn`, off: own.signed === o.random_sign ? 0 : 1, bar: 0 };
    if (o.args) yield { name: `${o.name}: arguments`, off: absolute(arguments_(false), o.args), bar: 1e-12 };
    else yield { name: `${o.name}: no arguments`, off: own.argument ? 1 : 0, bar: 0 };
    if (o.args_negative)
      yield { name: `${o.name}: arguments, negative`, off: absolute(arguments_(true), o.args_negative), bar: 1e-12 };
  }
  const t = await tensorsOf(path);
  const { shape, data } = t.bytes('image', 3);
  const [height, width] = shape;
  for (const name of t.names()) {
    const [, called, magnitude, sign] = /^([A-Za-z]+)(?:_(\d+(?:\.\d+)?))?(?:_(pos|neg))?$/.exec(name) ?? [];
    if (name === 'image' || called === undefined) continue;
    const own = known.get(called);
    if (!own) throw new UserError(`${path}: ${name}: no operation of RandAugment is called ${called}`);
    const argument = magnitude === undefined ? 0 : own.argument!(Number(magnitude), sign === 'neg');
    const made = own.apply(planesOf(width, height, data), argument, j.fill as Colour);
    const expected = planesOf(width, height, t.bytes(name).data);
    if (own.kind !== 'place') {
      yield { name, off: absolute(made.data, expected.data), bar: barOf(own) };
      continue;
    }
    const { off, border } = placed(made.data, expected.data, height * width, j.fill as Colour);
    yield { name, off, bar: BAR.place };
    // Where a rounding decides whether a pixel comes from outside.
    yield { name: `${name}: pixels on the border of the fill`, off: border / (height + width), bar: 0.05 };
  }
}

/** The largest difference where both or neither is the fill, and how many pixels are not of those. */
function placed(a: Uint8Array, b: Uint8Array, plane: number, fill: Colour): { off: number; border: number } {
  const isFill = (x: Uint8Array, i: number) => fill.every((f, c) => x[c * plane + i] === f);
  let off = 0;
  let border = 0;
  for (let i = 0; i < plane; i++) {
    if (isFill(a, i) !== isFill(b, i)) {
      border++;
      continue;
    }
    for (let c = 0; c < 3; c++) off = Math.max(off, Math.abs(a[c * plane + i] - b[c * plane + i]));
  }
  return { off, border };
}
