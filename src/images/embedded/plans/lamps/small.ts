import { hsl, lit, type Rgb } from '../../colour.js';
import type { Plan } from '../../plan.js';
import { Lathe } from '../lathe.js';
import { BLACK, disc, flat, own, print, rectangle, STEEL, shade, shape, stroke, tube } from '../sketch.js';
import { GLOW, glow } from './light.js';

/** A string of lights: bulbs on a cord that hangs in bows. */
export const stringLights: Plan = (pen, look) => {
  const { rng } = look;
  const many = look.t('coloured') > 0.5 && !look.told.colour;
  const ball = look.t('ball') > 0.5;
  const rows = 3;
  for (let r = 0; r < rows; r++) {
    const y = -0.85 + r * 0.62 + rng.range(-0.05, 0.05);
    const sag = rng.range(0.2, 0.36);
    const at = (u: number): [number, number] => [-1 + 2 * u, y + sag * 4 * u * (1 - u) + (r % 2 ? 0.1 * u : -0.1 * u)];
    stroke(
      pen,
      `M${at(0).join(' ')}${Array.from({ length: 20 }, (_, i) => `L${at((i + 1) / 20).join(' ')}`).join('')}`,
      [46, 52, 46],
      0.03,
    );
    for (let i = 0; i < 7; i++) {
      const [x, py] = at((i + 0.5) / 7);
      const c: Rgb = many ? hsl(((i * 3 + r) % 6) / 6, 0.85, 0.6) : look.told.colour ? look.main.colour : GLOW;
      glow(pen, x, py + 0.16, 0.24, 0.55);
      flat(pen, rectangle(x - 0.035, py, 0.07, 0.09, 0.01), [50, 54, 50]);
      if (ball) pen.ellipse(x, py + 0.16, 0.085, 0.085, { colour: c, gloss: 0.7 });
      else
        shape(
          pen,
          `M${x - 0.05} ${py + 0.08}C${x - 0.1} ${py + 0.2} ${x - 0.02} ${py + 0.28} ${x} ${py + 0.3}C${x + 0.02} ${py + 0.28} ${x + 0.1} ${py + 0.2} ${x + 0.05} ${py + 0.08}Z`,
          { colour: c, gloss: 0.5 },
          0.2,
        );
    }
  }
};

/** A lantern: a flame or bulb behind glass in a cage, a roof and a ring to carry it by. */
export const lantern: Plan = (pen, look) => {
  const s = own(
    look,
    look.choose('metal', [
      [46, 44, 46],
      [146, 104, 58],
      [70, 84, 74],
    ]),
    { gloss: 0.4 },
  );
  const on = look.rng.chance(0.75);
  const w = look.between('wide', 0.42, 0.56);
  tube(pen, `M${-w * 0.6} -0.52C${-w * 0.7} -1.08 ${w * 0.7} -1.08 ${w * 0.6} -0.52`, s, 0.05);
  shape(pen, `M${-w * 0.9} -0.42L${-w * 0.3} -0.72H${w * 0.3}L${w * 0.9} -0.42Z`, s);
  shape(pen, `M${-w * 0.2} -0.84H${w * 0.2}L${w * 0.3} -0.72H${-w * 0.3}Z`, shade(s, 0.8));
  const round = look.t('hurricane') > 0.5;
  const pane = round
    ? `M${-w * 0.55} -0.42C${-w * 1.15} 0 ${-w} 0.4 ${-w * 0.6} 0.62H${w * 0.6}C${w} 0.4 ${w * 1.15} 0 ${w * 0.55} -0.42Z`
    : rectangle(-w * 0.8, -0.42, w * 1.6, 1.08);
  shape(pen, pane, { colour: on ? [255, 226, 150] : [196, 212, 216], gloss: 0.5, clear: 0.25 });
  if (on) glow(pen, 0, 0.18, 0.8, 0.8);
  if (!round) {
    shape(pen, rectangle(-0.12, 0.2, 0.24, 0.46), { colour: [244, 238, 220] });
  }
  if (on) flat(pen, `M0 -0.18C0.16 0.06 0.1 0.22 0 0.22C-0.1 0.22 -0.16 0.06 0 -0.18Z`, [255, 176, 60]);
  if (on) flat(pen, 'M0 -0.02C0.07 0.1 0.05 0.2 0 0.2C-0.05 0.2 -0.07 0.1 0 -0.02Z', [255, 246, 200]);
  if (round) {
    for (const x of [-1.12, 1.12])
      tube(pen, `M${x * w * 0.75} -0.42C${x * w * 1.05} 0 ${x * w * 1.05} 0.4 ${x * w * 0.85} 0.7`, s, 0.05);
  } else for (const x of [-w * 0.8, 0, w * 0.8]) tube(pen, `M${x} -0.42V0.66`, s, x ? 0.07 : 0.035);
  shape(pen, `M${-w * 0.85} 0.64H${w * 0.85}L${w} 0.78V0.98H${-w}V0.78Z`, s);
};

/** Paper lantern: a ball of paper on ribs. */
export const paperLantern: Plan = (pen, look) => {
  const s = own(
    look,
    look.choose('paper', [
      [240, 232, 210],
      [206, 52, 42],
      [240, 200, 120],
    ]),
    { gloss: 0 },
  );
  stroke(pen, 'M0 -1V-0.7', [40, 38, 36], 0.03);
  glow(pen, 0, 0.1, 1.05, 0.5);
  const path = shape(pen, disc(0, 0.1, 0.82, look.between('round', 0.66, 0.8)), s);
  pen.inside(path, () => {
    for (let i = -4; i <= 4; i++)
      stroke(pen, `M-0.9 ${0.1 + i * 0.17}Q0 ${0.1 + i * 0.2} 0.9 ${0.1 + i * 0.17}`, lit(s.colour, 0.75), 0.02);
    glow(pen, 0, 0.2, 0.7, 0.6);
  });
  print(pen, look, path, 1, true);
  for (const y of [-0.66, 0.78]) shape(pen, rectangle(-0.2, y, 0.4, 0.08), BLACK);
};

/** A candle: wax with a flame; in a jar, on a holder or alone. */
export const candle: Plan = (pen, look) => {
  const lathe = new Lathe(pen, look);
  const { rng } = look;
  const wax = own(
    look,
    look.choose('wax', [
      [244, 236, 216],
      [206, 60, 56],
      [196, 206, 180],
      [232, 214, 224],
    ]),
    { gloss: 0.2 },
  );
  const kind = look.choose('candle', ['pillar', 'taper', 'jar'] as const);
  const lit1 = rng.chance(0.85);
  const flame = (y: number, k: number) => {
    stroke(pen, `M0 ${y}Q0.02 ${y - 0.05} 0 ${y - 0.1}`, [40, 34, 30], 0.03);
    if (!lit1) return;
    glow(pen, 0, y - 0.26 * k, 0.75, 0.7);
    const sway = rng.range(-0.05, 0.05);
    flat(
      pen,
      `M${sway} ${y - 0.55 * k}C${0.2 * k} ${y - 0.25 * k} ${0.12 * k} ${y - 0.05} 0 ${y - 0.05}C${-0.12 * k} ${y - 0.05} ${-0.2 * k} ${y - 0.25 * k} ${sway} ${y - 0.55 * k}Z`,
      [255, 176, 56],
    );
    flat(
      pen,
      `M${sway * 0.6} ${y - 0.36 * k}C${0.09 * k} ${y - 0.18 * k} ${0.06 * k} ${y - 0.07} 0 ${y - 0.07}C${-0.06 * k} ${y - 0.07} ${-0.09 * k} ${y - 0.18 * k} ${sway * 0.6} ${y - 0.36 * k}Z`,
      [255, 244, 190],
    );
  };
  if (kind === 'jar') {
    lathe.body(
      [
        [0.5, -0.1],
        [0.52, 0.96],
      ],
      { colour: [214, 226, 230], clear: 0.5, gloss: 0.8 },
      { angular: true },
    );
    lathe.body(
      [
        [0.46, 0.25],
        [0.47, 0.94],
      ],
      wax,
      { angular: true, inside: { colour: lit(wax.colour, 1.2) } },
    );
    flame(lathe.y(0.25), 0.9);
    shape(pen, rectangle(-0.3, 0.45, 0.6, 0.3, 0.03), { colour: [246, 242, 230] });
    stroke(pen, 'M-0.16 0.56H0.16M-0.1 0.65H0.1', [110, 100, 90], 0.035);
  } else if (kind === 'taper') {
    lathe.body(
      [
        [0.05, 0.7],
        [0.42, 0.9],
        [0.3, 0.98],
      ],
      { colour: [188, 150, 74], gloss: 0.6 },
    );
    lathe.body(
      [
        [0.13, 0.55],
        [0.13, 0.82],
      ],
      { colour: [188, 150, 74], gloss: 0.6 },
    );
    lathe.body(
      [
        [0.085, -0.4],
        [0.1, 0.6],
      ],
      wax,
      { angular: true, inside: { colour: lit(wax.colour, 1.15) } },
    );
    flame(-0.4, 1);
  } else {
    const r = look.between('thick', 0.28, 0.4);
    lathe.body(
      [
        [r, -0.1],
        [r * 1.02, 0.97],
      ],
      wax,
      { angular: true, inside: { colour: lit(wax.colour, 1.15) } },
    );
    for (const [x, l] of [
      [-0.6, 0.3],
      [0.2, 0.45],
      [0.7, 0.2],
    ])
      stroke(pen, `M${x * r} ${lathe.y(-0.05)}v${l}`, lit(wax.colour, 1.15), 0.06);
    flame(lathe.y(-0.1), 1);
  }
};

/** A light bulb: a pear of glass, a screw foot; with filaments or frosted. */
export const lightBulb: Plan = (pen, look) => {
  const on = look.rng.chance(0.5);
  const clear = look.t('clear') > 0.4;
  pen.at(0, 0, 1, look.rng.range(-0.5, 0.5), () => {
    if (on) glow(pen, 0, -0.3, 1, 0.8);
    const glass = look.told.colour ? look.main.colour : on ? GLOW : ([236, 236, 228] as Rgb);
    for (let i = 0; i < 4; i++)
      shape(pen, rectangle(-0.22, 0.46 + i * 0.1, 0.44, 0.09, 0.04), { ...STEEL, gloss: 0.7 });
    shape(pen, 'M-0.16 0.85H0.16L0.08 0.97H-0.08Z', BLACK);
    shape(
      pen,
      'M-0.22 0.47C-0.22 0.2 -0.62 0.02 -0.62 -0.36C-0.62 -0.74 -0.34 -0.98 0 -0.98C0.34 -0.98 0.62 -0.74 0.62 -0.36C0.62 0.02 0.22 0.2 0.22 0.47Z',
      { colour: glass, gloss: 0.7, clear: clear ? 0.35 : 0 },
    );
    if (clear) {
      stroke(pen, 'M-0.06 0.45L-0.18 -0.2M0.06 0.45L0.18 -0.2', [120, 116, 110], 0.025);
      stroke(
        pen,
        'M-0.18 -0.2L-0.1 -0.34L-0.03 -0.2L0.04 -0.34L0.1 -0.2L0.18 -0.2',
        on ? [255, 170, 60] : [110, 90, 70],
        0.03,
      );
    }
    flat(pen, disc(-0.28, -0.55, 0.1, 0.18), [255, 255, 255], 0.6);
  });
};

/** A flashlight: a tube with a switch, a wider head, a beam. */
export const flashlight: Plan = (pen, look) => {
  const s = own(
    look,
    look.choose('body', [
      [40, 42, 46],
      [196, 48, 40],
      [150, 152, 158],
      [220, 176, 40],
    ]),
    { gloss: 0.5 },
  );
  const on = look.rng.chance(0.6);
  pen.at(-0.1, 0.1, 0.95, look.rng.range(-0.5, 0.25), () => {
    if (on) flat(pen, 'M0.62 -0.3L1.5 -0.85V0.85L0.62 0.3Z', GLOW, 0.45);
    const body = shape(pen, rectangle(-0.95, -0.19, 1.25, 0.38, 0.06), s);
    pen.inside(body, () => {
      for (let i = 0; i < 9; i++) stroke(pen, `M${-0.8 + i * 0.07} -0.19V0.19`, lit(s.colour, 0.55), 0.02, 0.8);
    });
    shape(pen, 'M0.22 -0.2L0.5 -0.34H0.66V0.34H0.5L0.22 0.2Z', shade(s, 0.9));
    pen.ellipse(0.66, 0, 0.09, 0.34, { colour: on ? [255, 250, 214] : [206, 214, 218], gloss: 0.7 });
    shape(pen, rectangle(-0.08, -0.25, 0.24, 0.08, 0.03), { colour: lit(s.colour, 0.4) });
  });
};
