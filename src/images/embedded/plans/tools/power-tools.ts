import type { Plan } from '../../plan.js';
import {
  BLACK,
  disc,
  flat,
  IRON,
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

/** A drill or driver: motor housing, chuck and bit to the right, pistol grip, battery or cord. */
const drill =
  (battery: boolean): Plan =>
  (pen, look) =>
    pen.at(0, 0, 1, look.rng.range(-0.2, 0.25), () => {
      const s = smoothed(look, 0.35);
      if (!battery) tube(pen, 'M-.35.85Q-.3 1-.6.98T-1 .9', BLACK, 0.08);
      shape(pen, 'M.72-.52H1V-.46H.72Z', STEEL);
      stroke(pen, 'M.76-.52L.84-.46M.86-.52L.94-.46', [90, 92, 96], 0.02);
      shape(pen, 'M.42-.7H.6L.74-.58V-.4L.6-.28H.42Z', BLACK);
      shape(pen, 'M-.42-.05L-.02-.1Q.04.3-.02.66L-.46.7Q-.5.3-.42-.05Z', s);
      flat(pen, 'M-.4.05L-.3.04Q-.36.4-.32.62L-.44.64Q-.48.3-.4.05Z', [40, 40, 44], 0.9);
      shape(pen, 'M-.7-.72Q-.72-.82-.56-.84L.3-.8Q.46-.76.46-.5Q.46-.22.3-.14L-.5-.06Q-.7-.08-.72-.3Z', s);
      shape(pen, 'M-.72-.7H-.5V-.1L-.68-.14Q-.76-.4-.72-.7Z', BLACK);
      flat(pen, rectangle(-0.3, -0.62, 0.5, 0.16, 0.05), look.second.colour, 0.95);
      shape(pen, rectangle(-0.02, -0.02, 0.1, 0.2, 0.04), look.told.colour ? BLACK : look.third);
      if (battery) {
        shape(pen, 'M-.66.62H.14L.2.74V.96Q.2 1 .12 1H-.66Q-.74 1-.74.94V.72Z', BLACK);
        flat(pen, rectangle(-0.6, 0.78, 0.66, 0.1, 0.02), s.colour, 0.9);
      }
    });

/** A sander or planer: a body with a grip above a flat sole. */
const sander: Plan = (pen, look) => {
  const s = smoothed(look, 0.35);
  tube(pen, 'M-.55-.3Q-.9-.5-.98-.2', BLACK, 0.08);
  shape(pen, 'M-.8.78H.85L.9.98H-.85Z', { ...WHITE, colour: [196, 160, 110], texture: 'fine', grain: 0.5 });
  shape(pen, 'M-.8.6H.85V.8H-.8Z', BLACK);
  shape(pen, 'M-.62-.38Q-.6-.62-.3-.62H.2Q.62-.6.66-.2L.72.62H-.68Q-.7.3-.4.25H.24V-.08H-.3Q-.62-.1-.62-.38Z', s);
  shape(pen, 'M-.66.3Q-.3.22.3.24L.66.36L.72.62H-.7Z', shade(s, 0.7));
  flat(pen, 'M-.5-.5Q-.1-.56.3-.48L.28-.38Q-.1-.44-.46-.38Z', [44, 44, 48], 0.9);
  for (let i = 0; i < 4; i++) stroke(pen, `M${0.34 + i * 0.08} .34V.54`, [36, 36, 40], 0.03);
};

/** A circular saw: round blade under a guard, grip behind. */
const circularSaw: Plan = (pen, look) => {
  const s = smoothed(look, 0.35);
  let d = '';
  for (let i = 0; i < 24; i++) {
    const a = (i * Math.PI) / 12;
    d += `${d ? 'L' : 'M'}${0.15 + Math.cos(a) * 0.6} ${0.35 + Math.sin(a) * 0.6}L${0.15 + Math.cos(a + 0.2) * 0.52} ${0.35 + Math.sin(a + 0.2) * 0.52}`;
  }
  shape(pen, `${d}Z`, STEEL);
  shape(pen, 'M-.85.42H.98V.54H-.85Z', IRON);
  shape(pen, 'M-.55.4Q-.56-.3.15-.36Q.8-.3.84.4Z', s);
  shape(pen, 'M-.4-.2Q-.9-.5-.98 0L-.8.3L-.66.1Q-.6-.1-.3.05Z', BLACK);
  tube(pen, 'M.3-.3Q.4-.62.66-.5', BLACK, 0.14);
  shape(pen, rectangle(-0.32, -0.36, 0.5, 0.42, 0.08), shade(s, 0.7));
  shape(pen, disc(0.15, 0.35, 0.1), IRON);
};

/** A chain saw: motor with handle, long bar with a chain. */
const chainSaw: Plan = (pen, look) =>
  pen.at(0, 0, 1, look.rng.range(-0.3, 0.15), () => {
    const s = smoothed(look, 0.35);
    shape(pen, 'M0-.04H.86Q1.02.06.86.18H0Z', STEEL);
    for (let x = 0.1; x < 0.9; x += 0.1) {
      flat(pen, rectangle(x, -0.1, 0.05, 0.07), [50, 50, 54]);
      flat(pen, rectangle(x, 0.17, 0.05, 0.07), [50, 50, 54]);
    }
    tube(pen, 'M-.5-.3Q-.3-.72.1-.2', BLACK, 0.1);
    shape(pen, 'M-.55-.35H-.05L.12-.1V.36H-.6Z', s);
    shape(pen, 'M-.6-.2Q-1-.3-.98.1Q-.96.42-.55.36V.2Q-.78.2-.78.05Q-.78-.06-.6-.04Z', BLACK);
    shape(pen, disc(-0.25, 0.06, 0.16), shade(s, 0.6));
  });

/** A lawn mower from the side: deck, two wheels, motor, handle. */
const lawnMower: Plan = (pen, look) => {
  const s = smoothed(look, 0.4);
  tube(pen, 'M-.25.5L-.95-.75', IRON, 0.08);
  tube(pen, 'M-.1.5L-.78-.75H-1', BLACK, 0.09);
  if (look.t('bag') > 0.5)
    shape(pen, 'M-.45.75L-.9.6L-.75.1Q-.4.05-.35.3Z', { ...BLACK, texture: 'weave', grain: 0.4 });
  shape(pen, 'M-.5.8V.48Q-.4.36-.2.36H.55Q.92.4.96.8Z', s);
  shape(pen, rectangle(-0.08, 0.06, 0.5, 0.32, 0.06), BLACK);
  shape(pen, 'M-.02-.14H.36L.42.08H-.08Z', shade(s, 0.8));
  for (let i = 0; i < 4; i++) stroke(pen, `M${0 + i * 0.1} .16V.3`, [120, 122, 126], 0.03);
  for (const [x, r] of [
    [-0.4, 0.27],
    [0.72, 0.22],
  ] as const) {
    shape(pen, disc(x, 1 - r, r), BLACK);
    shape(pen, disc(x, 1 - r, r * 0.55), look.told.colour ? STEEL : look.second);
  }
};

/** A string trimmer or hedge trimmer: long shaft, motor, guard. */
const trimmer: Plan = (pen, look) =>
  pen.at(0, 0, 1, look.rng.range(-0.3, 0.2), () => {
    const s = smoothed(look, 0.4);
    tube(pen, 'M-.6-.7L.55.72', IRON, 0.08);
    shape(pen, 'M-.95-.98L-.6-.95L-.45-.6L-.7-.5L-.98-.72Z', s);
    tube(pen, 'M-.25-.3L0-.6L.15-.45L-.08-.12', BLACK, 0.09);
    shape(pen, 'M.3.62Q.6.4.9.66L.98.86H.36Z', s);
    shape(pen, disc(0.6, 0.88, 0.14, 0.1), BLACK);
    stroke(pen, 'M.6.95Q.9.9 1 .98M.6.95Q.3 1 .2.96', [200, 220, 90], 0.03);
  });

/** A glue or heat gun, a caulking gun, a spray gun: pistol with a nozzle. */
const gluegun: Plan = (pen, look) =>
  pen.at(0, 0, 1, look.rng.range(-0.2, 0.2), () => {
    const s = smoothed(look, 0.4);
    tube(pen, 'M-.42.8Q-.4 1-.7.98T-1 .85', BLACK, 0.07);
    shape(pen, 'M.5-.42L.9-.28V-.16L.5-.04Z', { ...BRASS_TIP });
    shape(pen, 'M-.7-.5Q-.1-.66.55-.48V0L-.02.06Q-.1.5-.2.86H-.58Q-.6.4-.5.06L-.7 0Z', s);
    shape(pen, 'M-.02.06H.14Q.12.3-.02.36L-.08.3Z', BLACK);
    flat(pen, 'M-.5.3L-.24.32L-.3.75H-.5Z', [40, 40, 44], 0.7);
    shape(pen, rectangle(-0.98, -0.34, 0.3, 0.16, 0.04), { ...WHITE, clear: 0.2 });
  });
const BRASS_TIP = { colour: [206, 196, 176] as const, gloss: 0.5 };

/** A power strip with sockets, or an extension cord, its cable in front. */
const powerStrip: Plan = (pen, look) =>
  pen.at(0, 0, 1, look.rng.range(-0.3, 0.3), () => {
    const s = smoothed(look, 0.3);
    tube(pen, 'M-.8.1Q-1.02.1-.98.5Q-.9.9-.4.75T.3.8T.8.72', shade(s, 0.85), 0.08);
    shape(pen, 'M.76.62H.94V.84H.76Z', s);
    stroke(pen, 'M.94.68H1M.94.78H1', STEEL.colour, 0.04);
    shape(pen, rectangle(-0.95, -0.3, 1.9, 0.62, 0.12), shade(s, 0.7));
    shape(pen, rectangle(-0.95, -0.38, 1.9, 0.62, 0.12), s);
    const n = 3 + Math.floor(look.t('sockets') * 3);
    for (let i = 0; i < n; i++) {
      const x = -0.7 + (i * 1.2) / (n - 1);
      shape(pen, disc(x, -0.07, Math.min(0.2, 0.54 / n + 0.03)), shade(s, 0.82));
      for (const k of [-0.07, 0.07]) flat(pen, disc(x + k, -0.07, 0.035), [30, 30, 32]);
    }
    shape(pen, rectangle(0.7, -0.2, 0.16, 0.26, 0.03), { colour: [206, 48, 36], gloss: 0.4 });
  });

/** A plug with its cable, coiled. */
const extensionCord: Plan = (pen, look) =>
  pen.at(0, 0, 1, look.rng.range(-0.4, 0.4), () => {
    const s = smoothed(look, 0.35);
    for (let i = 0; i < 5; i++)
      tube(
        pen,
        disc(look.rng.normal() * 0.03, 0.12 + look.rng.normal() * 0.03, 0.5 + i * 0.05, 0.42 + i * 0.05),
        s,
        0.09,
      );
    tube(pen, 'M-.5.3Q-.8.8-.5.9', s, 0.09);
    tube(pen, 'M.4-.2Q.6-.5.62-.7', s, 0.09);
    pen.at(-0.42, 0.9, 1, 0, () => {
      shape(pen, 'M-.1-.13H.2L.28-.08V.1L.2.13H-.1Z', shade(s, 0.7));
      stroke(pen, 'M.28-.04H.42M.28.06H.42', STEEL.colour, 0.045);
    });
    shape(pen, rectangle(0.48, -1, 0.28, 0.32, 0.06), shade(s, 0.7));
    for (const x of [0.56, 0.68]) flat(pen, disc(x, -0.86, 0.03), [24, 24, 26]);
  });

export const WORDS = wordsOf([
  ['cordless drill, power drill, cordless screwdriver, impact driver, drill driver, drill', drill(true)],
  ['electric drill, hammer drill, rotary hammer, power tool', drill(false)],
  ['sander, orbital sander, belt sander, smoothing plane, electric planer, planer, sandpaper', sander],
  ['circular saw, angle grinder, grinder, table saw, jigsaw, jigsaw tool, power saw', circularSaw],
  ['chain saw, chainsaw, hedge trimmer', chainSaw],
  ['lawn mower, lawnmower, mower, power mower', lawnMower],
  ['string trimmer, grass trimmer, weed trimmer, brush cutter, metal detector', trimmer],
  ['glue gun, hot glue gun, heat gun, caulking gun, staple gun, nail gun, soldering gun, spray gun', gluegun],
  ['power strip, extension lead, surge protector, multi-socket, power bar', powerStrip],
  ['extension cord, power cord, electric cord, cable reel', extensionCord],
]);
