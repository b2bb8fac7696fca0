import { Path2D } from '@napi-rs/canvas';
import type { Plan } from '../../plan.js';
import {
  disc,
  flat,
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

/** A hammer with a claw, a ball or two faces. */
const hammer =
  (head: 'claw' | 'sledge' | 'mallet'): Plan =>
  (pen, look) =>
    lying(pen, look, () => {
      const grip = smoothed(look);
      const w = look.between('shaft', 0.07, 0.1);
      shape(pen, `M${-w * 0.8} -0.6H${w * 0.8}L${w} 0.3H${-w}Z`, look.t('wooden shaft') > 0.4 ? TIMBER : STEEL);
      shape(
        pen,
        `M${-w} 0.2H${w}Q${w * 1.8} 0.6 ${w * 1.5} 0.94Q0 1.04 ${-w * 1.5} 0.94Q${-w * 1.8} 0.6 ${-w} 0.2Z`,
        grip,
      );
      const iron = look.told.material ? look.main : shade(STEEL, look.between('steel', 0.7, 1));
      if (head === 'claw') {
        shape(pen, 'M-.2-.9Q.1-.95 .35-.86Q.62-.74 .72-.34Q.5-.6 .22-.56L-.2-.58Z', iron);
        stroke(pen, 'M.4-.76Q.6-.6 .7-.38', [40, 40, 44], 0.035);
        shape(pen, 'M-.22-.88H-.46V-.6H-.22Z', iron);
        shape(pen, 'M-.46-.95H-.62Q-.66-.74-.62-.52H-.46Z', iron);
      } else if (head === 'sledge') {
        shape(pen, 'M-.5-.98H.5L.6-.88V-.6L.5-.5H-.5L-.6-.6V-.88Z', iron);
      } else {
        shape(pen, rectangle(-0.55, -0.98, 1.1, 0.55, 0.14), look.told.colour ? grip : TIMBER);
        for (const x of [-0.42, 0.36]) flat(pen, rectangle(x, -0.98, 0.06, 0.55), [60, 44, 30], 0.5);
      }
      shape(pen, rectangle(-w, -0.98, 2 * w, 0.1, 0.03), TIMBER);
    });

/** A screwdriver: ribbed handle, thin shaft, flat or cross tip. */
const screwdriver: Plan = (pen, look) =>
  lying(pen, look, () => {
    const s = smoothed(look, 0.5);
    shape(pen, 'M-.06-.2H.06V-.78L.11-.86V-.98H-.11V-.86L-.06-.78Z', STEEL);
    if (look.t('cross') > 0.5) shape(pen, 'M-.1-.86H.1L.02-1H-.02Z', IRON);
    shape(pen, 'M-.1-.24H.1L.16-.1Q.1 0 .22.14Q.27.5 .22.82Q.14 1 0 1Q-.14 1-.22.82Q-.27.5-.22.14Q-.1 0-.16-.1Z', s);
    for (const x of [-0.11, 0, 0.11]) stroke(pen, `M${x} .16V.8`, shade(s, 0.5).colour, 0.045, 0.8);
    shape(pen, 'M-.21.82Q-.14 1 0 1Q.14 1 .21.82Z', look.second);
  });

/** A spanner: open jaw above, ring below. */
const wrench: Plan = (pen, look) =>
  lying(pen, look, () => {
    const s = look.told.colour || look.told.material ? look.main : shade(STEEL, look.between('steel', 0.8, 1.05));
    const w = look.between('shaft', 0.11, 0.17);
    shape(
      pen,
      `M${-w} -.5Q-.42-.55-.4-.8Q-.36-.98-.18-1L-.16-.7L0-.6L.16-.7L.18-1Q.36-.98.4-.8Q.42-.55 ${w} -.5L${w * 0.8} .55Q.3.58.3.75Q.28 1 0 1Q-.28 1-.3.75Q-.3.58 ${-w * 0.8} .55Z`,
      s,
    );
    flat(pen, disc(0, 0.76, 0.15), [70, 70, 74]);
    flat(pen, rectangle(-w * 0.4, -0.35, w * 0.8, 0.75, 0.04), shade(s, 0.65).colour, 0.7);
  });

/** A wrench with a sliding jaw and a worm screw. */
const adjustableWrench: Plan = (pen, look) =>
  lying(pen, look, () => {
    const s = look.told.colour || look.told.material ? smoothed(look) : STEEL;
    shape(pen, 'M-.12-.25L-.16.7Q-.16 1 0 1Q.16 1 .16.7L.12-.25Z', s);
    flat(pen, disc(0, 0.82, 0.07), [60, 60, 64]);
    shape(pen, 'M-.2-.2Q-.42-.4-.44-.72L-.3-1L-.06-.95L-.1-.62L.14-.5Q.2-.3.12-.18Z', STEEL);
    const gap = look.rng.range(0, 0.1);
    shape(
      pen,
      `M${0.14 + gap} -.5L${0.1 + gap} -.9L${0.34 + gap} -.86Q${0.46 + gap} -.6 ${0.34 + gap} -.42L.16-.3Z`,
      STEEL,
    );
    shape(pen, rectangle(0, -0.42, 0.24, 0.14, 0.03), IRON);
    for (const x of [0.05, 0.11, 0.17]) stroke(pen, `M${x} -.42V-.29`, [40, 40, 44], 0.02);
    flat(pen, 'M-.05-.1H.05L.07.6H-.07Z', shade(s, 0.7).colour, 0.8);
  });

/** Pliers: two crossed levers with sleeves on their handles, `jaws` long and thin or short. */
const pliers =
  (kind: 'pliers' | 'needle-nose' | 'shears' | 'snips'): Plan =>
  (pen, look) =>
    lying(
      pen,
      look,
      () => {
        const open = look.rng.range(0.02, 0.16);
        const grip = smoothed(look, 0.3);
        for (const side of [-1, 1] as const)
          pen.at(0, -0.35, [side, 1], -side * open, () => {
            if (kind === 'needle-nose') {
              shape(pen, 'M-.1.1L-.12-.2L-.03-.74H.02V0Z', shade(STEEL, side > 0 ? 1 : 0.85));
              stroke(pen, 'M0-.2V-.7', [50, 50, 54], 0.02);
            } else if (kind === 'pliers') {
              const long = look.between('jaw', 0.44, 0.54);
              shape(pen, `M-.12.1L-.16-.2L-.02 ${-long}H.02V0Z`, shade(STEEL, side > 0 ? 1 : 0.85));
              for (let y = -0.1; y > -long + 0.1; y -= 0.08) stroke(pen, `M0 ${y}H-.05`, [50, 50, 54], 0.02);
            } else if (kind === 'shears' && side > 0) shape(pen, 'M-.1.1Q-.34-.2-.1-.64Q.12-.4.1.05Z', STEEL);
            else if (kind === 'shears') shape(pen, 'M-.14.1Q-.36-.1-.26-.5Q-.14-.5-.14-.36Q-.14-.16.04 0Z', IRON);
            else shape(pen, 'M-.12.1L-.2-.1L0-.5L.04 0Z', STEEL);
            shape(pen, 'M-.08-.08L.1-.04Q.34.2.36.6L.24.62Q.2.3-.06.1Z', STEEL);
            shape(pen, 'M.17.22Q.28.24.33.32Q.46.8.34 1.28Q.24 1.36.18 1.26Q.26.8.15.38Z', grip);
          });
        if (kind === 'shears') stroke(pen, 'M-.12.15L.12.25L-.12.32L.12.4', IRON.colour, 0.04);
        shape(pen, disc(0, -0.35, 0.1), IRON);
      },
      0.8,
    );

/** A hand saw: toothed tapering blade and closed handle. */
const handSaw: Plan = (pen, look) =>
  pen.at(0, 0.1, 1, look.rng.range(-0.5, 0.4), () => {
    const tip = look.between('tip', 0.1, 0.24);
    let teeth = '';
    for (let i = 0; i < 15; i++) teeth += `l-.05.06l-.05-.06`;
    shape(pen, `M.5-.34L-1 -.02V${tip}L-.98 .26H.52`, STEEL, 0);
    shape(pen, `M.5.24${teeth}V${tip - 0.1}L-1-.02L.45-.34Z`, STEEL);
    const s = look.told.colour ? smoothed(look) : look.t('wooden grip') > 0.5 ? TIMBER : smoothed(look);
    shape(
      pen,
      'M.38-.42Q.6-.5.78-.4Q1-.36.98-.2Q.9 0 .98.2Q1 .42.8.42Q.6.5.46.36Q.3.3.36.1Z M.6-.2Q.54.02.64.2Q.8.28.8.12Q.74 0 .8-.18Q.74-.26.6-.2Z',
      s,
    );
    flat(pen, 'M.6-.2Q.54.02.64.2Q.8.28.8.12Q.74 0 .8-.18Q.74-.26.6-.2Z', [60, 52, 46], 0.55);
    for (const [x, y] of [
      [0.5, -0.28],
      [0.46, 0.18],
    ] as const)
      flat(pen, disc(x, y, 0.035), [210, 180, 90]);
  });

/** A hacksaw: thin blade in a bowed frame. */
const hacksaw: Plan = (pen, look) =>
  pen.at(0, 0, 1, look.rng.range(-0.5, 0.4), () => {
    tube(pen, 'M-.9.25V-.3Q-.9-.4-.8-.4H.3Q.42-.4.42-.3V.25', smoothed(look, 0.4), 0.1);
    shape(pen, rectangle(-0.95, 0.2, 1.4, 0.08), STEEL);
    shape(pen, 'M.38-.3Q.8-.36.9-.1L.98.4Q.9.5.8.42L.7.1Q.62.0.55.1L.5.3H.38Z', smoothed(look));
  });

/** Wood chisel or file: handle, ferrule, flat blade. */
const chisel: Plan = (pen, look) =>
  lying(pen, look, () => {
    const w = look.between('blade', 0.09, 0.18);
    shape(pen, `M-.05-.1H.05L${w} -.3V-.98H${-w}V-.3Z`, STEEL);
    flat(pen, `M${-w} -.98H${w}V-.82H${-w}Z`, [226, 230, 234]);
    shape(pen, 'M-.08-.16H.08V0H-.08Z', IRON);
    const s = look.told.colour || look.t('plastic') > 0.5 ? smoothed(look) : TIMBER;
    shape(pen, 'M-.1 0H.1Q.2.3.17.7Q.18 1 0 1Q-.18 1-.17.7Q-.2.3-.1 0Z', s);
    shape(pen, 'M-.16.9Q0 .82.16.9Q.1 1 0 1Q-.1 1-.16.9Z', look.told.colour ? IRON : look.second);
  });

/** An axe or hatchet. */
const axe: Plan = (pen, look) =>
  lying(pen, look, () => {
    const s = look.told.colour ? smoothed(look) : TIMBER;
    shape(pen, 'M-.09-1H.09L.08.4Q.05.7.17.98H-.09Q-.16.7-.08.4Z', s);
    shape(pen, 'M-.2-.9H.12Q.4-.9.62-1Q.8-.66.62-.26Q.4-.42.12-.46H-.2Z', look.told.colour ? STEEL : smoothed(look));
    flat(pen, 'M.55-.97Q.72-.66.55-.29L.62-.26Q.8-.66.62-1Z', [230, 233, 236]);
  });

/** A utility knife: a slanted case with a short snap-off blade. */
const utilityKnife: Plan = (pen, look) =>
  lying(pen, look, () => {
    const s = smoothed(look, 0.4);
    const out = look.rng.range(0.3, 0.5);
    shape(pen, `M-.1-.5V${-0.5 - out}L.12 ${-0.62 - out * 0.5 - 0.2}V-.5Z`, STEEL);
    for (let i = 0; i < 3; i++) stroke(pen, `M-.1 ${-0.55 - i * 0.12}L.12 ${-0.66 - i * 0.12}`, [90, 94, 100], 0.015);
    shape(pen, 'M-.16-.52L.16-.56Q.2-.4.18 0Q.28.4.2.9Q.1 1-.08.98Q-.22.9-.2.5Z', s);
    flat(pen, rectangle(-0.05, -0.4, 0.1, 0.85, 0.05), [44, 44, 48], 0.85);
    shape(pen, rectangle(-0.08, look.rng.range(-0.3, 0), 0.16, 0.22, 0.05), look.second);
  });

/** Knives with a fixed blade are the kitchen's; this one folds. */
const pocketKnife: Plan = (pen, look) =>
  pen.at(0, 0.1, 1, look.rng.range(-0.5, 0.5), () => {
    pen.at(-0.45, 0, 1, -look.rng.range(0, 0.7), () => shape(pen, 'M0-.1L-.5-.14Q-.62-.06-.55.06L0 .1Z', STEEL));
    pen.at(0.6, -0.1, 1, 0.5, () => shape(pen, 'M0 0L-.1-.5L.06-.56L.12 0Z', STEEL));
    shape(pen, rectangle(-0.55, -0.17, 1.35, 0.34, 0.17), smoothed(look, 0.5));
    for (const x of [-0.43, 0.68]) flat(pen, disc(x, 0, 0.04), [220, 222, 226]);
    flat(pen, 'M.05-.08h.1v.05h.05v.1h-.05v.05h-.1v-.05h-.05v-.1h.05Z', [240, 240, 240], 0.9);
  });

/** Scissors: two blades that cross, two finger rings. */
const scissors: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      const open = look.rng.range(0.1, 0.36);
      const s = smoothed(look, 0.4);
      for (const side of [-1, 1] as const)
        pen.at(0, 0.08, [side, 1], -side * open, () => {
          shape(pen, 'M-.12.05Q-.14-.5-.02-1.05Q.06-.6.09.05L.05.3H-.05Z', shade(STEEL, side > 0 ? 1 : 0.86));
          stroke(pen, 'M0 .18Q.04.32.14.44', s.colour, 0.14);
          pen.line(ring(0.22, 0.66, 0.17, 0.22), shade(s, 0.6).colour, 0.13);
          pen.line(ring(0.22, 0.66, 0.17, 0.22), s.colour, 0.1);
        });
      shape(pen, disc(0, 0.08, 0.06), IRON);
    },
    0.9,
  );

const ring = (x: number, y: number, rx: number, ry: number) => {
  const p = new Path2D();
  p.ellipse(x, y, rx, ry, -0.2, 0, 2 * Math.PI);
  return p;
};

export const WORDS = wordsOf([
  ["hammer, claw hammer, carpenter's hammer, ball-peen hammer, framing hammer, tack hammer", hammer('claw')],
  ['sledgehammer, maul, lump hammer', hammer('sledge')],
  ['mallet, rubber mallet', hammer('mallet')],
  ['screwdriver, phillips screwdriver, flat-tip screwdriver, awl, bradawl', screwdriver],
  ['wrench, spanner, box wrench, open-end wrench, combination wrench, allen wrench, socket wrench', wrench],
  ['hand tool', wrench, { as: 'wrench' }],
  ['adjustable wrench, adjustable spanner, monkey wrench, pipe wrench, crescent wrench', adjustableWrench],
  ['pliers, plier, pair of pliers, pincer, pipe cutter', pliers('pliers')],
  ['needle-nose pliers, long-nose pliers, wire stripper, crimper', pliers('needle-nose')],
  ['wire cutter, bolt cutter, snips, tin snips, nippers', pliers('snips')],
  ['pruning shears, secateurs, pruner, garden shears, shears, pruning scissors', pliers('shears')],
  ["saw, handsaw, hand saw, carpenter's saw, ripsaw, crosscut saw, panel saw, backsaw", handSaw],
  ['hacksaw, coping saw, bow saw, fretsaw', hacksaw],
  ['chisel, wood chisel, gouge, file, rasp, edge tool', chisel],
  ['axe, ax, hatchet, tomahawk, splitting axe, broadax, cleaver axe', axe],
  ['utility knife, box cutter, craft knife, snap-off knife, stanley knife, cutter knife, hobby knife', utilityKnife],
  ['pocketknife, pocket knife, swiss army knife, penknife, jackknife, multitool, multi-tool', pocketKnife],
  ['scissors, pair of scissors, kitchen scissors, fabric scissors, craft scissors', scissors],
]);
