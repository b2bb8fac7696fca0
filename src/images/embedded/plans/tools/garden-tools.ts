import type { Pen } from '../../pen.js';
import type { Look, Plan } from '../../plan.js';
import {
  BLACK,
  BRASS,
  disc,
  IRON,
  lying,
  rectangle,
  STEEL,
  shade,
  shape,
  smoothed,
  stroke,
  TIMBER,
  tube,
  wordsOf,
} from '../sketch.js';

/** A long shaft from y = `top` to `bottom`, with or without a D-grip. */
function shaft(pen: Pen, look: Look, top: number, bottom: number, grip = false): void {
  const s = look.told.colour ? TIMBER : look.t('shaft') > 0.3 ? TIMBER : smoothed(look);
  shape(pen, `M-.05 ${top}H.05V${bottom}H-.05Z`, s);
  if (grip)
    tube(pen, `M-.16 ${top - 0.02}L0 ${top + 0.2}L.16 ${top - 0.02}Z`, look.told.colour ? smoothed(look) : BLACK, 0.08);
}

const head = (look: Look) =>
  look.told.colour || look.told.material ? smoothed(look, 0.4) : shade(STEEL, 0.75 + 0.35 * look.t('steel'));

/** A shovel or spade. */
const shovel: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      shaft(pen, look, -0.92, 0.2, look.t('grip') > 0.35);
      const s = head(look);
      if (look.t('spade') > 0.5) shape(pen, 'M-.12.1H.12L.34.16V.86Q0 1.04-.34.86V.16Z', s);
      else shape(pen, 'M-.12.1H.12Q.4.14.4.4Q.38.78 0 1Q-.38.78-.4.4Q-.4.14-.12.1Z', s);
      shape(pen, 'M-.07-.05H.07L.04.5H-.04Z', shade(s, 0.75));
    },
    0.7,
  );

/** A rake: a bar of teeth, or a fan of tines. */
const rake: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      shaft(pen, look, -1, 0.5);
      const s = head(look);
      if (look.t('fan') > 0.5) {
        for (let i = -5; i <= 5; i++) tube(pen, `M0 .3L${i * 0.11} .9Q${i * 0.12} 1 ${i * 0.11 + 0.02} .98`, s, 0.05);
        stroke(pen, 'M-.3.66Q0 .72.3.66', shade(s, 0.6).colour, 0.05);
      } else {
        tube(pen, 'M0 .45L-.3.66M0 .45L.3.66', s, 0.05);
        shape(pen, rectangle(-0.62, 0.64, 1.24, 0.09, 0.02), s);
        for (let i = 0; i < 9; i++) shape(pen, rectangle(-0.6 + i * 0.144, 0.7, 0.05, 0.28, 0.02), s);
      }
    },
    0.6,
  );

/** A fork with four tines; a pitchfork. */
const fork: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      shaft(pen, look, -0.9, 0.3, true);
      const s = head(look);
      tube(pen, 'M-.34 1V.42Q-.34.26-.2.26H.2Q.34.26.34.42V1', s, 0.07);
      tube(pen, 'M-.11.28V1M.11.28V1', s, 0.07);
    },
    0.6,
  );

/** A hoe: a blade across the shaft's end. */
const hoe: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      shaft(pen, look, -1, 0.5);
      const s = head(look);
      tube(pen, 'M0 .4Q.02.62.12.7', s, 0.07);
      shape(pen, 'M-.24.66H.36L.42.96H-.3Z', s);
    },
    0.6,
  );

/** A pickaxe. */
const pick: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      shaft(pen, look, -0.9, 1);
      shape(pen, 'M-.95-.5Q-.4-.92 0-.9Q.4-.92.95-.46Q.4-.74.1-.68V-.6H-.1V-.68Q-.4-.74-.95-.5Z', head(look));
    },
    0.6,
  );

/** A trowel: short grip, cranked neck, pointed or square blade. */
const trowel =
  (kind: 'garden' | 'mason'): Plan =>
  (pen, look) =>
    lying(
      pen,
      look,
      () => {
        const grip = look.told.colour || look.t('plastic') > 0.35 ? smoothed(look, 0.4) : TIMBER;
        tube(pen, 'M0 .4Q-.02.2 0 .05', STEEL, 0.08);
        const s = shade(STEEL, 0.95);
        if (kind === 'garden') {
          shape(pen, 'M-.16.1Q-.3 0-.3-.3Q-.26-.7 0-1Q.26-.7.3-.3Q.3 0 .16.1Q0 .16-.16.1Z', s);
          stroke(pen, 'M0 .05V-.7', shade(s, 0.6).colour, 0.06);
        } else shape(pen, 'M-.1.1Q-.5 0-.5-.15L0-1L.5-.15Q.5 0 .1.1Z', s);
        shape(pen, 'M-.09.32H.09L.15.5Q.11.7.15.9Q0 1.06-.15.9Q-.11.7-.15.5Z', grip);
      },
      0.9,
    );

/** A coiled garden hose with its nozzle. */
const hose: Plan = (pen, look) =>
  pen.at(0, 0, 1, look.rng.range(-0.5, 0.5), () => {
    const s = look.told.colour
      ? smoothed(look, 0.4)
      : look.choose('hose', [
          { colour: [64, 140, 60] as const, gloss: 0.4 },
          smoothed(look, 0.4),
          { colour: [226, 190, 50] as const, gloss: 0.4 },
        ]);
    const flatness = look.view === 'top' || look.view === 'front' ? 0.95 : 0.7;
    for (let i = 0; i < 5; i++) {
      const r = 0.8 - i * 0.1;
      tube(pen, disc(look.rng.normal() * 0.02, 0.1 + look.rng.normal() * 0.02 - i * 0.02, r, r * flatness), s, 0.12);
    }
    tube(pen, 'M-.6.5Q-.3 1 .2.9Q.5.86.62.9', s, 0.12);
    shape(pen, 'M.56.82L.76.78L1 .84V1L.76 1.02L.56.98Z', BRASS);
  });

/** A wheelbarrow: tray, front wheel, legs, handles. */
const wheelbarrow: Plan = (pen, look) => {
  const s = smoothed(look, 0.3);
  const grips = look.told.colour || look.t('wooden') > 0.4 ? TIMBER : IRON;
  tube(pen, 'M.62.62L-.2.5L-1.02.02', shade(grips, 0.7), 0.08);
  tube(pen, 'M-.5.36L-.4.96H-.2L-.1.5', IRON, 0.07);
  shape(pen, 'M-.62-.34L.98-.42Q1.02-.3.9-.2L.5.42H-.22Z', s);
  shape(pen, 'M-.62-.34L.98-.42L.84-.28L-.5-.22Z', shade(s, 0.55));
  tube(pen, 'M.66.68L-.16.58L-.98.1', grips, 0.09);
  shape(pen, disc(0.66, 0.68, 0.32), BLACK);
  shape(pen, disc(0.66, 0.68, 0.17), look.told.colour ? STEEL : look.second);
  shape(pen, disc(0.66, 0.68, 0.05), IRON);
};

/** A sprinkler: base, arm and jets of water. */
const sprinkler: Plan = (pen, look) => {
  const s = smoothed(look, 0.4);
  for (let i = 0; i < 7; i++)
    stroke(
      pen,
      `M0 .35Q${(i - 3) * 0.16} -.5 ${(i - 3) * 0.32} ${-0.4 + Math.abs(i - 3) * 0.18}`,
      [220, 234, 244],
      0.03,
      0.85,
    );
  tube(pen, 'M-.6.95L0 .62L.6.95M0 .62V1', s, 0.12);
  shape(pen, rectangle(-0.12, 0.3, 0.24, 0.4, 0.04), BRASS);
  shape(pen, rectangle(-0.4, 0.26, 0.8, 0.12, 0.06), s);
};

export const WORDS = wordsOf([
  ['shovel, spade, snow shovel, garden shovel, garden spade', shovel],
  ['rake, garden rake, leaf rake', rake],
  ['garden fork, pitchfork, hayfork, digging fork, hay fork', fork],
  ['hoe, garden hoe, cultivator, mattock, adz', hoe],
  ['pick, pickaxe, ice axe, ice ax', pick],
  ['trowel, garden trowel, hand trowel, scoop shovel', trowel('garden')],
  ['masonry trowel, pointing trowel, float trowel', trowel('mason')],
  ['hose, garden hose, hosepipe, fire hose, water hose', hose],
  ['wheelbarrow, barrow, handcart, garden cart, lawn cart', wheelbarrow],
  ['sprinkler, lawn sprinkler, sprinkler system', sprinkler],
  ['garden tool', shovel, { as: 'shovel' }],
]);
