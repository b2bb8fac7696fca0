import type { Plan } from '../../plan.js';
import {
  BLACK,
  contrast,
  disc,
  flat,
  INK,
  lying,
  own,
  rectangle,
  STEEL,
  shade,
  shape,
  smoothed,
  stroke,
  tube,
  WHITE,
  wordsOf,
} from '../sketch.js';

/** A ball pen or a fountain pen. */
const ballPen =
  (kind: 'ball' | 'fountain'): Plan =>
  (pen, look) =>
    lying(
      pen,
      look,
      () => {
        const s = smoothed(look, 0.6);
        const w = look.between('thick', 0.1, 0.14);
        if (kind === 'fountain') {
          shape(pen, `M${-w * 0.8} .55H${w * 0.8}L.03 1H-.03Z`, { colour: [214, 176, 84], gloss: 0.6 });
          stroke(pen, 'M0 .7V.98', [60, 48, 30], 0.02);
          shape(pen, `M${-w} .0H${w}L${w * 0.8} .58H${-w * 0.8}Z`, BLACK);
        } else {
          shape(pen, `M${-w} .6H${w}L.03 .95V1H-.03V.95Z`, STEEL);
          shape(pen, rectangle(-0.045, -1, 0.09, 0.2, 0.03), STEEL);
        }
        shape(pen, `M${-w} -.86Q0-.95 ${w} -.86V${kind === 'fountain' ? 0.1 : 0.62}H${-w}Z`, s);
        shape(pen, rectangle(-w - 0.01, -0.16, 2 * w + 0.02, 0.08), STEEL);
        shape(pen, `M${w * 0.3} -.84H${w * 1.7}V-.36Q${w * 1.4} -.28 ${w} -.36V-.74H${w * 0.3}Z`, STEEL);
        if (kind === 'ball')
          for (let i = 0; i < 4; i++) stroke(pen, `M${-w} ${0.34 + i * 0.06}H${w}`, shade(s, 0.5).colour, 0.025);
      },
      0.9,
      0.4,
    );

/** A pencil: hexagonal, sharpened, with an eraser. */
const pencil: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      const s = own(
        look,
        look.choose('paint', [
          [240, 190, 50],
          [240, 190, 50],
          [200, 50, 40],
          [50, 120, 70],
          [50, 90, 170],
        ] as const),
      );
      const w = look.between('thick', 0.12, 0.15);
      shape(pen, `M${-w} .52H${w}L0 1Z`, { colour: [230, 196, 148], texture: 'wood', grain: 0.2 });
      flat(pen, 'M-.045.86H.045L0 1Z', look.t('coloured lead') > 0.5 ? s.colour : [44, 44, 48]);
      shape(
        pen,
        `M${-w} -.72H${w}V.52Q${w * 0.6} .6 ${w * 0.4} .52Q0 .62 ${-w * 0.4} .52Q${-w * 0.7} .6 ${-w} .52Z`,
        s,
      );
      flat(pen, rectangle(w * 0.35, -0.72, w * 0.65, 1.24), shade(s, 0.72).colour);
      flat(pen, rectangle(-w, -0.72, w * 0.5, 1.24), shade(s, 1.25).colour, 0.8);
      shape(pen, rectangle(-w * 1.05, -0.86, w * 2.1, 0.16), STEEL);
      stroke(pen, `M${-w} -.81H${w}M${-w} -.76H${w}`, [110, 112, 116], 0.018);
      shape(pen, `M${-w} -.86V-.96Q0-1.04 ${w} -.96V-.86Z`, { colour: [232, 142, 150] });
    },
    0.9,
    0.4,
  );

/** A felt marker, its cap on or off. */
const marker =
  (fat: boolean): Plan =>
  (pen, look) =>
    lying(
      pen,
      look,
      () => {
        const s = smoothed(look, 0.5);
        const body = fat || look.t('white') > 0.5 ? WHITE : s;
        const w = fat ? 0.2 : 0.15;
        const capped = look.rng.chance(0.4);
        shape(pen, rectangle(-w, -0.9, 2 * w, 1.3, 0.05), body);
        shape(pen, rectangle(-w, -0.95, 2 * w, 0.16, 0.05), s);
        flat(pen, rectangle(-w, -0.5, 2 * w, 0.55), s.colour);
        flat(pen, rectangle(-w * 0.5, -0.4, w, 0.32, 0.03), contrast(s, [240, 240, 236]), 0.9);
        if (capped) {
          shape(pen, `M${-w * 1.05} .36H${w * 1.05}L${w * 0.8} 1H${-w * 0.8}Z`, s);
          stroke(pen, `M${w * 0.9} .4V.86`, shade(s, 0.6).colour, 0.07);
        } else {
          shape(pen, `M${-w} .38H${w}L${w * 0.5} .7H${-w * 0.5}Z`, shade(body, 0.8));
          shape(pen, `M${-w * 0.38} .68H${w * 0.38}V.86L${-w * 0.38} 1Z`, s);
        }
      },
      0.9,
      0.4,
    );

/** A wax crayon or a stick of chalk in a paper sleeve. */
const crayon: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      const s = { ...smoothed(look, 0.1), texture: 'fine' as const, grain: 0.3 };
      shape(pen, 'M-.17-.95H.17V.66H.11L.06.98H-.06L-.11.66H-.17Z', s);
      shape(pen, rectangle(-0.19, -0.78, 0.38, 1.25), shade(s, 1.15));
      for (const y of [-0.72, 0.36]) flat(pen, rectangle(-0.19, y, 0.38, 0.05), INK);
      flat(pen, disc(0, -0.14, 0.11, 0.3), INK, 0.75);
    },
    0.9,
    0.4,
  );

/** An eraser in its sleeve. */
const eraser: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      const s = look.told.colour
        ? smoothed(look, 0.15)
        : look.choose('rubber', [
            { colour: [232, 142, 156] as const },
            { colour: [244, 244, 240] as const },
            smoothed(look, 0.15),
          ]);
      shape(pen, 'M-.9-.1Q-.9-.3-.7-.32L.7-.32L.95-.06V.42H-.68Q-.92.4-.9.2Z', shade(s, 0.7));
      shape(pen, 'M-.95-.06Q-.94-.32-.72-.32H.6L.82-.06V.42H-.7Q-.95.4-.95.2Z', s);
      shape(pen, 'M-.25-.34H.62L.86-.07V.44H-.1L-.25.2Z', look.told.colour ? { colour: [60, 80, 150] } : look.second);
      flat(pen, 'M-.08-.02H.86V.14H-.08Z', [244, 244, 240], 0.9);
      for (let i = 0; i < 7; i++)
        flat(pen, disc(-0.9 + look.rng.range(0, 0.5), 0.55 + look.rng.range(0, 0.2), 0.03), shade(s, 0.8).colour);
    },
    0.4,
  );

/** A pencil sharpener. */
const sharpener: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      const s = look.told.colour ? smoothed(look, 0.4) : look.choose('case', [STEEL, smoothed(look, 0.4)]);
      shape(pen, 'M-.6-.7H.6L.45 0L.6.7H-.6L-.45 0Z', s);
      shape(pen, disc(0, 0.7, 0.34, 0.1), BLACK);
      shape(pen, 'M-.3-.56H.3L.2.5H-.2Z', shade(STEEL, 1.1));
      flat(pen, disc(0, -0.05, 0.1), [70, 70, 74]);
      stroke(pen, 'M-.06-.05H.06', [220, 220, 220], 0.03);
    },
    0.5,
  );

/** A correction-fluid, ink or glue bottle; a stick of glue. */
const glueStick: Plan = (pen, look) => {
  const s = smoothed(look, 0.4);
  if (look.t('bottle') > 0.5) {
    shape(pen, 'M-.14-.6L-.05-.98H.05L.14-.6Z', { colour: [236, 110, 50] });
    shape(
      pen,
      'M-.2-.62H.2Q.22-.44.5-.3V.9Q.5 1 .4 1H-.4Q-.5 1-.5.9V-.3Q-.22-.44-.2-.62Z',
      look.told.colour ? s : WHITE,
    );
    shape(pen, rectangle(-0.48, 0, 0.96, 0.6), s);
    flat(pen, rectangle(-0.3, 0.18, 0.6, 0.1), contrast(s, [240, 240, 236]));
    flat(pen, rectangle(-0.2, 0.36, 0.4, 0.07), contrast(s, [240, 240, 236]));
    return;
  }
  const open = look.rng.chance(0.6);
  if (open) shape(pen, rectangle(-0.24, -0.8, 0.48, 0.5, 0.1), WHITE);
  else shape(pen, rectangle(-0.3, -0.95, 0.6, 0.7, 0.05), s);
  shape(pen, rectangle(-0.3, -0.4, 0.6, 1.24, 0.03), look.told.colour ? s : WHITE);
  flat(pen, rectangle(-0.3, -0.1, 0.6, 0.7), s.colour);
  flat(pen, rectangle(-0.18, 0.05, 0.36, 0.36, 0.03), contrast(s, [244, 244, 240]), 0.9);
  shape(pen, rectangle(-0.32, 0.8, 0.64, 0.2, 0.03), shade(s, 0.8));
};

/** A flat set of paints with wells, and a brush. */
const paintBox: Plan = (pen, look) => {
  const s = look.told.colour ? look.main : { colour: [206, 160, 104] as const, texture: 'wood' as const, grain: 0.3 };
  pen.at(0, 0, 1, look.rng.range(-0.3, 0.3), () => {
    shape(pen, 'M-.95.1Q-.9-.7 0-.75Q.95-.7.95-.05Q.9.3.55.25Q.3.22.3.42Q.3.75-.1.72Q-.9.66-.95.1Z', s);
    flat(pen, disc(0.08, 0.36, 0.13, 0.11), [120, 116, 110]);
    const paints = [
      [214, 50, 40],
      [240, 150, 40],
      [246, 214, 60],
      [70, 160, 70],
      [50, 110, 200],
      [130, 70, 160],
    ] as const;
    paints.forEach((c, i) => {
      shape(pen, disc(-0.66 + i * 0.27, -0.1 - 0.3 * Math.sin(0.5 + i * 0.45), 0.12, 0.1), { colour: c, gloss: 0.4 });
    });
    tube(pen, 'M-.6.7L.6-.2', { colour: [150, 96, 56] }, 0.07);
    shape(pen, 'M.56-.24L.66-.12L.94-.42Q.76-.36.56-.24Z', BLACK);
  });
};

export const WORDS = wordsOf([
  [
    'pen, ballpoint, ballpoint pen, ball pen, biro, gel pen, stylus, rollerball, rollerball pen',
    ballPen('ball'),
    { category: 'artefact' },
  ],
  ['writing implement', ballPen('ball'), { as: 'pen' }],
  ['fountain pen, calligraphy pen, quill, dip pen', ballPen('fountain')],
  ['pencil, lead pencil, coloured pencil, colored pencil, drawing pencil, mechanical pencil, eyebrow pencil', pencil],
  [
    'marker, felt-tip pen, felt tip, felt-tip, magic marker, marker pen, permanent marker',
    marker(false),
    { category: 'artefact' },
  ],
  ['highlighter, whiteboard marker, dry erase marker', marker(true)],
  ['crayon, wax crayon, chalk, pastel, sidewalk chalk, wax', crayon, { category: 'artefact' }],
  ['eraser, rubber eraser, rubber, pencil eraser, whiteboard eraser', eraser, { category: 'artefact' }],
  ['pencil sharpener, sharpener', sharpener],
  ['glue, glue stick, glue bottle, correction fluid, mucilage', glueStick],
  ['paint box, palette, watercolours, paint set, watercolor set, paintbox', paintBox],
]);
