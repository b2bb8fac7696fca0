import { Path2D, type SKRSContext2D } from '@napi-rs/canvas';
import type { Rng } from '../../rng.js';
import { css, lit, type Rgb } from './colour.js';
import { type Texture, TILE, tile } from './textures.js';

/** How a surface looks. */
export interface Surface {
  colour: Rgb;
  texture?: Texture;
  /** Strength of the texture, 0…1. */
  grain?: number;
  /** Tiles a unit length. */
  density?: number;
  /** Highlight, 0 matte … 1 mirror. */
  gloss?: number;
  /** See-through, 0 … 1. */
  clear?: number;
}

export interface Light {
  /** Where light comes from, a unit vector in the image's plane (y down). */
  x: number;
  y: number;
  /** Contrast between lit and shaded side, 0…1. */
  contrast: number;
}

/** A point, y down. */
export type Point = readonly [number, number];

/** Draws lit, textured parts in the coordinates of the context it is given. */
export class Pen {
  readonly ctx: SKRSContext2D;
  readonly rng: Rng;
  readonly light: Light;

  constructor(ctx: SKRSContext2D, rng: Rng, light: Light) {
    this.ctx = ctx;
    this.rng = rng;
    this.light = light;
  }

  /** Fills a shape as a rounded, lit surface. @param box centre and half extents of the shape */
  part(path: Path2D, box: readonly [number, number, number, number], s: Surface): void {
    const { ctx, light } = this;
    const [cx, cy, rx, ry] = box;
    const r = Math.max(rx, ry);
    const bright = lit(s.colour, 1 + 0.35 * light.contrast);
    const dark = lit(s.colour, 1 - 0.6 * light.contrast);
    const g = ctx.createLinearGradient(cx + light.x * rx, cy + light.y * ry, cx - light.x * rx, cy - light.y * ry);
    const alpha = 1 - (s.clear ?? 0);
    g.addColorStop(0, css(bright, alpha));
    g.addColorStop(0.45, css(s.colour, alpha));
    g.addColorStop(1, css(dark, alpha));
    ctx.fillStyle = g;
    ctx.fill(path);
    if (s.texture && (s.grain ?? 0) > 0.03) this.texture(path, box, s.texture, s.grain!, s.density ?? 1);
    if (s.gloss && s.gloss > 0.05) {
      const hx = cx + light.x * rx * 0.45;
      const hy = cy + light.y * ry * 0.5;
      const h = ctx.createRadialGradient(hx, hy, 0, hx, hy, r * 0.6);
      h.addColorStop(0, `rgba(255,255,255,${(0.85 * s.gloss).toFixed(3)})`);
      h.addColorStop(0.3, `rgba(255,255,255,${(0.25 * s.gloss).toFixed(3)})`);
      h.addColorStop(1, 'rgba(255,255,255,0)');
      ctx.fillStyle = h;
      ctx.fill(path);
    }
  }

  /** A flat fill. */
  fill(path: Path2D, colour: Rgb, alpha = 1): void {
    this.ctx.fillStyle = css(colour, alpha);
    this.ctx.fill(path);
  }

  line(path: Path2D, colour: Rgb, width: number, alpha = 1): void {
    const { ctx } = this;
    ctx.strokeStyle = css(colour, alpha);
    ctx.lineWidth = width;
    ctx.lineCap = 'round';
    ctx.lineJoin = 'round';
    ctx.stroke(path);
  }

  /** Lays a tile over a shape. @param density tiles a unit length */
  texture(
    path: Path2D | undefined,
    [cx, cy, rx, ry]: readonly [number, number, number, number],
    name: Texture,
    amount: number,
    density: number,
    squeeze = 1,
  ): void {
    const { ctx, rng } = this;
    ctx.save();
    if (path) ctx.clip(path);
    ctx.globalCompositeOperation = 'overlay';
    ctx.globalAlpha = Math.min(1, amount);
    ctx.translate(cx, cy);
    const scale = 1 / (TILE * density);
    ctx.scale(scale, scale * squeeze);
    ctx.translate(-rng.uniform() * TILE, -rng.uniform() * TILE);
    ctx.fillStyle = tile(name);
    const w = (2 * rx) / scale + TILE * 2;
    const h = (2 * ry) / (scale * squeeze) + TILE * 2;
    ctx.fillRect(-w / 2, -h / 2, w + TILE, h + TILE);
    ctx.restore();
  }

  /** What `draw` draws is cut to the shape. */
  inside(path: Path2D, draw: () => void): void {
    this.ctx.save();
    this.ctx.clip(path);
    draw();
    this.ctx.restore();
  }

  /** What `draw` draws is moved, turned and scaled. */
  at(x: number, y: number, scale: number | Point, turn: number, draw: () => void): void {
    const { ctx } = this;
    ctx.save();
    ctx.translate(x, y);
    if (turn) ctx.rotate(turn);
    const [sx, sy] = typeof scale === 'number' ? [scale, scale] : scale;
    ctx.scale(sx, sy);
    draw();
    ctx.restore();
  }

  ellipse(cx: number, cy: number, rx: number, ry: number, s: Surface, turn = 0): void {
    this.part(oval(cx, cy, rx, ry, turn), [cx, cy, rx, ry], s);
  }

  box(x: number, y: number, w: number, h: number, s: Surface, radius = 0): void {
    this.part(rect(x, y, w, h, radius), [x + w / 2, y + h / 2, w / 2, h / 2], s);
  }

  blob(points: readonly Point[], s: Surface): void {
    this.part(smooth(points), extent(points), s);
  }

  polygon(points: readonly Point[], s: Surface): void {
    this.part(poly(points), extent(points), s);
  }

  /** A tapering limb through points. @param w0 width at the first @param w1 width at the last */
  limb(points: readonly Point[], w0: number, w1: number, s: Surface): void {
    const left: Point[] = [];
    const right: Point[] = [];
    points.forEach(([x, y], i) => {
      const [ax, ay] = points[Math.max(0, i - 1)];
      const [bx, by] = points[Math.min(points.length - 1, i + 1)];
      const length = Math.hypot(bx - ax, by - ay) || 1;
      const w = (w0 + ((w1 - w0) * i) / (points.length - 1)) / 2;
      const nx = (-(by - ay) / length) * w;
      const ny = ((bx - ax) / length) * w;
      left.push([x + nx, y + ny]);
      right.push([x - nx, y - ny]);
    });
    const outline = [...left, ...right.reverse()];
    this.part(smooth(outline), extent(outline), s);
  }

  eye(x: number, y: number, r: number, iris: Rgb = [20, 16, 14]): void {
    this.fill(oval(x, y, r, r), iris);
    this.fill(oval(x - r * 0.3, y - r * 0.35, r * 0.35, r * 0.35), [250, 250, 250]);
  }
}

export function oval(cx: number, cy: number, rx: number, ry: number, turn = 0): Path2D {
  const p = new Path2D();
  p.ellipse(cx, cy, Math.max(1e-4, rx), Math.max(1e-4, ry), turn, 0, 2 * Math.PI);
  return p;
}

/** Straight lines through points. */
function draw(p: Path2D, points: readonly Point[]): void {
  p.moveTo(points[0][0], points[0][1]);
  for (const [x, y] of points.slice(1)) p.lineTo(x, y);
}

export function rect(x: number, y: number, w: number, h: number, radius = 0): Path2D {
  const p = new Path2D();
  if (radius > 0) p.roundRect(x, y, w, h, Math.min(radius, Math.abs(w) / 2, Math.abs(h) / 2));
  else p.rect(x, y, w, h);
  return p;
}

export function poly(points: readonly Point[]): Path2D {
  const p = new Path2D();
  draw(p, points);
  p.closePath();
  return p;
}

/** A closed curve through points (Catmull-Rom as cubic Béziers). */
export function smooth(points: readonly Point[]): Path2D {
  const n = points.length;
  const p = new Path2D();
  p.moveTo(...(points[0] as [number, number]));
  for (let i = 0; i < n; i++) {
    const [a, b, c, d] = [points[(i + n - 1) % n], points[i], points[(i + 1) % n], points[(i + 2) % n]];
    p.bezierCurveTo(
      b[0] + (c[0] - a[0]) / 6,
      b[1] + (c[1] - a[1]) / 6,
      c[0] - (d[0] - b[0]) / 6,
      c[1] - (d[1] - b[1]) / 6,
      c[0],
      c[1],
    );
  }
  p.closePath();
  return p;
}

/** An open line through points. */
export function track(points: readonly Point[]): Path2D {
  const p = new Path2D();
  draw(p, points);
  return p;
}

function extent(points: readonly Point[]): [number, number, number, number] {
  let [x0, y0, x1, y1] = [1e9, 1e9, -1e9, -1e9];
  for (const [x, y] of points) {
    x0 = Math.min(x0, x);
    y0 = Math.min(y0, y);
    x1 = Math.max(x1, x);
    y1 = Math.max(y1, y);
  }
  return [(x0 + x1) / 2, (y0 + y1) / 2, (x1 - x0) / 2 || 0.01, (y1 - y0) / 2 || 0.01];
}
