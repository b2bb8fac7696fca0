import { type Canvas, createCanvas } from '@napi-rs/canvas';
import { OUTDOORS } from '../../captions/lexicon.js';
import type { Draw } from '../../captions/record.js';
import { KINDS } from '../../concepts/kinds.js';
import { Rng } from '../../rng.js';
import type { Painter, PaintRequest, Pixels } from '../painter.js';
import { paintBackdrop, paintWeather, type Surroundings } from './backdrop/index.js';
import { expose } from './camera.js';
import { composition, type Placed } from './composition.js';
import { parseCaption } from './parse.js';
import { oval, Pen } from './pen.js';
import { face } from './plans/index.js';
import { sceneOfRecord } from './record-scene.js';
import { backgroundTrait, captionTrait, type SceneSpec } from './scene.js';
import { lookOf } from './subject.js';

/**
 * Paints any caption in plain English without weights. The caption decides what is there: things and their attributes, how many, in which relation,
 * where, when; the key (seed, caption, image) decides the instance: pose, place in the frame, light, palette, background detail, camera.
 */
export class EmbeddedPainter implements Painter {
  readonly name = 'embedded';
  private spec: { caption: string; record: Draw | undefined; scene: SceneSpec } | undefined;
  private readonly canvases = new Map<number, Canvas>();

  async paint(requests: readonly PaintRequest[]): Promise<Pixels[]> {
    return requests.map((r) => this.one(r));
  }

  /** What the painter understands of a caption: by its record, where there is one. */
  understand(caption: string, record?: Draw): SceneSpec {
    // The n images of a caption come one after the other, with one record.
    if (this.spec?.caption !== caption || this.spec.record !== record)
      this.spec = { caption, record, scene: record ? sceneOfRecord(caption, record) : parseCaption(caption) };
    return this.spec.scene;
  }

  private one({ caption, record, captionId, image, attempt, seed, size }: PaintRequest): Pixels {
    const spec = this.understand(caption, record);
    const rng = Rng.of(seed, 'paint', captionId, image, ...(attempt === 0 ? [] : [attempt]));
    const surroundings = surroundingsOf(spec, rng);
    const angle = rng.range(-2.6, -0.5);
    const light = {
      x: Math.cos(angle),
      y: Math.sin(angle),
      contrast: surroundings.weather === 'sun' ? rng.range(0.5, 1) : rng.range(0.25, 0.7),
    };

    const canvas = this.canvas(size);
    const ctx = canvas.getContext('2d');
    ctx.reset();
    // Out of focus: painted small and drawn large.
    const sharpness =
      spec.view === 'bokeh' || spec.view === 'close'
        ? rng.range(0.12, 0.35)
        : rng.chance(0.45)
          ? rng.range(0.22, 0.6)
          : 1;
    const small = Math.max(8, Math.round(size * sharpness));
    const behind = small === size ? canvas : this.canvas(small);
    const back = behind.getContext('2d');
    if (behind !== canvas) back.reset();
    back.save();
    back.scale(small, small);
    // The backdrop is turned a little now and then, as a hand-held camera is.
    const roll = rng.normal() * 0.03;
    back.translate(0.5, 0.5);
    back.rotate(roll);
    back.scale(1.08, 1.08);
    back.translate(-0.5, -0.5);
    paintBackdrop(new Pen(back, rng, light), surroundings);
    back.restore();
    if (behind !== canvas) {
      ctx.imageSmoothingEnabled = true;
      ctx.imageSmoothingQuality = 'high';
      ctx.drawImage(behind, 0, 0, size, size);
    }

    ctx.save();
    ctx.scale(size, size);
    const pen = new Pen(ctx, rng, light);
    for (const placed of composition(spec, surroundings, rng)) this.thing(pen, spec, surroundings, placed);
    if (surroundings.time === 'night') {
      ctx.fillStyle = 'rgba(8,12,40,0.45)';
      ctx.fillRect(0, 0, 1, 1);
    } else if (surroundings.time === 'sunset') {
      ctx.globalCompositeOperation = 'soft-light';
      ctx.fillStyle = 'rgba(255,140,60,0.4)';
      ctx.fillRect(0, 0, 1, 1);
      ctx.globalCompositeOperation = 'source-over';
    }
    foreground(pen, surroundings);
    if (OUTDOORS.has(surroundings.place)) paintWeather(pen, surroundings);
    if (spec.style === 'drawing' || spec.style === 'painting')
      pen.texture(undefined, [0.5, 0.5, 0.5, 0.5], spec.style === 'drawing' ? 'fine' : 'weave', 0.5, 1.5);
    ctx.restore();
    const { data } = ctx.getImageData(0, 0, size, size);
    const style = spec.style ?? (captionTrait(spec, 'style') < 0.03 ? 'monochrome' : 'photo');
    return expose(data, size, rng, () => Rng.of(0, 'grain'), { style });
  }

  private thing(pen: Pen, spec: SceneSpec, s: Surroundings, placed: Placed): void {
    const { subject, x, y, scale, turn, flip } = placed;
    const { plan, look } = lookOf(subject, pen.rng, placed.view);
    const { ctx } = pen;
    if (placed.shadow) {
      const depth = s.weather === 'sun' && s.time === 'day' ? 0.4 : 0.22;
      pen.fill(oval(x - pen.light.x * scale * 0.3, y + scale * 0.96, scale * 0.85, scale * 0.16), [12, 12, 16], depth);
    }
    ctx.save();
    ctx.translate(x, y);
    ctx.rotate(turn);
    // Foreshortening: seen from aside or slightly above.
    ctx.transform(1, placed.shear, 0, 1, 0, 0);
    ctx.scale((flip ? -1 : 1) * scale * placed.squeeze, scale);
    const inner = new Pen(ctx, pen.rng, { ...pen.light, x: flip ? -pen.light.x : pen.light.x });
    const animal =
      subject.kind !== undefined &&
      KINDS[subject.kind].category === 'animal' &&
      KINDS[subject.kind].company.includes('animal');
    if (animal && spec.view === 'close' && placed.main && pen.rng.chance(0.5)) face(inner, look);
    else plan(inner, look);
    ctx.restore();
    if (s.place === 'water' && placed.afloat) waterline(pen, x, y + scale * 0.8, scale);
    if (s.place === 'grass' && placed.shadow) blades(pen, x, y + scale, scale);
  }

  private canvas(side: number): Canvas {
    let c = this.canvases.get(side);
    if (!c) {
      if (this.canvases.size > 64) this.canvases.clear();
      c = createCanvas(side, side);
      this.canvases.set(side, c);
    }
    return c;
  }
}

function surroundingsOf(spec: SceneSpec, rng: Rng): Surroundings {
  const open = (name: string) => captionTrait(spec, name);
  const place = spec.place ?? spec.places[Math.floor(open('place') * spec.places.length)];
  const time =
    spec.time ?? (open('time') < 0.8 ? 'day' : (['dawn', 'sunset', 'dusk'] as const)[Math.floor(open('hour') * 3)]);
  const weather = spec.weather ?? (open('weather') < 0.6 ? 'sun' : open('weather') < 0.9 ? 'cloud' : 'wind');
  const eye = 0.3 + 0.3 * Math.min(1, Math.max(0, open('eye height') + 0.2 * rng.normal()));
  return {
    place,
    horizon: spec.view === 'low' ? 0.75 : spec.view === 'top' ? 0.08 : eye,
    time,
    weather,
    t: (name) => Math.min(1, Math.max(0, backgroundTrait(spec, name) * 0.85 + 0.15 * rng.uniform())),
  };
}

/** Water in front of a hull. */
function waterline(pen: Pen, x: number, y: number, scale: number): void {
  const { ctx, rng } = pen;
  ctx.save();
  ctx.globalAlpha = 0.75;
  pen.fill(oval(x, y + scale * 0.12, scale * 1.25, scale * 0.12), [74, 112, 132]);
  ctx.restore();
  for (let i = 0; i < 6; i++)
    pen.fill(
      oval(x + rng.normal() * scale * 0.6, y + rng.uniform() * scale * 0.16, scale * 0.16, scale * 0.018),
      [236, 244, 248],
      0.7,
    );
}

function blades(pen: Pen, x: number, y: number, scale: number): void {
  const { ctx, rng } = pen;
  for (let i = 0; i < 10; i++) {
    const bx = x + rng.normal() * scale * 0.6;
    const h = scale * rng.range(0.06, 0.22);
    ctx.strokeStyle = `rgba(${60 + rng.int(50)},${96 + rng.int(50)},${40 + rng.int(30)},0.9)`;
    ctx.lineWidth = 0.01;
    ctx.beginPath();
    ctx.moveTo(bx, y + 0.01);
    ctx.lineTo(bx + rng.normal() * 0.02, y - h);
    ctx.stroke();
  }
}

/** Now and then something out of focus stands in front. */
function foreground(pen: Pen, s: Surroundings): void {
  const { rng, ctx } = pen;
  if (!rng.chance(0.2)) return;
  ctx.save();
  ctx.globalAlpha = rng.range(0.5, 0.95);
  const green = s.place === 'forest' || s.place === 'garden' || s.place === 'grass';
  const colour = green
    ? `rgb(${40 + rng.int(50)},${70 + rng.int(60)},${30 + rng.int(30)})`
    : `rgb(${rng.int(200)},${rng.int(200)},${rng.int(200)})`;
  ctx.fillStyle = colour;
  const side = rng.int(4);
  const n = 1 + rng.int(4);
  for (let i = 0; i < n; i++) {
    const along = rng.uniform();
    const [x, y] = side === 0 ? [0, along] : side === 1 ? [1, along] : [along, side === 2 ? 1 : 0];
    ctx.fill(oval(x, y, rng.range(0.04, 0.2), rng.range(0.04, 0.2), rng.range(0, 3)));
  }
  ctx.restore();
}
