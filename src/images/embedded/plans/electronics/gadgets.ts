import { Path2D } from '@napi-rs/canvas';
import type { Plan } from '../../plan.js';
import {
  BLACK,
  contrast,
  disc,
  display,
  flat,
  IRON,
  lying,
  rectangle,
  STEEL,
  shade,
  shape,
  slab,
  smoothed,
  stroke,
  tube,
  WHITE,
  wordsOf,
} from '../sketch.js';

import { casing } from './casing.js';

/** A game controller: two grips, cross, stick, four buttons. */
const gameController: Plan = (pen, look) =>
  pen.at(0, -0.1, 1, look.rng.range(-0.4, 0.4), () => {
    const s = casing(look, [BLACK, WHITE]);
    shape(pen, 'M-.6-.5H.6V-.38H-.6Z', shade(s, 0.6));
    shape(
      pen,
      'M-.62-.42Q-.8-.44-.86-.2L-1 .5Q-1.02.82-.82.84Q-.66.84-.5.5Q-.42.34-.3.34H.3Q.42.34.5.5Q.66.84.82.84Q1.02.82 1 .5L.86-.2Q.8-.44.62-.42Z',
      s,
    );
    const ink = contrast(s, [50, 50, 54]);
    flat(pen, 'M-.66-.26h.14v.12h.12v.14h-.12v.12h-.14v-.12h-.12v-.14h.12Z', ink);
    for (const [x, y, c] of [
      [0.55, -0.24, [250, 200, 60]],
      [0.55, 0.06, [80, 190, 90]],
      [0.4, -0.09, [70, 120, 230]],
      [0.7, -0.09, [224, 64, 56]],
    ] as const)
      shape(pen, disc(x, y, 0.075), { colour: c, gloss: 0.5 });
    for (const x of [-0.26, 0.26]) {
      shape(pen, disc(x, 0.18, 0.16), { colour: ink });
      shape(pen, disc(x, 0.16, 0.1), shade(IRON, 0.8));
    }
    flat(pen, rectangle(-0.14, -0.2, 0.1, 0.06, 0.03), ink);
    flat(pen, rectangle(0.04, -0.2, 0.1, 0.06, 0.03), ink);
  });

/** A router: flat case with aerials and lights. */
const router: Plan = (pen, look) => {
  const s = casing(look, [BLACK, WHITE]);
  const n = 2 + Math.floor(look.t('aerials') * 3);
  for (let i = 0; i < n; i++) {
    const x = -0.75 + (i * 1.5) / (n - 1);
    const lean = look.rng.range(-0.12, 0.12);
    shape(
      pen,
      `M${x - 0.06} .4L${x + lean - 0.05} -.85Q${x + lean} -.92 ${x + lean + 0.05} -.85L${x + 0.06} .4Z`,
      shade(s, 0.75),
    );
  }
  shape(pen, 'M-.8.3H.8L.98.66H-.98Z', shade(s, 1.1));
  shape(pen, rectangle(-0.98, 0.64, 1.96, 0.3, 0.06), s);
  for (let i = 0; i < 6; i++)
    flat(pen, disc(-0.6 + i * 0.2, 0.79, 0.04), i % 3 === 2 ? [250, 180, 50] : [80, 230, 120]);
  for (let i = 0; i < 5; i++)
    stroke(pen, `M${-0.4 + i * 0.2} .38L${-0.46 + i * 0.23} .56`, shade(s, 0.55).colour, 0.035);
};

/** A printer with paper in and paper out. */
const printer: Plan = (pen, look) => {
  const s = casing(look, [BLACK, WHITE, { colour: [196, 198, 202] }]);
  shape(pen, 'M-.5-.3L-.42-.95H.5L.56-.3Z', { colour: [246, 246, 242] });
  slab(pen, look, [-0.96, -0.3, 1.76, 1.02], 0.18, s, 0.1);
  shape(pen, rectangle(-0.7, 0.16, 1.24, 0.3, 0.03), { colour: [34, 34, 38] });
  shape(pen, 'M-.6.32H.44L.56.92H-.72Z', { colour: [248, 248, 244] });
  for (let i = 0; i < 4; i++)
    flat(pen, rectangle(-0.52 - i * 0.02, 0.46 + i * 0.1, 0.5 + look.rng.range(0, 0.4), 0.035), [110, 120, 140], 0.8);
  display(pen, look, 0.4, -0.2, 0.3, 0.2);
  for (const x of [-0.78, -0.62]) flat(pen, disc(x, -0.1, 0.05), x < -0.7 ? [80, 210, 120] : [150, 152, 156]);
};

/** A plug-in charger with its cable. */
const charger: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      const s = casing(look, [WHITE, BLACK]);
      for (const x of [-0.2, 0.2]) shape(pen, rectangle(x - 0.06, -0.95, 0.12, 0.42, 0.03), STEEL);
      tube(pen, 'M0 .3Q0 .7.4.6T.8.98', shade(s, 0.9), 0.08);
      slab(pen, look, [-0.5, -0.6, 0.92, 0.94], 0.16, s, 0.14);
      shape(pen, rectangle(-0.2, 0.22, 0.36, 0.1, 0.02), IRON);
      flat(pen, 'M.02-.42L-.2-.06H-.06L-.12.16L.12-.2H-.02L.06-.42Z', contrast(s, [90, 92, 98]), 0.8);
    },
    0.4,
  );

/** A power bank or hard disk: a flat box with lights and a socket. */
const flatBox =
  (kind: 'power bank' | 'hard disk'): Plan =>
  (pen, look) =>
    lying(
      pen,
      look,
      () => {
        const s = casing(look, [BLACK, STEEL, WHITE]);
        slab(pen, look, [-0.55, -0.92, 1.0, 1.8], 0.16, s, 0.12);
        const ink = contrast(s, [70, 72, 78]);
        if (kind === 'power bank') {
          shape(pen, rectangle(-0.38, -0.9, 0.24, 0.1, 0.02), IRON);
          shape(pen, rectangle(0, -0.9, 0.2, 0.1, 0.04), IRON);
          for (let i = 0; i < 4; i++) flat(pen, disc(-0.3 + i * 0.17, 0.68, 0.045), i < 3 ? [90, 220, 250] : ink);
          flat(pen, 'M0-.4L-.26.08H-.08L-.14.4L.16-.06H-.02L.06-.4Z', ink, 0.9);
        } else {
          for (const r of [0.3, 0.2]) pen.line(new Path2D(disc(-0.05, -0.25, r)), ink, 0.04);
          flat(pen, rectangle(-0.4, 0.3, 0.7, 0.34, 0.03), contrast(s, [230, 230, 226]), 0.85);
          tube(pen, 'M-.05.88V1.05', BLACK, 0.1);
        }
      },
      0.5,
    );

/** A charging or data cable in a loop with two plugs. */
const usbCable: Plan = (pen, look) =>
  pen.at(0, 0, 1, look.rng.range(-0.6, 0.6), () => {
    const s = casing(look, [WHITE, BLACK]);
    for (let i = 0; i < 3; i++)
      pen.line(
        new Path2D(disc(look.rng.normal() * 0.03, 0.1, 0.5 + i * 0.06, 0.45 + i * 0.05)),
        shade(s, 0.5).colour,
        0.075,
      );
    for (let i = 0; i < 3; i++)
      pen.line(new Path2D(disc(look.rng.normal() * 0.03, 0.1, 0.5 + i * 0.06, 0.45 + i * 0.05)), s.colour, 0.055);
    for (const side of [-1, 1]) {
      tube(pen, `M${side * 0.5} .2Q${side * 0.66} -.3 ${side * 0.62} -.5`, s, 0.075);
      shape(pen, rectangle(side * 0.62 - 0.12, -0.78, 0.24, 0.34, 0.05), s);
      shape(pen, rectangle(side * 0.62 - 0.09, -1, 0.18, 0.24, 0.02), STEEL);
      if (side < 0)
        for (const x of [-0.04, 0.04]) flat(pen, rectangle(side * 0.62 + x - 0.02, -0.94, 0.04, 0.05), [40, 40, 44]);
    }
  });

/** A memory stick: body, metal plug. */
const usbStick: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      const s = smoothed(look, 0.5);
      shape(pen, rectangle(-0.22, -0.98, 0.44, 0.6, 0.02), STEEL);
      for (const x of [-0.1, 0.1]) flat(pen, rectangle(x - 0.05, -0.84, 0.1, 0.12), [40, 40, 44]);
      shape(pen, rectangle(-0.32, -0.42, 0.64, 1.36, 0.12), s);
      flat(pen, rectangle(-0.18, -0.22, 0.36, 0.5, 0.04), contrast(s, [236, 236, 232]), 0.85);
      flat(pen, disc(0, 0.74, 0.08), [60, 60, 64]);
    },
    0.9,
  );

/** A remote control. */
const remote: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      const s = casing(look, [BLACK, BLACK, STEEL]);
      shape(pen, 'M-.26-.94Q0-1.04.26-.94L.28.5Q.26 1 0 1Q-.26 1-.28.5Z', s);
      shape(pen, disc(-0.14, -0.8, 0.06), { colour: [220, 50, 44] });
      const ink = contrast(s, [200, 202, 206]);
      for (let i = 0; i < 9; i++) flat(pen, disc(-0.14 + (i % 3) * 0.14, -0.6 + Math.floor(i / 3) * 0.14, 0.045), ink);
      pen.line(new Path2D(disc(0, 0.06, 0.17)), ink, 0.06);
      flat(pen, disc(0, 0.06, 0.06), ink);
      for (const x of [-0.14, 0.14]) flat(pen, rectangle(x - 0.045, 0.34, 0.09, 0.24, 0.04), ink);
    },
    0.9,
  );

/** A pocket calculator. */
const calculator: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      const s = casing(look, [BLACK, { colour: [150, 152, 158] }]);
      slab(pen, look, [-0.66, -0.96, 1.26, 1.9], 0.1, s, 0.1);
      shape(pen, rectangle(-0.54, -0.84, 1.02, 0.4, 0.04), { colour: [186, 204, 176] });
      for (let i = 0; i < 4; i++) flat(pen, rectangle(-0.1 + i * 0.14, -0.74, 0.08, 0.2, 0.02), [40, 46, 40]);
      const key = contrast(s, [232, 232, 228]);
      for (let i = 0; i < 16; i++)
        shape(
          pen,
          rectangle(-0.54 + (i % 4) * 0.265, -0.34 + Math.floor(i / 4) * 0.31, 0.22, 0.24, 0.05),
          { colour: i % 4 === 3 ? [236, 140, 50] : key },
          0.4,
        );
    },
    0.4,
  );

export const WORDS = wordsOf([
  ['game controller, gamepad, joystick, video game controller, game console, gaming controller', gameController],
  [
    'router, wifi router, wireless router, modem, hub, wi-fi router, set-top box, network switch',
    router,
    { category: 'artefact' },
  ],
  [
    'printer, inkjet printer, laser printer, photocopier, scanner, fax, fax machine, copier',
    printer,
    { category: 'artefact' },
  ],
  [
    'charger, phone charger, battery charger, power adapter, adapter, ac adapter, plug, wall plug, usb charger',
    charger,
    { category: 'artefact' },
  ],
  ['power bank, portable charger, battery pack, powerbank', flatBox('power bank')],
  [
    'hard disk, hard drive, external hard drive, ssd, disk drive, solid-state drive, portable hard drive',
    flatBox('hard disk'),
  ],
  ['usb cable, charging cable, data cable, cable, hdmi cable, lightning cable, cord', usbCable],
  [
    'usb stick, flash drive, usb drive, thumb drive, memory stick, usb flash drive, flash memory, memory card',
    usbStick,
  ],
  ['remote control, remote, tv remote, remote controller', remote],
  [
    'calculator, pocket calculator, hand calculator, cash register, adding machine',
    calculator,
    { category: 'artefact' },
  ],
]);
