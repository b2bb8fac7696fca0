import { Path2D } from '@napi-rs/canvas';
import { css, lit } from '../colour.js';
import type { Pen, Point, Surface } from '../pen.js';
import type { Look } from '../plan.js';
import { print } from './sketch.js';

/** Right, up from the floor, towards who looks at the front. Any unit: what is joined is fitted into the plan's square. */
export type Solid = readonly [x: number, y: number, z: number];

/** A piece of what is joined, in its bounds. */
interface Piece {
  low: Solid;
  high: Solid;
  draw(): void;
}

interface Finish {
  /** Edges rounded as those of a cushion, 0 sharp … 1. */
  soft?: number;
  /** Carries the pattern that the caption names, or the concept's own. */
  print?: boolean;
}

/**
 * Furniture and cases: boxes, rods and panels put together in space, seen as the view says, those behind drawn first.
 * Pieces should not cut each other. Nothing is drawn before `draw`.
 */
export class Joinery {
  private readonly pieces: Piece[] = [];
  private readonly pen: Pen;
  private readonly look: Look;
  private readonly sin: Point;
  private readonly cos: Point;
  /** The way to the eye. */
  private readonly eye: Solid;
  private scale = 1;
  private shift: Point = [0, 0];

  /** @param aside whether the side view shows the side; else it is one more view from a quarter @param eye how much higher than usual the eye is */
  constructor(pen: Pen, look: Look, aside = false, eye = 0) {
    const { rng, view } = look;
    this.pen = pen;
    this.look = look;
    const yaw =
      view === 'front'
        ? rng.range(-0.12, 0.12)
        : view === 'side' && aside
          ? rng.range(1.05, 1.45)
          : view === 'side'
            ? rng.range(0.5, 0.85)
            : rng.range(0.3, 0.75);
    const pitch = view === 'top' ? rng.range(0.8, 1) : rng.range(0.2, 0.42) + eye;
    this.sin = [Math.sin(yaw), Math.sin(pitch)];
    this.cos = [Math.cos(yaw), Math.cos(pitch)];
    this.eye = [this.sin[0] * this.cos[1], this.sin[1], this.cos[0] * this.cos[1]];
  }

  /** A box between two corners. */
  box(low: Solid, high: Solid, s: Surface, finish: Finish = {}): void {
    this.pieces.push({ low, high, draw: () => this.drawBox(low, high, s, finish) });
  }

  /** A box by the middle of its foot and its sides. */
  block([x, y, z]: Solid, [w, h, d]: Solid, s: Surface, finish: Finish = {}): void {
    this.box([x - w / 2, y, z - d / 2], [x + w / 2, y + h, z + d / 2], s, finish);
  }

  /** A round rod through points. @param w its thickness */
  rod(points: readonly Solid[], w: number, s: Surface): void {
    this.piece(points, w / 2, () => this.bar(points, w, s));
  }

  /** An upright cylinder or cone. @param r0 radius of the foot @param r1 radius of the top */
  drum([x, y, z]: Solid, h: number, r0: number, r1: number, s: Surface): void {
    const r = Math.max(r0, r1);
    this.box3([x - r, y, z - r], [x + r, y + h, z + r], () => {
      const [bx, by] = this.to([x, y, z]);
      const [, ty] = this.to([x, y + h, z]);
      const [f, t] = [r0 * this.scale, r1 * this.scale];
      const flat = this.sin[1];
      const body = new Path2D();
      body.ellipse(bx, by, f, f * flat, 0, 0, Math.PI);
      body.lineTo(bx - t, ty);
      body.ellipse(bx, ty, t, t * flat, 0, Math.PI, 2 * Math.PI);
      body.closePath();
      this.pen.part(body, [bx, (by + ty) / 2, Math.max(f, t), (by - ty) / 2 + f * flat], s);
      const top = new Path2D();
      top.ellipse(bx, ty, t, t * flat, 0, 0, 2 * Math.PI);
      this.pen.fill(top, lit(s.colour, 1.2), 1 - (s.clear ?? 0));
    });
  }

  /** A flat face through points in space, e.g. a pane or a page. */
  face(points: readonly Solid[], s: Surface, finish: Finish = {}): void {
    this.piece(points, 0, () => this.fill(points, s, 1, finish));
  }

  /** Anything else: drawn in its turn with what gives points of the plan. */
  at(low: Solid, high: Solid, draw: (to: (p: Solid) => Point, scale: number) => void): void {
    this.box3(low, high, () => draw((p) => this.to(p), this.scale));
  }

  /** Fits everything into the square, on the floor y = 1, and draws it. */
  draw(): void {
    this.fit();
    for (const piece of this.backToFront()) piece.draw();
  }

  private piece(points: readonly Solid[], r: number, draw: () => void): void {
    const bound = (k: number, sign: number) => sign * Math.max(...points.map((p) => sign * p[k])) + sign * r;
    this.box3([bound(0, -1), bound(1, -1), bound(2, -1)], [bound(0, 1), bound(1, 1), bound(2, 1)], draw);
  }

  private box3(low: Solid, high: Solid, draw: () => void): void {
    this.pieces.push({ low, high, draw });
  }

  /** To the plan's square. */
  private to([x, y, z]: Solid): Point {
    const right = x * this.cos[0] - z * this.sin[0];
    const near = x * this.sin[0] + z * this.cos[0];
    return [right * this.scale + this.shift[0], (near * this.sin[1] - y * this.cos[1]) * this.scale + this.shift[1]];
  }

  private fit(): void {
    let [x0, y0, x1, y1] = [1e9, 1e9, -1e9, -1e9];
    for (const { low, high } of this.pieces)
      for (let i = 0; i < 8; i++) {
        const [x, y] = this.to([i & 1 ? high[0] : low[0], i & 2 ? high[1] : low[1], i & 4 ? high[2] : low[2]]);
        [x0, x1, y0, y1] = [Math.min(x0, x), Math.max(x1, x), Math.min(y0, y), Math.max(y1, y)];
      }
    this.scale = Math.min(1.96 / (x1 - x0), 1.96 / (y1 - y0));
    this.shift = [(-this.scale * (x0 + x1)) / 2, 1 - this.scale * y1];
  }

  /** Whether `a` cannot hide any of `b`: a plane between them has the eye on b's side. */
  private behind(a: Piece, b: Piece): boolean {
    const { eye } = this;
    for (let k = 0; k < 3; k++) {
      if (eye[k] > 0 && a.high[k] <= b.low[k] + 1e-6) return true;
      if (eye[k] < 0 && a.low[k] >= b.high[k] - 1e-6) return true;
    }
    return false;
  }

  private backToFront(): Piece[] {
    const { pieces } = this;
    const near = pieces.map(
      ({ low, high }) =>
        (low[0] + high[0]) * this.eye[0] + (low[1] + high[1]) * this.eye[1] + (low[2] + high[2]) * this.eye[2],
    );
    const after: number[][] = pieces.map(() => []);
    const waits = pieces.map(() => 0);
    for (let i = 0; i < pieces.length; i++)
      for (let j = 0; j < i; j++) {
        const [ij, ji] = [this.behind(pieces[i], pieces[j]), this.behind(pieces[j], pieces[i])];
        if (ij && ji) continue;
        const first = ij === ji ? (near[i] < near[j] ? i : j) : ij ? i : j;
        after[first].push(first === i ? j : i);
        waits[first === i ? j : i]++;
      }
    const out: Piece[] = [];
    const left = new Set(pieces.keys());
    while (left.size > 0) {
      // The farthest of those that nothing must precede; of a ring, the farthest.
      let next = -1;
      for (const i of left)
        if (next < 0 || waits[i] < waits[next] || (waits[i] === waits[next] && near[i] < near[next])) next = i;
      left.delete(next);
      for (const j of after[next]) waits[j]--;
      out.push(pieces[next]);
    }
    return out;
  }

  private drawBox(low: Solid, high: Solid, s: Surface, finish: Finish): void {
    const [x0, y0, z0] = low;
    const [x1, y1, z1] = high;
    const aside = this.sin[0] > 0;
    const x = aside ? x1 : x0;
    const { light } = this.pen;
    const turn = (aside ? 1 : -1) * light.x;
    if (Math.abs(this.sin[0]) > 0.02)
      this.fill(
        [
          [x, y0, z0],
          [x, y1, z0],
          [x, y1, z1],
          [x, y0, z1],
        ],
        s,
        0.74 + 0.2 * turn * light.contrast,
        finish,
      );
    if (this.cos[0] > 0.02)
      this.fill(
        [
          [x0, y0, z1],
          [x0, y1, z1],
          [x1, y1, z1],
          [x1, y0, z1],
        ],
        s,
        0.97 - 0.1 * turn * light.contrast,
        finish,
      );
    this.fill(
      [
        [x0, y1, z0],
        [x1, y1, z0],
        [x1, y1, z1],
        [x0, y1, z1],
      ],
      s,
      1.12 + 0.2 * light.contrast,
      finish,
    );
  }

  private fill(corners: readonly Solid[], s: Surface, light: number, finish: Finish): void {
    const { pen } = this;
    const points = corners.map((p) => this.to(p));
    const path = new Path2D();
    path.moveTo(points[0][0], points[0][1]);
    for (const [x, y] of points.slice(1)) path.lineTo(x, y);
    path.closePath();
    const xs = points.map((p) => p[0]);
    const ys = points.map((p) => p[1]);
    const [l, r, t, b] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const alpha = 1 - (s.clear ?? 0);
    const colour = lit(s.colour, light);
    const area = (r - l) * (b - t);
    if (area < 5e-5) return;
    if (area > 0.12) {
      const g = pen.ctx.createLinearGradient(l, t, l + (r - l) * 0.3, b);
      g.addColorStop(0, css(lit(colour, 1.08), alpha));
      g.addColorStop(1, css(lit(colour, 0.86), alpha));
      pen.ctx.fillStyle = g;
      pen.ctx.fill(path);
    } else pen.fill(path, colour, alpha);
    if (finish.soft) pen.line(path, colour, finish.soft * 0.12, alpha);
    if (area > 0.1 && s.texture && (s.grain ?? 0) > 0.03)
      pen.texture(path, [(l + r) / 2, (t + b) / 2, (r - l) / 2, (b - t) / 2], s.texture, s.grain!, s.density ?? 1);
    if (area > 0.08 && (s.gloss ?? 0) > 0.4) this.glint(path, l, t, r, b, s.gloss! * 0.3);
    if (finish.print) print(pen, this.look, path, 1, true);
    // Edges of little faces are lost anyway, and lines cost more than fills.
    if (area > 0.015)
      pen.line(path, lit(s.colour, 0.5), finish.soft ? 0.02 : 0.012, (finish.soft ? 0.16 : 0.55) * alpha);
  }

  /** A streak of light over a polished face. */
  private glint(path: Path2D, l: number, t: number, r: number, b: number, strength: number): void {
    const { ctx } = this.pen;
    const g = ctx.createLinearGradient(l, t, r, t + (r - l) * 0.5 + (b - t) * 0.2);
    g.addColorStop(0.15, 'rgba(255,255,255,0)');
    g.addColorStop(0.3, `rgba(255,255,255,${strength.toFixed(3)})`);
    g.addColorStop(0.5, 'rgba(255,255,255,0)');
    ctx.fillStyle = g;
    ctx.fill(path);
  }

  private bar(points: readonly Solid[], w: number, s: Surface): void {
    const path = new Path2D();
    points.forEach((p, i) => {
      const [x, y] = this.to(p);
      if (i) path.lineTo(x, y);
      else path.moveTo(x, y);
    });
    const wide = Math.max(0.025, w * this.scale);
    const { light } = this.pen;
    if (wide < 0.04) {
      this.pen.line(path, lit(s.colour, 0.9), wide);
      return;
    }
    this.pen.line(path, lit(s.colour, 0.62), wide);
    this.pen.at(light.x * wide * 0.14, light.y * wide * 0.1, 1, 0, () =>
      this.pen.line(path, lit(s.colour, 1.02), wide * 0.62),
    );
    if ((s.gloss ?? 0) > 0.35) this.pen.line(path, lit(s.colour, 1.7), wide * 0.18, 0.7);
  }
}
