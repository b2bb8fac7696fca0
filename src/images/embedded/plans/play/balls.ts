import { Path2D } from '@napi-rs/canvas';
import type { Surface } from '../../pen.js';
import type { Plan } from '../../plan.js';
import { BLACK, contrast, disc, flat, own, print, shade, shape, stroke, WHITE, wordsOf } from '../sketch.js';

type Sport =
  | 'soccer'
  | 'basketball'
  | 'tennis'
  | 'baseball'
  | 'volleyball'
  | 'golf'
  | 'bowling'
  | 'beach'
  | 'plain'
  | 'gym'
  | 'billiard';

const USUAL: Readonly<Partial<Record<Sport, Surface>>> = {
  soccer: { colour: [244, 244, 240], gloss: 0.35 },
  basketball: { colour: [222, 118, 48], texture: 'pebbles', grain: 0.3, density: 2 },
  tennis: { colour: [206, 226, 62], texture: 'fur', grain: 0.4, gloss: 0 },
  baseball: { colour: [246, 243, 232], texture: 'fine', grain: 0.1 },
  volleyball: { colour: [246, 244, 234], gloss: 0.3 },
  golf: { colour: [248, 248, 246], gloss: 0.5 },
};

/** A ball of a sport, known by its seams. */
const ball =
  (sport: Sport): Plan =>
  (pen, look) => {
    const usual = USUAL[sport];
    const s = usual
      ? own(look, usual.colour, usual)
      : { ...look.main, texture: undefined, gloss: sport === 'bowling' || sport === 'billiard' ? 0.9 : 0.5 };
    const r = sport === 'golf' || sport === 'tennis' ? 0.78 : 0.92;
    pen.at(0, 1 - r, r, look.rng.range(0, 6.28), () => {
      const path = shape(pen, disc(0, 0, 1), s);
      const ink = contrast(s, [34, 34, 38]);
      pen.inside(path, () => {
        if (sport === 'soccer') {
          const penta = (x: number, y: number, k: number, turn: number) =>
            pen.at(x, y, k, turn, () => flat(pen, 'M0-.32L.3-.1L.19.26H-.19L-.3-.1Z', ink));
          penta(0, 0, 1, 0);
          for (let i = 0; i < 5; i++) {
            const a = -Math.PI / 2 + i * 1.2566;
            stroke(
              pen,
              `M${Math.cos(a) * 0.3} ${Math.sin(a) * 0.3}L${Math.cos(a) * 0.62} ${Math.sin(a) * 0.62}`,
              ink,
              0.04,
            );
            const b = a + 0.6283;
            stroke(
              pen,
              `M${Math.cos(a) * 0.62} ${Math.sin(a) * 0.62}L${Math.cos(b) * 0.7} ${Math.sin(b) * 0.7}L${Math.cos(a + 1.2566) * 0.62} ${Math.sin(a + 1.2566) * 0.62}`,
              ink,
              0.04,
            );
            penta(Math.cos(b) * 0.95, Math.sin(b) * 0.95, 0.85, b - Math.PI / 2);
          }
        } else if (sport === 'basketball') {
          stroke(pen, 'M-1 0H1M0-1V1', [36, 26, 22], 0.06);
          stroke(pen, disc(-1.15, 0, 0.72), [36, 26, 22], 0.06);
          stroke(pen, disc(1.15, 0, 0.72), [36, 26, 22], 0.06);
        } else if (sport === 'tennis') {
          stroke(pen, disc(-1.1, 0.2, 0.8), WHITE.colour, 0.1);
          stroke(pen, disc(1.1, -0.2, 0.8), WHITE.colour, 0.1);
        } else if (sport === 'baseball') {
          for (const side of [-1, 1]) {
            stroke(pen, disc(side * 1.2, 0, 0.78), [196, 44, 44], 0.035);
            for (let i = -4; i <= 4; i++) {
              const a = (side > 0 ? Math.PI : 0) + i * 0.17;
              const [x, y] = [side * 1.2 + Math.cos(a) * 0.78, Math.sin(a) * 0.78];
              stroke(pen, `M${x - side * 0.07} ${y - 0.04}L${x + side * 0.07} ${y + 0.04}`, [196, 44, 44], 0.04);
            }
          }
        } else if (sport === 'volleyball') {
          const band = look.told.colour
            ? WHITE.colour
            : look.choose('panel', [
                [60, 110, 190],
                [240, 200, 60],
                [238, 236, 228],
              ] as const);
          for (let i = 0; i < 3; i++)
            pen.at(0, 0, 1, i * 2.0944, () => {
              flat(pen, 'M0 0Q.4-.2.5-1.1L.9-.8Q.7-.2.1.1Z', band, 0.9);
              for (const k of [0, 0.3, 0.6])
                stroke(
                  pen,
                  `M${k * 0.3} ${k * 0.1}Q${0.3 + k} ${-0.2 + k * 0.5} ${0.3 + k * 1.1} -1.1`,
                  [80, 80, 84],
                  0.035,
                );
            });
        } else if (sport === 'golf') {
          for (let y = -0.85, odd = 0; y < 0.9; y += 0.19, odd++)
            for (let x = -0.95 + (odd % 2) * 0.11; x < 1; x += 0.22)
              flat(pen, disc(x, y, 0.07), shade(s, 0.72).colour, 0.55);
        } else if (sport === 'bowling')
          for (const [x, y] of [
            [-0.1, -0.5],
            [0.16, -0.56],
            [0.06, -0.28],
          ] as const)
            flat(pen, disc(x, y, 0.1), [16, 16, 20]);
        else if (sport === 'beach') {
          const others = [
            [238, 60, 60],
            [246, 210, 60],
            [70, 150, 220],
          ] as const;
          for (let i = 0; i < 6; i++) {
            if (i % 2) continue;
            const [a, b] = [i * 1.0472, (i + 1) * 1.0472];
            flat(
              pen,
              `M0-.2Q${Math.cos(a) * 0.6} ${Math.sin(a) * 0.6 - 0.3} ${Math.cos(a) * 1.2} ${Math.sin(a) * 1.2}L${Math.cos(b) * 1.2} ${Math.sin(b) * 1.2}Q${Math.cos(b) * 0.6} ${Math.sin(b) * 0.6 - 0.3} 0-.2Z`,
              look.told.colour ? WHITE.colour : others[i / 2],
            );
          }
          shape(pen, disc(0, -0.2, 0.14), WHITE);
        } else if (sport === 'billiard') {
          flat(pen, disc(0, 0, 0.4), [246, 244, 236]);
          stroke(pen, 'M-.1-.12Q0-.22.1-.12T0 0T.12.12T-.12.14', [30, 30, 34], 0.06);
        } else if (sport === 'gym')
          for (let i = -3; i <= 3; i++)
            stroke(pen, `M-1 ${i * 0.26 + 0.2}Q0 ${i * 0.3 - 0.1} 1 ${i * 0.26 + 0.2}`, shade(s, 0.6).colour, 0.035);
        else {
          print(pen, look, path, 1.2);
          if (look.t('band') > 0.4 && !look.told.pattern)
            stroke(pen, 'M-1.1-.1Q0 .3 1.1-.1', contrast(s, WHITE.colour), 0.26);
        }
      });
      if (sport === 'plain') pen.line(new Path2D(disc(0, 0, 0.98)), shade(s, 0.5).colour, 0.04);
    });
  };

/** An oval ball: American football with laces, or rugby. */
const ovalBall: Plan = (pen, look) =>
  pen.at(0, 0.2, 1, look.rng.range(-0.7, 0.7), () => {
    const s = own(look, [142, 76, 44], { texture: 'pebbles', grain: 0.3, density: 2.5 });
    const path = shape(pen, 'M-1 0Q-.5-.62 0-.62Q.5-.62 1 0Q.5.62 0 .62Q-.5.62-1 0Z', s);
    pen.inside(path, () => {
      for (const x of [-0.68, 0.56])
        flat(
          pen,
          `M${x} -.8Q${x + (x < 0 ? 0.1 : -0.02)} 0 ${x} .8H${x + 0.12}Q${x + (x < 0 ? 0.22 : 0.1)} 0 ${x + 0.12} -.8Z`,
          WHITE.colour,
        );
      stroke(pen, 'M-1 .0Q0-.3 1 0', shade(s, 0.5).colour, 0.03);
    });
    stroke(pen, 'M-.32-.2Q0-.24.32-.2', WHITE.colour, 0.06);
    for (let i = -2; i <= 2; i++) stroke(pen, `M${i * 0.13} -.3V-.11`, WHITE.colour, 0.05);
  });

/** A shuttlecock. */
const shuttlecock: Plan = (pen, look) =>
  pen.at(0, 0, 1, look.rng.range(-0.8, 0.8), () => {
    for (let i = -3; i <= 3; i++)
      shape(
        pen,
        `M${i * 0.07} .4Q${i * 0.2} -.3 ${i * 0.24 - 0.09} -.9Q${i * 0.24} -1 ${i * 0.24 + 0.1} -.88Q${i * 0.2 + 0.05} -.2 ${i * 0.07 + 0.06} .4Z`,
        look.told.colour ? look.main : WHITE,
      );
    stroke(pen, 'M-.42-.3Q0-.22.42-.3M-.32.04Q0 .1.32.04', [120, 120, 120], 0.03);
    shape(pen, 'M-.28.36Q0 .28.28.36Q.34.9 0 .92Q-.34.9-.28.36Z', { colour: [226, 200, 160], gloss: 0.2 });
    stroke(pen, 'M-.29.42Q0 .34.29.42', look.told.colour ? BLACK.colour : [50, 130, 80], 0.06);
  });

export const WORDS = wordsOf([
  ['soccer ball, football ball, soccer football, futsal ball', ball('soccer')],
  ['football, american football, rugby ball, rugby football', ovalBall],
  ['basketball, basketball ball', ball('basketball')],
  ['tennis ball, squash ball', ball('tennis')],
  ['baseball, softball, cricket ball', ball('baseball')],
  ['volleyball, handball, water polo ball, netball', ball('volleyball')],
  ['golf ball, ping-pong ball, table tennis ball, field hockey ball', ball('golf')],
  ['bowling ball, bowl ball, shot put', ball('bowling')],
  ['beach ball, toy ball', ball('beach')],
  ['billiard ball, pool ball, cue ball, snooker ball', ball('billiard')],
  ['exercise ball, medicine ball, gym ball, yoga ball, punching bag ball', ball('gym')],
  ['ball, bouncy ball, bouncing ball, marble, playground ball', ball('plain'), { category: 'artefact' }],
  ['shuttlecock, badminton birdie, birdie', shuttlecock, { category: 'artefact' }],
]);
