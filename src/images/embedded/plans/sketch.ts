import { Path2D } from '@napi-rs/canvas';
import type { Category } from '../../../concepts/kinds.js';
import { blend, hsl, lit, type Rgb } from '../colour.js';
import type { Pen, Surface } from '../pen.js';
import { coloured, type Look, type Plan } from '../plan.js';
import type { Words } from './words.js';

/** What plans of small things are drawn with: outlines as SVG path data, in the square −1…1, y down. */

export const STEEL: Surface = { colour: [172, 176, 182], texture: 'fine', grain: 0.12, gloss: 0.5 };
export const IRON: Surface = { colour: [96, 99, 106], texture: 'fine', grain: 0.12, gloss: 0.35 };
export const BLACK: Surface = { colour: [36, 36, 40], gloss: 0.3 };
export const WHITE: Surface = { colour: [240, 239, 234] };
export const BRASS: Surface = { colour: [202, 160, 74], gloss: 0.65 };
export const TIMBER: Surface = { colour: [176, 128, 80], texture: 'wood', grain: 0.4, density: 1.4, gloss: 0.1 };
export const PALE_WOOD: Surface = { colour: [218, 182, 132], texture: 'wood', grain: 0.3, density: 1.4 };
export const LEATHER: Surface = { colour: [112, 70, 42], texture: 'cells', grain: 0.25, density: 2, gloss: 0.3 };
export const GLASS: Surface = { colour: [202, 222, 228], gloss: 0.6, clear: 0.45 };
export const PAPER: Rgb = [246, 243, 234];
export const INK: Rgb = [52, 54, 60];

/** Fills an outline as a lit surface with a thin darker edge, so that parts of one colour stay apart. */
export function shape(pen: Pen, d: string, s: Surface, edge = 0.6): Path2D {
  const path = new Path2D(d);
  const [l, t, r, b] = path.getBounds();
  pen.part(path, [(l + r) / 2, (t + b) / 2, (r - l) / 2 || 0.01, (b - t) / 2 || 0.01], s);
  if (edge > 0) pen.line(path, lit(s.colour, 0.45), 0.02, edge);
  return path;
}

/** Fills an outline flatly. */
export function flat(pen: Pen, d: string, colour: Rgb, alpha = 1): void {
  pen.fill(new Path2D(d), colour, alpha);
}

/** Draws along an outline. */
export function stroke(pen: Pen, d: string, colour: Rgb, width: number, alpha = 1): void {
  pen.line(new Path2D(d), colour, width, alpha);
}

/** A wire, strap or tube along an outline: a lit core in a darker edge. */
export function tube(pen: Pen, d: string, s: Surface, width: number): void {
  const path = new Path2D(d);
  pen.line(path, lit(s.colour, 0.55), width);
  pen.line(path, s.colour, width * 0.72);
  if ((s.gloss ?? 0) > 0.25) pen.line(path, lit(s.colour, 1.5), width * 0.2, 0.7);
}

/** The colour that a thing nearly always has, unless the caption says another colour or a material. */
export function own(look: Look, colour: Rgb, more: Partial<Surface> = {}): Surface {
  if (look.told.colour || look.told.material) return look.main;
  const play = look.rng.range(0.88, 1.1);
  return { ...look.main, texture: undefined, gloss: 0.25, ...more, colour: lit(colour, play) };
}

/** Painted or moulded: the caption's colour without the grain of stone or wood, unless the caption names a material. */
export function smoothed(look: Look, gloss = 0.3): Surface {
  return look.told.material ? look.main : { ...look.main, texture: undefined, gloss };
}

/** Cloth of the caption's colour. */
export function cloth(look: Look, grain = 0.22): Surface {
  const s = look.main;
  if (look.told.material && look.told.material !== 'cotton') return s;
  return { ...s, texture: 'weave', grain, density: 2.4, gloss: 0.03, clear: 0 };
}

/** The same surface in another light. @param by more than 1 lighter, less darker */
export const shade = (s: Surface, by: number): Surface => coloured(s, lit(s.colour, by));

/** A colour that stands out from a surface. */
export function contrast(s: Surface, other: Rgb): Rgb {
  const far = Math.abs(luma(s.colour) - luma(other)) > 55;
  return far ? other : luma(s.colour) > 120 ? blend(other, [30, 28, 30], 0.6) : blend(other, [240, 238, 230], 0.6);
}

const luma = ([r, g, b]: Rgb): number => 0.3 * r + 0.59 * g + 0.11 * b;

/** Prints the pattern the caption names, or the concept's own, on an outline of cloth, paper or a case. */
export function print(pen: Pen, look: Look, path: Path2D, size = 1, only = false): void {
  const told = look.told.pattern;
  const pattern = told ?? look.pattern;
  if (pattern === 'plain' || (only && !told)) return;
  const [l, t, r, b] = path.getBounds();
  const colour = contrast(look.main, look.second.colour);
  const step = size * (0.16 + 0.14 * look.t('mark size'));
  const phase = look.rng.uniform() * step;
  pen.inside(path, () => {
    if (/spot|dot|speckle|mottle|floral|patch/.test(pattern)) {
      let odd = 0;
      for (let y = t - phase; y < b + step; y += step, odd++)
        for (let x = l - phase + (odd % 2) * step * 0.6; x < r + step; x += step * 1.2)
          if (/floral/.test(pattern)) bloom(pen, look, x, y, step * 0.3);
          else flat(pen, disc(x, y, step * 0.27), colour, 0.95);
    } else if (/check|plaid|band/.test(pattern)) {
      for (let x = l - phase; x < r; x += step) flat(pen, rectangle(x, t, step * 0.5, b - t), colour, 0.5);
      for (let y = t - phase; y < b; y += step) flat(pen, rectangle(l, y, r - l, step * 0.5), colour, 0.5);
      if (pattern === 'plaid')
        for (let x = l - phase; x < r; x += step * 2)
          flat(pen, rectangle(x, t, step * 0.12, b - t), look.third.colour, 0.8);
    } else if (/two-tone|belly/.test(pattern)) flat(pen, rectangle(l, (t + b) / 2, r - l, b - t), colour, 0.95);
    else for (let y = t - phase; y < b; y += step) flat(pen, rectangle(l, y, r - l, step * 0.45), colour, 0.95);
  });
}

function bloom(pen: Pen, look: Look, x: number, y: number, r: number): void {
  for (let i = 0; i < 5; i++) {
    const a = i * 1.2566 + x * 7;
    flat(pen, disc(x + Math.cos(a) * r * 0.7, y + Math.sin(a) * r * 0.7, r * 0.5), look.second.colour, 0.95);
  }
  flat(pen, disc(x, y, r * 0.4), look.third.colour);
}

/** Path data of a disc or ellipse. */
export function disc(x: number, y: number, rx: number, ry = rx): string {
  return `M${x - rx} ${y}A${rx} ${ry} 0 1 1 ${x + rx} ${y}A${rx} ${ry} 0 1 1 ${x - rx} ${y}Z`;
}

/** Path data of a rectangle, its corners rounded. */
export function rectangle(x: number, y: number, w: number, h: number, r = 0): string {
  if (r <= 0) return `M${x} ${y}h${w}v${h}h${-w}Z`;
  r = Math.min(r, w / 2, h / 2);
  const arc = (dx: number, dy: number) => `a${r} ${r} 0 0 1 ${dx} ${dy}`;
  const [a, c] = [w - 2 * r, h - 2 * r];
  return `M${x + r} ${y}h${a}${arc(r, r)}v${c}${arc(-r, r)}h${-a}${arc(-r, -r)}v${-c}${arc(r, -r)}Z`;
}

/** A thing that lies or is held any way: what is drawn upright is turned. @param spread radians to either side of `lean` */
export function lying(pen: Pen, look: Look, draw: () => void, spread = 0.8, lean = 0): void {
  pen.at(0, 0, 1, lean + look.rng.range(-spread, spread), draw);
}

/** A rectangular body: front, and as much of top and right side as the view shows. @returns the front's outline */
export function slab(
  pen: Pen,
  look: Look,
  [x, y, w, h]: readonly [number, number, number, number],
  depth: number,
  s: Surface,
  radius = 0.04,
): Path2D {
  const dx = look.view === 'front' ? 0 : depth;
  const dy = look.view === 'top' ? depth * 1.2 : depth * (look.view === 'front' ? 0.3 : 0.5);
  shape(pen, `M${x} ${y + 0.03}l${dx} ${-dy}h${w}l${-dx} ${dy}Z`, shade(s, 1.25));
  if (dx) shape(pen, `M${x + w - 0.02} ${y}l${dx} ${-dy}v${h}l${-dx} ${dy}Z`, shade(s, 0.6));
  return shape(pen, rectangle(x, y, w, h, radius), s);
}

/** A lit display with something on it. */
export function display(pen: Pen, look: Look, x: number, y: number, w: number, h: number, radius = 0.02): void {
  const { rng } = look;
  const path = new Path2D(rectangle(x, y, w, h, radius));
  const sky = hsl(0.5 + 0.3 * rng.uniform(), rng.range(0.4, 0.8), rng.range(0.35, 0.6));
  pen.part(path, [x + w / 2, y + h / 2, w / 2, h / 2], { colour: sky, gloss: 0.15 });
  pen.inside(path, () => {
    if (rng.chance(0.5)) {
      const hill = hsl(rng.range(0.2, 0.55), 0.4, 0.35);
      flat(
        pen,
        `M${x} ${y + h * 0.7}Q${x + w * 0.3} ${y + h * 0.35} ${x + w * 0.6} ${y + h * 0.7}T${x + w} ${y + h * 0.6}V${y + h}H${x}Z`,
        hill,
      );
    } else {
      flat(pen, rectangle(x + w * 0.12, y + h * 0.15, w * 0.76, h * 0.7, 0.02), [244, 246, 250], 0.92);
      for (let i = 0; i < 4; i++)
        flat(
          pen,
          rectangle(x + w * 0.2, y + h * (0.24 + i * 0.13), w * rng.range(0.3, 0.6), h * 0.05),
          [120, 130, 150],
        );
    }
    flat(pen, `M${x} ${y}h${w * 0.45}l${-w * 0.3} ${h}h${-w * 0.15}Z`, [255, 255, 255], 0.12);
  });
}

/** Soft folds of cloth inside an outline. */
export function folds(pen: Pen, path: Path2D, s: Surface, lines: readonly string[]): void {
  pen.inside(path, () => {
    for (const d of lines) stroke(pen, d, lit(s.colour, 0.55), 0.045, 0.4);
  });
}

/** Draws lying on a table seen from in front and above. @param lean how far the far side is moved to the right */
export function laid(pen: Pen, look: Look, draw: () => void, flatness = 0.6): void {
  const lean = look.view === 'front' || look.view === 'top' ? 0 : -0.35;
  const high = look.view === 'top' ? 1 : flatness;
  pen.ctx.save();
  pen.ctx.transform(1, 0, lean * high, high, 0, 0.1);
  draw();
  pen.ctx.restore();
}

/** One row of a table of words: names, divided by commas; the plan; what it looks like if not what the first name says. */
type Row = readonly [names: string, plan: Plan, more?: { as?: string; category?: Category }];

/** A table of words from its rows; the first row that has a word wins. */
export function wordsOf(rows: readonly Row[]): Words {
  const table: Record<string, Words[string]> = {};
  for (const [names, plan, more] of rows) {
    const [first, ...others] = names.split(', ');
    for (const name of [first, ...others]) table[name] ??= { plan, as: first, ...more };
  }
  return table;
}
