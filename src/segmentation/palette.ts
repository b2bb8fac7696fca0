/** RGB, 0…255. */
export type Colour = readonly [number, number, number];

/** Okabe & Ito 2008: eight colours that people with any kind of colour vision can tell apart; black is left to what is ignored. */
const OKABE_ITO: readonly Colour[] = [
  [0, 114, 178],
  [230, 159, 0],
  [0, 158, 115],
  [204, 121, 167],
  [240, 228, 66],
  [86, 180, 233],
  [213, 94, 0],
];

/** What is ignored. */
export const IGNORED_COLOUR: Colour = [0, 0, 0];

/** Levels of a channel among which further colours are looked for. */
const LEVELS = [0, 36, 73, 109, 146, 182, 219, 255];

/** How colours look to people who lack one kind of cones (Machado, Oliveira & Fernandes 2009, severity 1), of linear RGB. */
const DEFICIENCIES: readonly (readonly number[])[] = [
  [1, 0, 0, 0, 1, 0, 0, 0, 1],
  [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
];

/**
 * Colours of classes, as far apart as they can be for every kind of colour vision: Okabe and Ito's, then one after the other the colour whose
 * nearest neighbour is farthest away. The same for the same number.
 */
export function palette(classes: number): Colour[] {
  const colours = OKABE_ITO.slice(0, classes);
  if (colours.length === classes) return colours;
  const candidates = LEVELS.flatMap((r) => LEVELS.flatMap((g) => LEVELS.map((b): Colour => [r, g, b])));
  const looks = candidates.map(appearances);
  const distance = looks.map((look) => apart(look, appearances(IGNORED_COLOUR)));
  const take = (colour: Colour) => {
    const look = appearances(colour);
    looks.forEach((other, i) => {
      distance[i] = Math.min(distance[i], apart(other, look));
    });
  };
  for (const colour of colours) take(colour);
  while (colours.length < classes) {
    let best = 0;
    for (let i = 1; i < distance.length; i++) if (distance[i] > distance[best]) best = i;
    // All of them are used: from here on colours come again.
    if (distance[best] === 0) colours.push(colours[colours.length - candidates.length] ?? candidates[0]);
    else {
      colours.push(candidates[best]);
      take(candidates[best]);
    }
  }
  return colours;
}

/** The least distance of two colours over all kinds of colour vision, in CIE L*a*b*. */
export const colourDistance = (a: Colour, b: Colour): number => apart(appearances(a), appearances(b));

/** [kinds of vision, 3] in L*a*b* */
function appearances(colour: Colour): Float64Array {
  const linear = colour.map((v) => (v <= 10.31475 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  const out = new Float64Array(DEFICIENCIES.length * 3);
  DEFICIENCIES.forEach((m, k) => {
    const seen = [0, 3, 6].map((row) =>
      Math.min(1, Math.max(0, m[row] * linear[0] + m[row + 1] * linear[1] + m[row + 2] * linear[2])),
    );
    out.set(lab(seen), k * 3);
  });
  return out;
}

/** CIE L*a*b* of linear sRGB, white D65. */
function lab([r, g, b]: readonly number[]): [number, number, number] {
  const f = (t: number) => (t > 216 / 24389 ? Math.cbrt(t) : ((24389 / 27) * t + 16) / 116);
  const x = f((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
  const y = f(0.2126729 * r + 0.7151522 * g + 0.072175 * b);
  const z = f((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

function apart(a: Float64Array, b: Float64Array): number {
  let least = Number.POSITIVE_INFINITY;
  for (let k = 0; k < a.length; k += 3)
    least = Math.min(least, Math.hypot(a[k] - b[k], a[k + 1] - b[k + 1], a[k + 2] - b[k + 2]));
  return least;
}
