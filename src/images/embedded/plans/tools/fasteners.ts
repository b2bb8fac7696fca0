import { Path2D } from '@napi-rs/canvas';
import type { Plan } from '../../plan.js';
import { BRASS, disc, flat, IRON, lying, rectangle, STEEL, shade, shape, stroke, tube, wordsOf } from '../sketch.js';

/** Metal of the caption's colour or one of the metals that small hardware has. */
const metal = (look: Parameters<Plan>[1]) =>
  look.told.colour || look.told.material
    ? { ...look.main, gloss: 0.5 }
    : shade(look.choose('metal', [STEEL, STEEL, IRON, BRASS]), look.rng.range(0.9, 1.1));

/** A screw: slotted or crossed head and a pointed, threaded shank. */
const screw: Plan = (pen, look) =>
  lying(pen, look, () => {
    const s = metal(look);
    const w = look.between('thick', 0.13, 0.2);
    shape(pen, `M${-w} -.62H${w}V.5L0 1L${-w} .5Z`, s);
    for (let y = -0.4; y < 0.86; y += 0.15) {
      const k = y < 0.45 ? w * 1.5 : Math.max(0.05, (w * 1.5 * (1 - y)) / 0.55);
      shape(pen, `M${-k} ${y + 0.07}L${k} ${y - 0.05}L${k} ${y + 0.02}L${-k} ${y + 0.14}Z`, shade(s, 1.15), 0.9);
    }
    shape(pen, `M-.42-.86Q0-1.06.42-.86L${w} -.58H${-w}Z`, s);
    shape(pen, disc(0, -0.86, 0.42, 0.12), shade(s, 1.2));
    stroke(pen, look.t('cross') > 0.5 ? 'M-.2-.86H.2M-.04-.93L.04-.79' : 'M-.3-.86H.3', [40, 40, 42], 0.05);
  });

/** A nail: flat head, plain shank, point. */
const nail: Plan = (pen, look) =>
  lying(pen, look, () => {
    const s = metal(look);
    const w = look.between('thick', 0.06, 0.1);
    shape(pen, `M${-w} -.88H${w}V.72L0 1L${-w} .72Z`, s);
    for (let i = 0; i < 4; i++) stroke(pen, `M${-w} ${-0.72 + i * 0.07}H${w}`, shade(s, 0.5).colour, 0.02);
    shape(pen, disc(0, -0.9, 0.3, 0.09), shade(s, 1.1));
  });

/** A hexagon seen askew, for heads and nuts. */
const hexagon = (x: number, y: number, r: number, flatness: number) =>
  `M${[0, 1, 2, 3, 4, 5].map((i) => `${x + r * Math.cos(i * 1.0472)} ${y + r * flatness * Math.sin(i * 1.0472)}`).join('L')}Z`;

/** A bolt with a hexagon head and, now and then, its nut. */
const bolt: Plan = (pen, look) =>
  lying(pen, look, () => {
    const s = metal(look);
    shape(pen, 'M-.22-.5H.22V.95Q0 1.02-.22.95Z', s);
    for (let y = -0.1; y < 0.95; y += 0.1)
      stroke(pen, `M-.23 ${y + 0.04}L.23 ${y - 0.02}`, shade(s, 0.5).colour, 0.035);
    shape(pen, 'M-.5-.86H.5V-.52Q.25-.44 0-.46Q-.25-.44-.5-.52Z', s);
    stroke(pen, 'M-.22-.84V-.47M.22-.84V-.47', shade(s, 0.5).colour, 0.03);
    shape(pen, hexagon(0, -0.86, 0.5, 0.25), shade(s, 1.2));
    if (look.rng.chance(0.5)) {
      shape(pen, 'M-.42.3H.42V.62Q.2.7 0 .68Q-.2.7-.42.62Z', shade(s, 0.9));
      stroke(pen, 'M-.18.3V.68M.18.3V.68', shade(s, 0.5).colour, 0.03);
    }
  });

/** A hexagon nut or a washer from above. */
const nut =
  (sides: 'hexagon' | 'round'): Plan =>
  (pen, look) =>
    lying(pen, look, () => {
      const s = metal(look);
      const f = look.view === 'side' || look.view === 'quarter' ? 0.72 : 1;
      const outline = (y: number) => (sides === 'round' ? disc(0, y, 0.8, 0.8 * f) : hexagon(0, y, 0.85, f));
      if (f < 1) shape(pen, outline(0.3), shade(s, 0.6));
      shape(pen, outline(f < 1 ? 0.02 : 0), s);
      pen.fill(new Path2D(disc(0, 0.02, 0.42, 0.42 * f)), [44, 44, 48]);
      pen.line(new Path2D(disc(0, 0.02, 0.42, 0.42 * f)), shade(s, 1.4).colour, 0.05);
      stroke(pen, `M-.38 ${0.1 * f}Q0 ${0.5 * f} .38 ${0.1 * f}`, shade(s, 0.8).colour, 0.05);
    });

/** A gear wheel. */
const gear: Plan = (pen, look) =>
  lying(pen, look, () => {
    const s = metal(look);
    const n = 8 + Math.floor(look.t('teeth') * 7);
    let d = '';
    for (let i = 0; i < n; i++)
      for (const [at, r] of [
        [0, 0.74],
        [0.22, 0.98],
        [0.5, 0.98],
        [0.72, 0.74],
      ] as const) {
        const a = ((i + at) * 2 * Math.PI) / n;
        d += `${d ? 'L' : 'M'}${Math.cos(a) * r} ${Math.sin(a) * r}`;
      }
    shape(pen, `${d}Z`, s);
    pen.line(new Path2D(disc(0, 0, 0.58)), shade(s, 0.6).colour, 0.05);
    if (look.t('holes') > 0.4)
      for (let i = 0; i < 5; i++)
        flat(pen, disc(Math.cos(i * 1.2566) * 0.4, Math.sin(i * 1.2566) * 0.4, 0.1), [52, 52, 56]);
    flat(pen, disc(0, 0, 0.18), [40, 40, 44]);
  });

/** A padlock: body, keyhole, shackle, shut or open. */
const padlock: Plan = (pen, look) => {
  const s =
    look.told.colour || look.told.material
      ? { ...look.main, gloss: 0.5 }
      : look.choose('metal', [BRASS, BRASS, STEEL, IRON]);
  const open = look.rng.chance(0.25) ? 0.14 : 0;
  const w = look.between('wide', 0.56, 0.7);
  tube(pen, `M-.36 ${open ? -0.12 : 0.1}V${-0.4 - open}Q-.36-.9 0-.9Q.36-.9.36 ${-0.4 - open}V.1`, STEEL, 0.2);
  shape(pen, rectangle(-w, -0.08, 2 * w, 1.08, look.between('round', 0.05, 0.3)), s);
  if (look.t('laminated') > 0.6)
    for (let y = 0.12; y < 0.95; y += 0.16) stroke(pen, `M${-w} ${y}H${w}`, shade(s, 0.55).colour, 0.035);
  flat(pen, disc(0, 0.4, 0.13), [34, 32, 30]);
  flat(pen, 'M-.06.42H.06L.1.72H-.1Z', [34, 32, 30]);
};

/** A key: bow, blade and bits; a modern flat one or an old one. */
const key: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      const s = metal(look);
      if (look.t('old') > 0.6) {
        tube(pen, disc(0, -0.64, 0.27, 0.3), s, 0.14);
        shape(pen, 'M-.08-.34H.08V.98H-.08Z', s);
        shape(pen, rectangle(-0.13, -0.34, 0.26, 0.1, 0.04), s);
        shape(pen, 'M.06.5H.4V.64H.26V.72H.4V.9H.06Z', s);
        return;
      }
      shape(pen, 'M-.12-.2H.12V.84L0 1L-.12.84Z', s);
      shape(pen, 'M.1 0L.26.1L.17.2L.27.32L.16.42L.25.54L.15.62L.2.74L.1.84Z', s);
      stroke(pen, 'M-.04-.1V.8', shade(s, 0.55).colour, 0.04);
      shape(
        pen,
        look.t('bow') > 0.5 ? 'M-.25-1H.25L.46-.76V-.4L.16-.14H-.16L-.46-.4V-.76Z' : disc(0, -0.58, 0.44, 0.42),
        s,
      );
      flat(pen, disc(0, -0.78, 0.11), [70, 68, 66]);
    },
    1.2,
  );

/** Links of a chain. */
const chain: Plan = (pen, look) =>
  lying(pen, look, () => {
    const s = metal(look);
    for (let i = 0; i < 5; i++) {
      const y = -0.8 + i * 0.4;
      tube(pen, i % 2 ? `M0 ${y - 0.26}V${y + 0.26}` : rectangle(-0.19, y - 0.26, 0.38, 0.52, 0.19), s, 0.13);
    }
  });

/** A hinge or a bracket: a plate with screw holes. */
const hinge: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      const s = metal(look);
      shape(pen, rectangle(-0.85, -0.7, 0.75, 1.4, 0.08), s);
      shape(pen, rectangle(0.1, -0.7, 0.75, 1.4, 0.08), shade(s, 0.85));
      for (let i = 0; i < 5; i++)
        shape(pen, rectangle(-0.11, -0.72 + i * 0.29, 0.22, 0.27, 0.05), shade(s, i % 2 ? 0.85 : 1.1));
      for (const x of [-0.5, 0.5]) for (const y of [-0.45, 0, 0.45]) flat(pen, disc(x, y, 0.09), [52, 50, 48]);
    },
    0.3,
  );

export const WORDS = wordsOf([
  ['screw, wood screw, machine screw, drywall screw, setscrew', screw],
  ['nail, wire nail, finishing nail, tack, pushpin nail, roofing nail', nail, { category: 'artefact' }],
  ['fastener', screw, { as: 'screw' }],
  ['bolt, carriage bolt, hex bolt, machine bolt, toggle bolt', bolt, { category: 'artefact' }],
  ['nut, hex nut, locknut, wing nut', nut('hexagon'), { category: 'artefact' }],
  ['washer, shim', nut('round'), { category: 'artefact' }],
  ['gear, cogwheel, gear wheel, cog, sprocket, gearwheel', gear],
  ['padlock, lock, combination lock', padlock],
  ['key, door key, house key, latchkey, passkey, car key', key, { category: 'artefact' }],
  ['chain, link, chain link', chain, { category: 'artefact' }],
  ['hinge, bracket, door hinge', hinge],
]);
