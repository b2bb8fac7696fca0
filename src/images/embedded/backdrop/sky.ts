import { blend, jitter, lit, type Rgb } from '../colour.js';
import { oval, type Pen, rect } from '../pen.js';
import type { Surroundings } from './surroundings.js';

/** Colours of the sky by hour: overhead, at the horizon. */
export const SKY: Readonly<Record<Surroundings['time'], readonly [Rgb, Rgb]>> = {
  dawn: [
    [130, 160, 206],
    [250, 206, 178],
  ],
  day: [
    [70, 132, 208],
    [190, 216, 236],
  ],
  sunset: [
    [86, 88, 150],
    [250, 150, 80],
  ],
  dusk: [
    [34, 44, 92],
    [150, 104, 130],
  ],
  night: [
    [6, 9, 24],
    [26, 34, 60],
  ],
};

/** Fills a band of the whole width. @param y0 upper edge @param y1 lower edge, as shares of the height */
export function gradient(pen: Pen, y0: number, y1: number, top: Rgb, bottom: Rgb): void {
  const g = pen.ctx.createLinearGradient(0, y0, 0, y1);
  g.addColorStop(0, css3(top));
  g.addColorStop(1, css3(bottom));
  pen.ctx.fillStyle = g;
  pen.ctx.fillRect(-0.05, y0, 1.1, y1 - y0);
}
const css3 = ([r, g, b]: Rgb) =>
  `rgb(${Math.max(0, Math.min(255, r | 0))},${Math.max(0, Math.min(255, g | 0))},${Math.max(0, Math.min(255, b | 0))})`;

/** Sky with its clouds, stars, sun, down to a height. */
export function sky(pen: Pen, s: Surroundings, down: number): void {
  const { rng } = pen;
  let [top, bottom] = SKY[s.time];
  const grey: Rgb = [186, 190, 196];
  const dull =
    s.weather === 'storm'
      ? 0.8
      : s.weather === 'cloud' || s.weather === 'rain' || s.weather === 'fog'
        ? 0.65
        : s.weather === 'snow'
          ? 0.5
          : rng.range(0, 0.3);
  const dark = s.time === 'night' ? 0.15 : s.weather === 'storm' ? 0.55 : 1;
  top = jitter(blend(top, lit(grey, dark * 0.85), dull), rng, 0.5);
  bottom = jitter(blend(bottom, lit(grey, dark), dull), rng, 0.4);
  gradient(pen, -0.02, down + 0.02, top, bottom);
  if (s.time === 'night') {
    for (let i = 0; i < 24; i++)
      pen.fill(oval(rng.uniform(), rng.uniform() * down, 0.005, 0.005), [230, 234, 250], rng.range(0.3, 1));
    if (rng.chance(0.4)) pen.fill(oval(rng.uniform(), rng.uniform() * down * 0.6, 0.045, 0.045), [238, 236, 220]);
  } else if ((s.time === 'sunset' || s.time === 'dawn') && rng.chance(0.6))
    pen.fill(oval(rng.uniform(), down * rng.range(0.6, 1), 0.07, 0.07), [255, 236, 190], 0.9);
  const cloudy = s.weather === 'sun' ? rng.range(0, 0.35) : rng.range(0.3, 0.9);
  if (cloudy > 0.1) {
    pen.texture(
      rect(-0.05, -0.05, 1.1, down + 0.05),
      [0.5, down / 2, 0.6, down / 2 + 0.1],
      'cloudy',
      cloudy,
      rng.range(0.5, 1.4),
      rng.range(0.4, 0.8),
    );
    const puffs = Math.floor(cloudy * 9);
    for (let i = 0; i < puffs; i++) {
      const [x, y, w] = [rng.uniform(), rng.uniform() * down * 0.8, rng.range(0.05, 0.2)];
      for (let k = 0; k < 4; k++)
        pen.fill(
          oval(x + rng.normal() * w * 0.6, y + rng.normal() * w * 0.14, w * rng.range(0.4, 0.9), w * 0.3),
          lit(bottom, 1.25),
          0.28,
        );
    }
  }
}
