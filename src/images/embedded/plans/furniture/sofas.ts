import { lit } from '../../colour.js';
import { coloured, type Plan } from '../../plan.js';
import { Joinery } from '../joinery.js';
import { BLACK, cloth, shade } from '../sketch.js';
import { frame, timber } from './timber.js';

interface Form {
  seats: number;
  /** Leans back with a rest for the legs. */
  reclined?: boolean;
  /** Low, on a visible wooden frame. */
  futon?: boolean;
  /** A part of the seat reaches farther out. */
  corner?: boolean;
}

/** Upholstered seats with arms and a back. */
const upholstered =
  ({ seats, reclined, futon, corner }: Form): Plan =>
  (pen, look) => {
    const j = new Joinery(pen, look, seats === 1, 0.05);
    const stuff = look.told.material ? look.main : cloth(look);
    const soft = { soft: look.between('soft', 0.5, 1), print: true };
    const wood = timber(look);
    const seat = seats === 1 ? look.between('seat', 0.52, 0.62) : look.between('seat', 0.56, 0.7);
    const w = seat * seats;
    const arm = futon ? 0.06 : look.between('arm', 0.12, 0.22);
    const h = futon ? 0.34 : look.between('high', 0.4, 0.46);
    const d = 0.78;
    const back = h + look.between('back', 0.32, 0.5);
    const foot = 0.1;
    const armHigh = h + look.between('arm high', 0.12, 0.2);
    const dark = shade(stuff, 0.86);
    const footOf = frame(look, wood);
    for (const x of [-w / 2 - arm * 0.6, w / 2 + arm * 0.6])
      for (const z of [-d / 2 + 0.06, d / 2 - 0.06]) j.block([x, 0, z], [0.06, foot, 0.06], footOf);
    const base = futon ? wood : dark;
    j.box([-w / 2, foot, -d / 2], [w / 2, h - 0.15, d / 2 - 0.02], base, futon ? {} : { soft: 0.2 });
    // The back stands behind the cushions and between the arms.
    j.box([-w / 2, h - 0.15, -d / 2], [w / 2, back - (futon ? 0.1 : 0.03), -d / 2 + 0.14], dark, { ...soft });
    for (let i = 0; i < seats; i++) {
      const x = -w / 2 + i * seat;
      const g = 0.012;
      j.box([x + g, h - 0.15, -d / 2 + 0.3], [x + seat - g, h, d / 2], shade(stuff, 1.06), soft);
      j.box([x + g, h - 0.14, -d / 2 + 0.15], [x + seat - g, back, -d / 2 + 0.29], stuff, soft);
    }
    for (const x of [-w / 2 - arm, w / 2])
      if (futon) {
        j.box([x, foot, d / 2 - 0.12], [x + arm, armHigh, d / 2 - 0.06], wood);
        j.box([x, foot, -d / 2], [x + arm, armHigh, -d / 2 + 0.06], wood);
        j.box([x, armHigh, -d / 2], [x + arm, armHigh + 0.05, d / 2], wood);
      } else j.box([x, foot, -d / 2], [x + arm, armHigh, d / 2], stuff, soft);
    if (corner) j.box([w / 2 - seat, foot, d / 2 + 0.01], [w / 2, h, d / 2 + 0.6], stuff, soft);
    if (reclined) {
      j.box([-w / 2 + 0.02, h - 0.16, d / 2 + 0.02], [w / 2 - 0.02, h - 0.06, d / 2 + 0.42], shade(stuff, 1.05), soft);
    }
    if (seats > 1 && look.t('pillows') > 0.4) {
      const at = -w / 2 + 0.06 + look.rng.range(0, 0.1);
      j.box(
        [at, h + 0.01, -d / 2 + 0.31],
        [at + 0.36, h + 0.3, -d / 2 + 0.42],
        coloured(stuff, look.second.colour),
        soft,
      );
    }
    j.draw();
  };

export const armchair = upholstered({ seats: 1 });
export const recliner = upholstered({ seats: 1, reclined: true });
export const loveseat = upholstered({ seats: 2 });
export const sofa = upholstered({ seats: 3 });
export const cornerSofa = upholstered({ seats: 3, corner: true });
export const futon = upholstered({ seats: 2, futon: true });

/** An ottoman or pouf: one cushion, square on short legs or round. */
export const ottoman: Plan = (pen, look) => {
  const j = new Joinery(pen, look);
  const stuff = look.told.material ? look.main : cloth(look);
  if (look.t('round') > 0.5) {
    const r = 0.3;
    j.drum([0, 0, 0], 0.3, r * 0.96, r, stuff);
    j.drum([0, 0.305, 0], 0.07, r * 1.02, r * 0.94, shade(stuff, 1.12));
    j.at([-r, 0.38, -r], [r, 0.39, r], (to, k) => {
      const [x, y] = to([0, 0.38, 0]);
      pen.ellipse(x, y, 0.02 * k, 0.012 * k, shade(stuff, 0.6));
      for (let i = 0; i < 8; i++) {
        const a = (i * Math.PI) / 4;
        const [u, v] = to([Math.cos(a) * r * 0.9, 0.37, Math.sin(a) * r * 0.9]);
        pen.polygon(
          [
            [x, y],
            [u, v],
            [x + 0.01, y + 0.01],
          ],
          shade(stuff, 0.75),
        );
      }
    });
  } else {
    const w = look.between('wide', 0.5, 0.8);
    const d = 0.5;
    for (const x of [-w / 2 + 0.06, w / 2 - 0.06])
      for (const z of [-d / 2 + 0.06, d / 2 - 0.06]) j.block([x, 0, z], [0.05, 0.1, 0.05], BLACK);
    j.block([0, 0.1, 0], [w, 0.18, d], shade(stuff, 0.9), { soft: 0.3, print: true });
    j.block([0, 0.285, 0], [w * 1.02, 0.12, d * 1.02], stuff, { soft: 1, print: true });
    j.at([-w / 2, 0.41, -d / 2], [w / 2, 0.42, d / 2], (to, k) => {
      for (const x of [-0.25, 0, 0.25])
        for (const z of [-0.2, 0.2]) {
          const [u, v] = to([x * w * 1.1, 0.41, z * d * 1.1]);
          pen.ellipse(u, v, 0.018 * k, 0.012 * k, coloured(stuff, lit(stuff.colour, 0.5)));
        }
    });
  }
  j.draw();
};

/** A beanbag: a sagging drop. */
export const beanbag: Plan = (pen, look) => {
  const stuff = look.told.material ? look.main : cloth(look);
  const { rng } = look;
  const lean = rng.range(-0.12, 0.12);
  pen.blob(
    [
      [-0.96, 0.72],
      [-0.78, 0.1],
      [-0.4 + lean, -0.5],
      [lean, -0.6],
      [0.4 + lean, -0.36],
      [0.8, 0.2],
      [0.97, 0.74],
      [0.7, 0.98],
      [0, 1.02],
      [-0.7, 0.98],
    ],
    stuff,
  );
  pen.blob(
    [
      [-0.7, 0.4],
      [-0.2, 0.12],
      [0.35, 0.14],
      [0.74, 0.46],
      [0.2, 0.62],
      [-0.3, 0.6],
    ],
    shade(stuff, 0.8),
  );
  pen.ellipse(lean, -0.62, 0.08, 0.06, shade(stuff, 0.7));
  for (const x of [-0.5, 0.05, 0.5])
    pen.limb(
      [
        [lean * 0.8, -0.68],
        [x * 0.8 + lean * 0.4, -0.2],
        [x * 1.3, 0.3],
      ],
      0.012,
      0.02,
      shade(stuff, 0.6),
    );
};
