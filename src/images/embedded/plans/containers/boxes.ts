import { lit } from '../../colour.js';
import type { Surface } from '../../pen.js';
import type { Look, Plan } from '../../plan.js';
import { Joinery } from '../joinery.js';
import { BLACK, own, shade, TIMBER } from '../sketch.js';

/** Four walls and a floor, open above. */
function walls(j: Joinery, [w, h, d]: readonly [number, number, number], t: number, s: Surface, print = false): void {
  j.box([-w / 2, 0, -d / 2], [w / 2, t, d / 2], shade(s, 0.6));
  j.box([-w / 2, t, -d / 2], [w / 2, h, -d / 2 + t], s);
  j.box([-w / 2, t, -d / 2 + t], [-w / 2 + t, h, d / 2 - t], s);
  j.box([w / 2 - t, t, -d / 2 + t], [w / 2, h, d / 2 - t], s, { print });
  j.box([-w / 2, t, d / 2 - t], [w / 2, h, d / 2], s, { print });
}

/** A cardboard box: shut with tape or its flaps open. */
export const box: Plan = (pen, look) => {
  const j = new Joinery(pen, look, false, 0.12);
  const s = own(look, [190, 150, 104], { texture: 'fine', grain: 0.15, gloss: 0 });
  const [w, h, d] = [look.between('wide', 0.8, 1.2), look.between('high', 0.55, 0.95), 0.75];
  if (look.rng.chance(0.5)) {
    j.box([-w / 2, 0, -d / 2], [w / 2, h, d / 2], s, { print: true });
    j.box([-w / 2, h, -0.06], [w / 2, h + 0.004, 0.06], { colour: [214, 190, 140], gloss: 0.5 });
    j.box([w / 2, h - 0.22, -0.06], [w / 2 + 0.004, h + 0.004, 0.06], { colour: [206, 180, 130], gloss: 0.5 });
  } else {
    walls(j, [w, h, d], 0.02, s, true);
    const f = 0.2;
    j.face(
      [
        [-w / 2, h, d / 2],
        [w / 2, h, d / 2],
        [w / 2, h - 0.08, d / 2 + f],
        [-w / 2, h - 0.08, d / 2 + f],
      ],
      shade(s, 1.15),
    );
    j.face(
      [
        [w / 2, h, -d / 2],
        [w / 2, h, d / 2],
        [w / 2 + f, h - 0.06, d / 2],
        [w / 2 + f, h - 0.06, -d / 2],
      ],
      shade(s, 0.95),
    );
    j.face(
      [
        [-w / 2, h, -d / 2],
        [-w / 2, h, d / 2],
        [-w / 2 - f, h + 0.08, d / 2],
        [-w / 2 - f, h + 0.08, -d / 2],
      ],
      shade(s, 1.1),
    );
    j.face(
      [
        [-w / 2, h, -d / 2],
        [w / 2, h, -d / 2],
        [w / 2, h + 0.14, -d / 2 - f],
        [-w / 2, h + 0.14, -d / 2 - f],
      ],
      shade(s, 0.9),
    );
  }
  j.face(
    [
      [-w * 0.35, h * 0.3, d / 2 + 0.001],
      [-w * 0.35, h * 0.62, d / 2 + 0.001],
      [0, h * 0.62, d / 2 + 0.001],
      [0, h * 0.3, d / 2 + 0.001],
    ],
    { colour: [244, 242, 236] },
  );
  j.draw();
};

/** A crate: slats with gaps between posts; of wood or plastic. */
export const crate: Plan = (pen, look) => {
  const j = new Joinery(pen, look, false, 0.15);
  const s: Surface = look.told.colour || look.told.material ? look.main : TIMBER;
  const [w, d] = [1.2, 0.75];
  const rows = 3;
  const h = 0.26;
  j.box([-w / 2, 0, -d / 2], [w / 2, 0.04, d / 2], shade(s, 0.55));
  for (let i = 0; i < rows; i++) {
    const [y0, y1] = [0.05 + i * h, 0.05 + i * h + h * 0.72];
    for (const z of [-d / 2, d / 2 - 0.03]) j.box([-w / 2, y0, z], [w / 2, y1, z + 0.03], s);
    for (const x of [-w / 2, w / 2 - 0.03]) j.box([x, y0, -d / 2 + 0.03], [x + 0.03, y1, d / 2 - 0.03], s);
  }
  const top = 0.05 + rows * h - 0.04;
  for (const x of [-w / 2 + 0.04, w / 2 - 0.1])
    j.box([x, 0.04, d / 2 + 0.002], [x + 0.08, top, d / 2 + 0.03], shade(s, 0.85));
  for (const z of [-d / 2 + 0.05, d / 2 - 0.13])
    j.box([w / 2 + 0.002, 0.04, z], [w / 2 + 0.03, top, z + 0.08], shade(s, 0.85));
  j.draw();
};

/** A chest or toolbox with a lid: arched lid, bands, a lock. */
export const chest: Plan = (pen, look) => {
  const j = new Joinery(pen, look);
  const s: Surface = look.told.colour || look.told.material ? look.main : TIMBER;
  const band: Surface = look.t('iron') > 0.5 ? BLACK : { colour: [180, 140, 70], gloss: 0.5 };
  const [w, h, d] = [1.25, 0.45, 0.75];
  j.box([-w / 2, 0, -d / 2], [w / 2, h, d / 2], s);
  const steps = [
    [1, 0.09],
    [0.94, 0.08],
    [0.78, 0.06],
    [0.5, 0.04],
  ] as const;
  let y = h + 0.015;
  for (const [k, up] of steps) {
    j.box([-w / 2, y, (-d / 2) * k], [w / 2, y + up, (d / 2) * k], shade(s, 1.05));
    y += up;
  }
  for (const x of [-w * 0.36, w * 0.3]) j.box([x, 0, d / 2], [x + 0.09, h + 0.09, d / 2 + 0.015], band);
  j.box([-0.09, h - 0.14, d / 2], [0.09, h + 0.06, d / 2 + 0.04], band);
  j.draw();
};

/** A storage box: translucent or of cloth, with a lid and grips. */
export const storageBox: Plan = (pen, look) => {
  const j = new Joinery(pen, look, false, 0.08);
  const clear = look.t('clear') > 0.55 && !look.told.material;
  const s: Surface = clear
    ? { colour: look.told.colour ? look.main.colour : [206, 220, 226], gloss: 0.6, clear: 0.25 }
    : { ...look.main, gloss: 0.35 };
  const lid: Surface = clear ? smoothLid(look) : shade(s, 0.8);
  const [w, h, d] = [1.3, look.between('high', 0.5, 0.75), 0.85];
  if (clear) {
    const n = 4;
    for (let i = 0; i < n; i++)
      j.box(
        [-w / 2 + 0.08 + i * 0.29, 0.03, -d / 2 + 0.1],
        [-w / 2 + 0.32 + i * 0.29, h * look.rng.range(0.3, 0.75), d / 2 - 0.12],
        { colour: [look.rng.range(80, 220), look.rng.range(80, 200), look.rng.range(80, 210)] },
      );
    j.at([-w / 2, 0, d / 2], [w / 2, h, d / 2 + 0.01], () => undefined);
    j.face(
      [
        [-w / 2, 0, d / 2],
        [-w / 2, h, d / 2],
        [w / 2, h, d / 2],
        [w / 2, 0, d / 2],
      ],
      s,
    );
    j.face(
      [
        [w / 2, 0, d / 2],
        [w / 2, h, d / 2],
        [w / 2, h, -d / 2],
        [w / 2, 0, -d / 2],
      ],
      shade(s, 0.85),
    );
  } else j.box([-w / 2, 0, -d / 2], [w / 2, h, d / 2], s, { print: true });
  j.box([-w / 2 - 0.04, h, -d / 2 - 0.04], [w / 2 + 0.04, h + 0.09, d / 2 + 0.04], lid, { soft: 0.2 });
  for (const x of [-w * 0.28, w * 0.28])
    j.box([x - 0.08, h - 0.14, d / 2 + 0.01], [x + 0.08, h + 0.05, d / 2 + 0.07], shade(lid, 1.3));
  j.draw();
};

const smoothLid = (look: Look): Surface => ({ ...look.main, texture: undefined, gloss: 0.4 });

/** A gift or jewellery box: a ribbon around a lid, a bow on top. */
export const giftBox: Plan = (pen, look) => {
  const j = new Joinery(pen, look, false, 0.06);
  const s: Surface = { ...look.main, texture: undefined, gloss: 0.3 };
  const ribbon: Surface = { colour: look.second.colour, gloss: 0.4 };
  j.box([-0.5, 0, -0.5], [0.5, 0.62, 0.5], s, { print: true });
  j.box([-0.54, 0.62, -0.54], [0.54, 0.8, 0.54], shade(s, 1.05), { print: true });
  j.box([-0.08, 0, 0.5], [0.08, 0.62, 0.505], ribbon);
  j.box([-0.08, 0.62, 0.54], [0.08, 0.8, 0.545], ribbon);
  j.box([0.5, 0, -0.08], [0.505, 0.62, 0.08], ribbon);
  j.box([0.54, 0.62, -0.08], [0.545, 0.8, 0.08], ribbon);
  j.box([-0.08, 0.8, -0.54], [0.08, 0.805, 0.54], ribbon);
  j.box([-0.54, 0.805, -0.08], [0.54, 0.81, 0.08], ribbon);
  j.at([-0.3, 0.81, -0.3], [0.3, 1.05, 0.3], (to, k) => {
    const [x, y] = to([0, 0.82, 0]);
    for (const m of [-1, 1]) {
      pen.ellipse(x + m * 0.17 * k, y - 0.1 * k, 0.19 * k, 0.1 * k, ribbon, m * -0.4);
      pen.ellipse(x + m * 0.17 * k, y - 0.1 * k, 0.1 * k, 0.045 * k, { colour: lit(ribbon.colour, 0.6) }, m * -0.4);
    }
    pen.ellipse(x, y - 0.04 * k, 0.06 * k, 0.055 * k, shade(ribbon, 0.85));
  });
  j.draw();
};
