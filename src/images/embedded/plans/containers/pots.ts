import { hsl, lit } from '../../colour.js';
import type { Surface } from '../../pen.js';
import type { Plan } from '../../plan.js';
import { Joinery } from '../joinery.js';
import { Lathe } from '../lathe.js';
import { disc, flat, own, shade, shape, stroke, TIMBER, tube } from '../sketch.js';

/** Flower pots and planters: a pot with a rim and soil, a plant in it. */
export const flowerPot: Plan = (pen, look) => {
  const lathe = new Lathe(pen, look);
  const { rng } = look;
  const s = own(
    look,
    look.choose('clay', [
      [190, 104, 66],
      [200, 116, 76],
      [226, 222, 212],
      [96, 104, 108],
    ]),
    { texture: 'cloudy', grain: 0.2, gloss: 0.1 },
  );
  const top = 0.1;
  if (rng.chance(0.65)) {
    const n = 7;
    const green = hsl(0.22 + 0.16 * look.t('leaf'), 0.45, 0.34);
    for (let i = 0; i < n; i++) {
      const a = -Math.PI / 2 + (i - (n - 1) / 2) * 0.36 + rng.normal() * 0.08;
      const l = rng.range(0.65, 1);
      const [x, y] = [Math.cos(a) * l, top - 0.02 + Math.sin(a) * l];
      stroke(pen, `M0 ${top}Q${x * 0.2} ${y * 0.5} ${x} ${y}`, lit(green, 0.7), 0.03);
      pen.blob(
        [
          [x * 0.25, top + (y - top) * 0.3],
          [x * 0.6 - Math.sin(a) * 0.13, top + (y - top) * 0.65 + Math.cos(a) * 0.13],
          [x * 1.02, y],
          [x * 0.6 + Math.sin(a) * 0.13, top + (y - top) * 0.65 - Math.cos(a) * 0.13],
        ],
        { colour: lit(green, rng.range(0.8, 1.25)), texture: 'leaves', grain: 0.2 },
      );
    }
  }
  lathe.body(
    [
      [0.56, top + 0.16],
      [0.42, 0.95],
    ],
    s,
    { angular: true, print: true },
  );
  lathe.body(
    [
      [0.64, top],
      [0.62, top + 0.2],
    ],
    shade(s, 1.05),
    { angular: true, inside: { colour: [70, 50, 36], texture: 'pebbles', grain: 0.6 } },
  );
  if (look.t('saucer') > 0.5) lathe.band(0.95, 0.5, shade(s, 0.8).colour, 0.1);
};

/** A planter: a long box or trough with plants in a row. */
export const planter: Plan = (pen, look) => {
  const j = new Joinery(pen, look, false, 0.1);
  const s: Surface =
    look.told.colour || look.told.material
      ? look.main
      : look.choose<Surface>('planter', [TIMBER, { colour: [190, 104, 66] }, { colour: [96, 100, 104] }]);
  const [w, h, d] = [1.3, 0.42, 0.42];
  j.box([-w / 2, 0, -d / 2], [w / 2, h, d / 2], s, { print: true });
  j.box([-w / 2 + 0.04, h, -d / 2 + 0.04], [w / 2 - 0.04, h + 0.01, d / 2 - 0.04], {
    colour: [70, 50, 36],
    texture: 'pebbles',
    grain: 0.5,
  });
  if (look.t('slats') > 0.4)
    for (const y of [0.14, 0.28]) j.box([-w / 2, y - 0.008, d / 2], [w / 2, y + 0.008, d / 2 + 0.004], shade(s, 0.5));
  const hue = look.t('bloom');
  for (let i = 0; i < 5; i++) {
    const x = -w / 2 + 0.16 + i * 0.24;
    j.at([x - 0.08, h + 0.011, -0.08], [x + 0.08, h + 0.4, 0.08], (to, k) => {
      const [u, v] = to([x, h + 0.01, 0]);
      for (let n = 0; n < 5; n++)
        pen.ellipse(
          u + (n - 2) * 0.04 * k,
          v - 0.12 * k - (n % 2) * 0.05 * k,
          0.05 * k,
          0.13 * k,
          { colour: [76, 124, 58] },
          (n - 2) * 0.35,
        );
      for (let n = 0; n < 3; n++)
        pen.ellipse(u + (n - 1) * 0.07 * k, v - 0.26 * k + (n % 2) * -0.05 * k, 0.05 * k, 0.05 * k, {
          colour: hsl(hue, 0.75, 0.6),
        });
    });
  }
  j.draw();
};

/** A watering can: a body, a long spout with a rose, a handle behind. */
export const wateringCan: Plan = (pen, look) => {
  const s = own(
    look,
    look.choose('can', [
      [92, 140, 96],
      [170, 178, 184],
      [60, 110, 170],
      [206, 150, 50],
    ]),
    { gloss: 0.4 },
  );
  tube(pen, 'M-0.2 -0.16C-0.3 -0.7 -1.04 -0.7 -0.96 0.1Q-0.92 0.5 -0.56 0.6', shade(s, 0.85), 0.1);
  shape(pen, 'M0.3 0.5L0.84 -0.42L0.94 -0.36L0.34 0.86Z', shade(s, 0.9));
  pen.at(0.89, -0.42, 1, 0.55, () => {
    shape(pen, 'M-0.06 0.08L-0.17 -0.14H0.17L0.06 0.08Z', shade(s, 0.8));
    pen.ellipse(0, -0.14, 0.18, 0.06, { colour: lit(s.colour, 1.3) });
    for (let i = -2; i <= 2; i++) flat(pen, disc(i * 0.06, -0.14, 0.015), [40, 44, 46]);
  });
  stroke(pen, 'M0.1 -0.1L0.62 0', lit(s.colour, 0.7), 0.05);
  shape(pen, 'M-0.58 0H0.3L0.42 0.98H-0.66Z', s);
  pen.ellipse(-0.14, 0, 0.44, 0.09, { colour: lit(s.colour, 0.45) });
  shape(pen, 'M-0.58 0C-0.5 -0.2 -0.2 -0.22 -0.12 -0.08L-0.14 0.06Q-0.4 0.1 -0.58 0Z', shade(s, 1.1));
  for (const y of [0.22, 0.82]) stroke(pen, `M${-0.6 - y * 0.04} ${y}H${0.32 + y * 0.1}`, lit(s.colour, 0.65), 0.03);
};
