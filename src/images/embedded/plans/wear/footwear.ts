import { Path2D } from '@napi-rs/canvas';
import type { Pen, Surface } from '../../pen.js';
import type { Look, Plan } from '../../plan.js';
import {
  BLACK,
  BRASS,
  contrast,
  disc,
  flat,
  LEATHER,
  print,
  rectangle,
  shade,
  shape,
  smoothed,
  stroke,
  tube,
  WHITE,
  wordsOf,
} from '../sketch.js';

/** Draws one shoe, or the far one of the pair behind it too. */
function pair(look: Look, pen: Pen, one: (far: boolean) => void): void {
  if (look.t('pair') > 0.35 || look.rng.chance(0.3)) pen.at(0.12, -0.24, 0.9, 0, () => one(true));
  pen.at(-0.02, 0, 1, look.rng.range(-0.06, 0.06), () => one(false));
}

const upper = (look: Look, usual: readonly Surface[] = []): Surface => {
  const s = look.told.material ? look.main : { ...smoothed(look, 0.25), texture: 'fine' as const, grain: 0.12 };
  return look.told.colour || look.told.material || usual.length === 0 ? s : look.choose('upper', [...usual, s]);
};

/** A sports shoe, low or to the ankle. */
const sneaker =
  (high: boolean): Plan =>
  (pen, look) =>
    pair(look, pen, (far) => {
      const s = far ? shade(upper(look), 0.7) : upper(look);
      const t = high ? -0.72 : -0.24;
      const d = `M-.88.72Q-.94.3-.86 ${t + 0.06}Q-.84 ${t - 0.04}-.72 ${t}Q-.5 ${t + 0.1}-.26 ${t}Q-.14 ${t + 0.16} .02.1Q.3.34.66.4Q.96.46.96.74Z`;
      const path = shape(pen, d, s);
      print(pen, look, path, 0.8, true);
      const trim = look.told.colour ? WHITE.colour : contrast(s, look.second.colour);
      pen.inside(path, () => {
        flat(pen, 'M.5.3Q.74.5.76.8H1.1V.3Z', high ? WHITE.colour : shade(s, 1.2).colour, 0.9);
        flat(pen, 'M-1 .2Q-.7.3-.68.8H-1Z', trim, 0.9);
        const mark = look.choose('mark', ['swoosh', 'bars', 'star'] as const);
        if (mark === 'swoosh') flat(pen, 'M-.6.3Q-.5.62-.1.5L.3.24Q-.2.42-.4.4Q-.54.4-.6.3Z', trim);
        else if (mark === 'bars')
          for (let i = 0; i < 3; i++) stroke(pen, `M${-0.44 + i * 0.2} .7L${-0.24 + i * 0.2} .22`, trim, 0.07);
        else flat(pen, disc(-0.4, high ? -0.2 : 0.32, 0.15), trim);
      });
      flat(
        pen,
        `M-.74 ${t + 0.02}Q-.5 ${t + 0.12}-.28 ${t + 0.02}L-.3 ${t + 0.12}Q-.5 ${t + 0.2}-.72 ${t + 0.1}Z`,
        [40, 40, 44],
        0.8,
      );
      const laces = contrast(s, [244, 244, 240]);
      const from = high ? -0.56 : -0.08;
      const n = high ? 6 : 4;
      for (let i = 0; i < n; i++) {
        const k = i / (n - 1);
        const [x, y] = [-0.22 + k * 0.52, from + k * (0.36 - from)];
        stroke(pen, `M${x - 0.12} ${y + 0.12}L${x + 0.04} ${y}`, laces, 0.05);
      }
      shape(
        pen,
        'M-.92.68Q0 .78.7.7Q.98.66 1 .76Q1 .94.9.96H-.84Q-.96.94-.92.68Z',
        look.told.colour || look.t('white sole') > 0.4 ? WHITE : look.second,
      );
      stroke(pen, 'M-.88.84H.94', [120, 120, 122], 0.025);
    });

/** A boot: laced, or plain as of rubber. */
const boot =
  (kind: 'laced' | 'rubber' | 'heeled'): Plan =>
  (pen, look) =>
    pair(look, pen, (far) => {
      const base = upper(
        look,
        kind === 'laced'
          ? [LEATHER, { ...LEATHER, colour: [176, 124, 66] }, BLACK]
          : kind === 'rubber'
            ? []
            : [LEATHER, BLACK],
      );
      const s = far ? shade(base, 0.7) : base;
      const shaft = kind === 'laced' ? -0.8 : -0.95;
      const heel = kind === 'heeled' ? 0.2 : 0;
      const d = `M-.74 ${0.8 - heel}Q-.8.2-.72-.1L-.76 ${shaft}Q-.46 ${shaft + 0.08}-.1 ${shaft}L-.08.0Q0 .3.36.4Q.84.46.86.82L.3.82Q0 .8-.2 ${0.82 - heel}Z`;
      const path = shape(pen, d, { ...s, gloss: kind === 'rubber' ? 0.6 : s.gloss });
      print(pen, look, path, 1, true);
      if (kind === 'laced') {
        shape(
          pen,
          `M-.78 ${shaft - 0.02}Q-.46 ${shaft + 0.06}-.08 ${shaft - 0.02}L-.08 ${shaft + 0.14}Q-.46 ${shaft + 0.2}-.78 ${shaft + 0.14}Z`,
          shade(s, 0.7),
        );
        for (let i = 0; i < 6; i++) {
          const y = shaft + 0.2 + i * 0.15;
          const x = -0.12 + (y > 0 ? y * 0.7 : 0);
          stroke(pen, `M${x - 0.2} ${y + 0.06}L${x + 0.02} ${y}`, contrast(s, [236, 206, 130]), 0.045);
        }
        stroke(pen, 'M-.72.3Q-.4.4.1.36', shade(s, 0.55).colour, 0.03);
      } else if (kind === 'rubber') {
        stroke(pen, `M-.76 ${shaft + 0.1}Q-.46 ${shaft + 0.18}-.1 ${shaft + 0.1}`, shade(s, 0.5).colour, 0.04);
        stroke(pen, 'M.3.7Q.6.5.7.56', shade(s, 1.6).colour, 0.05, 0.6);
      } else {
        stroke(pen, `M-.44 ${shaft + 0.1}V.3`, shade(s, 0.5).colour, 0.03);
        shape(pen, 'M-.76.56L-.36.6L-.42.98H-.68Z', shade(s, 0.5));
      }
      if (kind === 'heeled') shape(pen, 'M-.4.78Q.1.8.3.8H.88L.86.9H.2Q-.1.9-.4.78Z', BLACK);
      else shape(pen, 'M-.8.76H.9Q.94.96.86.98H.1L.06.92H-.3V.98H-.78Z', kind === 'rubber' ? shade(s, 0.55) : BLACK);
    });

/** A sandal: sole and straps; a thong sandal. */
const sandal =
  (thong: boolean): Plan =>
  (pen, look) => {
    const s = upper(look, thong ? [] : [LEATHER]);
    if (thong) {
      for (const side of [-1, 1] as const)
        pen.at(side * 0.4, 0, [side * 0.9, 1], side * look.rng.range(0, 0.16), () => {
          shape(
            pen,
            'M-.34-.6Q-.32-.96 0-.98Q.36-.96.36-.5Q.34-.1.26.2Q.34.6.24.84Q.1 1-.06.98Q-.3.9-.26.5Q-.28.1-.34-.6Z',
            look.told.colour ? shade(s, 0.7) : look.second,
          );
          tube(pen, 'M-.28.1Q-.2-.4 0-.66Q.24-.4.28.14', s, 0.12);
          shape(pen, disc(0, -0.66, 0.07), s);
        });
      return;
    }
    pen.at(0, 0, 1, look.rng.range(-0.06, 0.06), () => {
      for (const c of [shade(s, 0.6), s]) {
        const dx = c === s ? 0 : 0.09;
        tube(pen, `M${-0.84 + dx} .56Q${-0.94 + dx} -.2 ${-0.6 + dx} -.28Q${-0.3 + dx} -.3 ${-0.24 + dx} .5`, c, 0.13);
        tube(pen, `M${0.3 + dx} .64Q${0.4 + dx} .1 ${0.62 + dx} .16Q${0.84 + dx} .24 ${0.8 + dx} .62`, c, 0.2);
        if (c !== s) flat(pen, 'M-.92.56Q-.6.66-.2.62Q.4.56.9.6L.84.5H-.8Z', [124, 88, 56]);
      }
      tube(pen, 'M-.9.16Q-.6.1-.3.16', s, 0.12);
      shape(pen, rectangle(-0.4, 0.06, 0.17, 0.17, 0.03), BRASS);
      shape(pen, 'M-.94.52Q-.6.64-.2.62Q.4.58.9.6Q1 .62.98.72L.94.94H-.86Q-.98.9-.94.52Z', {
        colour: [176, 132, 88],
        texture: 'fine',
        grain: 0.2,
      });
      shape(pen, 'M-.92.8H.97L.94.96H-.86Z', BLACK);
    });
  };

/** A court shoe with a high heel. */
const highHeel: Plan = (pen, look) =>
  pair(look, pen, (far) => {
    const base = { ...upper(look), gloss: 0.55 };
    const s = far ? shade(base, 0.7) : base;
    const heel = look.between('heel', 0.5, 0.75);
    const top = 0.86 - heel;
    shape(pen, `M-.9 ${top + 0.1}Q-.7 ${top + 0.2}-.58 ${top + 0.2}L-.74 .98H-.84Z`, shade(s, 0.7));
    shape(
      pen,
      `M-.92 ${top - 0.12}Q-.86 ${top - 0.3}-.76 ${top - 0.26}Q-.6 ${top + 0.12}-.1.42Q.2.62.36.5Q.76.56.98.9Q.98.98.9.98H.5Q.1.92-.14.72Q-.4.44-.58 ${top + 0.2}Q-.8 ${top + 0.3}-.92 ${top + 0.12}Z`,
      s,
    );
    flat(
      pen,
      `M-.8 ${top - 0.2}Q-.6 ${top + 0.12}-.1.42Q.2.62.36.5Q.1.4-.1.26Q-.5 ${top}-.8 ${top - 0.2}Z`,
      shade(s, 0.4).colour,
    );
    if (look.t('strap') > 0.6) tube(pen, `M-.8 ${top - 0.2}Q-.4 ${top - 0.5}-.1 ${top + 0.1}`, s, 0.07);
    shape(pen, 'M.36.92H.94V.99H.44Z', BLACK);
  });

/** A slip-on: loafer, slipper or clog. */
const slipOn =
  (kind: 'loafer' | 'slipper' | 'laced' | 'clog' | 'ballet'): Plan =>
  (pen, look) =>
    pair(look, pen, (far) => {
      const soft = kind === 'slipper';
      const base: Surface = soft
        ? { ...look.main, texture: 'fur', grain: 0.5, gloss: 0 }
        : upper(look, kind === 'ballet' || kind === 'clog' ? [] : [LEATHER, BLACK, LEATHER]);
      const s = far ? shade(base, 0.7) : base;
      const open = kind === 'slipper' || kind === 'clog';
      const low = kind === 'ballet' ? 0.24 : 0;
      if (open) {
        shape(pen, 'M-.95.66H.9V.84H-.9Z', shade(s, 1.15));
        const path = shape(pen, 'M-.2.76Q-.24.1.1.02Q.84.06.96.6Q.98.82.86.84H-.2Z', s);
        print(pen, look, path, 1, true);
        shape(
          pen,
          'M-.24.7Q-.26.12.08.0Q.2.0.2.1Q-.06.2-.04.74Z',
          kind === 'slipper' ? { ...WHITE, texture: 'fur', grain: 0.5 } : shade(s, 0.7),
        );
        if (kind === 'clog')
          for (const [x, y] of [
            [0.3, 0.3],
            [0.5, 0.36],
            [0.4, 0.5],
            [0.62, 0.54],
          ] as const)
            flat(pen, disc(x, y, 0.05), shade(s, 0.4).colour);
        shape(pen, 'M-.96.78H.96Q.98.96.86.96H-.86Q-.98.96-.96.78Z', soft ? shade(s, 0.6) : shade(s, 0.8));
        return;
      }
      const path = shape(
        pen,
        `M-.9.76Q-.96.2-.88 ${-0.06 + low}Q-.7 ${0.02 + low}-.4 ${0.2 + low * 0.5}L-.1 ${0.16 + low * 0.7}Q.3.3.6.42Q.94.5.96.8Z`,
        { ...s, gloss: 0.45 },
      );
      print(pen, look, path, 1, true);
      flat(
        pen,
        `M-.84 ${0.0 + low}Q-.66.1-.42 ${0.24 + low * 0.5}L-.14 ${0.2 + low * 0.7}Q-.5 ${0.06 + low}-.84 ${0 + low}Z`,
        shade(s, 0.35).colour,
      );
      if (kind === 'loafer') {
        shape(pen, 'M-.16.14Q.1.2.2.3L.06.54Q-.1.5-.26.42Z', shade(s, 0.8));
        flat(pen, rectangle(-0.1, 0.3, 0.2, 0.06), shade(s, 0.4).colour);
        stroke(pen, 'M.2.34Q.6.44.7.6', shade(s, 0.5).colour, 0.03);
      } else if (kind === 'laced') {
        for (let i = 0; i < 4; i++)
          stroke(
            pen,
            `M${-0.28 + i * 0.11} ${0.34 + i * 0.03}L${-0.14 + i * 0.12} ${0.18 + i * 0.06}`,
            contrast(s, [230, 226, 214]),
            0.04,
          );
        stroke(pen, 'M.36.4Q.4.6.3.76', shade(s, 0.5).colour, 0.03);
      } else if (kind === 'ballet')
        pen.line(new Path2D('M-.04.34Q.06.24.14.36Q.2.24.3.32Q.3.44.16.4Q.06.46-.04.34Z'), shade(s, 0.5).colour, 0.05);
      shape(
        pen,
        'M-.92.74Q0 .82.97.76Q1 .9.9.9H-.3V.97H-.88Q-.94.9-.92.74Z',
        kind === 'ballet' ? shade(s, 0.6) : BLACK,
      );
    });

export const WORDS = wordsOf([
  [
    'sneaker, sneakers, trainers, running shoe, gym shoe, tennis shoe, running shoes, trainer, athletic shoe, sports shoe, shoe, plimsoll, shoes, footwear, cleats, football boot, golf shoe',
    sneaker(false),
  ],
  ['high-top, basketball shoe, high-top sneaker, canvas sneaker, skate shoe', sneaker(true)],
  [
    'boot, boots, hiking boot, work boot, combat boot, ankle boot, snow boot, ski boot, buskin, desert boot, army boot',
    boot('laced'),
  ],
  [
    'rubber boot, rain boot, wellington boot, wellington, gum boot, rubber boots, rain boots, wellies, waders',
    boot('rubber'),
  ],
  ['cowboy boot, riding boot, chelsea boot, knee-high boot, jackboot', boot('heeled')],
  ['sandal, sandals, huaraches, espadrille', sandal(false)],
  ['flip-flop, flip-flops, flip flops, thong sandal, shower slippers', sandal(true)],
  [
    'high heel, high heels, pump, stiletto, court shoe, spike heel, heels, high-heeled shoe, wedge',
    highHeel,
    { category: 'artefact' },
  ],
  ['loafer, loafers, moccasin, slip-on, boat shoe', slipOn('loafer')],
  ['oxford, oxford shoe, brogue, dress shoe, derby shoe, walker', slipOn('laced'), { category: 'artefact' }],
  ['slipper, slippers, house slippers, mule', slipOn('slipper'), { category: 'artefact' }],
  ['clog, clogs, crocs, sabot', slipOn('clog')],
  ['ballet flat, ballet shoe, ballet flats, ballerina flats, ballet slipper', slipOn('ballet')],
]);
