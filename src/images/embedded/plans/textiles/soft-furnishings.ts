import { lit } from '../../colour.js';
import type { Plan } from '../../plan.js';
import {
  cloth,
  contrast,
  disc,
  flat,
  folds,
  laid,
  print,
  rectangle,
  shade,
  shape,
  stroke,
  TIMBER,
  tube,
  wordsOf,
} from '../sketch.js';

/** A square cushion, standing on a corner or a side, with piping. */
const cushion: Plan = (pen, look) => {
  const s = cloth(look, 0.28);
  const corner = look.t('corner') > 0.75;
  pen.at(0, 0.05, corner ? 0.78 : 1, look.rng.range(-0.2, 0.2) + (corner ? 0.75 : 0), () => {
    const w = look.view === 'side' ? 0.72 : 0.84;
    const d = `M${-w - 0.08} -.9Q0-.66 ${w + 0.08} -.9Q${w - 0.1} 0 ${w + 0.08} .9Q0 .66 ${-w - 0.08} .9Q${-w + 0.1} 0 ${-w - 0.08} -.9Z`;
    const path = shape(pen, d, s);
    print(pen, look, path, 1.2);
    pen.inside(path, () => {
      flat(pen, disc(-0.1, -0.2, 0.5, 0.4), lit(s.colour, 1.3), 0.16);
      for (const [x, y] of [
        [-1, -1],
        [1, -1],
        [1, 1],
        [-1, 1],
      ] as const)
        stroke(
          pen,
          `M${x * (w - 0.02)} ${y * 0.8}Q${x * 0.5} ${y * 0.56} ${x * 0.36} ${y * 0.4}`,
          shade(s, 0.55).colour,
          0.04,
          0.5,
        );
    });
    stroke(pen, d, look.told.colour ? shade(s, 0.6).colour : contrast(s, look.second.colour), 0.05);
    if (look.t('button') > 0.75) flat(pen, disc(0, 0, 0.08), shade(s, 0.45).colour);
    if (look.t('tassels') > 0.8)
      for (const [x, y] of [
        [-1, -1],
        [1, -1],
        [1, 1],
        [-1, 1],
      ] as const)
        shape(pen, disc(x * (w + 0.08), y * 0.9, 0.1), look.second);
  });
};

/** A bed pillow: flatter, white unless told, with creases. */
const pillow: Plan = (pen, look) => {
  const s =
    look.told.colour || look.told.pattern
      ? cloth(look)
      : {
          ...cloth(look),
          colour: look.choose('linen', [[238, 236, 230], [226, 232, 238], cloth(look).colour] as const),
        };
  pen.at(0, 0.3, 1, look.rng.range(-0.15, 0.1), () => {
    const path = shape(
      pen,
      'M-.96-.36Q-.6-.66 0-.62Q.6-.68.96-.4Q.86 0 .98.4Q.6.68 0 .6Q-.6.7-.98.42Q-.86 0-.96-.36Z',
      s,
    );
    print(pen, look, path, 1.2);
    folds(pen, path, s, [
      'M-.9-.3Q-.5-.2-.3-.26',
      'M.92-.34Q.6-.16.36-.2',
      'M-.92.38Q-.5.2-.2.26',
      'M.92.36Q.5.2.3.3',
      'M-.2-.1Q0 .04.3-.04',
    ]);
    stroke(pen, 'M-.92.42Q-.5.6 0 .54Q.5.6.92.4', shade(s, 0.75).colour, 0.03);
  });
};

/** A folded blanket, throw, towel or sheet: soft layers, fringed or not. */
const folded =
  (kind: 'blanket' | 'towel' | 'sheet'): Plan =>
  (pen, look) => {
    const s =
      kind === 'sheet'
        ? cloth(look, 0.1)
        : {
            ...cloth(look, kind === 'towel' ? 0.4 : 0.3),
            texture: kind === 'towel' && !look.told.material ? ('pebbles' as const) : cloth(look).texture,
          };
    const thick = kind === 'sheet' ? 0.18 : 0.26;
    const layers = 4;
    const dx = look.view === 'front' ? 0 : 0.2;
    for (let i = 0; i < layers; i++) {
      const y = 0.98 - (i + 1) * thick;
      const d = `M-.86 ${y}H.7Q.9 ${y + thick / 2} .7 ${y + thick}H-.86Q-.9 ${y + thick / 2}-.86 ${y}Z`;
      const path = shape(pen, d, shade(s, i % 2 ? 0.95 : 1.05));
      print(pen, look, path);
      stroke(pen, `M-.86 ${y + thick / 2}H.7`, shade(s, 0.55).colour, 0.025);
    }
    const y = 0.98 - layers * thick;
    const lid = shape(pen, `M-.86 ${y + 0.02}L${-0.72 + dx} ${y - 0.26}H${0.62 + dx}L.74 ${y + 0.02}Z`, shade(s, 1.2));
    print(pen, look, lid);
    if (kind === 'blanket' && look.t('fringe') > 0.3)
      for (let i = 0; i < 16; i++)
        stroke(
          pen,
          `M${-0.84 + i * 0.1} ${y + thick * 1.0}l${look.rng.normal() * 0.02} .16`,
          lit(s.colour, 1.3),
          0.035,
        );
    if (kind === 'towel')
      for (const k of [0.04, 0.12])
        flat(pen, rectangle(-0.86, y + k + 0.02, 1.6, 0.045), contrast(s, look.second.colour), 0.9);
  };

/** A quilt spread out: puffed squares, some of another cloth, a corner turned back. */
const quilt: Plan = (pen, look) =>
  pen.at(0, 0.1, 1, look.rng.range(-0.1, 0.1), () =>
    laid(
      pen,
      look,
      () => {
        const s = cloth(look, 0.2);
        const patchwork = look.t('patchwork') > 0.35;
        const others = [shade(s, 0.7), shade(s, 1.35), look.told.colour ? shade(s, 1.1) : look.second];
        shape(pen, rectangle(-0.98, -0.78, 1.96, 1.66, 0.1), shade(s, 0.55));
        shape(pen, rectangle(-0.98, -0.86, 1.96, 1.66, 0.1), s);
        for (let i = 0; i < 5; i++)
          for (let j = 0; j < 4; j++) {
            const other = patchwork && (i * 3 + j * 5 + Math.floor(look.t('start') * 4)) % 4 > 0;
            const c = other ? others[(i + 2 * j) % 3] : s;
            const square = shape(pen, rectangle(-0.94 + i * 0.376, -0.81 + j * 0.39, 0.376, 0.39, 0.06), {
              ...c,
              texture: 'weave',
              grain: 0.2,
            });
            if (!other) print(pen, look, square, 0.6);
            flat(pen, disc(-0.8 + i * 0.376, -0.67 + j * 0.39, 0.11), [255, 255, 250], 0.13);
          }
        shape(pen, 'M.98.3L.46.8Q.4.36.5.3Q.7.22.98.3Z', shade(s, 1.3));
      },
      0.78,
    ),
  );

/** Cloth hung over a rail: towels, tea towels. */
const hung =
  (kitchen: boolean): Plan =>
  (pen, look) => {
    const s = {
      ...cloth(look, kitchen ? 0.15 : 0.4),
      ...(kitchen || look.told.material ? {} : { texture: 'pebbles' as const }),
    };
    tube(pen, 'M-.95-.8H.95', { colour: [176, 180, 186], gloss: 0.5 }, 0.09);
    shape(pen, 'M-.5-.84H.56V.5H-.5Z', shade(s, 0.65));
    const w = kitchen ? 0.5 : 0.62;
    const path = shape(pen, `M${-w} -.86Q0-.92 ${w} -.86L${w + 0.03} .88Q${w * 0.5} .98 0 .9T${-w - 0.03} .9Z`, s);
    print(pen, look, path);
    const c = contrast(s, look.second.colour);
    if (kitchen && look.pattern === 'plain') {
      for (const x of [-w + 0.1, w - 0.14]) flat(pen, rectangle(x, -0.86, 0.05, 1.74), c, 0.9);
      for (const y of [0.6, 0.7]) flat(pen, rectangle(-w, y, 2 * w, 0.045), c, 0.9);
    } else if (!kitchen)
      for (const y of [0.56, 0.66]) flat(pen, rectangle(-w, y, 2 * w, 0.055), shade(s, 0.7).colour, 0.9);
    folds(pen, path, s, ['M-.3-.7Q-.24 0-.34.9', 'M.2-.7Q.3 0 .16.9']);
  };

/** A pair of curtains on a rod; a shower's single one on rings. */
const curtain =
  (shower: boolean): Plan =>
  (pen, look) => {
    const s = shower ? { ...look.main, texture: undefined, gloss: 0.15 } : cloth(look, 0.15);
    const panel = (x0: number, x1: number, tied: number) => {
      const mid = (x0 + x1) / 2;
      const inner = tied > 0 ? x1 - 0.3 : tied < 0 ? x0 + 0.3 : x1;
      const d =
        tied > 0
          ? `M${x0} -.84H${x1}Q${x1 - 0.02} .0 ${x0 + 0.24} .2Q${x0 + 0.3} .6 ${inner} .98H${x0}Z`
          : tied < 0
            ? `M${x0} -.84H${x1}V.98H${inner}Q${x1 - 0.3} .6 ${x1 - 0.24} .2Q${x0 + 0.02} 0 ${x0} -.84Z`
            : `M${x0} -.84H${x1}V.96Q${mid} 1.02 ${x0} .96Z`;
      const path = shape(pen, d, s);
      print(pen, look, path, 1.3);
      pen.inside(path, () => {
        for (let x = x0 + 0.06; x < x1; x += 0.15) {
          const to = tied === 0 ? x : tied > 0 ? x0 + (x - x0) * 0.42 : x1 - (x1 - x) * 0.42;
          stroke(
            pen,
            `M${x} -.84Q${x} -.2 ${to} .2Q${to} .6 ${tied === 0 ? x : to + tied * 0.04} 1`,
            shade(s, 0.55).colour,
            0.05,
            0.55,
          );
          stroke(pen, `M${x + 0.06} -.84Q${x + 0.06} -.2 ${to + 0.04} .2V1`, lit(s.colour, 1.25), 0.035, 0.4);
        }
      });
      if (tied)
        shape(
          pen,
          tied > 0 ? rectangle(x0 - 0.02, 0.14, 0.3, 0.09, 0.03) : rectangle(x1 - 0.28, 0.14, 0.3, 0.09, 0.03),
          shade(s, 0.6),
        );
    };
    if (!shower) flat(pen, rectangle(-0.7, -0.8, 1.4, 1.7), [206, 226, 240], 0.9);
    if (shower) panel(-0.85, look.rng.range(0.5, 0.85), 0);
    else if (look.t('tied') > 0.5) {
      panel(-0.92, 0.02, 1);
      panel(-0.02, 0.92, -1);
    } else {
      const gap = look.rng.range(0.1, 0.4);
      panel(-0.92, -gap, 0);
      panel(gap, 0.92, 0);
    }
    tube(pen, 'M-1-.88H1', shower ? { colour: [190, 194, 200], gloss: 0.6 } : TIMBER, 0.08);
    if (shower) for (let i = 0; i < 9; i++) stroke(pen, disc(-0.8 + i * 0.17, -0.86, 0.05), [206, 208, 212], 0.025);
    else for (const x of [-0.98, 0.98]) shape(pen, disc(x, -0.88, 0.08), TIMBER);
  };

/** A window blind. */
const blind: Plan = (pen, look) => {
  const s =
    look.told.colour || look.told.material
      ? look.main
      : look.choose('slat', [{ colour: [234, 232, 224] as const }, TIMBER]);
  const end = look.rng.range(0.4, 0.95);
  flat(pen, rectangle(-0.82, -0.9, 1.64, 1.86), [190, 218, 238]);
  for (let y = -0.76; y < end; y += 0.14) shape(pen, `M-.86 ${y}H.86L.84 ${y + 0.1}H-.84Z`, s, 0.8);
  shape(pen, rectangle(-0.92, -0.96, 1.84, 0.18, 0.03), shade(s, 0.85));
  for (const x of [-0.5, 0.5]) stroke(pen, `M${x} -.8V${end}`, [120, 120, 116], 0.025);
  stroke(pen, 'M.74-.8V.5', [150, 150, 146], 0.03);
};

export const WORDS = wordsOf([
  [
    'throw pillow, cushion, sofa cushion, decorative pillow, scatter cushion, couch pillow, seat cushion, pillowcase cover, floor cushion, pincushion, chair cushion',
    cushion,
  ],
  ['pillow, bed pillow, pillowcase, neck pillow, travel pillow, bolster, pillow case', pillow],
  [
    'blanket, throw, throw blanket, fleece blanket, afghan, bedclothes, bedspread, coverlet, wool blanket',
    folded('blanket'),
    { category: 'artefact' },
  ],
  ['quilt, duvet, comforter, eiderdown, patchwork quilt, quilted blanket, duvet cover', quilt],
  [
    'bed sheet, bedsheet, sheet, fitted sheet, bed linen, linens, bed linens, fabric, cloth',
    folded('sheet'),
    { category: 'artefact' },
  ],
  ['folded towel, washcloth, flannel, face cloth, bath linen', folded('towel')],
  ['towel, bath towel, hand towel, beach towel, beach towels', hung(false)],
  ['tea towel, dish towel, dishtowel, kitchen towel, dishcloth, dishrag', hung(true)],
  ['curtain, curtains, drape, drapes, drapery, window curtain, blackout curtain, theater curtain', curtain(false)],
  ['shower curtain', curtain(true)],
  [
    'blind, window blind, venetian blind, blinds, roller blind, window shade, roller shade',
    blind,
    { category: 'artefact' },
  ],
]);
