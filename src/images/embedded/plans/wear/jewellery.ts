import { Path2D } from '@napi-rs/canvas';
import type { Surface } from '../../pen.js';
import type { Look, Plan } from '../../plan.js';
import { disc, flat, own, STEEL, shade, shape, stroke, tube, wordsOf } from '../sketch.js';

const GOLD: Surface = { colour: [218, 174, 72], gloss: 0.8 };
const SILVER: Surface = { ...STEEL, colour: [198, 202, 208], gloss: 0.8 };

/** Gold or silver, or as the caption says. */
const metal = (look: Look): Surface =>
  look.told.material
    ? { ...look.main, gloss: 0.8 }
    : look.told.colour && /gold|silver|bronze|copper/.test(look.told.colour)
      ? { ...look.main, texture: undefined, gloss: 0.8 }
      : look.choose('metal', [GOLD, GOLD, SILVER]);
/** The stones' colour: the caption's, else the concept's. */
const gem = (look: Look): Surface => ({ ...look.main, texture: undefined, gloss: 0.9, clear: 0.05 });

/** A cut stone around a point. */
function stone(pen: Parameters<Plan>[0], x: number, y: number, r: number, s: Surface): void {
  const at = (a: number, k: number) => `${x + Math.cos(a) * r * k} ${y + Math.sin(a) * r * k}`;
  const ring = (k: number) => `M${Array.from({ length: 8 }, (_, i) => at(0.39 + i * 0.7854, k)).join('L')}Z`;
  shape(pen, ring(1), s);
  flat(pen, ring(0.55), shade(s, 1.5).colour, 0.8);
  for (let i = 0; i < 8; i++)
    stroke(pen, `M${at(0.39 + i * 0.7854, 0.55)}L${at(0.39 + i * 0.7854, 1)}`, shade(s, 0.5).colour, r * 0.06, 0.8);
  flat(pen, disc(x - r * 0.25, y - r * 0.3, r * 0.16), [255, 255, 255], 0.9);
}

/** A finger ring, with or without a stone. */
const ring: Plan = (pen, look) => {
  const plain = look.t('band') > 0.7;
  const s = plain && look.told.colour ? gem(look) : metal(look);
  pen.at(0, 0, 1, look.rng.range(-0.3, 0.3), () => {
    const turned = look.view === 'front' ? 0.62 : 0.5;
    pen.line(new Path2D(disc(0, 0.32, turned, 0.6)), shade(s, 0.4).colour, 0.22);
    pen.line(new Path2D(disc(0, 0.32, turned, 0.6)), s.colour, 0.17);
    pen.line(new Path2D(disc(-0.02, 0.3, turned, 0.6)), shade(s, 1.6).colour, 0.04, 0.8);
    if (plain) return;
    shape(pen, 'M-.24-.2L-.3-.5H.3L.24-.2Z', shade(s, 0.85));
    stone(pen, 0, -0.52, 0.4, gem(look));
  });
};

/** A necklace: chain or beads in a bow, with a pendant. */
const necklace: Plan = (pen, look) => {
  const s = metal(look);
  const beads = look.t('beads') > 0.5;
  const n = beads ? 22 : 40;
  const wide = look.rng.range(0.72, 0.86);
  const at = (k: number): [number, number] => {
    const a = Math.PI * (1.12 - 1.24 * k);
    return [Math.cos(a) * wide, -0.5 + Math.sin(a) * 1.05 - 0.2 * Math.abs(Math.cos(a))];
  };
  if (!beads) tube(pen, `M${Array.from({ length: 20 }, (_, i) => at(i / 19).join(' ')).join('L')}`, s, 0.06);
  for (let i = 0; i < n; i++) {
    const [x, y] = at(i / (n - 1));
    if (beads) shape(pen, disc(x, y, 0.075 + 0.06 * Math.sin((i / (n - 1)) * Math.PI)), gem(look), 0.8);
    else flat(pen, disc(x, y, 0.03), shade(s, i % 2 ? 0.6 : 1.3).colour);
  }
  if (!beads || look.t('pendant') > 0.6) {
    shape(pen, disc(0, 0.6, 0.08), s);
    if (look.t('heart') > 0.55) shape(pen, 'M0 .98Q-.34.8-.3.66Q-.16.5 0 .68Q.16.5.3.66Q.34.8 0 .98Z', gem(look));
    else stone(pen, 0, 0.8, 0.2, gem(look));
  }
};

/** A pair of earrings: drops or hoops. */
const earrings: Plan = (pen, look) => {
  const s = metal(look);
  const hoops = look.t('hoops') > 0.55;
  for (const side of [-1, 1]) {
    const x = side * 0.46;
    pen.at(x, 0, 1, look.rng.range(-0.12, 0.12), () => {
      stroke(pen, 'M0-.62Q.02-.98.14-.9Q.2-.8.14-.66', shade(s, 0.8).colour, 0.05);
      if (hoops) {
        const c = look.told.colour ? gem(look) : s;
        pen.line(new Path2D(disc(0, 0, 0.36, 0.58)), shade(c, 0.5).colour, 0.13);
        pen.line(new Path2D(disc(0, 0, 0.36, 0.58)), c.colour, 0.09);
        return;
      }
      shape(pen, disc(0, -0.5, 0.13), s);
      shape(pen, 'M-.04-.4H.04V-.14H-.04Z', s);
      shape(pen, 'M0-.2Q.3.3.28.5Q.24.8 0 .82Q-.24.8-.28.5Q-.3.3 0-.2Z', gem(look));
      flat(pen, disc(-0.1, 0.4, 0.06, 0.12), [255, 255, 255], 0.8);
    });
  }
};

/** A bracelet: bangle, beads or charms, seen askew. */
const bracelet: Plan = (pen, look) => {
  const s = look.t('bangle') > 0.72 && look.told.colour ? gem(look) : metal(look);
  const f = look.view === 'top' || look.view === 'front' ? 0.85 : 0.6;
  pen.at(0, 0.1, 1, look.rng.range(-0.3, 0.3), () => {
    if (look.t('bangle') > 0.72) {
      pen.line(new Path2D(disc(0, 0, 0.8, 0.8 * f)), shade(s, 0.4).colour, 0.3);
      pen.line(new Path2D(disc(0, 0, 0.8, 0.8 * f)), s.colour, 0.24);
      pen.line(new Path2D(disc(0, -0.04, 0.8, 0.8 * f)), shade(s, 1.6).colour, 0.06, 0.7);
      return;
    }
    for (let i = 0; i < 18; i++) {
      const a = (i * Math.PI) / 9 - Math.PI / 2;
      const big = i % 6 === 0;
      shape(pen, disc(Math.cos(a) * 0.76, Math.sin(a) * 0.76 * f, big ? 0.15 : 0.125), big ? s : gem(look));
    }
  });
};

/** A brooch, medal or badge: a disc with a star under a ribbon. */
const medal: Plan = (pen, look) => {
  const s = own(look, [218, 174, 72], { gloss: 0.7 });
  shape(pen, 'M-.5-1H-.1L.2 0H-.1Z', { colour: [190, 40, 48] });
  shape(pen, 'M.5-1H.1L-.2 0H.1Z', { colour: [40, 80, 170] });
  shape(pen, disc(0, 0.42, 0.55), s);
  pen.line(new Path2D(disc(0, 0.42, 0.44)), shade(s, 0.6).colour, 0.04);
  let d = '';
  for (let i = 0; i < 10; i++) {
    const r = i % 2 ? 0.13 : 0.32;
    d += `${d ? 'L' : 'M'}${Math.sin(i * 0.62832) * r} ${0.42 - Math.cos(i * 0.62832) * r}`;
  }
  shape(pen, `${d}Z`, shade(s, 0.8));
};

/** A loose gem. */
const gemstone: Plan = (pen, look) => {
  const s = gem(look);
  pen.at(0, 0.1, 1, look.rng.range(-0.2, 0.2), () => {
    shape(pen, 'M-.5-.6H.5L.95-.15L0 .9L-.95-.15Z', s);
    flat(pen, 'M-.5-.6H.5L.3-.15H-.3Z', shade(s, 1.5).colour, 0.8);
    flat(pen, 'M-.3-.15H.3L0 .9Z', shade(s, 1.25).colour, 0.7);
    stroke(pen, 'M-.95-.15H.95M-.5-.6L-.3-.15L0 .9L.3-.15L.5-.6', shade(s, 0.5).colour, 0.03);
  });
};

export const WORDS = wordsOf([
  [
    'ring, engagement ring, wedding ring, wedding band, signet ring, diamond ring, band',
    ring,
    { category: 'artefact' },
  ],
  ['necklace, pendant, choker, beads, pearl necklace, locket, jewelry', necklace, { category: 'artefact' }],
  ['earring, earrings, hoop earrings, stud earrings, drop earring', earrings],
  ['bracelet, bangle, anklet, charm bracelet, wristlet, handcuff', bracelet],
  ['medal, brooch, badge, medallion, pin badge, decoration medal', medal],
  ['gemstone, diamond, jewel, gem, ruby, emerald, sapphire, crystal', gemstone],
]);
