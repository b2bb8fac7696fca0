import { lit, type Rgb } from '../../colour.js';
import { poly, track } from '../../pen.js';
import { coloured, type Plan } from '../../plan.js';
import { windows } from './bodywork.js';

/** Boats and ships: a hull, and masts, sails, cabins or funnels on it. */
export const boat: Plan = (pen, look) => {
  const { rng } = look;
  const kind = look.choose('rig', ['sail', 'cabin', 'liner', 'open', 'cargo', 'war'] as const);
  const deck = look.between('deck', 0.25, 0.6);
  const hull = { ...look.main, gloss: 0.15, texture: look.main.texture ?? ('wood' as const), grain: 0.25 };
  const bow = look.between('bow', 0.1, 0.35);
  if (kind === 'sail') {
    pen.line(
      track([
        [0, deck],
        [0, -1],
      ]),
      look.dark.colour,
      0.045,
    );
    const sail = {
      colour: look.t('sail') > 0.6 ? look.second.colour : ([236, 232, 222] as Rgb),
      texture: 'cloudy' as const,
      grain: 0.2,
    };
    const fill = rng.range(0.5, 0.85);
    pen.blob(
      [
        [0.04, -0.95],
        [fill * 0.6, -0.3],
        [fill * 0.95, deck - 0.12],
        [0.04, deck - 0.1],
      ],
      sail,
    );
    if (look.t('jib') > 0.35)
      pen.polygon(
        [
          [-0.05, -0.8],
          [-0.75, deck - 0.1],
          [-0.05, deck - 0.12],
        ],
        coloured(sail, lit(sail.colour, 0.9)),
      );
  } else if (kind === 'cabin' || kind === 'open') {
    if (kind === 'cabin') {
      pen.box(-0.45, deck - 0.4, look.between('cabin', 0.5, 0.95), 0.42, { ...look.second, gloss: 0.2 }, 0.04);
      windows(pen, -0.42, 0.1, deck - 0.32, deck - 0.15, 3);
    } else for (const x of [-0.4, 0.1]) pen.box(x, deck - 0.06, 0.25, 0.08, look.third);
    pen.line(
      track([
        [-0.2, deck - 0.3],
        [-0.2, deck - 0.75],
      ]),
      look.dark.colour,
      0.03,
    );
  } else if (kind === 'liner') {
    for (let i = 0; i < 3; i++) {
      pen.box(-0.7 + i * 0.1, deck - 0.2 * (i + 1), 1.25 - i * 0.25, 0.2, { colour: [234, 232, 226] });
      windows(pen, -0.66 + i * 0.1, 0.5 - i * 0.15, deck - 0.2 * (i + 1) + 0.05, deck - 0.2 * i - 0.06, 8);
    }
    pen.box(-0.25, deck - 0.95, 0.18, 0.35, { ...look.second, gloss: 0.2 });
  } else if (kind === 'cargo') {
    for (let i = 0; i < 5; i++)
      for (let j = 0; j < 1 + rng.int(3); j++)
        pen.box(-0.45 + i * 0.24, deck - 0.16 * (j + 1), 0.22, 0.15, {
          colour: rng.pick([look.second.colour, look.third.colour, look.main.colour, [150, 60, 50] as Rgb]),
        });
    pen.box(-0.85, deck - 0.7, 0.3, 0.72, { colour: [226, 224, 218] });
  } else {
    pen.polygon(
      [
        [-0.4, deck],
        [-0.3, deck - 0.45],
        [0.15, deck - 0.5],
        [0.35, deck],
      ],
      coloured(hull, lit(hull.colour, 1.1)),
    );
    pen.line(
      track([
        [-0.08, deck - 0.45],
        [-0.08, -0.85],
      ]),
      look.dark.colour,
      0.05,
    );
    for (const x of [0.5, -0.6])
      pen.line(
        track([
          [x, deck - 0.08],
          [x + 0.3, deck - 0.18],
        ]),
        look.dark.colour,
        0.05,
      );
  }
  pen.polygon(
    [
      [-0.95, deck],
      [1, deck - bow],
      [0.78, 0.85],
      [-0.82, 0.85],
    ],
    hull,
  );
  pen.fill(
    poly([
      [-0.86, 0.68],
      [0.84, 0.62],
      [0.78, 0.87],
      [-0.82, 0.87],
    ]),
    look.third.colour,
    0.85,
  );
};
