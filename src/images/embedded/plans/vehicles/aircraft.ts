import { blend, lit } from '../../colour.js';
import { oval, rect, track } from '../../pen.js';
import { coloured, type Plan } from '../../plan.js';
import { GLASS, paintwork } from './bodywork.js';

/** Aeroplanes and helicopters. */
export const aircraft: Plan = (pen, look) => {
  const body = {
    ...paintwork(look),
    colour: look.t('bare') > 0.5 ? blend(look.main.colour, [226, 228, 232], 0.6) : look.main.colour,
  };
  const far = coloured(body, lit(body.colour, 0.65));
  const fat = look.between('fat', 0.1, 0.22);
  if (look.t('rotor') > 0.82) {
    pen.limb(
      [
        [-0.15, 0.05],
        [-0.95, -0.12],
      ],
      0.2,
      0.06,
      body,
    );
    pen.polygon(
      [
        [-0.95, -0.1],
        [-1, -0.4],
        [-0.82, -0.12],
      ],
      body,
    );
    pen.ellipse(0.15, 0.12, 0.48, 0.3, body);
    pen.ellipse(0.38, 0.06, 0.24, 0.2, { colour: GLASS, gloss: 0.7 });
    pen.line(
      track([
        [0.1, -0.15],
        [0.1, -0.32],
      ]),
      look.dark.colour,
      0.06,
    );
    pen.line(
      track([
        [-0.85, -0.34],
        [1, -0.34],
      ]),
      look.dark.colour,
      0.035,
      0.8,
    );
    pen.line(
      track([
        [-0.2, 0.55],
        [0.6, 0.55],
      ]),
      look.dark.colour,
      0.05,
    );
    for (const x of [0, 0.32])
      pen.line(
        track([
          [x, 0.38],
          [x, 0.55],
        ]),
        look.dark.colour,
        0.04,
      );
    return;
  }
  const sweep = look.between('sweep', 0, 0.65);
  const span = look.between('span', 0.5, 0.95);
  const chord = look.between('chord', 0.14, 0.34);
  const accent = look.second;
  if (look.view === 'top') {
    for (const s of [-1, 1]) {
      pen.polygon(
        [
          [0.25, s * 0.05],
          [0.22 - sweep, s * span],
          [0.22 - sweep - chord * 0.6, s * span],
          [0.2 - chord * 1.6, s * 0.05],
        ],
        s < 0 ? body : far,
      );
      pen.polygon(
        [
          [-0.7, 0],
          [-0.82 - sweep * 0.3, s * span * 0.38],
          [-0.95 - sweep * 0.3, s * span * 0.38],
          [-0.95, 0],
        ],
        accent,
      );
    }
    pen.ellipse(0, 0, 0.98, fat, body);
    pen.ellipse(0.7, 0, 0.12, fat * 0.6, { colour: GLASS, gloss: 0.6 });
    return;
  }
  if (look.view === 'front') {
    for (const s of [-1, 1]) {
      pen.polygon(
        [
          [s * 0.1, 0],
          [s * 0.98, -0.12],
          [s * 0.98, -0.07],
          [s * 0.1, 0.12],
        ],
        body,
      );
      pen.ellipse(s * 0.42, 0.1, 0.09, 0.09, look.dark);
      pen.polygon(
        [
          [0, -0.3],
          [s * 0.4, -0.38],
          [s * 0.4, -0.34],
          [0, -0.22],
        ],
        far,
      );
    }
    pen.polygon(
      [
        [-0.03, -0.1],
        [0, -0.65],
        [0.03, -0.1],
      ],
      accent,
    );
    pen.ellipse(0, 0, fat * 1.5, fat * 1.5, body);
    pen.ellipse(0, -fat * 0.6, fat * 0.8, fat * 0.4, { colour: GLASS });
    return;
  }
  pen.polygon(
    [
      [0.15, -0.02],
      [-0.12 - sweep * 0.6, -span * 0.5],
      [-0.24 - sweep * 0.6, -span * 0.5],
      [-0.15, -0.02],
    ],
    far,
  );
  pen.polygon(
    [
      [-0.7, -0.05],
      [-0.98, -look.between('fin', 0.3, 0.6)],
      [-0.84, -look.between('fin', 0.3, 0.6)],
      [-0.5, -0.05],
    ],
    accent,
  );
  pen.blob(
    [
      [1, 0.02],
      [0.75, -fat],
      [-0.6, -fat * 0.8],
      [-0.98, -fat * 0.3],
      [-0.6, fat * 0.55],
      [0.7, fat],
    ],
    body,
  );
  if (look.t('windows') > 0.35)
    for (let i = 0; i < 9; i++) pen.fill(rect(-0.45 + i * 0.12, -fat * 0.35, 0.05, 0.055), [50, 62, 76]);
  if (look.t('line') > 0.5) pen.fill(rect(-0.7, fat * 0.02, 1.5, 0.05), accent.colour, 0.9);
  pen.polygon(
    [
      [0.72, -fat * 0.8],
      [0.88, -fat * 0.35],
      [0.7, -fat * 0.3],
    ],
    { colour: GLASS },
  );
  pen.polygon(
    [
      [0.22, 0.06],
      [-0.25 - sweep * 0.5, span * 0.55],
      [-0.42 - sweep * 0.5, span * 0.55],
      [-0.2, 0.06],
    ],
    coloured(body, lit(body.colour, 1.05)),
  );
  pen.polygon(
    [
      [-0.66, 0],
      [-0.95, 0.24],
      [-1, 0.22],
      [-0.85, 0],
    ],
    accent,
  );
  if (look.t('propeller') > 0.55) {
    pen.fill(oval(1, 0.02, 0.03, 0.36), [90, 90, 94], 0.7);
    pen.fill(oval(1, 0.02, 0.05, 0.06), look.dark.colour);
  } else for (const x of [0.02, -0.18]) pen.ellipse(x, span * 0.3 + 0.04, 0.13, 0.065, look.dark);
};
