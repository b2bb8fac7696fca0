import type { Scene as Place } from '../../../captions/lexicon.js';
import { oval, type Pen, track } from '../pen.js';
import { BUILT } from './built.js';
import { LAND } from './land.js';
import type { PaintPlace, Surroundings } from './surroundings.js';

export type { Surroundings } from './surroundings.js';

const PLACES: Readonly<Record<Place, PaintPlace>> = { ...LAND, ...BUILT };

/** Paints the surroundings over the whole unit square. */
export function paintBackdrop(pen: Pen, s: Surroundings): void {
  PLACES[s.place](pen, s);
}

/** What hangs between the camera and everything: rain, snow, fog. */
export function paintWeather(pen: Pen, s: Surroundings): void {
  const { rng } = pen;
  if (s.weather === 'fog') {
    const g = pen.ctx.createLinearGradient(0, 0, 0, 1);
    g.addColorStop(0, 'rgba(214,218,222,0.6)');
    g.addColorStop(1, 'rgba(214,218,222,0.2)');
    pen.ctx.fillStyle = g;
    pen.ctx.fillRect(0, 0, 1, 1);
  } else if (s.weather === 'snow')
    for (let i = 0; i < 45; i++)
      pen.fill(
        oval(rng.uniform(), rng.uniform(), rng.range(0.004, 0.014), rng.range(0.004, 0.014)),
        [250, 252, 255],
        0.85,
      );
  else if (s.weather === 'rain' || s.weather === 'storm')
    for (let i = 0; i < 35; i++) {
      const [x, y] = [rng.uniform(), rng.uniform()];
      pen.line(
        track([
          [x, y],
          [x - 0.02, y + 0.07],
        ]),
        [216, 224, 232],
        0.005,
        0.5,
      );
    }
}

export const OUTDOOR_GROUND: ReadonlySet<Place> = new Set<Place>([
  'forest',
  'grass',
  'garden',
  'sand',
  'snow',
  'rock',
  'mountain',
  'road',
  'city',
  'indoor-room',
  'kitchen-table',
  'studio',
]);
