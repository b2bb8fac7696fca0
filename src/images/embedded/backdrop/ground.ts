import { blend, hsl, jitter, lit, type Rgb } from '../colour.js';
import { oval, type Pen, type Point, poly, rect, smooth, track } from '../pen.js';
import type { Texture } from '../textures.js';
import { gradient, SKY } from './sky.js';
import type { Surroundings } from './surroundings.js';

/** Ground from the horizon down: darker and coarser towards us. */
export function ground(pen: Pen, s: Surroundings, colour: Rgb, texture: Texture, grain: number, density: number): void {
  const { rng } = pen;
  const dim = s.time === 'night' ? 0.25 : s.time === 'dusk' ? 0.55 : s.time === 'day' ? 1 : 0.8;
  const c = jitter(lit(colour, dim), rng, 0.6);
  gradient(pen, s.horizon, 1.02, blend(c, SKY[s.time][1], 0.25), lit(c, 0.8));
  const h = 1 - s.horizon;
  for (const [from, to, d] of [
    [0, 0.25, 2.2],
    [0.25, 0.55, 1.3],
    [0.55, 1, 0.8],
  ] as const)
    pen.texture(
      rect(-0.05, s.horizon + h * from, 1.1, h * (to - from) + 0.01),
      [0.5, s.horizon + (h * (from + to)) / 2, 0.6, (h * (to - from)) / 2 + 0.02],
      texture,
      grain,
      density * d,
      0.5,
    );
  pen.texture(
    rect(-0.05, s.horizon, 1.1, h + 0.05),
    [0.5, s.horizon + h / 2, 0.6, h / 2 + 0.1],
    'cloudy',
    0.4,
    rng.range(0.6, 1.2),
    0.5,
  );
}

/** A row of hills, dunes (rough ≤ 0.5) or rocks. */
export function ridge(
  pen: Pen,
  base: number,
  height: number,
  rough: number,
  colour: Rgb,
  texture: Texture,
  grain: number,
): void {
  const { rng } = pen;
  const n = 9;
  const points: Point[] = [[-0.1, base + 0.05]];
  for (let i = 0; i <= n; i++)
    points.push([i / n - 0.02, base - height * (0.3 + 0.7 * rng.uniform()) * (rough > 0.5 && i % 2 ? 0.55 : 1)]);
  points.push([1.1, base + 0.05]);
  pen.part(rough > 0.5 ? poly(points) : smooth(points), [0.5, base - height / 2, 0.6, height], {
    colour,
    texture,
    grain,
    density: 2,
  });
}

/** Trees far away. */
export function treeline(pen: Pen, base: number, height: number, colour: Rgb): void {
  const { rng } = pen;
  const pointed = rng.chance(0.4);
  const n = 8 + rng.int(8);
  for (let i = 0; i < n; i++) {
    const x = rng.range(-0.05, 1.05);
    const h = height * rng.range(0.5, 1.1);
    const w = h * rng.range(0.3, 0.6);
    const c = lit(colour, rng.range(0.6, 1.15));
    if (pointed)
      pen.polygon(
        [
          [x - w * 0.6, base + 0.02],
          [x, base - h],
          [x + w * 0.6, base + 0.02],
        ],
        { colour: c },
      );
    else pen.ellipse(x, base - h * 0.5, w, h * 0.6, { colour: c, texture: 'leaves', grain: 0.6, density: 4 });
  }
}

/** A row of houses far away, height 0…1. */
export function houses(pen: Pen, base: number, height: number): void {
  const { rng } = pen;
  let x = rng.range(-0.2, 0);
  while (x < 1.05) {
    const w = rng.range(0.1, 0.32);
    const h = height * rng.range(0.4, 1.1);
    const wall = hsl(rng.range(0.02, 0.13), rng.range(0.02, 0.35), rng.range(0.25, 0.75));
    pen.box(x, base - h, w, h + 0.03, {
      colour: wall,
      texture: rng.pick(['bricks', 'cloudy', 'fine'] as const),
      grain: 0.4,
      density: 3,
    });
    const nx = 1 + Math.floor(w * 14);
    const ny = 1 + Math.floor(h * 10);
    const glass = lit([66, 78, 92], rng.range(0.6, 1.9));
    for (let i = 0; i < nx; i++)
      for (let j = 0; j < ny; j++)
        pen.fill(
          rect(x + ((i + 0.25) * w) / nx, base - h + ((j + 0.25) * h) / ny, (w / nx) * 0.5, (h / ny) * 0.5),
          rng.chance(0.15) ? [250, 222, 150] : glass,
          0.85,
        );
    if (rng.chance(0.4))
      pen.polygon(
        [
          [x - 0.02, base - h],
          [x + w / 2, base - h - w * 0.4],
          [x + w + 0.02, base - h],
        ],
        { colour: lit([140, 70, 52], rng.range(0.6, 1.2)) },
      );
    x += w + rng.range(-0.02, 0.06);
  }
}

/** Blades, leaves or stones near the camera, over the foot of the scene. */
export function tufts(pen: Pen, from: number, colour: Rgb, n: number): void {
  const { rng } = pen;
  for (let i = 0; i < n; i++) {
    const x = rng.range(-0.05, 1.05);
    const y = rng.range(from, 1.1);
    const h = rng.range(0.03, 0.16) * (0.4 + y - from);
    pen.line(
      track([
        [x, y],
        [x + rng.normal() * h * 0.5, y - h],
      ]),
      jitter(colour, rng, 0.8),
      rng.range(0.006, 0.016),
      0.9,
    );
  }
}

/** Discs out of focus. */
export function blur(pen: Pen, n: number, colours: readonly Rgb[]): void {
  const { rng } = pen;
  for (let i = 0; i < n; i++)
    pen.fill(
      oval(rng.uniform(), rng.uniform(), rng.range(0.03, 0.25), rng.range(0.03, 0.25)),
      jitter(rng.pick(colours), rng, 0.8),
      rng.range(0.25, 0.8),
    );
}
