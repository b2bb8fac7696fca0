import { Path2D } from '@napi-rs/canvas';
import type { Surface } from '../../pen.js';
import type { Look, Plan } from '../../plan.js';
import {
  BLACK,
  disc,
  flat,
  lying,
  own,
  rectangle,
  STEEL,
  shade,
  shape,
  smoothed,
  stroke,
  TIMBER,
  tube,
} from '../sketch.js';

/** Handles are black, wooden, of steel, or what the caption says. */
const handleOf = (look: Look): Surface =>
  look.told.colour || look.told.material
    ? look.main
    : look.choose<Surface>('handle', [BLACK, TIMBER, STEEL, smoothed(look)]);
const metalOf = (look: Look): Surface => (look.told.material === 'wooden' ? look.main : STEEL);

/** What all long utensils share: drawn upright, head above, held at any angle. */
const held =
  (draw: (pen: Parameters<Plan>[0], look: Look, handle: Surface, metal: Surface) => void, lean = 0.5): Plan =>
  (pen, look) =>
    lying(pen, look, () => draw(pen, look, handleOf(look), metalOf(look)), 0.5, look.rng.chance(0.5) ? lean : -lean);

export const spatula = held((pen, look, handle, metal) => {
  shape(pen, rectangle(-0.035, -0.4, 0.07, 0.7), metal);
  shape(pen, rectangle(-0.09, 0.2, 0.18, 0.78, 0.08), handle);
  flat(pen, disc(0, 0.88, 0.035), [30, 30, 32], 0.7);
  const head =
    look.told.colour && look.t('soft') > 0.5 ? look.main : look.t('silicone') > 0.65 ? shade(look.main, 1) : metal;
  shape(pen, 'M-0.24 -0.96Q0 -1.02 0.24 -0.96L0.26 -0.5Q0.24 -0.36 0.06 -0.34H-0.06Q-0.24 -0.36 -0.26 -0.5Z', head);
  if (look.t('slots') > 0.4)
    for (const x of [-0.13, 0, 0.13]) flat(pen, rectangle(x - 0.025, -0.86, 0.05, 0.36, 0.025), [40, 40, 42], 0.75);
});

export const ladle = held((pen, _look, handle, metal) => {
  tube(
    pen,
    'M0.1 0.98Q0.1 1 0.1 0.9V-0.4Q0.08 -0.52 -0.02 -0.56',
    handle.colour === metal.colour ? metal : handle,
    0.09,
  );
  tube(pen, 'M0.1 0.1V-0.42', metal, 0.06);
  shape(pen, 'M-0.68 -0.66C-0.68 -0.3 -0.5 -0.22 -0.32 -0.22C-0.12 -0.22 0.06 -0.32 0.06 -0.66Z', metal);
  pen.ellipse(-0.31, -0.66, 0.37, 0.13, shade(metal, 0.6));
  pen.ellipse(-0.31, -0.64, 0.3, 0.09, shade(metal, 0.8));
}, 0.2);

export const whisk = held((pen, _look, handle, metal) => {
  shape(pen, rectangle(-0.085, 0.15, 0.17, 0.84, 0.08), handle);
  shape(pen, rectangle(-0.07, 0.04, 0.14, 0.16), metal);
  for (const w of [0.36, 0.24, 0.12, 0])
    stroke(
      pen,
      `M-0.03 0.06C${-w * 1.2} -0.3 ${-w * 1.3} -0.95 0 -0.97C${w * 1.3} -0.95 ${w * 1.2} -0.3 0.03 0.06`,
      metal.colour,
      0.035,
    );
  for (const w of [0.36, 0.24])
    stroke(pen, `M-0.03 0.06C${-w * 1.2} -0.3 ${-w * 1.3} -0.95 0 -0.97`, [236, 238, 242], 0.012);
});

export const tongs = held((pen, look, handle, metal) => {
  const open = look.rng.range(0.14, 0.34);
  for (const k of [-1, 1]) {
    tube(pen, `M0 0.92C${k * 0.12} 0.6 ${k * open} 0.2 ${k * open * 0.9} -0.55`, metal, 0.1);
    shape(
      pen,
      `M${k * open * 0.9 - 0.06} -0.5C${k * (open + 0.14)} -0.7 ${k * (open + 0.1)} -0.95 ${k * open * 0.4} -0.98C${k * open * 0.5} -0.8 ${k * open * 0.6} -0.66 ${k * open * 0.9 + 0.04} -0.5Z`,
      look.t('tips') > 0.5 ? handle : metal,
    );
    tube(pen, `M${k * 0.07} 0.7C${k * 0.14} 0.5 ${k * open * 0.9} 0.3 ${k * open} 0.05`, handle, 0.13);
  }
  pen.ellipse(0, 0.92, 0.07, 0.07, metal);
});

export const woodenSpoon = held((pen, look) => {
  const s: Surface = look.told.colour || look.told.material ? look.main : TIMBER;
  shape(pen, 'M-0.05 -0.3L-0.07 0.95Q0 1.02 0.07 0.95L0.05 -0.3Z', s);
  pen.ellipse(0, -0.62, 0.23, 0.36, s);
  pen.ellipse(0, -0.63, 0.17, 0.28, shade(s, 0.78));
});

const cutlery = (head: 'spoon' | 'fork' | 'chopsticks'): Plan =>
  held((pen, look) => {
    const s = own(look, STEEL.colour, { gloss: 0.7 });
    if (head === 'chopsticks') {
      const wood: Surface = look.told.colour || look.told.material ? look.main : { ...TIMBER, colour: [150, 60, 40] };
      for (const k of [-1, 1])
        shape(
          pen,
          `M${k * 0.22 - 0.055} -0.98H${k * 0.22 + 0.055}L${k * 0.06 + 0.022} 0.98H${k * 0.06 - 0.022}Z`,
          wood,
        );
      return;
    }
    shape(pen, 'M-0.03 -0.3L-0.04 0.3L-0.09 0.9Q0 1.04 0.09 0.9L0.04 0.3L0.03 -0.3Z', s);
    if (head === 'spoon') {
      shape(
        pen,
        'M0 -0.98C0.22 -0.98 0.26 -0.6 0.18 -0.42Q0.1 -0.26 0.03 -0.24H-0.03Q-0.1 -0.26 -0.18 -0.42C-0.26 -0.6 -0.22 -0.98 0 -0.98Z',
        s,
      );
      pen.ellipse(0, -0.64, 0.14, 0.26, shade(s, 0.72));
    } else
      shape(
        pen,
        'M-0.21 -0.98Q-0.18 -1 -0.16 -0.98L-0.14 -0.55H-0.1L-0.08 -0.98H-0.04L-0.025 -0.55H0.025L0.04 -0.98H0.08L0.1 -0.55H0.14L0.16 -0.98Q0.18 -1 0.21 -0.98L0.2 -0.5Q0.16 -0.26 0.03 -0.22H-0.03Q-0.16 -0.26 -0.2 -0.5Z',
        s,
      );
  });
export const spoon = cutlery('spoon');
export const fork = cutlery('fork');
export const chopsticks = cutlery('chopsticks');

/** A cook's knife: a broad pointed blade, a riveted handle. */
export const knife = held((pen, look, handle) => {
  const wide = look.between('blade', 0.2, 0.34);
  const s: Surface = { ...STEEL, gloss: 0.7 };
  shape(pen, `M-0.1 0.3L-0.12 -0.98C${wide * 0.5} -0.75 ${wide} -0.4 ${wide} 0.3Z`, s);
  stroke(pen, `M${wide * 0.62} 0.3C${wide * 0.66} -0.2 ${wide * 0.3} -0.6 -0.1 -0.9`, [236, 240, 244], 0.03, 0.9);
  shape(pen, rectangle(-0.12, 0.28, 0.2, 0.1), shade(STEEL, 0.7));
  shape(pen, 'M-0.12 0.36H0.08L0.07 0.6Q0.1 0.84 0.1 0.98Q-0.02 1.04 -0.13 0.96Z', handle === STEEL ? BLACK : handle);
  for (const y of [0.48, 0.66, 0.84]) flat(pen, disc(-0.015, y, 0.024), [210, 212, 216]);
});

/** A bread knife is long, even and has teeth; a table knife has none. */
export const breadKnife = held((pen, _look, handle) => {
  const teeth = Array.from({ length: 12 }, (_, i) => `L0.1 ${-0.85 + i * 0.09}L0.07 ${-0.8 + i * 0.09}`).join('');
  shape(pen, `M-0.09 0.3V-0.98Q0.08 -0.96 0.1 -0.85${teeth}L0.1 0.3Z`, { ...STEEL, gloss: 0.7 });
  shape(pen, rectangle(-0.11, 0.28, 0.22, 0.71, 0.07), handle === STEEL ? BLACK : handle);
});

export const peeler = held((pen, look, handle, metal) => {
  shape(pen, rectangle(-0.11, 0.1, 0.22, 0.88, 0.1), handle === STEEL ? smoothed(look) : handle);
  tube(pen, 'M0 0.14V-0.1C-0.34 -0.14 -0.4 -0.3 -0.38 -0.62', metal, 0.07);
  tube(pen, 'M0 -0.1C0.34 -0.14 0.4 -0.3 0.38 -0.62', metal, 0.07);
  shape(pen, 'M-0.42 -0.72H0.42V-0.56H-0.42Z', { ...STEEL, gloss: 0.8 });
  flat(pen, rectangle(-0.34, -0.66, 0.68, 0.04), [50, 52, 56]);
});

export const canOpener = held((pen, look, handle, metal) => {
  const h = handle === STEEL ? smoothed(look) : handle;
  for (const k of [-1, 1])
    shape(
      pen,
      `M${k * 0.02} -0.1C${k * 0.2} 0 ${k * 0.2} 0.3 ${k * 0.26} 0.96Q${k * 0.16} 1.02 ${k * 0.1} 0.95C${k * 0.06} 0.4 ${k * 0.04} 0.2 ${-k * 0.06} -0.06Z`,
      h,
    );
  shape(pen, 'M-0.2 -0.66Q0 -0.82 0.2 -0.66L0.14 -0.06H-0.14Z', metal);
  pen.ellipse(0.02, -0.46, 0.17, 0.17, shade(metal, 0.75));
  for (let i = 0; i < 12; i++)
    flat(pen, disc(0.02 + Math.cos(i * 0.524) * 0.17, -0.46 + Math.sin(i * 0.524) * 0.17, 0.028), [90, 92, 96]);
  const a = look.rng.range(-0.5, 0.5);
  pen.at(0.06, -0.3, 1, a, () => {
    shape(pen, 'M-0.09 -0.06H0.5Q0.66 -0.14 0.68 0Q0.66 0.14 0.5 0.06H-0.09Z', h);
  });
  pen.ellipse(0.06, -0.3, 0.06, 0.06, STEEL);
}, 0.3);

export const corkscrew = held((pen, look, handle, metal) => {
  const s = handle === STEEL ? TIMBER : handle;
  const spiral = Array.from(
    { length: 6 },
    (_, i) =>
      `C0.22 ${0.12 + i * 0.13} 0.22 ${0.2 + i * 0.13} 0 ${0.22 + i * 0.13}C-0.22 ${0.2 + i * 0.13} -0.22 ${0.25 + i * 0.13} 0 ${0.25 + i * 0.13}`,
  ).join('');
  if (look.t('wings') > 0.45) {
    const body = look.told.colour ? smoothed(look, 0.6) : metal;
    const a = look.rng.range(0.2, 1.1);
    for (const k of [-1, 1])
      pen.at(k * 0.16, -0.3, [k, 1], k * 0, () =>
        pen.at(0, 0, 1, -a, () => shape(pen, 'M0 -0.08H0.62Q0.74 0 0.62 0.09H0Z', body)),
      );
    shape(pen, 'M-0.17 -0.5H0.17L0.2 0.1L0.24 0.5H0.12L0.1 0.14H-0.1L-0.12 0.5H-0.24L-0.2 0.1Z', body);
    tube(pen, 'M0 -0.8V-0.4', metal, 0.07);
    pen.line(new Path2D(disc(0, -0.84, 0.12)), metal.colour, 0.07);
  } else {
    tube(pen, 'M0 -0.7V0.1', metal, 0.08);
    shape(pen, rectangle(-0.62, -0.9, 1.24, 0.26, 0.12), s);
  }
  stroke(pen, `M0 0.08${spiral}L0.02 0.98`, [70, 72, 78], 0.07);
  stroke(pen, `M0 0.08${spiral}L0.02 0.98`, [196, 200, 206], 0.04);
}, 0.05);

export const rollingPin: Plan = (pen, look) => {
  const s: Surface = look.told.colour || look.told.material ? look.main : TIMBER;
  lying(
    pen,
    look,
    () => {
      for (const k of [-1, 1])
        shape(
          pen,
          `M${k * 0.6} -0.07H${k * 0.72}Q${k * 0.96} -0.13 ${k * 0.98} 0Q${k * 0.96} 0.13 ${k * 0.72} 0.07H${k * 0.6}Z`,
          look.t('grips') > 0.6 ? look.second : shade(s, 0.8),
        );
      shape(pen, rectangle(-0.64, -0.21, 1.28, 0.42, 0.05), s);
      flat(pen, rectangle(-0.62, -0.14, 1.24, 0.08), [255, 255, 255], 0.2);
    },
    0.5,
  );
};

/** A box grater: four perforated walls and a handle. */
export const grater: Plan = (pen, look) => {
  const s = own(look, [196, 200, 204], { gloss: 0.6 });
  tube(pen, 'M-0.2 -0.66C-0.24 -1.04 0.24 -1.04 0.2 -0.66', look.told.colour ? look.main : BLACK, 0.12);
  const q = look.view === 'front' ? 0.05 : 0.26;
  shape(pen, `M0.3 -0.68L0.5 -0.72L${0.56 + q} 0.82L0.56 1Z`, shade(s, 0.6));
  const face = shape(pen, 'M-0.3 -0.68H0.3L0.58 0.98H-0.58Z', s);
  pen.inside(face, () => {
    for (let row = 0; row < 8; row++)
      for (let i = 0; i < 7; i++) {
        const x = (i - 3 + (row % 2) * 0.5) * (0.1 + row * 0.009);
        const y = -0.5 + row * 0.18;
        flat(pen, `M${x - 0.035} ${y}Q${x} ${y - 0.07} ${x + 0.035} ${y}Z`, [54, 56, 60]);
        stroke(pen, `M${x - 0.035} ${y + 0.01}Q${x} ${y + 0.05} ${x + 0.035} ${y + 0.01}`, [244, 246, 248], 0.018);
      }
  });
};

export const pizzaCutter = held((pen, look, handle) => {
  shape(pen, rectangle(-0.1, 0.1, 0.2, 0.88, 0.1), handle === STEEL ? smoothed(look) : handle);
  shape(pen, 'M-0.06 0.14V-0.4H0.06V0.14Z', shade(STEEL, 0.8));
  pen.ellipse(0, -0.5, 0.46, 0.46, { ...STEEL, gloss: 0.8 });
  pen.ellipse(0, -0.5, 0.08, 0.08, shade(STEEL, 0.6));
});

export const masher = held((pen, _look, handle, metal) => {
  shape(pen, rectangle(-0.09, -0.98, 0.18, 0.7, 0.08), handle);
  for (const k of [-1, 1]) tube(pen, `M0 -0.3C${k * 0.1} 0.1 ${k * 0.42} 0.2 ${k * 0.42} 0.62`, metal, 0.06);
  tube(pen, 'M-0.44 0.66Q-0.4 0.86 -0.28 0.66T-0.08 0.66T0.12 0.66T0.3 0.66T0.44 0.66', metal, 0.08);
}, 0.1);

export const iceCreamScoop = held((pen, look, handle, metal) => {
  shape(pen, rectangle(-0.1, 0, 0.2, 0.98, 0.09), handle === STEEL ? smoothed(look) : handle);
  shape(pen, 'M-0.05 0.04V-0.3H0.05V0.04Z', metal);
  pen.ellipse(0, -0.58, 0.33, 0.36, metal);
  pen.ellipse(0.02, -0.6, 0.25, 0.28, shade(metal, 0.62));
});
