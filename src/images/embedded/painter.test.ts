import { describe, expect, it } from 'vitest';
import type { PainterName } from '../../config/names.js';
import { settingsSchema } from '../../config/schema.js';
import { Rng } from '../../rng.js';
import type { Pixels } from '../painter.js';
import { openPainter } from '../registry.js';
import { composition } from './composition.js';
import { EmbeddedPainter } from './embedded-painter.js';
import { parseCaption } from './parse.js';
import { trait } from './subject.js';

const painter = new EmbeddedPainter();
const paint = async (
  caption: string,
  image = 0,
  o: { size?: number; seed?: number; captionId?: number } = {},
): Promise<Pixels> =>
  (
    await painter.paint([
      { caption, image, attempt: 0, captionId: o.captionId ?? 7, seed: o.seed ?? 0, size: o.size ?? 64 },
    ])
  )[0];

/** Mean RGB of the middle of several images of a caption. */
async function middle(caption: string): Promise<[number, number, number]> {
  const sum: [number, number, number] = [0, 0, 0];
  for (let image = 0; image < 8; image++) {
    const { data } = await paint(caption, image);
    for (let y = 24; y < 44; y++)
      for (let x = 24; x < 40; x++) for (let c = 0; c < 3; c++) sum[c] += data[(y * 64 + x) * 3 + c];
  }
  return sum.map((s) => s / (8 * 20 * 16)) as [number, number, number];
}

describe('an image', () => {
  it('depends on its key alone, whatever was painted before', async () => {
    const first = await paint('a red fox in a snowy forest', 1);
    await paint('three blue boats on a lake', 2);
    const [again] = await new EmbeddedPainter().paint([
      { caption: 'a red fox in a snowy forest', image: 1, attempt: 0, captionId: 7, seed: 0, size: 64 },
    ]);
    expect(Buffer.compare(first.data, again.data)).toBe(0);
  });

  it('differs with image number, caption number and seed', async () => {
    const caption = 'a wooden chair in a kitchen';
    const images = [
      await paint(caption),
      await paint(caption, 1),
      await paint(caption, 0, { seed: 1 }),
      await paint(caption, 0, { captionId: 8 }),
    ];
    expect(new Set(images.map((i) => Buffer.from(i.data).toString('base64'))).size).toBe(4);
  });

  it.each(['', '   ', '🦊🦊', '日本語の犬', 'zxqv blorp', 'a '.repeat(3000), '((("'])(
    'is painted for any text: %j',
    async (caption) => {
      const { data, width } = await paint(caption);
      expect(width).toBe(64);
      expect(data.length).toBe(64 * 64 * 3);
      expect(new Set(data).size).toBeGreaterThan(20);
    },
  );

  it.each([16, 33, 128, 512])('has the size asked for: %i', async (size) => {
    expect((await paint('a green frog on a leaf', 0, { size })).data.length).toBe(size * size * 3);
  });
});

describe('what a caption names', () => {
  it('has its colour', async () => {
    const red = await middle('a close-up of a red apple');
    const blue = await middle('a close-up of a blue apple');
    expect(red[0] - red[2]).toBeGreaterThan(20 + blue[0] - blue[2]);
  });

  it.each([
    ['a dog', 1],
    ['two dogs in a park', 2],
    ['five yellow lemons on a table', 5],
    ['a pair of sheep in a meadow', 2],
  ])('has its number: %s', (caption, count) => {
    const spec = parseCaption(caption);
    expect(spec.subject.count).toBe(count);
  });

  it.each([
    ['a dog on a sandy beach', 'sand'],
    ['a tiger in a dense jungle', 'forest'],
    ['a boat on the sea', 'water'],
    ['a bird against a clear blue sky', 'sky'],
    ['a fish in a coral reef', 'underwater'],
    ['a car on the road', 'road'],
    ['a cat in a living room', 'indoor-room'],
  ])('has its place: %s', (caption, place) => {
    expect(parseCaption(caption).place).toBe(place);
  });

  it('has its hour, weather, material and view', () => {
    expect(parseCaption('a horse in a field at night').time).toBe('night');
    expect(parseCaption('a house in the rain').weather).toBe('rain');
    expect(parseCaption('a wooden spoon').subject.material).toBe('wooden');
    expect(parseCaption('a close-up of a beetle').view).toBe('close');
  });

  it('is the thing itself, not what holds it', () => {
    expect(parseCaption('a plate of fresh salad on a table').subject.name).toBe('salad');
    expect(parseCaption('a flock of sheep in a meadow').subject.name).toBe('sheep');
  });

  it('has its relation', () => {
    const rng = Rng.of(0, 'test');
    const surroundings = { place: 'studio', horizon: 0.5, time: 'day', weather: 'sun', t: () => 0.5 } as const;
    const things = (caption: string) => {
      const placed = composition(parseCaption(caption), surroundings, rng);
      expect(placed).toHaveLength(2);
      return { main: placed.find((p) => p.main)!, other: placed.find((p) => !p.main)!, placed };
    };
    const on = things('a cup on a box');
    expect(on.main.y).toBeLessThan(on.other.y);
    const under = things('a ball under a chair');
    expect(under.main.y).toBeGreaterThan(under.other.y);
    const behind = things('a lamp behind a vase');
    expect(behind.placed[0].main).toBe(true);
    const front = things('a lamp in front of a vase');
    expect(front.placed[1].main).toBe(true);
  });
});

it('relatives in WordNet share their traits', () => {
  const word = (name: string) => parseCaption(`a ${name}`).subject;
  const distance = (a: string, b: string) => {
    let sum = 0;
    for (let i = 0; i < 200; i++) sum += Math.abs(trait(word(a), `trait ${i}`) - trait(word(b), `trait ${i}`));
    return sum / 200;
  };
  expect(distance('wolf', 'fox')).toBeLessThan(0.7 * distance('wolf', 'truck'));
  expect(distance('oak', 'maple')).toBeLessThan(0.8 * distance('oak', 'teapot'));
});

it('tones and spectrum are those of photographs', async () => {
  const captions = [
    'a dog in a meadow',
    'a red car on a street',
    'a ship on the sea',
    'a bowl on a kitchen table',
    'an owl in a forest',
    'a tent in the mountains',
    'a chair in a living room',
    'a plane in the sky',
  ];
  let mean = 0;
  let square = 0;
  let n = 0;
  const power = new Float64Array(32);
  for (const [id, caption] of captions.entries())
    for (let image = 0; image < 4; image++) {
      const { data } = await paint(caption, image, { captionId: id });
      for (let y = 0; y < 64; y++) {
        const row = Float64Array.from(
          { length: 64 },
          (_, x) =>
            0.299 * data[(y * 64 + x) * 3] + 0.587 * data[(y * 64 + x) * 3 + 1] + 0.114 * data[(y * 64 + x) * 3 + 2],
        );
        for (const v of row) {
          mean += v;
          square += v * v;
          n++;
        }
        for (let f = 1; f < 32; f++) {
          let re = 0;
          let im = 0;
          for (let x = 0; x < 64; x++) {
            const w = 0.5 - 0.5 * Math.cos((2 * Math.PI * (x + 0.5)) / 64);
            re += w * row[x] * Math.cos((2 * Math.PI * f * x) / 64);
            im += w * row[x] * Math.sin((2 * Math.PI * f * x) / 64);
          }
          power[f] += re * re + im * im;
        }
      }
    }
  mean /= n;
  expect(mean).toBeGreaterThan(85);
  expect(mean).toBeLessThan(155);
  expect(Math.sqrt(square / n - mean * mean)).toBeGreaterThan(40);
  // Slope of log power over log frequency along rows, 2…24 cycles; photographs have about −2 (Field 1987).
  const points = Array.from({ length: 23 }, (_, i) => [Math.log(i + 2), Math.log(power[i + 2])]);
  const [mx, my] = [0, 1].map((k) => points.reduce((s, p) => s + p[k], 0) / points.length);
  const slope =
    points.reduce((s, [x, y]) => s + (x - mx) * (y - my), 0) / points.reduce((s, [x]) => s + (x - mx) ** 2, 0);
  expect(slope).toBeLessThan(-1.2);
  expect(slope).toBeGreaterThan(-3);
});

it('an unknown painter is refused with the valid names', async () => {
  const given = settingsSchema.parse({});
  const settings = { ...given, images: { ...given.images, painter: 'rembrandt' as PainterName } };
  await expect(openPainter(settings)).rejects.toThrow(/rembrandt.*choices: embedded/);
});
