import { Path2D } from '@napi-rs/canvas';
import { css, lit, type Rgb } from '../colour.js';
import { oval, type Pen, type Point, type Surface } from '../pen.js';
import type { Look } from '../plan.js';
import { print } from './sketch.js';

interface Turned {
  /** Middle, if not 0. */
  x?: number;
  /** What is seen through the opening on top: a darker inside unless said; `false` for a closed top. */
  inside?: Surface | false;
  /** Straight from point to point, not smooth. */
  angular?: boolean;
  /** Carries the pattern that the caption names. */
  print?: boolean;
}

/** Things turned on a lathe or a wheel: round bodies by their profile, seen a little or much from above as the view says. */
export class Lathe {
  /** Height of a level circle of width 1. */
  readonly flat: number;
  private readonly pen: Pen;
  private readonly look: Look;

  constructor(pen: Pen, look: Look) {
    const { rng, view } = look;
    this.pen = pen;
    this.look = look;
    this.flat =
      view === 'top' ? rng.range(0.36, 0.46) : view === 'quarter' ? rng.range(0.24, 0.36) : rng.range(0.12, 0.24);
  }

  /** Where a height is seen, 1 the floor: what is seen more from above stands a little higher. */
  y(y: number): number {
    return y - Math.max(0, this.flat - 0.2) * 0.4;
  }

  /**
   * A body of revolution, its foot resting on the lowest point. @param profile [radius, y] from the top down @returns its outline
   */
  body(profile: readonly Point[], s: Surface, o: Turned = {}): Path2D {
    const { pen, flat } = this;
    const x = o.x ?? 0;
    const side = profile.map(([r, y]): Point => [r, this.y(y)]);
    const [top, foot] = [side[0], side[side.length - 1]];
    const path = new Path2D();
    path.moveTo(x + top[0], top[1]);
    along(path, side, x, 1, o.angular ?? false);
    if (foot[0] > 0) path.ellipse(x, foot[1], foot[0], foot[0] * flat, 0, 0, Math.PI);
    along(path, [...side].reverse(), x, -1, o.angular ?? false);
    if (top[0] > 0) path.ellipse(x, top[1], top[0], top[0] * flat, 0, Math.PI, 2 * Math.PI);
    path.closePath();
    const r = Math.max(...side.map((p) => p[0]));
    this.shade(path, x, r, s);
    const [cy, ry] = [(top[1] + foot[1]) / 2, Math.abs(foot[1] - top[1]) / 2 + r * flat];
    if (s.texture && (s.grain ?? 0) > 0.03) pen.texture(path, [x, cy, r, ry], s.texture, s.grain!, s.density ?? 1);
    if (o.print) print(pen, this.look, path, 1, true);
    pen.line(path, lit(s.colour, 0.45), 0.014, 0.5 * (1 - (s.clear ?? 0) * 0.5));
    if (top[0] > 0.02) this.mouth(x, top[1], top[0], s, o.inside);
    return path;
  }

  /** A level disc. @param y as in profiles */
  disc(y: number, r: number, s: Surface, x = 0): void {
    this.pen.ellipse(x, this.y(y), r, r * this.flat, s);
  }

  /** A level ring. @param w its thickness */
  ring(y: number, r: number, colour: Rgb, w: number, x = 0): void {
    this.pen.line(oval(x, this.y(y), r, r * this.flat), colour, w);
  }

  /** What goes around a body, its half in front: a hoop, a stripe. @param w its height */
  band(y: number, r: number, colour: Rgb, w: number, x = 0): void {
    this.pen.fill(this.around(y - w / 2, y + w / 2, r, r, x), colour);
  }

  /** A label or grip around a body, between two heights, with radii there. @returns its outline */
  sleeve(y0: number, y1: number, r0: number, s: Surface, r1 = r0, x = 0): Path2D {
    const path = this.around(y0, y1, r0, r1, x);
    this.shade(path, x, Math.max(r0, r1), s);
    if (s.texture && (s.grain ?? 0) > 0.03)
      this.pen.texture(path, [x, this.y((y0 + y1) / 2), r0, y1 - y0], s.texture, s.grain!, s.density ?? 1);
    return path;
  }

  private around(y0: number, y1: number, r0: number, r1: number, x: number): Path2D {
    const path = new Path2D();
    path.ellipse(x, this.y(y0), r0, r0 * this.flat, 0, 0, Math.PI);
    path.lineTo(x - r1, this.y(y1));
    path.ellipse(x, this.y(y1), r1, r1 * this.flat, 0, Math.PI, 0, true);
    path.closePath();
    return path;
  }

  /** Round bodies are light where the light comes from, dark at both edges, most so at the far one. */
  private shade(path: Path2D, x: number, r: number, s: Surface): void {
    const { ctx, light } = this.pen;
    const alpha = 1 - (s.clear ?? 0);
    const c = light.contrast;
    const way = light.x < 0 ? 1 : -1;
    const g = ctx.createLinearGradient(x - r * way, 0, x + r * way, 0);
    g.addColorStop(0, css(lit(s.colour, 1 - 0.3 * c), alpha));
    g.addColorStop(0.28, css(lit(s.colour, 1 + 0.35 * c), alpha));
    g.addColorStop(0.6, css(lit(s.colour, 1 - 0.08 * c), alpha));
    g.addColorStop(1, css(lit(s.colour, 1 - 0.6 * c), alpha));
    ctx.fillStyle = g;
    ctx.fill(path);
    const gloss = s.gloss ?? 0;
    if (gloss < 0.15) return;
    const h = ctx.createLinearGradient(x - r * way, 0, x + r * way, 0);
    h.addColorStop(0.16, 'rgba(255,255,255,0)');
    h.addColorStop(0.25, `rgba(255,255,255,${(0.6 * gloss).toFixed(3)})`);
    h.addColorStop(0.34, 'rgba(255,255,255,0)');
    h.addColorStop(0.86, 'rgba(255,255,255,0)');
    h.addColorStop(0.92, `rgba(255,255,255,${(0.25 * gloss).toFixed(3)})`);
    h.addColorStop(0.97, 'rgba(255,255,255,0)');
    ctx.fillStyle = h;
    ctx.fill(path);
  }

  private mouth(x: number, y: number, r: number, s: Surface, inside: Surface | false | undefined): void {
    const { pen, flat } = this;
    const path = oval(x, y, r, r * flat);
    if (inside === false) {
      pen.part(path, [x, y, r, r * flat], { ...s, colour: lit(s.colour, 1.12), texture: undefined });
      return;
    }
    const { clear } = s;
    if (inside) pen.part(path, [x, y, r, r * flat], inside);
    else pen.fill(path, lit(s.colour, clear ? 0.85 : 0.5), clear ? 0.35 : 1);
    pen.line(path, lit(s.colour, 1.3), 0.022, 0.9);
  }
}

/** Continues a path down (or up) one side of a profile. */
function along(path: Path2D, side: readonly Point[], x: number, sign: number, angular: boolean): void {
  const at = (i: number): Point => {
    const [r, y] = side[Math.min(side.length - 1, Math.max(0, i))];
    return [x + sign * r, y];
  };
  if (sign < 0) path.lineTo(...(at(0) as [number, number]));
  for (let i = 0; i + 1 < side.length; i++) {
    const [a, b, c, d] = [at(i - 1), at(i), at(i + 1), at(i + 2)];
    if (angular) path.lineTo(c[0], c[1]);
    else
      path.bezierCurveTo(
        b[0] + (c[0] - a[0]) / 6,
        b[1] + (c[1] - a[1]) / 6,
        c[0] - (d[0] - b[0]) / 6,
        c[1] - (d[1] - b[1]) / 6,
        c[0],
        c[1],
      );
  }
}
