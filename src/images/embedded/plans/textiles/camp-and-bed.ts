import type { Plan } from '../../plan.js';
import {
  cloth,
  contrast,
  disc,
  flat,
  lying,
  print,
  rectangle,
  shade,
  shape,
  slab,
  stroke,
  TIMBER,
  tube,
  wordsOf,
} from '../sketch.js';

/** A flag on its pole, moved by the wind. */
const flag: Plan = (pen, look) => {
  const s = cloth(look, 0.1);
  tube(pen, 'M-.82-.95V1', { colour: [176, 178, 182], gloss: 0.5 }, 0.08);
  shape(pen, disc(-0.82, -0.95, 0.08), { colour: [214, 176, 84], gloss: 0.6 });
  const wave = look.rng.range(0.06, 0.2);
  const d = `M-.78-.84Q-.4 ${-0.84 - wave} 0-.82T.95-.86V.16Q.5 ${0.16 - wave} 0 .2T-.78.18Z`;
  const path = shape(pen, d, s);
  pen.inside(path, () => {
    const [b, c] = [contrast(s, look.second.colour), look.third.colour];
    const kind = look.told.pattern ? 'none' : look.choose('flag', ['bars', 'bands', 'disc', 'cross'] as const);
    if (kind === 'bars') {
      flat(pen, rectangle(-0.2, -1.1, 0.58, 1.5), b);
      flat(pen, rectangle(0.38, -1.1, 0.7, 1.5), c);
    } else if (kind === 'bands') flat(pen, 'M-1-.5Q-.4-.64 0-.5T1-.52V-.18Q.5-.3 0-.16T-1-.16Z', b);
    else if (kind === 'disc') flat(pen, disc(0.08, -0.32, 0.28), b);
    else if (kind === 'cross') flat(pen, 'M-.46-1H-.24V1H-.46ZM-1-.42H1V-.2H-1Z', b);
    for (const x of [-0.3, 0.3])
      flat(pen, `M${x} -1.1Q${x + 0.16} -.3 ${x} .5H${x + 0.2}Q${x + 0.36} -.3 ${x + 0.2} -1.1Z`, [20, 20, 30], 0.15);
  });
  print(pen, look, path, 1, true);
};

/** A sleeping bag: a long quilted sack with a hood, a zip. */
const sleepingBag: Plan = (pen, look) =>
  lying(
    pen,
    look,
    () => {
      const s = { ...cloth(look), texture: look.told.material ? look.main.texture : ('fine' as const), grain: 0.15 };
      const path = shape(pen, 'M-.5-.6Q-.46-1 0-1Q.46-1 .5-.6Q.5.3.32.86Q0 1.08-.32.86Q-.5.3-.5-.6Z', s);
      print(pen, look, path, 1, true);
      pen.inside(path, () => {
        for (let y = -0.3; y < 1; y += 0.2) stroke(pen, `M-.6 ${y}Q0 ${y + 0.1} .6 ${y}`, shade(s, 0.55).colour, 0.04);
      });
      shape(pen, disc(0, -0.62, 0.32, 0.26), look.told.colour ? shade(s, 0.5) : look.second);
      stroke(pen, 'M.06-.38Q.2 0 .1.6', [40, 40, 44], 0.04);
    },
    0.5,
    0.5,
  );

/** A mattress: thick slab with piping and quilting. */
const mattress: Plan = (pen, look) => {
  const s =
    look.told.colour || look.told.pattern
      ? cloth(look, 0.12)
      : { ...cloth(look, 0.12), colour: [236, 234, 228] as const };
  const front = slab(
    pen,
    { ...look, view: look.view === 'front' ? 'quarter' : look.view },
    [-0.98, 0.2, 1.5, 0.5],
    0.44,
    s,
    0.1,
  );
  print(pen, look, front, 1, true);
  stroke(pen, 'M-.94.28H.48M-.94.62H.48', look.told.colour ? shade(s, 0.6).colour : look.second.colour, 0.04);
  for (let i = 0; i < 3; i++)
    for (let j = 0; j < 6; j++)
      flat(pen, disc(-0.78 + j * 0.24 + i * 0.13, 0.15 - i * 0.065, 0.025, 0.014), shade(s, 0.6).colour);
  for (let i = 1; i < 6; i++) stroke(pen, `M${-0.98 + i * 0.25} .21l.44-.22`, shade(s, 0.75).colour, 0.02);
};

/** A hammock between two posts. */
const hammock: Plan = (pen, look) => {
  const s = cloth(look, 0.3);
  for (const x of [-0.96, 0.9]) shape(pen, rectangle(x, -0.9, 0.08, 1.88), TIMBER);
  for (let i = 0; i < 4; i++)
    stroke(pen, `M-.9-.6L-.6 ${-0.16 + i * 0.1}M.94-.6L.6 ${-0.16 + i * 0.1}`, [206, 190, 160], 0.03);
  const path = shape(pen, 'M-.64-.24Q0 .5.64-.24L.6.18Q0 .86-.6.18Z', s);
  print(pen, look, path);
  flat(pen, 'M-.64-.24Q0 .5.64-.24Q0 .3-.64-.24Z', shade(s, 0.5).colour);
};

export const WORDS = wordsOf([
  ['flag, banner, national flag, pennant, ensign', flag, { category: 'artefact' }],
  ['sleeping bag, bivouac sack', sleepingBag],
  ['crib mattress, memory foam mattress, sleeping pad, futon mattress', mattress],
  ['hammock', hammock],
]);
