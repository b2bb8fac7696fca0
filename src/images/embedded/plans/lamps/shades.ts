import { lit } from '../../colour.js';
import type { Pen, Surface } from '../../pen.js';
import type { Look, Plan } from '../../plan.js';
import { Lathe } from '../lathe.js';
import { disc, flat, own, shade, shape, stroke, tube } from '../sketch.js';
import { fitting, GLOW, glow, shadeOf } from './light.js';

/** A lampshade: drum, cone or bell. @param r radius of its foot */
function lampshade(pen: Pen, look: Look, lathe: Lathe, top: number, foot: number, r: number, on: boolean): void {
  const kind = look.choose('shade', ['cone', 'drum', 'bell', 'empire'] as const);
  const upper = kind === 'drum' ? r * 0.92 : kind === 'cone' ? r * 0.4 : r * 0.55;
  const s = shadeOf(look, on);
  if (on) glow(pen, 0, (top + foot) / 2, r * 1.9, 0.6);
  const profile =
    kind === 'bell'
      ? ([
          [upper, top],
          [upper * 1.15, top + (foot - top) * 0.45],
          [r, foot],
        ] as const)
      : ([
          [upper, top],
          [r, foot],
        ] as const);
  lathe.body(profile, s, { angular: kind !== 'bell', print: true, inside: { colour: on ? GLOW : lit(s.colour, 0.6) } });
  if (on) {
    const { ctx } = pen;
    const g = ctx.createRadialGradient(0, foot - 0.1, 0, 0, foot - 0.1, r);
    g.addColorStop(0, 'rgba(255,246,205,0.75)');
    g.addColorStop(1, 'rgba(255,246,205,0)');
    ctx.fillStyle = g;
    ctx.beginPath();
    ctx.moveTo(-upper, lathe.y(top));
    ctx.lineTo(upper, lathe.y(top));
    ctx.lineTo(r, lathe.y(foot));
    ctx.lineTo(-r, lathe.y(foot));
    ctx.fill();
  }
  lathe.band(foot, r, lit(s.colour, 0.7), 0.025);
}

/** A floor lamp: a long pole, a foot or three legs, a shade on top or at the end of an arc. */
export const floorLamp: Plan = (pen, look) => {
  const lathe = new Lathe(pen, look);
  const s = fitting(look);
  const on = look.rng.chance(0.6);
  const kind = look.choose('foot', ['disc', 'tripod', 'arc', 'disc'] as const);
  if (kind === 'arc') {
    lathe.disc(0.96, 0.28, s, -0.5);
    tube(pen, 'M-0.5 0.94C-0.56 -0.2 -0.5 -0.92 0.02 -0.94C0.3 -0.94 0.42 -0.84 0.45 -0.62', s, 0.05);
    if (on) glow(pen, 0.45, -0.3, 0.6);
    lathe.body(
      [
        [0.1, -0.64],
        [0.3, -0.5],
        [0.36, -0.3],
      ],
      shadeOf(look, on),
      { x: 0.45, inside: false },
    );
    flat(pen, disc(0.45, -0.3, 0.35, 0.06), on ? GLOW : [220, 216, 204]);
    return;
  }
  const thin = 0.045;
  if (kind === 'tripod')
    for (const [x, y] of [
      [-0.38, 0.98],
      [0.38, 0.98],
      [0.06, 1],
    ])
      tube(
        pen,
        `M0 -0.35L${x} ${y}`,
        look.t('wooden legs') > 0.4 ? { colour: [166, 118, 70], texture: 'wood' } : s,
        0.06,
      );
  else {
    lathe.body(
      [
        [0.06, 0.9],
        [0.3, 0.95],
        [0.3, 0.98],
      ],
      s,
    );
    tube(pen, 'M0 -0.5V0.92', s, thin);
  }
  tube(pen, 'M0 -0.6V-0.3', s, thin);
  lampshade(pen, look, lathe, -0.98, -0.45, look.between('shade wide', 0.32, 0.44), on);
};

/** A table lamp: a body like a vase, a shade wider than it. */
export const tableLamp: Plan = (pen, look) => {
  const lathe = new Lathe(pen, look);
  const on = look.rng.chance(0.6);
  const body =
    look.told.colour || look.told.material
      ? shade(look.main, 0.85)
      : look.choose<Surface>('body', [look.second, fitting(look), { colour: [232, 228, 216], gloss: 0.5 }, look.third]);
  const kind = look.choose('body kind', ['vase', 'ball', 'stick', 'urn'] as const);
  const b = look.between('body wide', 0.2, 0.34);
  lathe.body(
    [
      [0.12, 0.88],
      [b * 0.95, 0.94],
      [b, 0.99],
    ],
    shade(body, 0.8),
  );
  if (kind === 'stick')
    lathe.body(
      [
        [0.05, -0.1],
        [0.06, 0.4],
        [0.05, 0.9],
      ],
      body,
    );
  else if (kind === 'ball')
    lathe.body(
      [
        [0.06, 0.1],
        [b * 1.15, 0.5],
        [0.1, 0.92],
      ],
      { ...body, gloss: 0.6 },
    );
  else if (kind === 'urn')
    lathe.body(
      [
        [0.06, 0],
        [b * 1.1, 0.3],
        [b * 0.8, 0.65],
        [0.12, 0.92],
      ],
      { ...body, gloss: 0.5 },
    );
  else
    lathe.body(
      [
        [0.07, 0],
        [0.1, 0.15],
        [b, 0.6],
        [b * 0.7, 0.93],
      ],
      { ...body, gloss: 0.5 },
    );
  lathe.body(
    [
      [0.03, -0.2],
      [0.03, 0.1],
    ],
    fitting(look),
  );
  lampshade(pen, look, lathe, -0.97, -0.05, look.between('shade wide', 0.52, 0.7), on);
};

/** A pendant lamp: hangs on a cord from above. */
export const pendant: Plan = (pen, look) => {
  // Hangs from its upper end, a little aslant now and then.
  pen.at(0, -1, [1, look.rng.range(0.85, 1.08)], look.rng.normal() * 0.08, () =>
    pen.at(0, 1, 1, 0, () => hanging(pen, look)),
  );
};

function hanging(pen: Pen, look: Look): void {
  const { rng } = look;
  const on = rng.chance(0.6);
  const s = look.told.material ? look.main : shadeOf(look, false);
  stroke(pen, 'M0 -1V-0.2', [40, 38, 38], 0.03);
  flat(pen, 'M-0.12 -1H0.12L0.08 -0.94H-0.08Z', [50, 48, 48]);
  const kind = look.choose('pendant', ['dome', 'cone', 'globe', 'bell'] as const);
  if (on) glow(pen, 0, 0.5, 1, 0.6);
  shape(pen, 'M-0.08 -0.32H0.08L0.1 -0.16H-0.1Z', fitting(look));
  if (kind === 'globe') {
    pen.ellipse(0, 0.3, 0.52, 0.5, { colour: on ? [255, 246, 214] : lit(s.colour, 1.2), gloss: 0.6 });
    return;
  }
  pen.ellipse(0, 0.5, 0.14, 0.16, { colour: on ? [255, 250, 226] : [236, 232, 220], gloss: 0.5 });
  const d =
    kind === 'dome'
      ? 'M-0.8 0.45C-0.8 -0.05 -0.4 -0.2 0 -0.2C0.4 -0.2 0.8 -0.05 0.8 0.45Z'
      : kind === 'cone'
        ? 'M-0.12 -0.18H0.12L0.78 0.45H-0.78Z'
        : 'M-0.12 -0.18H0.12C0.36 -0.1 0.34 0.2 0.66 0.45H-0.66C-0.34 0.2 -0.36 -0.1 -0.12 -0.18Z';
  pen.fill(
    shape(pen, disc(0, 0.45, kind === 'bell' ? 0.66 : 0.79, 0.12), { colour: on ? GLOW : lit(s.colour, 0.4) }),
    [0, 0, 0],
    0,
  );
  shape(pen, d, s);
  flat(pen, disc(0, 0.46, kind === 'bell' ? 0.62 : 0.75, 0.09), on ? GLOW : lit(s.colour, 0.5));
  flat(pen, disc(0, 0.5, 0.12, 0.13), on ? [255, 252, 238] : [232, 228, 216]);
}

/** A chandelier: arms in a ring that bear candles, chains of glass under them. */
export const chandelier: Plan = (pen, look) => {
  const s = own(
    look,
    look.choose('metal', [
      [196, 156, 72],
      [60, 54, 50],
      [186, 188, 194],
    ]),
    { gloss: 0.6 },
  );
  const on = look.rng.chance(0.7);
  const arms = 5 + 2 * Math.floor(look.t('arms') * 1.99);
  stroke(pen, 'M0 -1V-0.5', lit(s.colour, 0.7), 0.04);
  const crystal = look.t('crystal') > 0.35;
  if (on) glow(pen, 0, 0, 1.1, 0.5);
  const at = (i: number) => Math.sin(((i / (arms - 1)) * 2 - 1) * 1.35) * 0.86;
  const draw = (i: number) => {
    const x = at(i);
    const y = 0.12 + 0.16 * Math.cos((x / 0.86) * 1.5);
    tube(pen, `M0 0.1C${x * 0.4} 0.75 ${x} 0.7 ${x} ${y}`, s, 0.05);
    shape(pen, `M${x - 0.1} ${y - 0.03}H${x + 0.1}L${x + 0.05} ${y + 0.05}H${x - 0.05}Z`, s);
    shape(pen, `M${x - 0.035} ${y - 0.28}H${x + 0.035}V${y - 0.03}H${x - 0.035}Z`, { colour: [244, 240, 226] });
    if (on)
      flat(
        pen,
        `M${x} ${y - 0.48}C${x + 0.09} ${y - 0.36} ${x + 0.05} ${y - 0.28} ${x} ${y - 0.28}C${x - 0.05} ${y - 0.28} ${x - 0.09} ${y - 0.36} ${x} ${y - 0.48}Z`,
        [255, 224, 140],
      );
    if (crystal) for (const k of [0.1, 0.2]) flat(pen, disc(x, y + k, 0.028, 0.045), [226, 238, 248], 0.9);
  };
  for (let k = 0; k < arms; k++) draw(k);
  pen.ellipse(0, -0.1, 0.11, 0.3, s);
  pen.ellipse(0, 0.25, 0.15, 0.17, s);
  if (crystal) {
    for (let i = 0; i < 9; i++) {
      const x = (i - 4) * 0.16;
      const y = -0.4 + (Math.abs(x) / 0.64) ** 1.6 * 0.5;
      flat(pen, disc(x * 0.9, y, 0.035), [232, 242, 250], 0.85);
    }
    flat(pen, 'M0 0.42L0.08 0.6L0 0.82L-0.08 0.6Z', [222, 236, 248], 0.9);
  } else pen.ellipse(0, 0.5, 0.07, 0.09, s);
};
