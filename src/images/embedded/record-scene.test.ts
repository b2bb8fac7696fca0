import { describe, expect, it } from 'vitest';
import { writeCaption } from '../../captions/embedded-writer.js';
import type { Draw } from '../../captions/record.js';
import { toConcept } from '../../concepts/concept.js';
import { senseOfName } from '../../concepts/sense.js';
import { settingsSchema } from '../../config/schema.js';
import { Rng } from '../../rng.js';
import { paintSamples } from '../paint-samples.js';
import { composition } from './composition.js';
import { EmbeddedPainter } from './embedded-painter.js';
import { intendedDrawing } from './intended.js';
import { parseCaption } from './parse.js';
import { sceneOfRecord } from './record-scene.js';

/** A record as the bank would draw it. */
function record(concept: string, more: Partial<Draw> = {}): Draw {
  const { sort, lexeme, head } = senseOfName(concept);
  const { synset } = toConcept({ name: concept, lexeme, sort, sure: true, source: 'file' });
  return { id: 3, template: 'concept', kind: 'object', concept, source: 'file', sort, synset, head, ...more };
}
const related = (name: string): Partial<Draw> => {
  const { sort, lexeme, head } = senseOfName(name);
  return { template: 'relation', related: name, relatedSort: sort, relatedSynset: lexeme?.synset, relatedHead: head };
};
const drawn = (draw: Draw, caption: string) => {
  const { subject } = sceneOfRecord(caption, draw);
  return intendedDrawing({ ...subject, name: subject.phrase ?? subject.name }).as;
};

describe('with its record', () => {
  it.each([
    ['Canvas Tote Bag', 'tote bag'],
    ['Graphic T-Shirt', 't-shirt'],
    ['Bilge Pump', 'high heel', false],
    ['Garden Hand Fork', 'fork', false],
  ])('%s: the drawing that its words have in its trade: %s', (name, as, same = true) => {
    expect(drawn(record(name), `A photo of a ${name}`) === as).toBe(same);
  });

  it.each([
    ['office chair', 'an office chair in a room', 'office chair'],
    ['desk lamp', 'a desk lamp stands on a desk', 'desk lamp'],
    ['Mid-Century Floor Lamp', 'A photo of a Mid-Century Floor Lamp by a sofa', 'floor lamp'],
    ['bookcase', 'A shelf full of books, some say', 'bookcase'],
  ])('%s is drawn as what was meant, whatever the text says first', (concept, caption, as) => {
    expect(drawn(record(concept), caption)).toBe(as);
  });

  it('the thing is the record’s, though the text names others before it', () => {
    const caption = 'On a table full of salad and cups stands a red espresso machine';
    const { subject } = sceneOfRecord(caption, record('espresso machine'));
    expect(subject).toMatchObject({ kind: 'kitchen appliance', colour: 'red', count: 1 });
  });

  it.each([
    ['a red office chair next to a blue sofa', 'red', 'blue'],
    ['Next to a blue sofa stands a red office chair', 'red', 'blue'],
    ['an office chair beside a blue sofa', undefined, 'blue'],
    ['An office chair in bright red, a sofa behind it', 'red', undefined],
  ])('attributes are those of the noun that they stand at: %s', (caption, own, other) => {
    const draw = record('office chair', { relation: 'next to', ...related('sofa') });
    const scene = sceneOfRecord(caption, draw);
    expect(scene.subject.colour).toBe(own);
    expect(scene.related).toMatchObject({ kind: 'furniture' });
    expect(scene.related?.colour).toBe(other);
    expect(scene.relation).toBe('beside');
  });

  it('number, view, hour, weather and style are the text’s', () => {
    const scene = sceneOfRecord('An oil painting of three wooden office chairs at night', record('office chair'));
    expect(scene).toMatchObject({ style: 'painting', time: 'night', subject: { count: 3, material: 'wooden' } });
    expect(sceneOfRecord('a close-up of office chairs', record('office chair'))).toMatchObject({
      view: 'close',
      subject: { count: 3 },
    });
  });

  it('colour and material of the name count, those of a compound do not', () => {
    const black = sceneOfRecord('a photo', record('Black Leather Office Chair'));
    expect(black.subject).toMatchObject({ colour: 'black', material: 'leather' });
    expect(sceneOfRecord('a photo', record('paper towel holder')).subject.material).toBeUndefined();
  });

  it('place is the background of the draw, or what the text says', () => {
    const drawn = record('bicycle', { template: 'background', background: 'sandy beach' });
    expect(sceneOfRecord('a bicycle by the waves', drawn).place).toBe('sand');
    expect(sceneOfRecord('a bicycle in a dense forest', record('bicycle')).place).toBe('forest');
    const beach = { ...record('beach'), kind: 'place', sort: 'place' } as const;
    expect(sceneOfRecord('a quiet shore', beach).place).toBe('sand');
  });

  it('rooms and textures are no things: nothing stands in the one, the other fills the frame', async () => {
    const kitchen = { ...record('kitchen'), kind: 'place', sort: 'room' } as const;
    const snow = { ...record('snow'), kind: 'texture', sort: 'texture', synset: undefined, head: undefined } as const;
    const surroundings = { place: 'studio', horizon: 0.4, time: 'day', weather: 'sun', t: () => 0.5 } as const;
    const placed = (caption: string, of: Draw) => composition(sceneOfRecord(caption, of), surroundings, Rng.of(1));
    expect(placed('a tidy kitchen', kitchen)).toEqual([]);
    expect(placed('a red snow pattern', snow)).toMatchObject([{ x: 0.5, y: 0.5, shadow: false }]);
    expect(placed('a red snow pattern', snow)[0].scale).toBeGreaterThan(0.7);
    expect(drawn(snow, 'a red snow pattern')).toBe('a surface');
    const caption = 'a red snow texture in bright daylight';
    const request = { caption, captionId: 1, record: snow, image: 0, attempt: 0, seed: 0, size: 64 };
    const [{ data }] = await new EmbeddedPainter().paint([request]);
    const corners = [0, 63, 64 * 63, 64 * 64 - 1].map((at) => data.subarray(at * 3, at * 3 + 3));
    for (const [red, green, blue] of corners) expect(red).toBeGreaterThan(Math.max(green, blue));
  });

  it('what the list wants drawn is drawn, and its kind where it is one', () => {
    expect(drawn(record('lolly', { drawAs: 'desk lamp' }), 'a lolly')).toBe('desk lamp');
    expect(drawn(record('lolly', { drawAs: 'bird' }), 'a lolly')).toBe('bird');
  });

  it('any text and any record make a picture', () => {
    const odd: Partial<Draw>[] = [
      { sort: 'nonsense', synset: 'n99999999', head: 'x' },
      { sort: undefined, synset: 'dog', template: 'relation', relation: 'amid', related: 'y' },
      { concept: '🦊', head: '' },
    ];
    for (const more of odd)
      for (const text of ['', '🦊', 'a dog', 'x '.repeat(500)])
        expect(sceneOfRecord(text, { ...record('cup'), ...more }).places.length).toBeGreaterThan(0);
  });
});

it('painters get the records of a corpus, and captions alone stay captions', async () => {
  const settings = settingsSchema.parse({ images: { size: 32, perCaption: 1 } });
  const painter = new EmbeddedPainter();
  const draw = record('office chair');
  const caption = writeCaption(draw, Rng.of(1, 'caption', 3));
  const [own, alone, again] = await Promise.all([
    paintSamples(painter, [{ ...draw, caption: 'a house', writer: 'embedded' }], settings),
    paintSamples(painter, [{ id: 3, caption: 'a house' }], settings),
    paintSamples(new EmbeddedPainter(), [{ ...draw, caption: 'a house', writer: 'embedded' }], settings),
  ]);
  expect(caption).toContain('office chair');
  expect(Buffer.compare(own[0].images[0].data, again[0].images[0].data)).toBe(0);
  expect(Buffer.compare(own[0].images[0].data, alone[0].images[0].data)).not.toBe(0);
});

describe('a caption from elsewhere', () => {
  it.each([
    ['a red salad spinner on a kitchen counter', 'salad spinner', 'kitchenware'],
    ['a desk lamp on a table', 'desk lamp', 'lamp'],
    ['a wireless mouse beside a laptop', 'mouse', 'electronics'],
    ['a throw pillow on a sofa', 'throw pillow', 'textile'],
    ['a dog stands in a meadow', 'dog', 'dog'],
  ])('is about what goods are called, too: %s', (caption, name, kind) => {
    expect(parseCaption(caption).subject).toMatchObject({ kind, name: expect.stringContaining(name) });
  });
});
