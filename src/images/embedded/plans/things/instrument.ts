import { lit, type Rgb } from '../../colour.js';
import { oval, rect, track } from '../../pen.js';
import { coloured, type Plan } from '../../plan.js';

/** Musical instruments: bodies with necks, drums, horns, keyboards. */
export const instrument: Plan = (pen, look) => {
  const wood = { ...look.main, texture: look.main.texture ?? ('wood' as const), grain: 0.4, gloss: 0.5 };
  const kind = look.choose('family', ['strings', 'strings', 'drum', 'horn', 'keys', 'pipe'] as const);
  const tilt = look.rng.range(-0.5, 0.5);
  pen.at(0, 0, 1, tilt, () => {
    if (kind === 'strings') {
      const a = look.between('upper', 0.3, 0.46);
      const b = look.between('lower', 0.4, 0.62);
      pen.box(-0.07, -1, 0.14, 1.1, look.dark);
      pen.box(-0.12, -1, 0.24, 0.2, wood, 0.04);
      pen.blob(
        [
          [0, -0.15],
          [a, 0.02],
          [a * 0.68, 0.36],
          [b, 0.72],
          [0, 1],
          [-b, 0.72],
          [-a * 0.68, 0.36],
          [-a, 0.02],
        ],
        wood,
      );
      pen.fill(oval(0, 0.42, 0.14, 0.14), [26, 18, 14]);
      for (const x of [-0.04, 0, 0.04])
        pen.line(
          track([
            [x, -0.95],
            [x, 0.8],
          ]),
          [226, 220, 204],
          0.014,
        );
      pen.box(-0.18, 0.72, 0.36, 0.06, look.dark);
    } else if (kind === 'drum') {
      const w = look.between('wide', 0.55, 0.85);
      const h = look.between('high', 0.5, 1.1);
      pen.box(-w, 1 - h, 2 * w, h * 0.9, look.main);
      for (let i = 0; i < 5; i++)
        pen.line(
          track([
            [-w + i * w * 0.5, 1 - h],
            [-w + (i + 0.5) * w * 0.5, 0.9],
          ]),
          look.second.colour,
          0.04,
        );
      pen.ellipse(0, 1 - h, w, w * 0.32, { colour: [236, 230, 214] });
      pen.line(oval(0, 1 - h, w, w * 0.32), look.third.colour, 0.06);
    } else if (kind === 'horn' || kind === 'pipe') {
      const brass = { colour: kind === 'horn' ? ([206, 166, 70] as Rgb) : look.main.colour, gloss: 0.7 };
      const bell = look.between('bell', 0.2, 0.5);
      pen.limb(
        [
          [-0.95, 0.05],
          [0.2, 0],
          [0.6, 0],
        ],
        0.07,
        0.16,
        brass,
      );
      pen.polygon(
        [
          [0.5, -0.06],
          [0.98, -bell],
          [0.98, bell],
          [0.5, 0.06],
        ],
        brass,
      );
      pen.ellipse(0.98, 0, 0.07, bell, coloured(brass, lit(brass.colour, 0.5)));
      if (kind === 'horn') pen.line(oval(-0.05, 0.2, 0.35, 0.2), brass.colour, 0.08);
      for (let i = 0; i < 3 + Math.floor(look.t('valves') * 4); i++)
        pen.box(-0.4 + i * 0.16, -0.22, 0.07, 0.24, look.second, 0.02);
    } else {
      pen.box(-0.95, -0.15, 1.9, 0.6, wood, 0.05);
      pen.box(-0.88, 0.1, 1.76, 0.26, { colour: [240, 238, 230] });
      for (let i = 0; i < 12; i++) pen.fill(rect(-0.83 + i * 0.145, 0.1, 0.06, 0.15), [22, 22, 24]);
      if (look.t('grand') > 0.5)
        pen.polygon(
          [
            [-0.9, -0.15],
            [-0.6, -0.85],
            [0.9, -0.65],
            [0.95, -0.15],
          ],
          coloured(wood, lit(wood.colour, 0.8)),
        );
      for (const x of [-0.8, 0.7]) pen.box(x, 0.45, 0.1, 0.55, look.dark);
    }
  });
};
