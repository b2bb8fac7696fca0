import type { Plan } from '../../plan.js';
import {
  BLACK,
  contrast,
  disc,
  flat,
  IRON,
  rectangle,
  STEEL,
  shade,
  shape,
  slab,
  stroke,
  tube,
  WHITE,
  wordsOf,
} from '../sketch.js';
import { casing, lens } from './casing.js';

/** A camera: body, grip, finder hump, big lens. */
const camera: Plan = (pen, look) => {
  const s = casing(look, [BLACK, BLACK, { colour: [160, 162, 168] }]);
  shape(pen, rectangle(-0.72, -0.6, 0.28, 0.2, 0.04), STEEL);
  shape(pen, 'M-.3-.42L-.2-.74H.22L.32-.42Z', shade(s, 1.1));
  slab(pen, look, [-0.96, -0.44, 1.8, 1.24], 0.1, s, 0.12);
  flat(pen, rectangle(-0.96, -0.1, 1.8, 0.6), contrast(s, [60, 58, 58]), 0.55);
  shape(pen, 'M-.96-.3Q-.98-.42-.84-.42H-.6Q-.5-.4-.52 0L-.58.78H-.86Q-.96.78-.96.66Z', shade(s, 0.75));
  shape(pen, rectangle(-0.12, -0.68, 0.26, 0.16, 0.03), { colour: [220, 224, 230], gloss: 0.5 });
  lens(pen, 0.06, 0.2, look.between('lens', 0.5, 0.6));
  flat(pen, disc(0.68, -0.26, 0.06), [210, 50, 40]);
};

/** A webcam or security camera: round eye in a small case on a clip. */
const webcam: Plan = (pen, look) => {
  const s = casing(look);
  tube(pen, 'M.1.55Q.5 1 .95.75', BLACK, 0.06);
  shape(pen, 'M-.2.2H.2L.28.5L.5.86Q.5.98.4.98H-.4Q-.5.98-.5.86L-.28.5Z', shade(s, 0.7));
  if (look.t('wide') > 0.5) shape(pen, rectangle(-0.85, -0.6, 1.7, 0.84, 0.4), s);
  else shape(pen, disc(0, -0.2, 0.66), s);
  lens(pen, 0, -0.18, 0.36);
  flat(pen, disc(0.5, -0.2, 0.05), [70, 220, 120]);
};

/** A projector with a lens on its front. */
const projector: Plan = (pen, look) => {
  const s = casing(look, [WHITE, BLACK]);
  flat(pen, 'M-.35.1L-1-.6V.7L-.35.42Z', [255, 250, 210], 0.45);
  slab(pen, look, [-0.7, -0.1, 1.44, 0.9], 0.26, s, 0.1);
  lens(pen, -0.3, 0.34, 0.36);
  for (let i = 0; i < 6; i++) stroke(pen, `M${0.24 + i * 0.08} .1V.56`, shade(s, 0.5).colour, 0.035);
  for (const x of [-0.5, 0.5]) shape(pen, rectangle(x - 0.08, 0.8, 0.16, 0.12, 0.03), BLACK);
};

/** A drone with four rotors. */
const drone: Plan = (pen, look) => {
  const s = casing(look, [WHITE, BLACK]);
  for (const [x, y] of [
    [-0.66, -0.42],
    [0.66, -0.42],
    [-0.8, 0.2],
    [0.8, 0.2],
  ] as const) {
    tube(pen, `M0 0L${x} ${y}`, s, 0.1);
    shape(pen, rectangle(x - 0.06, y - 0.14, 0.12, 0.2, 0.03), BLACK);
    flat(pen, disc(x, y - 0.15, 0.36, 0.07), [70, 72, 78], 0.45);
    const a = look.rng.range(0.1, 0.34);
    shape(pen, disc(x, y - 0.15, a, 0.03), IRON);
  }
  tube(pen, 'M-.3.2L-.42.62H-.2M.3.2L.42.62H.2', IRON, 0.05);
  shape(pen, 'M-.4-.1Q0-.34.4-.1L.34.26H-.34Z', s);
  lens(pen, 0, 0.28, 0.15);
};

/** Virtual-reality goggles: a box before the eyes and a head strap. */
const headset: Plan = (pen, look) => {
  const s = casing(look, [WHITE, BLACK]);
  tube(pen, 'M-.7-.1Q-.6-.85 0-.85Q.6-.85.7-.1', IRON, 0.14);
  tube(pen, 'M0-.85V-.2', IRON, 0.14);
  shape(
    pen,
    'M-.95-.1Q-1-.35-.75-.36H.75Q1-.35.95-.1L.9.5Q.85.72.6.72H.32Q.2.72.14.58Q0 .4-.14.58Q-.2.72-.32.72H-.6Q-.85.72-.9.5Z',
    s,
  );
  shape(
    pen,
    'M-.84-.1Q-.84-.24-.68-.24H.68Q.84-.24.84-.1L.78.36Q.74.5.56.5H.36Q.14.3 0 .28Q-.14.3-.36.5H-.56Q-.74.5-.78.36Z',
    { colour: [26, 28, 36], gloss: 0.8 },
  );
};

export const WORDS = wordsOf([
  [
    'camera, digital camera, reflex camera, single-lens reflex, photographic camera, dslr, camcorder, television camera, polaroid camera',
    camera,
  ],
  ['webcam, web camera, security camera, doorbell camera, baby monitor camera, action camera', webcam],
  ['projector, video projector, beamer, slide projector, film projector', projector],
  ['drone, quadcopter, unmanned aerial vehicle', drone, { category: 'artefact' }],
  ['vr headset, virtual reality headset, vr glasses, goggles vr', headset],
]);
