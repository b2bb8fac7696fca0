import { describe, expect, it } from 'vitest';
import { article, plural, singulars } from './inflect.js';
import { kindOf } from './kinds.js';
import { openWordnet } from './wordnet.js';

const wordnet = openWordnet();
const kind = (phrase: string) => {
  const lexeme = wordnet.lookup(phrase);
  return lexeme && kindOf(lexeme);
};

describe('WordNet', () => {
  it('finds the visual sense of a word, singular or plural, alone or as the head of a phrase', () => {
    expect(wordnet.lookup('dog')).toMatchObject({
      name: 'dog',
      synset: 'n02086723',
      lexname: 'noun.animal',
      partial: false,
    });
    expect(wordnet.lookup('dogs')?.synset).toBe('n02086723');
    expect(wordnet.lookup('The  Garden chair')?.name).toBe('garden chair');
    expect(wordnet.lookup('black footed albatross')).toMatchObject({ name: 'albatross', partial: true });
    expect(wordnet.lookup('cup of tea')?.name).toBe('cup');
    expect(wordnet.lookup('BMW 3 Series Sedan 2012')?.name).toBe('sedan');
    expect(wordnet.lookup('clownfish')).toMatchObject({ name: 'fish', partial: true });
    expect(wordnet.lookup('xyzzyq')).toBeUndefined();
    expect(wordnet.lookup('')).toBeUndefined();
  });

  it('prefers the thing that can be seen', () => {
    for (const name of ['mouse', 'bat', 'crane', 'seal', 'turkey', 'jaguar', 'lobster', 'peacock', 'leopard']) {
      expect(wordnet.lookup(name)?.lexname, name).toBe('noun.animal');
    }
    for (const name of ['carrot', 'broccoli', 'cherry', 'apple', 'onion']) {
      expect(wordnet.lookup(name)?.lexname, name).toBe('noun.food');
    }
    expect(kind('crane (bird)')).toBe('waterbird');
    expect(kind('crane (machine)')).toBe('machine');
  });

  it('lists hypernyms from near to far', () => {
    const hypernyms = wordnet.lookup('trout')?.hypernyms ?? [];
    expect(hypernyms.indexOf('fish')).toBeGreaterThan(0);
    expect(hypernyms.indexOf('animal')).toBeGreaterThan(hypernyms.indexOf('fish'));
    expect(hypernyms.at(-1)).toBe('entity');
    expect(new Set(hypernyms).size).toBe(hypernyms.length);
  });

  it.each([
    ['trout', 'river fish'],
    ['great white shark', 'sea fish'],
    ['polar bear', 'polar mammal'],
    ['beagle', 'dog'],
    ['tabby', 'cat'],
    ['oak', 'tree'],
    ['submarine', 'boat'],
    ['bottle', 'container'],
    ['airliner', 'aircraft'],
    ['steam locomotive', 'train'],
    ['pickup truck', 'truck'],
    ['frog', 'amphibian'],
    ['horse', 'livestock'],
    ['skyscraper', 'building'],
    ['violin', 'instrument'],
  ])('takes %s for %s', (name, expected) => {
    expect(kind(name)).toBe(expected);
  });
});

describe('inflection', () => {
  it.each([
    ['dog', 'dogs'],
    ['box', 'boxes'],
    ['cherry', 'cherries'],
    ['monkey', 'monkeys'],
    ['wolf', 'wolves'],
    ['goldfish', 'goldfish'],
    ['snowman', 'snowmen'],
    ['German shepherd', 'German shepherds'],
    ['piano', 'pianos'],
    ['potato', 'potatoes'],
    ['mouse', 'mice'],
    ['cup of tea', 'cups of tea'],
    ['aircraft', 'aircraft'],
    ['mongoose', 'mongooses'],
  ])('%s → %s', (one, many) => expect(plural(one)).toBe(many));

  it('goes back to singulars', () => {
    for (const word of ['dogs', 'boxes', 'cherries', 'wolves', 'mice', 'geese', 'knives', 'tomatoes']) {
      expect(
        singulars(word).map((s) => plural(s)),
        word,
      ).toContain(word);
    }
  });

  it.each([
    ['an', 'apple', 'hourglass', 'SUV', '18-wheeler', 'umbrella', 'old unicorn', 'owl', 'uninhabited island', 'X-ray'],
    ['a', 'unicorn', 'European robin', 'one-eyed cat', 'ewe', 'unicycle', 'BMW', 'uniform', 'yak', 'herb', 'ukulele'],
  ])('puts %s before the right words', (expected, ...phrases) => {
    for (const phrase of phrases) expect(article(phrase), phrase).toBe(expected);
  });
});
