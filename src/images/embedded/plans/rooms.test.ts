import { createCanvas } from '@napi-rs/canvas';
import { describe, expect, it } from 'vitest';
import { Rng } from '../../../rng.js';
import { Pen } from '../pen.js';
import type { Plan } from '../plan.js';
import { lookOf, type Subject } from '../subject.js';
import { CARE } from './care/index.js';
import { ELECTRONICS } from './electronics/index.js';
import { MUSIC } from './music/index.js';
import { OFFICE } from './office/index.js';
import { PLAY } from './play/index.js';
import { TEXTILES } from './textiles/index.js';
import { TOOLS } from './tools/index.js';
import { WEAR } from './wear/index.js';

const ROOMS = { TOOLS, ELECTRONICS, OFFICE, WEAR, TEXTILES, PLAY, MUSIC, CARE };
const SIZE = 32;
const GREY = 150;

/** RGBA of a plan drawn on grey. The trait key is the name; what differs between two calls with one name is what the options say. */
function drawn(
  plan: Plan,
  name: string,
  o: { colour?: string; pattern?: string; instance?: number } = {},
): Uint8ClampedArray {
  const subject: Subject = {
    name,
    kind: 'thing',
    hypernyms: [],
    count: 1,
    colour: o.colour,
    pattern: o.pattern,
    acts: new Set(),
    key: 'test',
  };
  const rng = Rng.of(3, 'rooms', o.instance ?? 0);
  const { look } = lookOf(subject, rng, o.instance ? 'front' : 'quarter');
  const ctx = createCanvas(SIZE, SIZE).getContext('2d');
  ctx.fillStyle = `rgb(${GREY},${GREY},${GREY})`;
  ctx.fillRect(0, 0, SIZE, SIZE);
  ctx.translate(SIZE / 2, SIZE / 2);
  ctx.scale(SIZE * 0.42, SIZE * 0.42);
  plan(new Pen(ctx, rng, { x: -0.6, y: -0.8, contrast: 0.6 }), look);
  return ctx.getImageData(0, 0, SIZE, SIZE).data;
}

/** Mean absolute difference of RGB, 0…255. */
function distance(a: Uint8ClampedArray, b: Uint8ClampedArray): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) if (i % 4 < 3) sum += Math.abs(a[i] - b[i]);
  return sum / ((a.length / 4) * 3);
}

const blank = drawn(() => {}, 'nothing');
/** Share of the pixels that a drawing covers. */
const covered = (a: Uint8ClampedArray): number => {
  let n = 0;
  for (let i = 0; i < a.length; i += 4)
    if (Math.abs(a[i] - blank[i]) + Math.abs(a[i + 1] - blank[i + 1]) + Math.abs(a[i + 2] - blank[i + 2]) > 24) n++;
  return n / (a.length / 4);
};

describe.each(Object.entries(ROOMS))('the room %s', (_, table) => {
  const plans = new Map<Plan, string>();
  for (const { plan, as } of Object.values(table)) if (![...plans.values()].includes(as!)) plans.set(plan, as!);

  it('draws something for each of its words, in lower case', () => {
    for (const [word, { plan, as }] of Object.entries(table)) {
      expect(word).toBe(word.toLowerCase().trim());
      expect(as, word).toBeTruthy();
      const share = covered(drawn(plan, word));
      expect(share, word).toBeGreaterThan(0.025);
      expect(share, word).toBeLessThan(0.95);
    }
  });

  it('draws alike from like random numbers, and instances of one word in other poses or views', () => {
    for (const [plan, word] of plans) {
      const first = drawn(plan, word);
      expect(distance(first, drawn(plan, word)), word).toBe(0);
      expect(distance(first, drawn(plan, word, { instance: 1 })), word).toBeGreaterThan(0.3);
    }
  });

  it('heeds the colour that the caption names', () => {
    const warmth = (a: Uint8ClampedArray) => a.reduce((s, v, i) => (i % 4 === 0 ? s + v : i % 4 === 2 ? s - v : s), 0);
    for (const [plan, word] of plans) {
      const [red, blue] = [drawn(plan, word, { colour: 'red' }), drawn(plan, word, { colour: 'blue' })];
      const pixels = covered(red) * SIZE * SIZE;
      expect((warmth(red) - warmth(blue)) / pixels, word).toBeGreaterThan(20);
    }
  });

  it('draws no two of its things alike', () => {
    const all = [...plans].map(([plan, word]) => ({
      word,
      image: drawn(plan, 'the same traits', { colour: 'green' }),
    }));
    for (const [i, a] of all.entries())
      for (const b of all.slice(i + 1)) expect(distance(a.image, b.image), `${a.word}, ${b.word}`).toBeGreaterThan(0.5);
  });
});

it('cloth shows the pattern that the caption names', () => {
  for (const word of ['throw pillow', 'blanket', 'curtain', 't-shirt', 'dress', 'scarf', 'backpack', 'tote bag']) {
    const { plan } = { ...TEXTILES, ...WEAR }[word];
    const striped = drawn(plan, word, { colour: 'white', pattern: 'striped' });
    expect(distance(striped, drawn(plan, word, { colour: 'white', pattern: 'polka-dot' })), word).toBeGreaterThan(2);
  }
});
