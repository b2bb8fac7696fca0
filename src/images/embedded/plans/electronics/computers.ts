import { Path2D } from '@napi-rs/canvas';
import { lit } from '../../colour.js';
import type { Pen } from '../../pen.js';
import type { Plan } from '../../plan.js';
import {
  BLACK,
  contrast,
  disc,
  display,
  flat,
  laid,
  lying,
  print,
  rectangle,
  STEEL,
  shade,
  shape,
  slab,
  smoothed,
  stroke,
  tube,
  wordsOf,
} from '../sketch.js';

/** Keys in rows; the last row has a long one. */
function keys(
  pen: Pen,
  x: number,
  y: number,
  w: number,
  h: number,
  rows: number,
  cols: number,
  colour: readonly [number, number, number],
): void {
  for (let r = 0; r < rows; r++) {
    const last = r === rows - 1;
    for (let c = 0; c < cols; c++) {
      if (last && c > 2 && c < cols - 4) continue;
      const wide = last && c === 2 ? (w / cols) * (cols - 6) : w / cols;
      flat(pen, rectangle(x + (c * w) / cols, y + (r * h) / rows, wide * 0.84, (h / rows) * 0.8, 0.015), colour);
    }
  }
}

/** A laptop, open: screen above, keyboard towards the viewer. */
const laptop: Plan = (pen, look) => {
  const s =
    look.told.colour || look.told.material
      ? smoothed(look, 0.4)
      : look.choose('case', [shade(STEEL, 1.1), shade(STEEL, 0.8), BLACK, smoothed(look, 0.4)]);
  const lean = look.view === 'front' ? 0 : look.rng.pick([-0.16, 0.16]);
  const top = look.rng.range(-0.85, -0.7);
  const [l, r] = [-0.72, 0.72];
  shape(
    pen,
    `M${l + lean} ${top}Q${l + lean} ${top - 0.05} ${l + lean + 0.06} ${top - 0.05}H${r + lean - 0.06}Q${r + lean} ${top - 0.05} ${r + lean} ${top}L${r} .34H${l}Z`,
    s,
  );
  pen.ctx.save();
  pen.ctx.transform(1, 0, -lean / (0.34 - top), 1, (lean * 0.34) / (0.34 - top), 0);
  shape(pen, rectangle(l + 0.04, top + 0.01, r - l - 0.08, 0.3 - top, 0.03), BLACK);
  display(pen, look, l + 0.09, top + 0.07, r - l - 0.18, 0.2 - top);
  pen.ctx.restore();
  shape(pen, `M${l} .34H${r}L.98 .86H-.98Z`, shade(s, 1.05));
  shape(pen, 'M-.98.86H.98V.93Q.98.96.94.96H-.94Q-.98.96-.98.93Z', shade(s, 0.65));
  const ink = contrast(s, [40, 40, 44]);
  for (let i = 0; i < 4; i++) {
    const y = 0.4 + i * 0.075;
    const half = 0.66 + (y - 0.34) * 0.42;
    for (let c = 0; c < 12; c++)
      flat(pen, rectangle(-half + (c * 2 * half) / 12, y, (2 * half) / 12 - 0.025, 0.055, 0.01), ink);
  }
  shape(pen, 'M-.22.72H.22L.26.83H-.26Z', shade(s, 0.85));
};

/** A screen on a stand: a monitor, or wider and with feet, a television. */
const screen =
  (kind: 'monitor' | 'television' | 'all-in-one'): Plan =>
  (pen, look) => {
    const s =
      look.told.colour || look.told.material
        ? smoothed(look, 0.4)
        : kind === 'all-in-one'
          ? { colour: [226, 228, 230] as const }
          : BLACK;
    const h = kind === 'television' ? 1.1 : look.between('tall', 1.05, 1.2);
    const w = kind === 'television' ? 0.99 : look.between('wide', 0.82, 0.96);
    const y = kind === 'television' ? -0.35 : -0.8;
    const foot = kind !== 'television' || look.t('foot') > 0.5;
    if (foot) {
      shape(pen, `M-.1 ${y + h - 0.05}H.1L.14.9H-.14Z`, shade(s, 0.75));
      shape(pen, 'M-.42.9Q0 .84.42.9L.46.98H-.46Z', s);
    } else
      for (const x of [-0.6, 0.6])
        shape(pen, `M${x - 0.04} .7H${x + 0.04}L${x + 0.14} .98H${x + 0.06}L${x} .84L${x - 0.06} .98H${x - 0.14}Z`, s);
    slab(pen, look, [-w, y, 2 * w - 0.06, h], 0.07, s, 0.03);
    const chin = kind === 'all-in-one' ? 0.2 : 0.07;
    display(pen, look, -w + 0.06, y + 0.06, 2 * w - 0.18, h - 0.08 - chin);
    if (kind === 'all-in-one') flat(pen, disc(-0.03, y + h - 0.11, 0.04), [60, 60, 64]);
    else flat(pen, rectangle(-0.08, y + h - 0.045, 0.12, 0.02), [170, 172, 176]);
  };

/** A television of old: deep case, bulging tube, knobs, aerial. */
const tubeTelevision: Plan = (pen, look) => {
  const s =
    look.told.colour || look.told.material
      ? look.main
      : look.choose('case', [look.main, { colour: [120, 78, 46] as const, texture: 'wood' as const, grain: 0.4 }]);
  stroke(pen, 'M0-.55L-.5-1M0-.55L.45-1', [120, 122, 126], 0.035);
  for (const x of [-0.6, 0.6]) shape(pen, `M${x - 0.06} .8H${x + 0.06}L${x} 1H${x - 0.03}Z`, BLACK);
  slab(pen, look, [-0.9, -0.5, 1.68, 1.36], 0.14, s, 0.1);
  shape(pen, rectangle(-0.8, -0.38, 1.08, 1.1, 0.2), BLACK);
  display(pen, look, -0.73, -0.3, 0.94, 0.94, 0.2);
  for (const y of [-0.18, 0.12]) shape(pen, disc(0.54, y, 0.11), look.told.colour ? STEEL : look.second);
  for (let i = 0; i < 5; i++) stroke(pen, `M.4 ${0.34 + i * 0.08}H.68`, shade(s, 0.45).colour, 0.035);
};

/** A tower case. */
const tower: Plan = (pen, look) => {
  const s = look.told.colour || look.told.material ? smoothed(look, 0.4) : BLACK;
  slab(pen, look, [-0.5, -0.8, 0.8, 1.78], 0.4, s, 0.03);
  for (let i = 0; i < 2; i++) shape(pen, rectangle(-0.42, -0.7 + i * 0.2, 0.64, 0.14, 0.02), shade(s, 0.75));
  flat(pen, disc(-0.1, -0.2, 0.07), [80, 190, 250]);
  for (let i = 0; i < 9; i++) stroke(pen, `M-.38 ${0.1 + i * 0.09}H.18`, shade(s, 0.5).colour, 0.035);
};

/** A keyboard, seen from the front and above. */
const keyboard: Plan = (pen, look) =>
  pen.at(0, 0, 1, look.rng.range(-0.25, 0.25), () =>
    laid(pen, look, () => {
      const s =
        look.told.colour || look.told.material
          ? smoothed(look, 0.35)
          : look.choose('case', [BLACK, { colour: [226, 226, 224] as const }, smoothed(look)]);
      shape(pen, rectangle(-1, -0.4, 2, 0.96, 0.07), shade(s, 0.6));
      shape(pen, rectangle(-1, -0.46, 2, 0.94, 0.07), s);
      const light = look.t('light keys') > 0.5;
      const key = contrast(s, light ? [236, 236, 232] : [44, 44, 50]);
      const pad = look.t('pad') > 0.4;
      keys(pen, -0.93, -0.38, pad ? 1.4 : 1.86, 0.8, 5, pad ? 12 : 15, key);
      if (pad) keys(pen, 0.53, -0.38, 0.42, 0.8, 5, 3, lit(key, 0.95));
    }),
  );

/** A computer mouse: rounded body, two buttons, a wheel; a cable, if it has one. */
const mouse =
  (wired: boolean): Plan =>
  (pen, look) =>
    lying(
      pen,
      look,
      () => {
        const s =
          look.told.colour || look.told.material
            ? smoothed(look, 0.5)
            : look.choose('case', [BLACK, { colour: [232, 232, 230] as const, gloss: 0.4 }, smoothed(look, 0.5)]);
        if (wired) tube(pen, 'M0-.8Q0-1.1.3-1T.9-.9', BLACK, 0.06);
        const w = look.between('wide', 0.5, 0.6);
        shape(pen, `M-${w}.2Q-${w} -.9 0-.92Q${w} -.9 ${w}.2Q${w}.98 0 .98Q-${w}.98-${w}.2Z`, s);
        const groove = contrast(s, [60, 60, 64]);
        stroke(pen, `M0-.9V-.1M-${w} -.02Q0 .1 ${w} -.02`, groove, 0.035, 0.9);
        shape(pen, rectangle(-0.08, -0.62, 0.16, 0.36, 0.08), look.told.colour ? BLACK : look.third);
        for (let i = 0; i < 4; i++) stroke(pen, `M-.06 ${-0.54 + i * 0.07}H.06`, [160, 160, 164], 0.02);
        flat(pen, disc(0, 0.55, 0.07), lit(groove, 1.4), 0.8);
      },
      0.6,
    );

/** A telephone or tablet with a lit screen, from in front or from behind. */
const handheld =
  (kind: 'phone' | 'tablet' | 'reader'): Plan =>
  (pen, look) =>
    lying(
      pen,
      look,
      () => {
        const s =
          look.told.colour || look.told.material
            ? smoothed(look, 0.5)
            : look.choose('case', [BLACK, STEEL, smoothed(look, 0.5)]);
        const w = kind === 'phone' ? look.between('wide', 0.44, 0.5) : 0.74;
        const r = kind === 'phone' ? 0.12 : 0.08;
        shape(pen, rectangle(-w + 0.03, -0.95, 2 * w, 1.94, r), shade(s, 0.6));
        const path = shape(pen, rectangle(-w, -0.98, 2 * w, 1.94, r), s);
        if (kind === 'phone' && look.rng.chance(0.3)) {
          print(pen, look, path, 1, true);
          shape(pen, rectangle(-w + 0.08, -0.9, 0.36, 0.4, 0.1), shade(s, 0.75));
          for (const [x, y] of [
            [0.18, -0.8],
            [0.33, -0.7],
            [0.18, -0.6],
          ] as const)
            shape(pen, disc(-w + x, y, 0.07), { colour: [24, 26, 34], gloss: 0.7 });
          return;
        }
        if (kind === 'phone') {
          flat(pen, rectangle(-w + 0.04, -0.94, 2 * w - 0.08, 1.86, r * 0.8), [22, 22, 26]);
          display(pen, look, -w + 0.06, -0.9, 2 * w - 0.12, 1.78, r * 0.6);
          flat(pen, rectangle(-0.12, -0.87, 0.24, 0.06, 0.03), [16, 16, 18]);
          for (let i = 0; i < 4; i++)
            flat(
              pen,
              rectangle(-w + 0.1 + i * ((2 * w - 0.2) / 4), 0.66, (w - 0.1) / 2 - 0.05, 0.16, 0.04),
              look.rng.pick([
                [240, 240, 240],
                [80, 200, 120],
                [250, 180, 60],
                [240, 90, 80],
              ] as const),
            );
        } else {
          flat(pen, rectangle(-w + 0.05, -0.93, 2 * w - 0.1, 1.84, 0.05), kind === 'reader' ? s.colour : [22, 22, 26]);
          if (kind === 'reader') {
            flat(pen, rectangle(-w + 0.1, -0.86, 2 * w - 0.2, 1.5), [226, 226, 218]);
            for (let i = 0; i < 11; i++)
              flat(
                pen,
                rectangle(-w + 0.18, -0.76 + i * 0.12, (2 * w - 0.36) * (i % 4 === 3 ? 0.6 : 1), 0.045),
                [70, 70, 72],
              );
          } else {
            display(pen, look, -w + 0.1, -0.86, 2 * w - 0.2, 1.66);
            pen.line(new Path2D(disc(0, 0.86, 0.035)), [120, 120, 124], 0.015);
          }
        }
      },
      0.5,
    );

/** A phone of old with a handset and a dial, or buttons. */
const telephone: Plan = (pen, look) => {
  const s = smoothed(look, 0.5);
  shape(pen, 'M-.6-.1Q-.6-.25-.4-.28H.4Q.6-.25.6-.1L.9.8Q.92.98.8.98H-.8Q-.92.98-.9.8Z', s);
  const dial = look.t('dial') > 0.4;
  if (dial) {
    shape(pen, disc(0, 0.42, 0.42), shade(s, 0.7));
    for (let i = 0; i < 10; i++)
      flat(pen, disc(Math.cos(i * 0.6) * 0.29, 0.42 + Math.sin(i * 0.6) * 0.29, 0.07), contrast(s, [236, 234, 226]));
    shape(pen, disc(0, 0.42, 0.15), STEEL);
  } else
    for (let i = 0; i < 12; i++)
      shape(
        pen,
        rectangle(-0.33 + (i % 3) * 0.24, 0.06 + Math.floor(i / 3) * 0.2, 0.18, 0.13, 0.03),
        shade({ colour: [226, 226, 222] }, 1),
      );
  shape(
    pen,
    'M-.98-.3Q-1-.75-.7-.8Q0-.98.7-.8Q1-.75.98-.3Q.9-.18.62-.22Q.5-.3.52-.45Q0-.56-.52-.45Q-.5-.3-.62-.22Q-.9-.18-.98-.3Z',
    shade(s, 1.1),
  );
};

export const WORDS = wordsOf([
  ['laptop, laptop computer, notebook computer, chromebook, portable computer, macbook, netbook', laptop],
  ['computer, personal computer', laptop, { as: 'laptop' }],
  [
    'monitor, desktop monitor, computer monitor, computer screen, flat panel display, display, crt screen, gaming monitor, screen, lcd display',
    screen('monitor'),
    { category: 'artefact' },
  ],
  [
    'television, tv, television set, smart tv, flat-screen tv, television receiver, flat screen, tv set',
    screen('television'),
  ],
  ['desktop computer, all-in-one computer, imac, desktop', screen('all-in-one')],
  ['crt television, vintage television, tube tv', tubeTelevision],
  ['computer tower, pc tower, server, computer case, tower pc, subwoofer tower', tower],
  ['keyboard, computer keyboard, mechanical keyboard, wireless keyboard, keypad', keyboard],
  ['mouse, computer mouse, wireless mouse, optical mouse, gaming mouse', mouse(false), { category: 'artefact' }],
  ['wired mouse, usb mouse', mouse(true)],
  [
    'smartphone, mobile phone, cellphone, cell phone, cellular telephone, iphone, mobile, phone, phone case, radiotelephone',
    handheld('phone'),
  ],
  ['tablet, tablet computer, ipad, graphics tablet, drawing tablet', handheld('tablet'), { category: 'artefact' }],
  ['e-reader, ebook reader, kindle, e-book reader', handheld('reader')],
  ['telephone, dial telephone, desk phone, landline phone, handset, rotary phone', telephone],
]);
