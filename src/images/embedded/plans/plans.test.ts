import { createCanvas } from '@napi-rs/canvas';
import { describe, expect, it } from 'vitest';
import { Rng } from '../../../rng.js';
import { Pen } from '../pen.js';
import type { Look } from '../plan.js';
import { lookOf, type Subject } from '../subject.js';
import { BY_WORD, drawableWords, drawingOf } from './index.js';

const SIDE = 48;

/** [SIDE, SIDE, 4]: a drawing alone, on nothing. */
function drawn(
  word: string,
  said: Partial<Subject> = {},
  view: Look['view'] = 'quarter',
  image = 0,
): Uint8ClampedArray {
  const canvas = createCanvas(SIDE, SIDE);
  const ctx = canvas.getContext('2d');
  ctx.translate(SIDE / 2, SIDE / 2);
  ctx.scale(SIDE / 2.2, SIDE / 2.2);
  const rng = Rng.of(0, 'plans', image);
  const pen = new Pen(ctx, rng, { x: -0.6, y: -0.8, contrast: 0.6 });
  const subject: Subject = { name: word, hypernyms: [], count: 1, acts: new Set(), key: word, ...said };
  const { plan, look } = lookOf(subject, rng, view);
  plan(pen, look);
  return ctx.getImageData(0, 0, SIDE, SIDE).data;
}

/** Share of the square that is covered. */
function covered(rgba: Uint8ClampedArray): number {
  let n = 0;
  for (let i = 3; i < rgba.length; i += 4) if (rgba[i] > 100) n++;
  return n / (SIDE * SIDE);
}

/** Mean red minus blue of what is covered. */
function warmth(rgba: Uint8ClampedArray): number {
  let sum = 0;
  let n = 0;
  for (let i = 0; i < rgba.length; i += 4)
    if (rgba[i + 3] > 100) {
      sum += rgba[i] - rgba[i + 2];
      n++;
    }
  return sum / n;
}

function difference(a: Uint8ClampedArray, b: Uint8ClampedArray): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i] - b[i]);
  return sum / a.length;
}

/** One word a plan: the first of its row. */
const firsts = [...new Map(drawableWords().map((word) => [drawingOf(undefined, [word]).plan, word] as const)).values()];

describe('a drawing by name', () => {
  it.each(firsts)('shows something in every view, the same each time: %s', (word) => {
    for (const view of ['side', 'quarter', 'front', 'top'] as const) {
      const first = drawn(word, {}, view);
      expect(covered(first), view).toBeGreaterThan(0.03);
      expect(Buffer.compare(Buffer.from(first), Buffer.from(drawn(word, {}, view))), view).toBe(0);
    }
  });

  it.each(firsts)('has another pose in another image: %s', (word) => {
    const poses = [0, 1, 2, 3].map((image) => drawn(word, {}, 'quarter', image));
    expect(Math.max(...poses.slice(1).map((p) => difference(poses[0], p)))).toBeGreaterThan(1);
  });

  // Of these only a part takes the caption's colour: foliage, water and light around it do not.
  it('has the colour that the caption says', () => {
    const deaf = firsts.filter(
      (word) => warmth(drawn(word, { colour: 'red' })) - warmth(drawn(word, { colour: 'blue' })) < 8,
    );
    expect(deaf).toEqual([]);
  });

  it('is not the drawing of another name', () => {
    const said = { colour: 'green', key: 'one caption' };
    const all = firsts.map((word) => ({ word, rgba: drawn(word, said, 'side') }));
    const alike: string[] = [];
    all.forEach((a, i) => {
      for (const b of all.slice(0, i)) if (difference(a.rgba, b.rgba) < 2) alike.push(`${a.word} = ${b.word}`);
    });
    expect(alike).toEqual([]);
  });
});

describe('tables of words', () => {
  it('have words as captions and WordNet have them: lower case, single spaces', () => {
    for (const word of drawableWords()) {
      expect(word).toBe(word.toLowerCase());
      expect(word).toBe(word.trim().replace(/\s+/g, ' '));
      expect(word.length).toBeGreaterThan(1);
    }
  });

  it('have no word twice in one meaning', () => {
    const seen = new Map<string, number>();
    const twice: string[] = [];
    BY_WORD.forEach((table, room) => {
      for (const [word, entry] of Object.entries(table))
        for (const category of [entry.category ?? 'any']) {
          const key = `${word} (${category})`;
          if (seen.has(key) || seen.has(`${word} (any)`)) twice.push(`${key}: tables ${seen.get(key)} and ${room}`);
          seen.set(key, room);
        }
    });
    expect(twice).toEqual([]);
  });

  it('are asked for the name first, then for what it is a case of, near to far', () => {
    expect(drawingOf('furniture', ['office chair', 'chair']).as).toBe('office chair');
    expect(drawingOf('furniture', ['fauteuil', 'armchair', 'chair']).as).toBe('armchair');
    expect(drawingOf('furniture', ['zxqv', 'chair']).generic).toBe(false);
    expect(drawingOf('furniture', ['zxqv']).as).toBe('furniture');
    expect(drawingOf(undefined, ['zxqv']).generic).toBe(true);
  });

  it('of a word with several meanings draw the one that is meant', () => {
    expect(drawingOf('place', ['range']).as).not.toBe('oven');
    expect(drawingOf('kitchen appliance', ['range']).as).toBe('oven');
    expect(drawingOf('flower', ['bulb']).as).not.toBe('light bulb');
  });
});

it('what is known by its kind alone is always the same thing of that kind', () => {
  const once = drawn('zxqv', { kind: 'kitchenware', colour: 'red' });
  expect(Buffer.compare(Buffer.from(once), Buffer.from(drawn('zxqv', { kind: 'kitchenware', colour: 'red' })))).toBe(0);
  expect(covered(once)).toBeGreaterThan(0.03);
});
