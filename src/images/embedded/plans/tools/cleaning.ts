import { Path2D } from '@napi-rs/canvas';
import { lit } from '../../colour.js';
import type { Plan } from '../../plan.js';
import {
  BLACK,
  cloth,
  disc,
  flat,
  lying,
  rectangle,
  STEEL,
  shade,
  shape,
  slab,
  smoothed,
  stroke,
  TIMBER,
  tube,
  WHITE,
  wordsOf,
} from '../sketch.js';

/** A broom: long handle, a block or a bundle of bristles. */
const broom: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      const s = smoothed(look);
      shape(pen, 'M-.045-1H.045V.4H-.045Z', look.told.colour ? shade(s, 0.8) : TIMBER);
      const straw = look.t('straw') > 0.55;
      const bristle =
        straw && !look.told.colour
          ? { colour: [206, 170, 96] as const, texture: 'fur' as const, grain: 0.8 }
          : { ...s, texture: 'fur' as const, grain: 0.7, density: 2 };
      if (straw) {
        shape(pen, 'M-.1.16H.1Q.2.34.5.96Q0 1.06-.5.96Q-.2.34-.1.16Z', bristle);
        for (let i = -3; i <= 3; i++) stroke(pen, `M${i * 0.03} .3L${i * 0.13} .98`, lit(bristle.colour, 0.6), 0.025);
        stroke(pen, 'M-.17.4Q0 .46.17.4M-.22.5Q0 .56.22.5', [180, 40, 36], 0.045);
      } else {
        shape(pen, 'M-.46.55H.46L.6.98H-.6Z', bristle);
        for (let i = -5; i <= 5; i++) stroke(pen, `M${i * 0.085} .58L${i * 0.108} .98`, lit(s.colour, 0.55), 0.025);
        shape(pen, 'M-.1.34H.1L.5.46V.6H-.5V.46Z', shade(s, 0.75));
      }
    },
    0.4,
  );

/** A mop: long handle and hanging strings, or a flat head. */
const mop: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      const s = smoothed(look);
      shape(pen, 'M-.045-1H.045V.3H-.045Z', look.told.colour ? STEEL : s);
      const yarn = look.told.colour ? cloth(look) : { ...WHITE, colour: [232, 228, 214] as const };
      if (look.t('flat') > 0.7) {
        shape(pen, 'M-.08.3H.08L.14.7H-.14Z', BLACK);
        shape(pen, 'M-.75.66H.75L.9.98H-.9Z', { ...yarn, texture: 'fur', grain: 0.6 });
        return;
      }
      for (let i = -6; i <= 6; i++) {
        const x = i * 0.1 + look.rng.normal() * 0.03;
        tube(
          pen,
          `M${i * 0.03} .3Q${x * 1.1} .45 ${x} ${0.92 - Math.abs(i) * 0.02}`,
          shade(yarn, look.rng.range(0.85, 1)),
          0.11,
        );
      }
      shape(pen, 'M-.14.2H.14L.2.4H-.2Z', look.told.colour ? BLACK : shade(s, 0.8));
    },
    0.35,
  );

/** A dustpan, often with its hand brush. */
const dustpan: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      const s = smoothed(look, 0.35);
      shape(pen, 'M-.1-.95Q0-1.02.1-.95L.13-.4H-.13Z', s);
      flat(pen, disc(0, -0.86, 0.035), [60, 60, 60]);
      shape(pen, 'M-.55-.3Q-.5-.42-.36-.42H.36Q.5-.42.55-.3L.78.85H-.78Z', shade(s, 0.7));
      shape(pen, 'M-.42-.12H.42L.64.85H-.64Z', shade(s, 1.05));
      for (let i = -2; i <= 2; i++) stroke(pen, `M${i * 0.14} 0L${i * 0.22} .8`, shade(s, 0.65).colour, 0.03);
      if (look.t('brush') > 0.35)
        pen.at(0.1, 0.4, 1, 0.9, () => {
          shape(pen, rectangle(-0.42, -0.02, 0.84, 0.2), { colour: [60, 58, 60], texture: 'fur', grain: 0.7 });
          shape(pen, 'M-.45-.15H.45V0H-.45Z', s);
          shape(pen, 'M.42-.15Q.9-.16.95-.07Q.9 0 .42 0Z', s);
        });
    },
    0.5,
  );

/** A spray bottle: trigger head on a bottle. */
const sprayBottle: Plan = (pen, look) => {
  const s = smoothed(look, 0.5);
  const body = look.told.material ? look.main : { ...s, clear: look.t('clear') > 0.5 ? 0.3 : 0 };
  const path = shape(
    pen,
    'M-.16-.36H.16Q.2-.1.42.06Q.5.2.46.6V.9Q.46 1 .34 1H-.34Q-.46 1-.46.9V.6Q-.5.2-.42.06Q-.2-.1-.16-.36Z',
    body,
  );
  pen.inside(path, () => flat(pen, rectangle(-0.6, 0.25, 1.2, 0.8), lit(body.colour, 0.75), 0.5));
  shape(pen, rectangle(-0.32, 0.3, 0.64, 0.48, 0.04), look.told.colour ? WHITE : look.second);
  flat(pen, disc(0, 0.5, 0.13), s.colour, 0.9);
  shape(pen, rectangle(-0.19, -0.5, 0.38, 0.16, 0.03), BLACK);
  shape(pen, 'M-.3-.9Q0-1 .46-.94L.5-.72L.2-.66L.16-.48H-.16Q-.2-.7-.32-.72Z', look.told.colour ? WHITE : look.second);
  shape(pen, 'M.2-.7Q.4-.5.38-.26Q.3-.24.28-.3Q.24-.5.14-.58Z', shade(s, 0.8));
  shape(pen, 'M.46-.96H.58V-.76H.48Z', { colour: [214, 50, 40] });
};

/** A paint brush: bristles, ferrule, handle. */
const paintBrush =
  (wide: boolean): Plan =>
  (pen, look) =>
    lying(
      pen,
      look,
      () => {
        const s = smoothed(look, 0.4);
        const w = wide ? look.between('wide', 0.28, 0.44) : look.between('wide', 0.07, 0.12);
        const dipped = look.rng.chance(0.6);
        const bristle = { colour: [196, 160, 110] as const, texture: 'fur' as const, grain: 0.8, density: 2 };
        if (wide) shape(pen, `M${-w} -.35H${w}L${w * 0.94} -.94Q0-1.02 ${-w * 0.94} -.94Z`, bristle);
        else shape(pen, `M${-w} -.45Q${-w * 1.5} -.75 0-1Q${w * 1.5} -.75 ${w} -.45Z`, bristle);
        if (dipped)
          flat(
            pen,
            wide
              ? `M${-w} -.6Q0-.68 ${w} -.62L${w * 0.94} -.94Q0-1.02 ${-w * 0.94} -.94Z`
              : `M${-w} -.7Q0-.76 ${w} -.7Q${w * 0.6} -.86 0-1Q${-w * 0.6} -.86 ${-w} -.7Z`,
            look.third.colour,
          );
        shape(pen, rectangle(-w * 1.06, -0.48, w * 2.12, 0.24), STEEL);
        stroke(pen, `M${-w} -.42H${w}M${-w} -.3H${w}`, [110, 112, 116], 0.02);
        if (wide)
          shape(
            pen,
            `M${-w} -.26H${w}Q${w * 0.9} 0 .1.2Q.16.6.14.88Q0 1.06-.14.88Q-.16.6-.1.2Q${-w * 0.9} 0 ${-w} -.26Z`,
            look.told.colour || look.t('painted') > 0.4 ? s : TIMBER,
          );
        else shape(pen, `M${-w} -.26H${w}Q.12.2 0 1Q-.12.2 ${-w} -.26Z`, s);
        if (wide) flat(pen, disc(0, 0.86, 0.04), [50, 50, 50]);
      },
      0.9,
    );

/** A paint roller on its bent wire. */
const paintRoller: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      const s = smoothed(look, 0.3);
      tube(pen, 'M.6-.72H.88V-.28H0V.2', STEEL, 0.08);
      shape(pen, 'M-.09.15H.09Q.16.5.13.9Q0 1.04-.13.9Q-.16.5-.09.15Z', look.told.colour ? BLACK : look.second);
      shape(pen, rectangle(-0.72, -0.96, 1.36, 0.48, 0.1), { ...s, texture: 'fur', grain: 0.55, density: 2 });
      shape(pen, disc(0.62, -0.72, 0.08, 0.23), shade(s, 0.55));
    },
    0.5,
  );

/** A squeegee or a scraper: wide blade across a handle. */
const squeegee: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      const s = smoothed(look, 0.35);
      shape(pen, 'M-.85-.95H.85V-.82H-.85Z', { colour: [44, 44, 48] });
      shape(pen, 'M-.85-.84H.85L.7-.64H-.7Z', s);
      shape(pen, 'M-.18-.66H.18L.1-.3V.8Q.1 1 0 1Q-.1 1-.1.8V-.3Z', shade(s, 0.8));
    },
    0.6,
  );

/** A ladder: two beams and rungs, leaning or standing open. */
const ladder: Plan = (pen, look) => {
  const s = look.told.colour || look.told.material ? look.main : look.choose('beam', [STEEL, TIMBER, STEEL]);
  const open = look.t('step') > 0.45;
  const n = 5 + Math.floor(look.t('rungs') * 3);
  if (open) {
    tube(pen, 'M.2-.9L.75 1', shade(s, 0.6), 0.08);
    tube(pen, 'M.36-.9L.98.92', shade(s, 0.6), 0.08);
  }
  const lean = open ? -0.3 : look.rng.range(-0.25, 0.25);
  for (let i = 0; i < n; i++) {
    const y = -0.72 + (i * 1.55) / (n - 1);
    const k = (y + 0.9) / 1.9;
    const half = open ? 0.22 + 0.16 * k : 0.34;
    const x = open ? 0.05 + lean * k : lean * (1 - k) - lean / 2;
    shape(pen, rectangle(x - half, y, 2 * half, open ? 0.1 : 0.07, 0.02), shade(s, 0.85));
  }
  for (const side of [-1, 1] as const) {
    const [x0, x1] = open
      ? [0.05 + side * 0.22, 0.05 + lean + side * 0.38]
      : [lean / 2 + side * 0.34, -lean / 2 + side * 0.34];
    shape(pen, `M${x0 - 0.05} -.98H${x0 + 0.05}L${x1 + 0.06} 1H${x1 - 0.06}Z`, s);
  }
  if (open) shape(pen, 'M-.22-.98H.36L.44-.86H-.26Z', look.told.colour ? BLACK : look.second);
};

/** A toolbox: case with a lid, latches and a handle. */
const toolbox: Plan = (pen, look) => {
  const s = smoothed(look, 0.35);
  tube(pen, 'M-.3-.28V-.5Q-.3-.6-.2-.6H.26Q.36-.6.36-.5V-.28', BLACK, 0.12);
  slab(pen, look, [-0.92, 0.1, 1.7, 0.9], 0.18, shade(s, 0.85), 0.06);
  slab(pen, look, [-0.95, -0.2, 1.76, 0.36], 0.18, s, 0.08);
  for (const x of [-0.6, 0.4]) shape(pen, rectangle(x, 0.02, 0.2, 0.3, 0.03), look.told.colour ? STEEL : look.second);
  flat(pen, rectangle(-0.3, 0.45, 0.5, 0.22, 0.03), [240, 240, 236], 0.85);
};

/** A sponge or scouring pad. */
const sponge: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      const s = look.told.colour ? look.main : { colour: [238, 206, 84] as const };
      const path = slab(pen, look, [-0.85, -0.1, 1.6, 0.6], 0.3, { ...s, texture: 'pebbles', grain: 0.5 }, 0.1);
      pen.inside(path, () => flat(pen, rectangle(-1, 0.3, 2, 0.3), [70, 130, 70]));
      for (let i = 0; i < 14; i++)
        flat(
          pen,
          disc(look.rng.range(-0.75, 0.65), look.rng.range(-0.03, 0.25), look.rng.range(0.02, 0.05)),
          lit(s.colour, 0.6),
        );
    },
    0.3,
  );

/** A plunger or a lint of like build: cup on a stick. */
const plunger: Plan = (pen, look) => {
  shape(pen, 'M-.06-1H.06V.4H-.06Z', TIMBER);
  const s = look.told.colour ? smoothed(look) : { colour: [178, 60, 44] as const, gloss: 0.3 };
  shape(pen, 'M-.12.3H.12Q.5.4.56.92Q0 1.06-.56.92Q-.5.4-.12.3Z', s);
  pen.line(new Path2D('M-.5.76Q0 .9.5.76'), shade(s, 0.5).colour, 0.04);
};

/** A brush for scrubbing or hair: bristles below a back with a handle. */
const scrubBrush: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      const s = look.told.colour || look.t('plastic') > 0.4 ? smoothed(look) : TIMBER;
      for (let i = 0; i < 9; i++)
        stroke(pen, `M${-0.72 + i * 0.12} .05L${-0.76 + i * 0.13} .46`, [226, 220, 204], 0.075);
      shape(pen, 'M-.85-.1Q-.85-.22-.7-.22H.1Q.5-.24.9-.16Q1-.06.9.02Q.5.02.3.1H-.75Q-.85.1-.85-.1Z', s);
      flat(pen, disc(0.86, -0.07, 0.04), [60, 60, 60]);
    },
    0.5,
  );

export const WORDS = wordsOf([
  ['broom, besom, push broom, sweeper', broom],
  ['mop, dust mop, swab, floor mop, feather duster, duster', mop],
  ['dustpan, dust pan', dustpan],
  ['spray bottle, atomizer, cleaning spray, spray, trigger bottle, nebulizer', sprayBottle],
  ['paintbrush, paint brush, wall brush, house-painting brush, pastry brush', paintBrush(true)],
  ["artist's brush, artist brush, watercolour brush, makeup brush, lip brush", paintBrush(false)],
  ['brush', scrubBrush, { as: 'scrubbing brush', category: 'artefact' }],
  ['scrub brush, scrubbing brush, dish brush, hairbrush brush, clothes brush, nail brush, toilet brush', scrubBrush],
  ['paint roller, roller, lint roller', paintRoller],
  ['squeegee, ice scraper, window wiper, scraper, putty knife, spatula knife', squeegee],
  ['ladder, stepladder, step ladder, step stool ladder, extension ladder', ladder],
  ['toolbox, tool box, tool chest, tool case, tackle box, first-aid box, cash box', toolbox],
  ['scouring pad, scrubbing sponge, dish sponge', sponge, { category: 'artefact' }],
  ['plunger, toilet plunger', plunger],
]);
