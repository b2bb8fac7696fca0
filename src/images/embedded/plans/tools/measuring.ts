import type { Plan } from '../../plan.js';
import {
  BLACK,
  contrast,
  disc,
  flat,
  IRON,
  lying,
  PALE_WOOD,
  rectangle,
  STEEL,
  shade,
  shape,
  smoothed,
  stroke,
  wordsOf,
} from '../sketch.js';

/** A tape measure: a case with the tape run out to the right. */
const tapeMeasure: Plan = (pen, look) =>
  pen.at(0, 0, 1, look.rng.range(-0.15, 0.15), () => {
    const s = smoothed(look, 0.4);
    const out = look.rng.range(0.78, 1);
    shape(pen, `M.2.66H${out}V.9H.2Z`, { colour: [244, 212, 70] });
    for (let x = 0.45, i = 0; x < out - 0.03; x += 0.07, i++)
      stroke(pen, `M${x} .66V${i % 3 ? 0.74 : 0.82}`, [30, 30, 30], 0.02);
    stroke(pen, `M${out} .62V1`, IRON.colour, 0.06);
    shape(pen, 'M-.9.3Q-.92-.6-.2-.62Q.4-.62.42.2V.86Q.42.96.32.96H-.8Q-.9.96-.9.86Z', s);
    shape(pen, disc(-0.24, 0.16, 0.42), BLACK);
    shape(pen, disc(-0.24, 0.16, 0.3), look.told.colour ? shade(s, 1.15) : look.second);
    shape(pen, rectangle(0.18, -0.5, 0.26, 0.24, 0.06), BLACK);
  });

/** A spirit level: a bar with a bubble in a vial. */
const spiritLevel: Plan = (pen, look) =>
  pen.at(0, 0.2, 1, look.rng.range(-0.5, 0.5), () => {
    const s = smoothed(look, 0.4);
    shape(pen, rectangle(-1, -0.2, 2, 0.42, 0.03), s);
    for (const y of [-0.2, 0.16]) flat(pen, rectangle(-1, y, 2, 0.06), shade(s, 0.6).colour);
    for (const x of [-1, 0.9]) shape(pen, rectangle(x, -0.21, 0.1, 0.44, 0.03), BLACK);
    shape(pen, rectangle(-0.24, -0.13, 0.48, 0.26, 0.06), BLACK);
    shape(pen, rectangle(-0.2, -0.08, 0.4, 0.17, 0.08), { colour: [196, 226, 60], gloss: 0.5 });
    shape(pen, disc(look.rng.range(-0.08, 0.08), -0.02, 0.08, 0.05), { colour: [244, 250, 206] });
    stroke(pen, 'M-.1-.08V.09M.1-.08V.09', [30, 30, 30], 0.02);
    for (const x of [-0.68, 0.68]) {
      shape(pen, disc(x, 0, 0.14), BLACK);
      shape(pen, rectangle(x - 0.04, -0.1, 0.09, 0.2, 0.04), { colour: [196, 226, 60] });
    }
  });

/** A ruler: a thin board with ticks. */
const ruler: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      const s =
        look.told.colour || look.told.material
          ? look.main
          : look.choose('ruler', [PALE_WOOD, smoothed(look, 0.3), STEEL, { colour: [250, 216, 90] as const }]);
      const w = look.between('wide', 0.16, 0.24);
      shape(pen, rectangle(-w, -1, 2 * w, 2, 0.02), s);
      const ink = contrast(s, [30, 30, 34]);
      for (let y = -0.94, i = 0; y < 0.97; y += 0.063, i++)
        stroke(pen, `M${w} ${y}H${w - (i % 5 ? 0.1 : 0.2)}`, ink, 0.018);
      for (let i = 0; i < 6; i++) flat(pen, rectangle(w - 0.28, -0.92 + i * 0.315, 0.04, 0.07), ink);
    },
    1.3,
    0.8,
  );

/** A set square or protractor. */
const setSquare: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      const s = { ...smoothed(look, 0.5), clear: look.told.colour ? 0.15 : 0.3 };
      if (look.t('round') > 0.6) {
        shape(pen, 'M-.95.4A.95.95 0 0 1 .95.4Z', s);
        for (let i = 0; i <= 18; i++) {
          const a = Math.PI + (i * Math.PI) / 18;
          stroke(
            pen,
            `M${Math.cos(a) * 0.93} ${0.4 + Math.sin(a) * 0.93}L${Math.cos(a) * 0.8} ${0.4 + Math.sin(a) * 0.8}`,
            [40, 40, 44],
            0.018,
          );
        }
        return;
      }
      shape(pen, 'M-.8-.95V.85H.9Z', s);
      flat(pen, 'M-.55-.3V.6H.32Z', [214, 212, 204], 0.8);
      for (let i = 0; i < 16; i++) stroke(pen, `M${-0.75 + i * 0.1} .85V${i % 5 ? 0.78 : 0.72}`, [40, 40, 44], 0.018);
    },
    0.5,
  );

/** Compasses or callipers: two legs from a hinge. */
const compasses: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      const open = look.rng.range(0.15, 0.4);
      for (const side of [-1, 1] as const)
        pen.at(0, -0.7, 1, side * open, () =>
          shape(pen, 'M-.07 0H.07L.04 1.3L0 1.7L-.04 1.3Z', look.told.colour ? smoothed(look) : STEEL),
        );
      shape(pen, disc(0, -0.72, 0.13), BLACK);
      shape(pen, rectangle(-0.05, -1, 0.1, 0.2, 0.03), STEEL);
    },
    0.4,
  );

/** A clamp or vise: C-frame with a screw. */
const clamp: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      const s = smoothed(look, 0.3);
      shape(pen, 'M-.6-.95H.6V-.72H-.3V.5H.3V.36H.6V.74H-.6Z', s);
      shape(pen, 'M.38-.3H.52V.98H.38Z', STEEL);
      for (let y = -0.1; y < 0.95; y += 0.08) stroke(pen, `M.38 ${y}H.52`, [90, 92, 96], 0.02);
      shape(pen, rectangle(0.3, -0.4, 0.3, 0.12, 0.03), IRON);
      stroke(pen, 'M.2.94H.7', IRON.colour, 0.06);
    },
    0.4,
  );

export const WORDS = wordsOf([
  ['tape measure, measuring tape, tapeline, tape', tapeMeasure],
  ['spirit level, level, bubble level, laser level', spiritLevel, { category: 'artefact' }],
  ['ruler, yardstick, meterstick, slide rule, folding rule, straightedge', ruler, { category: 'artefact' }],
  ['measuring stick', ruler, { as: 'ruler' }],
  ["set square, protractor, try square, triangle ruler, t-square, carpenter's square", setSquare],
  ['compasses, drawing compass, caliper, calliper, divider, tweezers', compasses],
  ['clamp, vise, c-clamp, bench vise, g-clamp, bar clamp', clamp],
]);
