import type { Plan } from '../../plan.js';
import {
  BRASS,
  cloth,
  contrast,
  disc,
  flat,
  folds,
  print,
  rectangle,
  shade,
  shape,
  stroke,
  wordsOf,
} from '../sketch.js';

/** Trousers to the knee or the foot, wide or tight. */
const trousers =
  (kind: 'jeans' | 'trousers' | 'shorts' | 'leggings' | 'trunks'): Plan =>
  (pen, look) => {
    const plain = cloth(look);
    const s =
      kind === 'jeans' && !look.told.colour
        ? {
            ...plain,
            colour: look.choose('denim', [
              [62, 88, 132],
              [42, 58, 92],
              [110, 138, 176],
            ] as const),
          }
        : plain;
    const short = kind === 'shorts' || kind === 'trunks';
    const end = short ? look.between('short', 0.35, 0.6) : 0.98;
    const leg = kind === 'leggings' ? 0.15 : short ? 0.54 : look.between('leg', 0.24, 0.36);
    const spread = short ? 0.62 : look.rng.range(0.42, 0.56);
    const w = kind === 'leggings' ? 0.36 : 0.46;
    const y = short ? -0.6 : -0.95;
    const d = `M${-w} ${y}H${w}L${spread + 0.04} ${end}L${spread - leg} ${end + 0.02}L0 ${y + (short ? 0.62 : 0.66)}L${-spread + leg} ${end + 0.02}L${-spread - 0.04} ${end}Z`;
    const path = shape(pen, d, s);
    print(pen, look, path);
    folds(pen, path, s, [
      `M${w * 0.6} ${y + 0.4}L${spread - leg / 2} ${end}`,
      `M${-w * 0.6} ${y + 0.4}L${-spread + leg / 2} ${end}`,
    ]);
    pen.inside(path, () =>
      flat(
        pen,
        `M0 ${y + 0.3}L${w} ${y + 0.5}L${spread + 0.1} ${end}L${spread - leg} ${end + 0.1}Z`,
        shade(s, 0.6).colour,
        0.2,
      ),
    );
    shape(pen, rectangle(-w - 0.01, y - 0.01, 2 * w + 0.02, 0.13, 0.02), shade(s, 0.75));
    if (kind === 'leggings') return;
    if (kind === 'trunks') {
      stroke(
        pen,
        `M-.05 ${y + 0.1}Q-.12 ${y + 0.3}-.1 ${y + 0.36}M.05 ${y + 0.1}Q.1 ${y + 0.26} .12 ${y + 0.34}`,
        contrast(s, [240, 240, 236]),
        0.04,
      );
      return;
    }
    const thread = kind === 'jeans' ? ([206, 158, 84] as const) : shade(s, 0.5).colour;
    stroke(pen, `M0 ${y + 0.12}V${y + 0.44}`, thread, 0.022);
    stroke(
      pen,
      `M${-w + 0.03} ${y + 0.36}Q${-w + 0.24} ${y + 0.32} ${-w + 0.26} ${y + 0.14}M${w - 0.03} ${y + 0.36}Q${w - 0.24} ${y + 0.32} ${w - 0.26} ${y + 0.14}`,
      thread,
      0.028,
    );
    shape(pen, disc(0.02, y + 0.06, 0.04), BRASS);
    for (const x of [-0.3, 0.3]) flat(pen, rectangle(x - 0.025, y - 0.02, 0.05, 0.16), shade(s, 0.55).colour);
    if (kind === 'jeans')
      for (const side of [-1, 1])
        stroke(pen, `M${side * (spread + 0.02)} ${end - 0.08}L${side * (spread - leg)} ${end - 0.06}`, thread, 0.022);
  };

/** A skirt: waistband, pleats, hem. */
const skirt: Plan = (pen, look) => {
  const s = cloth(look);
  const hem = look.between('hem', 0.5, 0.95);
  const flare = look.between('flare', 0.5, 0.9);
  const path = shape(
    pen,
    `M-.36-.6H.36Q.5-.1 ${flare} ${hem - 0.08}Q0 ${hem + 0.1} ${-flare} ${hem - 0.08}Q-.5-.1-.36-.6Z`,
    s,
  );
  print(pen, look, path);
  const pleats = Array.from(
    { length: 5 },
    (_, i) => `M${(i - 2) * 0.12} -.5Q${(i - 2) * 0.18} 0 ${((i - 2) * flare) / 2.6} ${hem + 0.1}`,
  );
  folds(pen, path, s, pleats);
  shape(pen, rectangle(-0.38, -0.7, 0.76, 0.15, 0.03), shade(s, 0.7));
};

/** A bathing suit in one or two pieces; underwear. */
const swimsuit =
  (kind: 'suit' | 'bikini' | 'bra' | 'briefs'): Plan =>
  (pen, look) => {
    const s = cloth(look, 0.15);
    const cups = (y: number) => {
      stroke(pen, `M-.34 ${y - 0.1}L-.24 ${y - 0.5}M.34 ${y - 0.1}L.24 ${y - 0.5}`, shade(s, 0.7).colour, 0.055);
      stroke(
        pen,
        `M-.5 ${y + 0.18}Q-.8 ${y + 0.1}-.86 ${y + 0.06}M.5 ${y + 0.18}Q.8 ${y + 0.1} .86 ${y + 0.06}`,
        shade(s, 0.7).colour,
        0.09,
      );
      for (const side of [-1, 1]) {
        const cup = shape(
          pen,
          `M${side * 0.03} ${y + 0.2}Q${side * 0.02} ${y - 0.1} ${side * 0.32} ${y - 0.16}Q${side * 0.62} ${y} ${side * 0.52} ${y + 0.28}Q${side * 0.26} ${y + 0.36} ${side * 0.03} ${y + 0.2}Z`,
          s,
        );
        print(pen, look, cup);
      }
    };
    const briefs = (y: number, h: number) => {
      const path = shape(
        pen,
        `M-.6 ${y}Q0 ${y + 0.1} .6 ${y}L.56 ${y + h * 0.4}Q.2 ${y + h * 0.5} .12 ${y + h}Q0 ${y + h + 0.04}-.12 ${y + h}Q-.2 ${y + h * 0.5}-.56 ${y + h * 0.4}Z`,
        s,
      );
      print(pen, look, path);
      stroke(pen, `M-.59 ${y + 0.03}Q0 ${y + 0.13} .59 ${y + 0.03}`, shade(s, 0.65).colour, 0.06);
    };
    if (kind === 'bra') return pen.at(0, 0.1, [1.1, 1.4], look.rng.range(-0.1, 0.1), () => cups(0));
    if (kind === 'briefs') return pen.at(0, -0.1, 1.4, look.rng.range(-0.1, 0.1), () => briefs(-0.4, 0.85));
    if (kind === 'bikini') {
      cups(-0.4);
      briefs(0.3, 0.6);
      return;
    }
    const path = shape(
      pen,
      'M-.3-.98H-.2Q-.2-.52 0-.5Q.2-.52.2-.98H.3Q.28-.56.42-.42Q.44-.1.34.1Q.44.3.46.5Q.2.62.12.96Q0 1-.12.96Q-.2.62-.46.5Q-.44.3-.34.1Q-.44-.1-.42-.42Q-.28-.56-.3-.98Z',
      s,
    );
    print(pen, look, path);
    folds(pen, path, s, ['M-.3-.2Q-.1-.1.28-.24', 'M-.3.1Q0 .2.3.06']);
  };

/** A pair of socks. */
const socks: Plan = (pen, look) => {
  const s = cloth(look, 0.25);
  const high = look.between('high', -0.95, -0.2);
  const trim = look.told.colour ? shade(s, 0.7) : look.second;
  const one = (back: boolean) => {
    const c = back ? shade(s, 0.75) : s;
    const path = shape(pen, `M-.4 ${high}H.06V.2Q.1.4.4.5Q.72.6.7.8Q.66.96.4.96H-.1Q-.44.9-.42.4Z`, c);
    print(pen, look, path);
    pen.inside(path, () => {
      flat(pen, 'M.42.4H.9V1H.42Z', trim.colour, 0.9);
      flat(pen, 'M-.6.4Q-.14.5-.16 1H-.6Z', trim.colour, 0.9);
    });
    shape(pen, rectangle(-0.42, high - 0.02, 0.5, 0.2, 0.03), trim);
    for (let i = 0; i < 4; i++) stroke(pen, `M${-0.34 + i * 0.11} ${high}v.16`, shade(trim, 0.7).colour, 0.02);
  };
  pen.at(-0.3, -0.06, 0.95, look.rng.range(-0.15, 0), () => one(true));
  pen.at(0.12, 0.04, 0.95, look.rng.range(-0.05, 0.15), () => one(false));
};

export const WORDS = wordsOf([
  ['jeans, blue jeans, jean, denims, denim, dungarees', trousers('jeans')],
  [
    'trousers, pants, trouser, pair of trousers, slacks, chinos, sweatpants, jogging pants, cargo pants, khakis, joggers',
    trousers('trousers'),
  ],
  ['shorts, short pants, bermuda shorts, cargo shorts, hot pants', trousers('shorts')],
  ['leggings, legging, tights, yoga pants, stockings, pantyhose, stocking, long johns', trousers('leggings')],
  ['swimming trunks, swim trunks, board shorts, boxers, boxer shorts, swim shorts', trousers('trunks')],
  ['skirt, miniskirt, kilt, pleated skirt, tutu, hoopskirt, petticoat', skirt],
  ['swimsuit, bathing suit, swimming costume, swimwear, leotard, maillot', swimsuit('suit')],
  ['bikini, two-piece, two-piece swimsuit', swimsuit('bikini')],
  ['bra, brassiere, sports bra', swimsuit('bra')],
  ['underwear, underpants, briefs, panties, knickers, undergarment, thong, diaper, nappy', swimsuit('briefs')],
  ['socks, sock, wool sock, ankle sock, hosiery, knee socks, hose', socks],
]);
