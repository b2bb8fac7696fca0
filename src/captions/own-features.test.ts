import { describe, expect, it } from 'vitest';
import { nounOf } from './nouns.js';
import { traitsOf } from './traits.js';

const features = (name: string, sort: string, head: string) => traitsOf(name, { sort, head }).looks.features.join(', ');

describe('what captions say of things by their head', () => {
  it('gives handles to what is held by one, and eyes to what has a face', () => {
    expect(features('Claw Hammer', 'tool', 'claw hammer')).toMatch(/handle/);
    expect(features('Tape Measure 25 ft', 'tool', 'tape measure')).not.toMatch(/handle|grip/);
    expect(features('Plush Teddy Bear', 'toy', 'teddy bear')).toMatch(/eyes/);
    expect(features('Building Blocks', 'toy', 'building blocks')).not.toMatch(/eyes|button|bow/);
    expect(features('Cotton Dish Brush', 'cleaning tool', 'dish brush')).toMatch(/bristles/);
    expect(features('Window Cleaner', 'cleaning tool', 'cleaner')).not.toMatch(/bristles|handle/);
  });

  it('switches on only what has a switch', () => {
    expect(traitsOf('Clear Phone Case', { sort: 'electronics', head: 'phone case' }).behaviour.rest).not.toContain(
      '=switched on',
    );
    expect(traitsOf('Clock Radio', { sort: 'electronics', head: 'clock radio' }).behaviour.rest).toContain(
      '=switched on',
    );
  });

  it('knows stuff by the last word of things, not of animals', () => {
    expect(traitsOf('Crew Socks', { sort: 'clothing', head: 'crew socks' }).looks.materials).not.toContain('leather');
    expect(traitsOf('Batting Helmet', { sort: 'accessory', head: 'batting helmet' }).looks.materials).toContain(
      'plastic',
    );
    expect(traitsOf('sea lion').looks.colours).not.toContain('golden');
  });

  it('makes plurals of the head, not of a word that holds its letters', () => {
    expect(nounOf('Gooseneck Clamp Lamp, Black', 'lamp', false, 'lamp').plural).toBe('Gooseneck Clamp Lamps, Black');
  });
});
