import { blend, lit, type Rgb } from '../colour.js';
import { oval, type Pen, type Point, poly, rect, smooth, track } from '../pen.js';
import { coloured, type Look, type Plan } from '../plan.js';

const GLASS: Rgb = [96, 122, 140];
const TYRE: Rgb = [34, 34, 36];

function wheel(pen: Pen, look: Look, x: number, y: number, r: number, squash = 1): void {
  pen.ellipse(x, y, r * squash, r, { colour: TYRE });
  const hub = look.choose('hub', [
    [188, 190, 194],
    [70, 72, 76],
    [150, 146, 130],
  ] as readonly Rgb[]);
  pen.ellipse(x, y, r * 0.58 * squash, r * 0.58, { colour: hub, gloss: 0.4 });
  pen.fill(oval(x, y, r * 0.16 * squash, r * 0.16), [40, 40, 42]);
}

function paintwork(look: Look) {
  return { ...look.main, gloss: Math.max(0.35, look.main.gloss ?? 0), grain: Math.min(0.25, look.main.grain ?? 0.15) };
}

function windows(pen: Pen, x0: number, x1: number, y0: number, y1: number, n: number, slope0 = 0, slope1 = 0): void {
  const gap = 0.03;
  const w = (x1 - x0) / n;
  for (let i = 0; i < n; i++) {
    const a = x0 + i * w;
    const first = i === 0 ? slope0 : 0;
    const last = i === n - 1 ? slope1 : 0;
    pen.polygon(
      [
        [a + gap + first, y0],
        [a + w - gap - last, y0],
        [a + w - gap, y1],
        [a + gap, y1],
      ],
      { colour: lit(GLASS, pen.rng.range(0.7, 1.2)), gloss: 0.5 },
    );
  }
}

/** Cars, from hatchbacks to estates; side, three-quarter and front. */
export const car: Plan = (pen, look) => {
  const body = paintwork(look);
  const low = look.between('height', 0.32, 0.6);
  const r = look.between('wheel', 0.17, 0.25);
  const roofA = look.between('roof front', 0.08, 0.4);
  const roofB = look.between('roof back', -0.75, -0.35);
  const top = 1 - r - low - 0.28;
  const sill = 1 - r * 0.75;
  const belt = 1 - r - low * 0.75;
  if (look.view === 'front') {
    const w = look.between('width', 0.62, 0.8);
    for (const s of [-1, 1]) pen.box(s * w * 0.85 - 0.11, 0.6, 0.22, 0.4, { colour: TYRE }, 0.06);
    pen.polygon(
      [
        [-w * 0.72, top],
        [w * 0.72, top],
        [w * 0.92, belt],
        [-w * 0.92, belt],
      ],
      body,
    );
    pen.polygon(
      [
        [-w * 0.64, top + 0.06],
        [w * 0.64, top + 0.06],
        [w * 0.8, belt - 0.02],
        [-w * 0.8, belt - 0.02],
      ],
      { colour: GLASS, gloss: 0.6 },
    );
    pen.box(-w, belt, 2 * w, 0.86 - belt, body, 0.12);
    pen.box(-w * 0.5, belt + 0.22, w, 0.16, { colour: [40, 40, 44] }, 0.04);
    for (const s of [-1, 1]) pen.ellipse(s * w * 0.74, belt + 0.2, 0.14, 0.09, { colour: [244, 240, 214], gloss: 0.8 });
    return;
  }
  const short = look.view === 'quarter' ? 0.86 : 1;
  const nose = look.between('nose', -0.04, 0.14);
  const outline: Point[] = [
    [-0.98 * short, belt + 0.08],
    [-0.9 * short, belt - 0.06],
    [roofB * short - 0.12, belt - 0.08],
    [roofB * short, top],
    [roofA * short, top],
    [(roofA + 0.32) * short, belt - 0.06],
    [0.92 * short, belt + nose],
    [0.99 * short, sill - 0.1],
    [0.95 * short, sill],
    [-0.97 * short, sill],
  ];
  pen.polygon(outline, body);
  windows(
    pen,
    (roofB - 0.04) * short,
    (roofA + 0.22) * short,
    top + 0.06,
    belt - 0.05,
    2 + (look.t('doors') > 0.5 ? 1 : 0),
    0.08,
    0.18,
  );
  if (look.t('stripe') > 0.7) pen.fill(rect(-0.96 * short, belt + 0.08, 1.9 * short, 0.07), look.second.colour, 0.9);
  pen.fill(rect(-0.95 * short, sill - 0.06, 1.9 * short, 0.06), lit(body.colour, 0.45));
  pen.ellipse(0.93 * short, belt + 0.14, 0.05, 0.06, { colour: [250, 244, 210], gloss: 0.8 });
  pen.fill(rect(-0.99 * short, belt + 0.08, 0.06, 0.1), [190, 40, 36]);
  for (const x of [-0.6, 0.6]) wheel(pen, look, x * short, 1 - r, r, look.view === 'quarter' ? 0.82 : 1);
};

/** Lorries, vans, fire engines, diggers: a cab and what is behind it. */
export const truck: Plan = (pen, look) => {
  const body = paintwork(look);
  const r = look.between('wheel', 0.14, 0.24);
  const floor = 1 - r * 1.2;
  const cab = look.between('cab', 0.34, 0.62);
  const load = look.between('load height', 0.55, 1.25);
  const kind = look.choose('load', ['box', 'flat', 'tank', 'tipper', 'van', 'arm'] as const);
  const cabTop = floor - look.between('cab height', 0.6, 0.95);
  if (look.view === 'front') {
    const w = look.between('front width', 0.55, 0.72);
    for (const s of [-1, 1]) pen.box(s * w * 0.8 - 0.12, 0.62, 0.24, 0.38, { colour: TYRE }, 0.05);
    pen.box(-w, -0.85, 2 * w, 1.65, body, 0.08);
    pen.box(-w * 0.85, -0.7, w * 1.7, 0.55, { colour: GLASS, gloss: 0.6 }, 0.05);
    pen.box(-w * 0.55, 0.1, w * 1.1, 0.34, { colour: [46, 46, 50] }, 0.03);
    for (const s of [-1, 1]) pen.ellipse(s * w * 0.78, 0.5, 0.1, 0.1, { colour: [248, 242, 208], gloss: 0.8 });
    return;
  }
  const x0 = 0.98 - cab;
  const cargo = {
    ...coloured(look.main, look.t('two tone') > 0.4 ? look.second.colour : look.main.colour),
    gloss: 0.2,
  };
  pen.box(-0.98, floor - 0.08, 1.94, 0.12, { colour: [54, 54, 58] });
  if (kind === 'box')
    pen.box(-0.98, floor - load, x0 + 0.93, load, { ...cargo, texture: 'stripes', grain: 0.15, density: 2 });
  else if (kind === 'van') pen.box(-0.98, cabTop, x0 + 1.1, floor - cabTop, body, 0.1);
  else if (kind === 'tank')
    pen.ellipse((x0 - 0.98) / 2, floor - load * 0.35, (x0 + 0.93) / 2, load * 0.38, { ...cargo, gloss: 0.7 });
  else if (kind === 'tipper')
    pen.polygon(
      [
        [-0.99, floor - load * 0.75],
        [x0 - 0.08, floor - load * 0.62],
        [x0 - 0.14, floor - 0.08],
        [-0.85, floor - 0.08],
      ],
      { ...cargo, texture: 'cloudy', grain: 0.4 },
    );
  else if (kind === 'arm') {
    pen.limb(
      [
        [-0.3, floor - 0.1],
        [-0.55, floor - load],
        [-0.95, floor - load * 0.4],
      ],
      0.16,
      0.1,
      cargo,
    );
    pen.polygon(
      [
        [-1, floor - load * 0.45],
        [-0.75, floor - load * 0.35],
        [-0.85, floor - 0.05],
        [-1, floor - 0.1],
      ],
      { colour: [80, 80, 84] },
    );
  } else
    for (let i = 0; i < 3; i++)
      pen.box(-0.95 + i * ((x0 + 0.9) / 3), floor - load * pen.rng.range(0.25, 0.6), (x0 + 0.75) / 3, load * 0.5, {
        ...look.third,
        texture: 'wood',
        grain: 0.4,
      });
  pen.polygon(
    [
      [x0, cabTop],
      [0.9, cabTop],
      [0.99, floor - 0.3],
      [0.99, floor],
      [x0, floor],
    ],
    body,
  );
  pen.polygon(
    [
      [x0 + cab * 0.3, cabTop + 0.08],
      [0.86, cabTop + 0.08],
      [0.94, floor - 0.38],
      [x0 + cab * 0.3, floor - 0.38],
    ],
    { colour: GLASS, gloss: 0.6 },
  );
  pen.fill(rect(x0 + 0.02, floor - 0.14, cab - 0.06, 0.08), lit(body.colour, 0.5));
  const axles = 2 + Math.floor(look.t('axles') * 2.4);
  for (let i = 0; i < axles - 1; i++) wheel(pen, look, -0.75 + i * (r * 2.15), 1 - r, r);
  wheel(pen, look, 0.98 - cab * 0.45, 1 - r, r);
};

/** Buses, coaches, trams, railway carriages and engines. */
export const bus: Plan = (pen, look) => {
  const body = paintwork(look);
  const rail = look.t('rail') > 0.5;
  const h = look.between('height', 0.7, 1.15);
  const floor = 0.86;
  const top = floor - h;
  const n = 4 + Math.floor(look.t('windows') * 5);
  if (look.view === 'front') {
    const w = 0.55;
    pen.box(-w, -0.85, 2 * w, 1.7, body, 0.12);
    pen.box(-w * 0.85, -0.6, w * 1.7, 0.7, { colour: GLASS, gloss: 0.6 }, 0.06);
    pen.fill(rect(-w, 0.3, 2 * w, 0.14), look.second.colour);
    for (const s of [-1, 1]) pen.ellipse(s * w * 0.75, 0.58, 0.1, 0.08, { colour: [250, 244, 206], gloss: 0.8 });
    for (const s of [-1, 1]) pen.box(s * w * 0.75 - 0.12, 0.82, 0.24, 0.18, { colour: TYRE }, 0.04);
    return;
  }
  pen.box(-1, top, 2, h, body, look.between('round', 0.03, 0.2));
  pen.fill(rect(-1, floor - h * look.between('band', 0.2, 0.45), 2, h * 0.14), look.second.colour, 0.95);
  windows(pen, -0.94, 0.9, top + h * 0.14, top + h * 0.5, n);
  if (look.t('decks') > 0.8) windows(pen, -0.94, 0.9, top + h * 0.6, top + h * 0.82, n);
  pen.box(0.72, top + h * 0.2, 0.16, h * 0.75, { colour: lit(GLASS, 0.8), gloss: 0.3 });
  if (rail) {
    for (let i = 0; i < 6; i++) pen.ellipse(-0.8 + i * 0.32, 0.92, 0.09, 0.09, { colour: [52, 52, 56] });
    if (look.t('steam') > 0.6) {
      pen.box(0.55, top - 0.25, 0.16, 0.3, look.dark);
      for (let i = 0; i < 4; i++)
        pen.ellipse(0.55 - i * 0.22, top - 0.35 - i * 0.1, 0.13 + i * 0.05, 0.11 + i * 0.04, {
          colour: [214, 214, 216],
          clear: 0.3,
        });
    }
  } else for (const x of [-0.62, 0.58]) wheel(pen, look, x, 0.86, 0.14);
};

/** Bicycles, motorcycles, scooters, carts: open frames on wheels. */
export const cycle: Plan = (pen, look) => {
  const r = look.between('wheel', 0.3, 0.46);
  const y = 1 - r;
  const engine = look.t('engine') > 0.5;
  for (const x of [-0.52, 0.52]) {
    pen.line(oval(x, y, r * 0.92, r * 0.92), TYRE, engine ? 0.16 : 0.07);
    for (let i = 0; i < 6; i++) {
      const a = (i * Math.PI) / 6 + pen.rng.uniform();
      pen.line(
        track([
          [x - r * 0.85 * Math.cos(a), y - r * 0.85 * Math.sin(a)],
          [x + r * 0.85 * Math.cos(a), y + r * 0.85 * Math.sin(a)],
        ]),
        [150, 150, 154],
        0.018,
        0.7,
      );
    }
  }
  const w = engine ? 0.13 : 0.07;
  const seat: Point = [-0.28, y - r * 1.15];
  const bar: Point = [0.36, y - r * 1.35];
  pen.line(track([[-0.52, y], seat, [0.32, y - r * 1.0], [-0.06, y], [-0.52, y]]), look.main.colour, w);
  pen.line(track([seat, [-0.06, y]]), look.main.colour, w);
  pen.line(track([[0.52, y], bar, [0.2, bar[1] - 0.12]]), look.main.colour, w);
  if (engine) {
    pen.ellipse(-0.02, y - 0.08, 0.26, 0.2, {
      colour: [110, 110, 116],
      gloss: 0.6,
      texture: 'stripes',
      grain: 0.4,
      density: 3,
    });
    pen.blob(
      [
        [-0.1, y - r * 1.2],
        [0.3, y - r * 1.25],
        [0.34, y - r * 0.8],
        [-0.08, y - r * 0.8],
      ],
      { ...look.main, gloss: 0.6 },
    );
  }
  pen.ellipse(seat[0] - 0.08, seat[1] - 0.05, 0.2, 0.06, look.dark);
};

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

/** Rockets, balloons, satellites. */
export const spacecraft: Plan = (pen, look) => {
  if (look.t('balloon') > 0.5) {
    pen.part(
      smooth([
        [0, 0.45],
        [-0.7, -0.25],
        [-0.45, -0.85],
        [0, -1],
        [0.45, -0.85],
        [0.7, -0.25],
      ]),
      [0, -0.3, 0.7, 0.7],
      look.main,
    );
    for (const x of [-0.35, 0, 0.35])
      pen.line(
        smooth([
          [x * 0.2, 0.42],
          [x * 1.6, -0.3],
          [x * 0.6, -0.97],
        ]),
        look.second.colour,
        0.08,
        0.7,
      );
    pen.box(-0.14, 0.72, 0.28, 0.24, { colour: [120, 84, 50], texture: 'weave', grain: 0.6, density: 4 });
    return;
  }
  pen.blob(
    [
      [0, -1],
      [0.24, -0.5],
      [0.24, 0.7],
      [-0.24, 0.7],
      [-0.24, -0.5],
    ],
    { ...look.main, gloss: 0.5 },
  );
  for (const s of [-1, 1])
    pen.polygon(
      [
        [s * 0.22, 0.25],
        [s * 0.6, 0.9],
        [s * 0.22, 0.75],
      ],
      look.second,
    );
  pen.ellipse(0, -0.25, 0.11, 0.11, { colour: GLASS, gloss: 0.6 });
};
