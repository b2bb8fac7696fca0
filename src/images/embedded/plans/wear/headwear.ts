import { lit } from '../../colour.js';
import type { Surface } from '../../pen.js';
import type { Look, Plan } from '../../plan.js';
import {
  cloth,
  contrast,
  disc,
  flat,
  folds,
  own,
  print,
  rectangle,
  STEEL,
  shade,
  shape,
  smoothed,
  stroke,
  tube,
  wordsOf,
} from '../sketch.js';

const band = (look: Look, s: Surface): Surface =>
  look.told.colour ? shade(s, 0.5) : { colour: contrast(s, look.second.colour) };

/** A hat with a brim all around: a fedora, a sun hat, a top hat, by crown and brim. */
const brimmed =
  (kind: 'fedora' | 'sun' | 'top' | 'cowboy'): Plan =>
  (pen, look) => {
    const straw = kind === 'sun' && !look.told.colour && !look.told.material;
    const s: Surface = straw
      ? { colour: [222, 190, 128], texture: 'weave', grain: 0.45, density: 2.5 }
      : { ...cloth(look, 0.12), texture: look.main.texture === 'weave' ? 'weave' : 'fine' };
    const b = kind === 'sun' ? 0.98 : kind === 'top' ? 0.72 : 0.92;
    const y = 0.5;
    if (kind === 'cowboy') shape(pen, 'M-.98.3Q-.9.66 0 .74Q.9.66.98.3Q.8.46.4.5H-.4Q-.8.46-.98.3Z', shade(s, 0.8));
    else
      shape(
        pen,
        `M${-b} ${y}Q${-b * 0.9} ${y + 0.3} 0 ${y + 0.32}Q${b * 0.9} ${y + 0.3} ${b} ${y}Q${b * 0.6} ${y - 0.2} 0 ${y - 0.2}Q${-b * 0.6} ${y - 0.2} ${-b} ${y}Z`,
        shade(s, 0.82),
      );
    const crown =
      kind === 'top'
        ? 'M-.46.52L-.52-.8Q0-.92.52-.8L.46.52Q0 .62-.46.52Z'
        : kind === 'sun'
          ? 'M-.52.5Q-.54-.4 0-.42Q.54-.4.52.5Q0 .64-.52.5Z'
          : 'M-.52.52Q-.5-.1-.42-.4Q-.3-.64-.06-.48Q0-.44.06-.48Q.3-.64.42-.4Q.5-.1.52.52Q0 .64-.52.52Z';
    const path = shape(pen, crown, s);
    print(pen, look, path, 0.8, true);
    if (kind !== 'sun' && kind !== 'top') stroke(pen, 'M-.06-.44Q0-.2.02.0', shade(s, 0.55).colour, 0.05, 0.6);
    if (kind === 'top') shape(pen, disc(0, -0.82, 0.52, 0.1), shade(s, 1.2));
    pen.inside(path, () => flat(pen, 'M-.6.24Q0 .36.6.24V.46Q0 .6-.6.46Z', band(look, s).colour));
  };

/** A cap with a visor to the right. */
const cap: Plan = (pen, look) => {
  const s = cloth(look);
  const front = look.view === 'front';
  const path = shape(pen, 'M-.72.4Q-.76-.6 0-.64Q.7-.62.7.34Q0 .5-.72.4Z', s);
  print(pen, look, path);
  stroke(
    pen,
    front ? 'M0-.64V.4M-.06-.62Q-.5-.4-.5.42M.06-.62Q.5-.4.5.4' : 'M-.1-.64Q-.42-.3-.4.42M.04-.64Q.34-.4.36.4',
    shade(s, 0.55).colour,
    0.03,
  );
  shape(pen, disc(0, -0.65, 0.08, 0.05), shade(s, 0.7));
  const visor = look.told.colour || look.t('visor') > 0.5 ? shade(s, 0.8) : look.second;
  if (front) shape(pen, 'M-.68.3Q0 .06.68.3Q.74.6.5.66Q0 .5-.5.66Q-.74.6-.68.3Z', visor);
  else shape(pen, 'M.0.42Q.4.26.7.28Q1.05.4 1 .56Q.96.62.84.58Q.5.44.0.5Z', visor);
  shape(pen, disc(front ? 0 : 0.26, -0.12, 0.17), { colour: contrast(s, look.third.colour) });
};

/** A knitted cap with its turn-up and, perhaps, a bobble. */
const beanie: Plan = (pen, look) => {
  const s: Surface = look.told.material ? look.main : { ...cloth(look), texture: 'feathers', grain: 0.35, density: 3 };
  if (look.t('bobble') > 0.4) {
    const puff = look.told.colour ? shade(s, 1.15) : look.second;
    shape(pen, disc(0, -0.74, 0.25), { ...puff, texture: 'fur', grain: 0.6 });
  }
  const path = shape(pen, 'M-.68.4Q-.74-.62 0-.66Q.74-.62.68.4Z', s);
  print(pen, look, path);
  for (let i = -4; i <= 4; i++)
    pen.inside(path, () =>
      stroke(pen, `M${i * 0.05} -.66Q${i * 0.15} -.3 ${i * 0.16} .4`, shade(s, 0.6).colour, 0.025, 0.6),
    );
  const cuff = shape(pen, rectangle(-0.74, 0.28, 1.48, 0.4, 0.1), shade(s, 0.85));
  pen.inside(cuff, () => {
    for (let i = 0; i < 14; i++) stroke(pen, `M${-0.7 + i * 0.108} .28v.4`, shade(s, 0.55).colour, 0.03, 0.7);
  });
};

/** A beret. */
const beret: Plan = (pen, look) => {
  const s: Surface = { ...cloth(look), texture: 'fine', grain: 0.3 };
  stroke(pen, 'M-.1-.36L-.06-.52', shade(s, 0.7).colour, 0.07);
  shape(pen, 'M-.9.1Q-.8-.4 0-.4Q.96-.4.94.14Q.9.36.4.36H-.5Q-.86.36-.9.1Z', s);
  shape(pen, 'M-.62.26Q0 .4.5.26V.44Q0 .58-.6.44Z', shade(s, 0.7));
};

/** A helmet: hard shell with vents and a strap, or smooth with a visor. */
const helmet =
  (kind: 'bicycle' | 'crash' | 'hard hat'): Plan =>
  (pen, look) => {
    const s = kind === 'hard hat' ? own(look, [242, 196, 50], { gloss: 0.5 }) : smoothed(look, 0.6);
    if (kind === 'crash') {
      const path = shape(pen, 'M-.86.1Q-.86-.86 0-.9Q.86-.86.9 0L.84.5Q.8.86.5.88H-.3Q-.8.86-.86.1Z', s);
      print(pen, look, path, 1, true);
      shape(pen, 'M.1-.3Q.6-.36.9-.16L.9.22Q.5.3.2.24Q0 .1.1-.3Z', { colour: [30, 34, 44], gloss: 0.9 });
      flat(pen, 'M-.8-.2Q-.5-.4-.1-.34V-.2Q-.5-.24-.82 0Z', contrast(s, look.second.colour));
      for (let i = 0; i < 3; i++) stroke(pen, `M.5 ${0.5 + i * 0.1}H.74`, [30, 30, 34], 0.045);
      return;
    }
    if (kind === 'hard hat') {
      shape(pen, 'M-.74.4Q-.78-.6 0-.64Q.76-.6.74.4Z', s);
      for (const x of [-0.24, 0.1])
        shape(pen, `M${x} -.6Q${x + 0.07} -.7 ${x + 0.14} -.6L${x + 0.16} .34H${x - 0.02}Z`, shade(s, 1.15));
      shape(pen, 'M-.82.34Q0 .2.8.34Q1.02.4.98.52Q.5.44 0 .46T-.86.5Q-.94.42-.82.34Z', shade(s, 0.85));
      return;
    }
    tube(pen, 'M-.5.2L-.2.9L.3.2M-.2.9H.05', { colour: [44, 44, 48] }, 0.06);
    const path = shape(pen, 'M-.92.3Q-.9-.62 0-.66Q.84-.64.98.2Q.6.1.5.28Q0 .16-.5.34Q-.8.36-.92.3Z', s);
    pen.inside(path, () => {
      for (let i = 0; i < 4; i++)
        flat(
          pen,
          `M${-0.66 + i * 0.36} ${-0.02 - 0.05 * i}Q${-0.6 + i * 0.36} -.5 ${-0.36 + i * 0.36} ${-0.5 + 0.05 * i}Q${-0.36 + i * 0.36} -.3 ${-0.46 + i * 0.36} ${0 - 0.03 * i}Z`,
          [34, 34, 38],
        );
      stroke(pen, 'M-.9.24Q0 .0.98.14', contrast(s, look.second.colour), 0.06);
    });
  };

/** A pair of gloves, or mittens. */
const gloves =
  (fingers: boolean): Plan =>
  (pen, look) => {
    const s = cloth(look, 0.25);
    const one = (back: boolean) => {
      const c = back ? shade(s, 0.75) : s;
      const d = fingers
        ? 'M-.3.5V0Q-.36-.66-.26-.74Q-.14-.78-.14-.6V-.24L-.1-.84Q-.02-.98.06-.84V-.26L.12-.76Q.2-.88.28-.74L.26-.2L.36-.5Q.46-.58.5-.44L.42.06L.56-.1Q.72-.2.72-.04Q.64.24.4.5Z'
        : 'M-.36.5Q-.46-.5-.3-.74Q-.02-1 .26-.76Q.38-.5.36-.02Q.54-.24.66-.14Q.76-.04.66.14Q.54.36.36.5Z';
      const path = shape(pen, d, c);
      print(pen, look, path);
      const cuff = look.told.colour ? shade(s, 0.65) : look.second;
      shape(pen, rectangle(-0.36, 0.46, 0.8, 0.36, 0.06), { ...cuff, texture: 'weave', grain: 0.2 });
    };
    pen.at(-0.34, -0.02, [-0.85, 0.95], look.rng.range(0, 0.2), () => one(true));
    pen.at(0.26, 0.1, 0.95, look.rng.range(-0.1, 0.15), () => one(false));
  };

/** A scarf: a loop around an absent neck and two ends. */
const scarf: Plan = (pen, look) => {
  const s: Surface = look.told.material ? look.main : { ...cloth(look), grain: 0.35 };
  const fringe = (x: number, y: number, w: number) => {
    for (let i = 0; i < 6; i++)
      stroke(pen, `M${x + (i * w) / 5} ${y}l${look.rng.normal() * 0.02} .14`, shade(s, 0.8).colour, 0.035);
  };
  fringe(-0.4, 0.62, 0.38);
  const under = shape(pen, 'M-.2-.4L.1-.3Q.02.2.02.66H-.44Q-.4 0-.2-.4Z', shade(s, 0.72));
  print(pen, look, under);
  fringe(0.16, 0.84, 0.4);
  const end = shape(pen, 'M.1-.44L.42-.4Q.6.2.6.86H.12Q.16.2.1-.44Z', s);
  print(pen, look, end);
  const loop = shape(pen, 'M-.62-.6Q-.7-.9-.3-.9Q0-.98.3-.9Q.7-.9.62-.56Q.5-.16.1-.18Q-.5-.2-.62-.6Z', shade(s, 1.05));
  print(pen, look, loop);
  flat(pen, 'M-.4-.7Q0-.9.4-.7Q0-.56-.4-.7Z', shade(s, 0.4).colour);
  folds(pen, loop, s, ['M-.5-.56Q-.1-.26.4-.4', 'M-.4-.66Q0-.4.5-.56']);
};

/** A necktie, or a bow tie. */
const tie =
  (bow: boolean): Plan =>
  (pen, look) => {
    const s = { ...cloth(look, 0.12), gloss: 0.15 };
    if (bow) {
      pen.at(0, 0, 1, look.rng.range(-0.2, 0.2), () => {
        for (const side of [-1, 1]) {
          const path = shape(
            pen,
            `M${side * 0.08} -.12Q${side * 0.5} -.56 ${side * 0.92} -.5Q${side} 0 ${side * 0.92} .5Q${side * 0.5} .56 ${side * 0.08} .12Z`,
            s,
          );
          print(pen, look, path, 0.7);
          folds(pen, path, s, [`M${side * 0.1} 0L${side * 0.55} -.14`, `M${side * 0.1} .04L${side * 0.55} .2`]);
        }
        shape(pen, rectangle(-0.16, -0.2, 0.32, 0.4, 0.08), shade(s, 0.85));
      });
      return;
    }
    pen.at(0, 0, 1, look.rng.range(-0.3, 0.3), () => {
      const path = shape(pen, 'M-.11-.64H.11L.3.7L0 1L-.3.7Z', s);
      if (look.pattern === 'stripes' || /stripe/.test(look.told.pattern ?? ''))
        pen.inside(path, () => {
          for (let y = -0.8; y < 1.2; y += 0.24)
            flat(pen, `M-.5 ${y + 0.3}L.5 ${y - 0.2}V${y - 0.09}L-.5 ${y + 0.41}Z`, contrast(s, look.second.colour));
        });
      else print(pen, look, path, 0.6);
      shape(pen, 'M-.2-.96H.2L.12-.62H-.12Z', shade(s, 0.85));
    });
  };

/** A hair band, ribbon bow or headband. */
const ribbon: Plan = (pen, look) => {
  const s = { ...cloth(look, 0.1), gloss: 0.2 };
  pen.at(0, -0.1, 1, look.rng.range(-0.3, 0.3), () => {
    shape(pen, 'M-.06.05L-.5.95L-.3.86L-.2 1L.1.1Z', shade(s, 0.75));
    shape(pen, 'M.06.05L.5.95L.3.86L.2 1L-.1.1Z', shade(s, 0.75));
    for (const side of [-1, 1]) {
      const path = shape(
        pen,
        `M0 0Q${side * 0.5} -.76 ${side * 0.9} -.5Q${side} 0 ${side * 0.8} .36Q${side * 0.4} .4 0 0Z`,
        s,
      );
      print(pen, look, path, 0.7);
      flat(
        pen,
        `M${side * 0.16} -.02Q${side * 0.5} -.3 ${side * 0.7} -.2Q${side * 0.6} .12 ${side * 0.16} -.02Z`,
        lit(s.colour, 0.5),
        0.7,
      );
    }
    shape(pen, disc(0, 0, 0.17, 0.2), s);
  });
};

/** A buckle or a brooch-like crown: points set with stones. */
const crown: Plan = (pen, look) => {
  const s = own(look, [222, 178, 70], { gloss: 0.8 });
  shape(pen, 'M-.8.6L-.95-.4L-.45.06L0-.66L.45.06L.95-.4L.8.6Q0 .74-.8.6Z', s);
  shape(pen, 'M-.8.5Q0 .64.8.5V.72Q0 .9-.8.72Z', shade(s, 0.8));
  const stones = [
    [200, 40, 50],
    [50, 100, 200],
    [60, 160, 90],
  ] as const;
  for (let i = -2; i <= 2; i++)
    shape(pen, disc(i * 0.34, 0.68 - Math.abs(i) * 0.02, 0.07), { colour: stones[(i + 3) % 3], gloss: 0.8 });
  for (const [x, y] of [
    [-0.95, -0.42],
    [0, -0.7],
    [0.95, -0.42],
  ] as const)
    shape(pen, disc(x, y, 0.08), look.told.colour ? STEEL : s);
};

export const WORDS = wordsOf([
  ['hat, fedora, felt hat, bowler hat, homburg, trilby, dress hat, bowler, headdress', brimmed('fedora')],
  ['sun hat, sunhat, straw hat, bucket hat, bonnet, panama hat, boater', brimmed('sun')],
  ['top hat, silk hat', brimmed('top')],
  ['cowboy hat, ten-gallon hat, sombrero, stetson', brimmed('cowboy')],
  ['cap, baseball cap, visor, trucker hat, golf cap, peaked cap, service cap', cap, { category: 'artefact' }],
  ['beanie, knit cap, winter hat, woolly hat, wool hat, ski cap, stocking cap, bobble hat, bathing cap', beanie],
  ["beret, tam, tam o'shanter", beret],
  ['bicycle helmet, bike helmet, cycling helmet, ski helmet', helmet('bicycle')],
  ['helmet, crash helmet, motorcycle helmet, football helmet', helmet('crash')],
  ['hard hat, safety helmet, construction helmet', helmet('hard hat')],
  ['gloves, glove, work gloves, leather gloves, rubber gloves, handwear, gardening gloves', gloves(true)],
  ['mittens, mitten, boxing gloves, boxing glove', gloves(false)],
  ['scarf, muffler, shawl, stole, neckwear, pashmina', scarf],
  ['tie, necktie, silk tie', tie(false), { category: 'artefact' }],
  ['bow tie, bowtie', tie(true)],
  ['ribbon, bow, hair bow, hair ribbon, headband, hair band, scrunchie', ribbon, { category: 'artefact' }],
  ['crown, tiara, diadem', crown, { category: 'artefact' }],
]);
