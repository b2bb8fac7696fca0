import type { Surface } from '../../pen.js';
import type { Plan } from '../../plan.js';
import {
  cloth,
  contrast,
  disc,
  flat,
  folds,
  print,
  rectangle,
  STEEL,
  shade,
  shape,
  smoothed,
  stroke,
  wordsOf,
} from '../sketch.js';

/** What covers the upper body: its cut in numbers and details. */
interface Top {
  /** Hem, y. */
  hem: number;
  /** 0 none … 1 to the wrist. */
  sleeves: number;
  /** Width against a shirt's. */
  wide?: number;
  neck: 'round' | 'collar' | 'hood' | 'v' | 'lapels' | 'turtle' | 'straps';
  front?: 'buttons' | 'zip' | 'placket' | 'open' | 'quilt' | 'belt' | 'toggles';
  ribbed?: boolean;
  pockets?: 'chest' | 'hips' | 'pouch';
  grain?: number;
}

/** A shirt, sweater, jacket or coat laid out or on a hanger: sleeves to either side. */
const top =
  (cut: Top): Plan =>
  (pen, look) => {
    const s: Surface =
      cut.ribbed && !look.told.material
        ? { ...cloth(look), texture: 'feathers', grain: 0.3, density: 3 }
        : cloth(look, cut.grain);
    const w = 0.5 * (cut.wide ?? 1);
    const { hem, neck } = cut;
    const dim = shade(s, 0.8);
    const trim = look.told.colour
      ? shade(s, 0.6)
      : look.t('trim') > 0.6
        ? { ...look.second, texture: s.texture }
        : shade(s, 0.75);
    const drop = look.rng.range(-0.06, 0.1);
    if (neck === 'hood') shape(pen, 'M-.36-.66Q-.5-1.06 0-1.04Q.5-1.06.36-.66Q0-.4-.36-.66Z', dim);
    if (cut.sleeves > 0)
      for (const side of [-1, 1] as const)
        pen.at(side * (w - 0.06), -0.72, [side, 1], 0, () => {
          const l = cut.sleeves;
          const [ex, ey] = [0.3 + 0.26 * l - drop * l, 0.26 + 1.15 * l];
          const sleeve = shape(
            pen,
            `M-.08 0Q.18 0 .26.14L${ex + 0.06} ${ey - 0.05}L${ex - 0.2} ${ey + 0.04}L-.04.5Z`,
            dim,
          );
          print(pen, look, sleeve);
          if (l > 0.6 && (cut.ribbed || neck === 'hood' || cut.front === 'zip'))
            shape(
              pen,
              `M${ex + 0.05} ${ey - 0.13}L${ex + 0.06} ${ey - 0.03}L${ex - 0.2} ${ey + 0.05}L${ex - 0.22} ${ey - 0.05}Z`,
              trim,
            );
        });
    const straps = neck === 'straps';
    const outline = straps
      ? `M${-w * 0.62} -.9H${-w * 0.4}Q${-w * 0.3} -.46 0-.44Q${w * 0.3} -.46 ${w * 0.4} -.9H${w * 0.62}Q${w * 0.6} -.36 ${w * 0.94} -.26L${w} ${hem}Q0 ${hem + 0.06} ${-w} ${hem}L${-w * 0.94} -.26Q${-w * 0.6} -.36 ${-w * 0.62} -.9Z`
      : `M-.2-.86Q0-.7.2-.86L${w + 0.02} -.74L${w * 0.9} -.2L${w} ${hem}Q0 ${hem + 0.06} ${-w} ${hem}L${-w * 0.9} -.2L${-w - 0.02} -.74Z`;
    const path = shape(pen, outline, s);
    print(pen, look, path);
    folds(pen, path, s, [
      `M${-w * 0.7} -.2Q${-w * 0.5} .2 ${-w * 0.7} ${hem}`,
      `M${w * 0.8} -.3Q${w * 0.5} .3 ${w * 0.6} ${hem}`,
    ]);
    if (cut.ribbed || neck === 'hood')
      shape(pen, `M${-w} ${hem - 0.12}Q0 ${hem - 0.06} ${w} ${hem - 0.12}V${hem}Q0 ${hem + 0.06} ${-w} ${hem}Z`, trim);
    if (cut.front === 'quilt')
      for (let y = -0.5; y < hem - 0.05; y += 0.2)
        stroke(pen, `M${-w * 0.95} ${y}Q0 ${y + 0.08} ${w * 0.95} ${y}`, shade(s, 0.55).colour, 0.035);
    if (neck === 'round') stroke(pen, 'M-.21-.86Q0-.62.21-.86', trim.colour, 0.055);
    else if (neck === 'turtle') shape(pen, 'M-.2-.98Q0-.92.2-.98L.22-.78Q0-.66-.22-.78Z', shade(s, 0.85));
    else if (neck === 'v') {
      flat(pen, 'M-.21-.88L0-.4L.21-.88Q0-.76-.21-.88Z', shade(s, 0.4).colour);
      stroke(pen, 'M-.22-.88L0-.4L.22-.88', trim.colour, 0.05);
    } else if (neck === 'hood') {
      shape(pen, 'M-.26-.72Q-.3-.92 0-.92Q.3-.92.26-.72Q0-.5-.26-.72Z', shade(s, 0.45));
      stroke(pen, 'M-.12-.6V-.3M.12-.6V-.34', contrast(s, [240, 240, 236]), 0.035);
    }
    const pattern = look.told.pattern ? s : trim;
    if (cut.front === 'buttons' || cut.front === 'placket') {
      const end = cut.front === 'buttons' ? hem : -0.3;
      flat(pen, rectangle(-0.06, -0.72, 0.12, end + 0.72), shade(s, 0.9).colour, 0.9);
      const n = cut.front === 'buttons' ? 6 : 2;
      for (let i = 0; i < n; i++)
        flat(pen, disc(0, -0.6 + (i * (end + 0.55)) / n, 0.035), contrast(s, [240, 238, 230]));
    } else if (cut.front === 'zip' || cut.front === 'quilt') {
      stroke(pen, `M0-.7V${hem}`, [44, 44, 48], 0.045);
      stroke(pen, `M0-.7V${hem}`, [186, 188, 192], 0.018);
      shape(pen, rectangle(-0.03, -0.5, 0.06, 0.12, 0.02), STEEL);
    } else if (cut.front === 'open' || cut.front === 'belt' || cut.front === 'toggles')
      stroke(pen, `M.04-.5V${hem}`, shade(s, 0.45).colour, 0.035);
    if (cut.front === 'toggles')
      for (let i = 0; i < 4; i++)
        shape(pen, rectangle(-0.14, -0.42 + i * 0.28, 0.3, 0.06, 0.03), { colour: [206, 170, 110] });
    if (cut.front === 'open')
      for (let i = 0; i < 3; i++) flat(pen, disc(-0.03, 0.1 + i * 0.22, 0.04), contrast(s, [40, 36, 34]));
    if (neck === 'collar')
      for (const side of [-1, 1] as const)
        shape(pen, `M0-.74L${side * 0.2} -.94L${side * 0.3} -.76L${side * 0.13} -.56Z`, shade(s, 1.15));
    if (neck === 'lapels')
      for (const side of [-1, 1] as const) {
        shape(
          pen,
          `M0-.06L${side * 0.2} -.94L${side * 0.34} -.72L${side * 0.24} -.56L${side * 0.32} -.48Z`,
          shade(s, 1.15),
        );
        flat(pen, `M0-.12L${side * 0.16} -.86H0Z`, [236, 234, 228], cut.front === 'belt' ? 0 : 0.9);
      }
    if (cut.front === 'belt') {
      shape(pen, `M${-w * 0.95} .0Q0 .06 ${w * 0.95} .0V.14Q0 .2 ${-w * 0.95} .14Z`, pattern);
      shape(pen, 'M.02.1L.16.5L.06.52L-.04.14Z', pattern);
    }
    if (cut.pockets === 'chest') shape(pen, rectangle(0.12, -0.4, 0.24, 0.26, 0.02), shade(s, 0.92));
    if (cut.pockets === 'hips')
      for (const x of [-1, 1])
        stroke(pen, `M${x * 0.16} ${hem - 0.5}L${x * 0.36} ${hem - 0.44}`, shade(s, 0.45).colour, 0.04);
    if (cut.pockets === 'pouch') shape(pen, 'M-.24.2H.24L.36.58H-.36Z', shade(s, 0.88));
  };

const shirt = top({ hem: 0.86, sleeves: 0.95, neck: 'collar', front: 'buttons', pockets: 'chest' });
const tee = top({ hem: 0.82, sleeves: 0.24, neck: 'round' });

/** A frock: bodice, waist and a skirt that flares. */
const dress: Plan = (pen, look) => {
  const s = cloth(look, 0.18);
  const flare = look.between('flare', 0.5, 0.86);
  const hem = look.between('hem', 0.72, 1);
  const sleeves = look.choose('sleeves', ['straps', 'short', 'none', 'long'] as const);
  if (sleeves === 'short' || sleeves === 'long')
    for (const side of [-1, 1])
      shape(
        pen,
        sleeves === 'short'
          ? `M${side * 0.24} -.86Q${side * 0.5} -.84 ${side * 0.54} -.5L${side * 0.34} -.44Z`
          : `M${side * 0.24} -.86Q${side * 0.46} -.84 ${side * 0.66} .1L${side * 0.52} .16L${side * 0.3} -.4Z`,
        shade(s, 0.85),
      );
  const path = shape(
    pen,
    `M-.28-.92L-.14-.9Q0-.62.14-.9L.28-.92Q.26-.6.36-.5Q.28-.2.24-.06Q.5.4 ${flare} ${hem - 0.06}Q0 ${hem + 0.1} ${-flare} ${hem - 0.06}Q-.5.4-.24-.06Q-.28-.2-.36-.5Q-.26-.6-.28-.92Z`,
    s,
  );
  print(pen, look, path);
  folds(pen, path, s, [
    `M-.16.0Q-.3.5 ${-flare * 0.6} ${hem}`,
    `M0 .1Q-.06.5 ${-flare * 0.1} ${hem}`,
    `M.14 0Q.3.5 ${flare * 0.5} ${hem}`,
  ]);
  shape(pen, 'M-.25-.1Q0-.04.25-.1V.02Q0 .08-.25.02Z', look.told.colour ? shade(s, 0.6) : look.second);
};

/** A loose gown tied at the waist: a bathrobe or kimono. */
const robe: Plan = (pen, look) => {
  top({ hem: 0.98, sleeves: 0.74, wide: 0.92, neck: 'lapels', front: 'belt', pockets: 'hips', grain: 0.4 })(pen, {
    ...look,
    rng: look.rng,
  });
};

/** An apron: bib, neck loop, ties, pocket. */
const apron: Plan = (pen, look) => {
  const s = cloth(look);
  stroke(pen, 'M-.26-.62Q-.2-1.04 0-1.02Q.2-1.04.26-.62', shade(s, 0.7).colour, 0.07);
  stroke(pen, 'M-.56-.06Q-.86.1-.92.4M.56-.06Q.86.1.92.4', shade(s, 0.7).colour, 0.07);
  const path = shape(
    pen,
    'M-.3-.66Q0-.6.3-.66Q.34-.2.6-.08Q.72.5.62.92Q0 1.02-.62.92Q-.72.5-.6-.08Q-.34-.2-.3-.66Z',
    s,
  );
  print(pen, look, path);
  const pocket = shape(pen, 'M-.34.14H.34V.44Q.34.56.22.56H-.22Q-.34.56-.34.44Z', shade(s, 0.85));
  print(pen, look, pocket, 1, true);
  stroke(pen, 'M0 .14V.56', shade(s, 0.6).colour, 0.025);
};

/** Nightwear: shirt above, trousers below. */
const pyjamas: Plan = (pen, look) => {
  const s = cloth(look);
  pen.at(0, -0.42, 0.6, 0, () =>
    top({ hem: 0.66, sleeves: 0.8, neck: 'collar', front: 'buttons', pockets: 'chest' })(pen, look),
  );
  const legs = shape(pen, 'M-.3.06H.3L.36.98H.06L0 .4L-.06.98H-.36Z', smoothed({ ...look, main: s }, 0));
  print(pen, look, legs);
};

export const WORDS = wordsOf([
  ['t-shirt, tee shirt, t shirt, tshirt, jersey, tee, football shirt, sports jersey', tee],
  ['shirt, dress shirt, blouse, work-shirt, flannel shirt, button-down shirt, tunic, garment', shirt],
  ['polo shirt, polo, sport shirt, rugby shirt', top({ hem: 0.82, sleeves: 0.28, neck: 'collar', front: 'placket' })],
  [
    'sweater, pullover, jumper, knitwear, woolen jumper, jersey sweater',
    top({ hem: 0.76, sleeves: 0.95, wide: 1.06, neck: 'round', ribbed: true }),
  ],
  [
    'turtleneck, turtleneck sweater',
    top({ hem: 0.76, sleeves: 0.95, neck: 'turtle', ribbed: true }),
    { category: 'artefact' },
  ],
  ['cardigan', top({ hem: 0.82, sleeves: 0.95, neck: 'v', front: 'buttons', ribbed: true })],
  [
    'hoodie, sweatshirt, hooded sweatshirt, parka hood, hooded jacket',
    top({ hem: 0.8, sleeves: 0.95, wide: 1.1, neck: 'hood', pockets: 'pouch' }),
  ],
  [
    'jacket, bomber jacket, leather jacket, denim jacket, windbreaker, fleece jacket, anorak, tracksuit jacket, ski jacket',
    top({ hem: 0.72, sleeves: 0.98, wide: 1.1, neck: 'collar', front: 'zip', pockets: 'hips' }),
  ],
  [
    'down jacket, puffer jacket, quilted jacket, puffer coat, duvet jacket',
    top({ hem: 0.74, sleeves: 0.98, wide: 1.15, neck: 'turtle', front: 'quilt' }),
  ],
  [
    'suit jacket, blazer, suit, sport coat, tuxedo, dinner jacket, tailcoat, business suit, uniform',
    top({ hem: 0.86, sleeves: 0.98, neck: 'lapels', front: 'open', pockets: 'hips' }),
  ],
  [
    'coat, overcoat, raincoat, trench coat, greatcoat, lab coat, topcoat, rain coat, cloak',
    top({ hem: 1, sleeves: 0.86, wide: 0.84, neck: 'lapels', front: 'belt', pockets: 'hips' }),
  ],
  ['duffel coat, parka, winter coat', top({ hem: 0.94, sleeves: 0.92, wide: 1.1, neck: 'hood', front: 'toggles' })],
  ['vest, waistcoat, life jacket, safety vest, gilet', top({ hem: 0.74, sleeves: 0, neck: 'v', front: 'buttons' })],
  [
    'tank top, singlet, camisole, undershirt, crop top, sleeveless shirt',
    top({ hem: 0.82, sleeves: 0, neck: 'straps' }),
  ],
  [
    "dress, gown, frock, sundress, evening gown, cocktail dress, nightgown, sari, wedding dress, woman's clothing",
    dress,
  ],
  ['bathrobe, robe, dressing gown, kimono', robe],
  ['apron, kitchen apron, pinafore, smock', apron],
  ['pajamas, pyjamas, pajama, nightwear, tracksuit, jumpsuit, onesie, romper, coverall', pyjamas],
  ['clothing, clothes, apparel', tee, { as: 't-shirt' }],
]);
