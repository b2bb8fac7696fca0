import { Path2D } from '@napi-rs/canvas';
import type { Plan } from '../../plan.js';
import {
  BLACK,
  BRASS,
  contrast,
  disc,
  flat,
  lying,
  PAPER,
  rectangle,
  STEEL,
  shade,
  shape,
  slab,
  smoothed,
  stroke,
  TIMBER,
  tube,
  WHITE,
  wordsOf,
} from '../sketch.js';

/** A stapler: two arms from a hinge at the left, opening to the right. */
const stapler: Plan = (pen, look) =>
  pen.at(0, 0.2, 1, look.rng.range(-0.2, 0.2), () => {
    const s = smoothed(look, 0.5);
    const open = look.rng.range(0.02, 0.2);
    shape(pen, 'M-.95.42H.9Q1 .44.98.56Q.96.62.86.62H-.8Q-.98.6-.95.42Z', shade(s, 0.7));
    shape(pen, rectangle(0.66, 0.37, 0.24, 0.06, 0.02), STEEL);
    pen.at(-0.78, 0.3, 1, -open, () => {
      shape(pen, 'M0 .02H1.66V.13H0Z', STEEL);
      shape(pen, 'M-.16.1Q-.2-.24.1-.28L1.5-.26Q1.78-.22 1.76.04L1.6.06H0Q-.1.12-.16.1Z', s);
      stroke(pen, 'M.2-.14H1.4', shade(s, 1.4).colour, 0.04, 0.7);
    });
    shape(pen, 'M-.98.2Q-.9.06-.72.1L-.62.46H-.96Z', shade(s, 0.8));
    flat(pen, disc(-0.8, 0.3, 0.06), [190, 192, 196]);
  });

/** A tape dispenser: wedge body, a roll of tape, teeth. */
const tapeDispenser: Plan = (pen, look) => {
  const s = smoothed(look, 0.5);
  shape(pen, 'M-.95.9Q-.98.4-.7.3Q.3.5.6.1L.96.1Q.84.5.98.98H-.88Q-.95.98-.95.9Z', s);
  shape(pen, disc(-0.26, 0.1, 0.56), { colour: [226, 206, 140], gloss: 0.4, clear: 0.1 });
  pen.line(new Path2D(disc(-0.26, 0.1, 0.46)), [196, 172, 110], 0.02);
  shape(pen, disc(-0.26, 0.1, 0.3), look.told.colour ? WHITE : look.second);
  flat(pen, disc(-0.26, 0.1, 0.14), [60, 60, 64]);
  stroke(pen, 'M-.1-.44L.86.06', [226, 206, 140], 0.06);
  shape(pen, 'M-.9.56Q0 .6.5.44L.6 .98H-.88Q-.96.98-.9.56Z', shade(s, 0.85));
  let d = 'M.7.1';
  for (let i = 0; i < 4; i++) d += 'l.04-.09l.04.09';
  shape(pen, `${d}V.2H.7Z`, STEEL);
};

/** A roll of tape. */
const tapeRoll: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      const s = smoothed(look, 0.4);
      const f = look.view === 'front' || look.view === 'top' ? 1 : 0.8;
      stroke(pen, `M.2 ${0.8 * f}Q.7 ${0.85 * f} 1 ${0.7 * f + 0.2}`, s.colour, 0.3);
      if (f < 1) shape(pen, disc(0, 0.24, 0.85, 0.85 * f), shade(s, 0.65));
      shape(pen, disc(0, 0, 0.85, 0.85 * f), s);
      pen.line(new Path2D(disc(0, 0, 0.7, 0.7 * f)), shade(s, 0.7).colour, 0.02);
      shape(pen, disc(0, 0, 0.5, 0.5 * f), { colour: [200, 168, 120] });
      shape(pen, disc(0, 0.04, 0.43, 0.42 * f), { colour: [96, 84, 66] });
    },
    0.4,
  );

/** A paper clip: wire bent three times. */
const paperClip: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      const s = look.told.colour
        ? { ...look.main, gloss: 0.5 }
        : look.choose('wire', [STEEL, STEEL, { ...look.main, gloss: 0.5 }]);
      tube(
        pen,
        'M-.34-.5V.55Q-.34.95 0 .95Q.34.95.34.55V-.6Q.34-.95.04-.95Q-.2-.95-.2-.6V.4Q-.2.6-.02.6Q.14.6.14.4V-.4',
        s,
        0.1,
      );
    },
    1.4,
  );

/** A drawing pin or a magnet. */
const pushPin: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      const s = smoothed(look, 0.6);
      shape(pen, 'M-.04.3H.04L0 1Z', STEEL);
      shape(pen, 'M-.22-.5H.22L.28.05H-.28Z', s);
      shape(pen, disc(0, -0.6, 0.42, 0.2), s);
      shape(pen, disc(0, -0.66, 0.42, 0.18), shade(s, 1.15));
      shape(pen, disc(0, 0.16, 0.46, 0.17), s);
    },
    0.7,
  );

/** A binder clip or clothes peg: folded body, wire arms. */
const binderClip: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      const s = smoothed(look, 0.4);
      tube(pen, 'M-.5.0L-.24-.86Q0-1.02.24-.86L.5 0', STEEL, 0.09);
      shape(pen, 'M-.55-.16H.55L.9.86H-.9Z', look.told.colour ? s : BLACK);
      shape(pen, rectangle(-0.6, -0.22, 1.2, 0.14, 0.07), shade(s, 0.8));
      shape(pen, rectangle(-0.9, 0.78, 1.8, 0.12, 0.06), look.told.colour ? s : BLACK);
    },
    0.5,
  );

/** A clothes peg: two wooden prongs and a spring. */
const clothespin: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      const s = look.told.colour ? smoothed(look) : look.choose('peg', [TIMBER, smoothed(look)]);
      for (const side of [-1, 1] as const)
        pen.at(0, 0, [side, 1], 0.06 * side, () =>
          shape(
            pen,
            'M.02-1Q.12-1.02.16-.9L.14-.5L.2-.2L.2.3L.34.95Q.24 1.02.2.98L.06.2Z',
            shade(s, side > 0 ? 1 : 0.85),
          ),
        );
      tube(pen, 'M-.26-.12H.26M-.26 0H.26', STEEL, 0.07);
      shape(pen, disc(0, -0.05, 0.13), STEEL);
    },
    0.8,
  );

/** A hole punch: base and lever. */
const holePunch: Plan = (pen, look) => {
  const s = smoothed(look, 0.5);
  pen.at(0, 0.1, 1, look.rng.range(-0.12, 0.12), () => {
    shape(pen, 'M-.9.7L-.7.36H.8L.98.7V.88H-.9Z', BLACK);
    for (const x of [-0.35, 0.4]) {
      shape(pen, rectangle(x - 0.1, 0.0, 0.2, 0.5, 0.04), STEEL);
      flat(pen, disc(x, 0.6, 0.1, 0.045), [150, 152, 156]);
    }
    shape(pen, 'M-.75.1Q-.85-.5-.5-.6H.5Q.9-.5.82.1L.6.2H-.55Z', s);
    flat(pen, 'M-.5-.46H.5Q.7-.4.7-.2Q0-.32-.66-.2Q-.7-.4-.5-.46Z', shade(s, 1.4).colour, 0.6);
  });
};

/** A globe on its stand. */
const globe: Plan = (pen, look) => {
  const sea = look.told.colour ? look.main : { colour: [70, 136, 190] as const, gloss: 0.5 };
  shape(pen, 'M-.36.9Q0 .8.36.9L.42.99H-.42Z', TIMBER);
  shape(pen, rectangle(-0.05, 0.66, 0.1, 0.28), BRASS);
  pen.at(0, -0.12, 1, -0.4, () => {
    pen.line(new Path2D('M0-.86A.86.86 0 1 0 0 .86'), [190, 150, 70], 0.08);
    const path = shape(pen, disc(0, 0, 0.76), sea);
    const land = { colour: [120, 158, 84] as const };
    const turn = look.rng.range(-0.3, 0.3);
    pen.inside(path, () => {
      pen.at(turn, 0, 1, 0, () => {
        shape(pen, 'M-.5-.5Q-.2-.7-.1-.45Q-.2-.3-.3-.1Q-.36-.05-.5-.2Q-.66-.36-.5-.5Z', land);
        shape(pen, 'M-.3.06Q-.04.06-.02.26Q-.16.5-.2.66Q-.32.46-.36.26Z', land);
        shape(pen, 'M.1-.48Q.5-.7.74-.4Q.7-.2.56-.16Q.6.1.42.36Q.3.5.26.2Q.1.1.12-.1Q.24-.2.1-.48Z', {
          colour: [196, 178, 110],
        });
      });
      for (const rx of [0.3, 0.58]) pen.line(new Path2D(disc(0, 0, rx, 0.76)), [230, 240, 244], 0.012, 0.6);
    });
    for (const y of [-0.86, 0.86]) shape(pen, disc(0, y, 0.06), BRASS);
  });
};

/** A paper shredder: bin, head, a sheet going in, strips. */
const shredder: Plan = (pen, look) => {
  const s = look.told.colour ? smoothed(look) : look.choose('case', [BLACK, { colour: [120, 122, 128] as const }]);
  shape(pen, 'M-.36-.44V-.98H.38V-.44Z', { colour: PAPER });
  for (let i = 0; i < 4; i++) flat(pen, rectangle(-0.24, -0.88 + i * 0.11, 0.48, 0.035), [130, 136, 150]);
  slab(pen, look, [-0.62, -0.16, 1.14, 1.14], 0.14, shade(s, 0.85), 0.04);
  shape(pen, rectangle(-0.44, 0.1, 0.78, 0.78, 0.04), { colour: [56, 60, 66], gloss: 0.4 });
  for (let i = 0; i < 9; i++)
    stroke(
      pen,
      `M${-0.38 + i * 0.085} .86Q${-0.44 + i * 0.09} .6 ${-0.36 + i * 0.085} ${0.36 + look.rng.range(0, 0.2)}`,
      PAPER,
      0.035,
    );
  slab(pen, look, [-0.74, -0.5, 1.4, 0.38], 0.16, s, 0.06);
  flat(pen, rectangle(-0.5, -0.47, 0.96, 0.05), [16, 16, 18]);
  flat(pen, disc(0.5, -0.3, 0.05), [80, 220, 110]);
};

/** Trays for paper, one above the other. */
const filingTray: Plan = (pen, look) => {
  const s = look.told.colour ? smoothed(look) : look.choose('tray', [BLACK, smoothed(look), STEEL]);
  for (const x of [-0.86, 0.76]) shape(pen, rectangle(x, -0.56, 0.08, 1.5), shade(s, 0.6));
  for (let i = 2; i >= 0; i--) {
    const y = -0.4 + i * 0.5;
    shape(pen, `M-.9 ${y}L-.66 ${y - 0.26}H.98L.86 ${y}Z`, shade(s, 0.7));
    shape(pen, `M-.78 ${y - 0.02}L-.6 ${y - 0.2}H.86L.74 ${y - 0.02}Z`, { colour: PAPER });
    shape(
      pen,
      `M-.92 ${y - 0.02}H-.3Q-.2 ${y + 0.1} 0 ${y + 0.1}Q.2 ${y + 0.1} .3 ${y - 0.02}H.88V${y + 0.2}H-.92Z`,
      s,
    );
  }
};

/** A desk organiser or pencil cup with pens, pencils and scissors in it. */
const penCup: Plan = (pen, look) => {
  const s = look.told.material ? look.main : smoothed(look, 0.3);
  const w = look.between('wide', 0.4, 0.56);
  const inks = [
    [210, 60, 50],
    [240, 190, 60],
    [60, 110, 190],
    [60, 150, 80],
    [40, 40, 44],
  ] as const;
  for (let i = 0; i < 5; i++) {
    const x = -w + 0.12 + (i * (2 * w - 0.24)) / 4;
    pen.at(x, 0, 1, (i - 2) * 0.09 + look.rng.normal() * 0.04, () => {
      const high = look.rng.range(0.55, 0.95);
      shape(pen, rectangle(-0.06, -high, 0.12, high + 0.3), { colour: inks[(i + look.rng.int(5)) % 5] });
      if (i % 2) shape(pen, `M-.06 ${-high}H.06L0 ${-high - 0.16}Z`, { colour: [226, 196, 150] });
    });
  }
  shape(pen, disc(0, -0.02, w, 0.12), shade(s, 0.5));
  const path = shape(pen, `M${-w} -.02Q0 .16 ${w} -.02L${w * 0.94} .9Q0 1.1 ${-w * 0.94} .9Z`, s);
  if (look.t('mesh') > 0.6) pen.texture(path, [0, 0.5, w, 0.5], 'weave', 0.7, 2.5);
  else pen.inside(path, () => flat(pen, rectangle(-1, 0.4, 2, 0.16), contrast(s, look.second.colour), 0.7));
};

/** A rubber stamp. */
const stamp: Plan = (pen, look) => {
  const s = look.told.colour ? smoothed(look, 0.5) : TIMBER;
  shape(pen, 'M-.24-.7Q-.24-.98 0-.98Q.24-.98.24-.7Q.2-.4.1-.3L.14.4H-.14L-.1-.3Q-.2-.4-.24-.7Z', s);
  shape(pen, rectangle(-0.62, 0.36, 1.24, 0.42, 0.06), s);
  shape(pen, rectangle(-0.58, 0.78, 1.16, 0.16), { colour: [196, 50, 50] });
};

export const WORDS = wordsOf([
  ['stapler, stapling machine', stapler],
  ['tape dispenser, sellotape dispenser', tapeDispenser],
  [
    'duct tape, masking tape, adhesive tape, scotch tape, packing tape, sellotape, washi tape, gaffer tape, cellulose tape',
    tapeRoll,
  ],
  ['paper clip, paperclip, gem clip, clip', paperClip],
  ['push pin, pushpin, thumbtack, drawing pin', pushPin],
  ['binder clip, bulldog clip, bulldog clip clamp', binderClip],
  ['clothespin, clothespeg, clothes peg, clothes pin, peg', clothespin],
  ['hole punch, hole puncher, paper punch, puncher, punch', holePunch, { category: 'artefact' }],
  ['globe, desk globe, terrestrial globe', globe],
  ['paper shredder, shredder, document shredder', shredder],
  ['filing tray, paper tray, letter tray, desk tray, in-tray, document tray', filingTray],
  ['desk organizer, desk organiser, pencil cup, pen holder, pencil holder, pen cup', penCup],
  ['rubber stamp, stamp, date stamp', stamp, { category: 'artefact' }],
]);
