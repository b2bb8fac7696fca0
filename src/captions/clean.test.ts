import { describe, expect, it } from 'vitest';
import { testSeed } from '../../test/numbers.js';
import { loadConceptBank } from '../concepts/bank.js';
import { settingsSchema } from '../config/schema.js';
import { Rng } from '../rng.js';
import { cleanCaption } from './clean.js';
import { DEMONSTRATIONS } from './demonstrations.js';
import { writeCaption } from './embedded-writer.js';
import { promptText } from './language-model.js';
import { mentions } from './mention.js';
import { buildPrompt } from './prompt.js';
import type { Draw } from './record.js';
import { REJECT_REASONS } from './reject.js';
import { slotsLine } from './templates.js';

const seed = testSeed('clean.test.ts');

const newt: Draw = {
  id: 5,
  template: 'background',
  kind: 'object',
  concept: 'newt',
  background: 'pond',
  source: 'file',
};
const of = (concept: string, more: Partial<Draw> = {}): Draw => ({
  id: 0,
  template: 'concept',
  kind: 'object',
  concept,
  source: 'file',
  ...more,
});
const options = { words: [3, 30] as const, requireConcept: true };
const clean = (text: string, draw = newt, cut = false) => {
  const result = cleanCaption({ text, cut }, draw, options);
  return 'caption' in result ? result.caption : result;
};

/** 32 words, all different. */
const LONG = `a newt in one wet pond ${[...'abcdefghijklmnopqrstuvwxyz'].map((c) => `${c}ee`).join(' ')}`;

describe('what is around a caption is taken away', () => {
  it.each([
    [' a newt in a pond\ndog => a dog', 'a newt in a pond'],
    ['\n\n  "A newt, seen from above."  \n', 'A newt, seen from above.'],
    ['“A small newt”.', 'A small newt.'],
    ["'A newt's tail in a pond'", "A newt's tail in a pond"],
    ['"A small newt in a pond', 'A small newt in a pond'],
    ['. A newt swims.', 'A newt swims.'],
    ['! ... a newt swims', 'a newt swims'],
    ['- a newt swims', 'a newt swims'],
    ['1. a newt swims\n2. a newt sleeps', 'a newt swims'],
    ['a) a newt swims', 'a newt swims'],
    ['newt, pond => a newt in a pond', 'a newt in a pond'],
    ['Newt, Pond → a newt in a pond', 'a newt in a pond'],
    ['=> a newt in a pond', 'a newt in a pond'],
    ['newt, pond: a newt in a pond', 'a newt in a pond'],
    ['Caption: a newt swims', 'a newt swims'],
    ['A newt swims in a pond. (Note: seen from above)', 'A newt swims in a pond.'],
    ['**Caption:** A *small* newt swims', 'A small newt swims'],
    ['### Caption 1: a newt swims', 'a newt swims'],
    ['```\na newt in a pond\n```', 'a newt in a pond'],
    ['Sure, here is a short caption for you:\n\n"A newt in a pond."', 'A newt in a pond.'],
    ["Sure! Here's a caption: A newt in a pond.", 'A newt in a pond.'],
    ['Certainly! I can help with that.\nA newt in a pond', 'A newt in a pond'],
    ['Here are three captions:\n1) A newt in a pond', 'A newt in a pond'],
    ['a newt in a pond</s>', 'a newt in a pond'],
    ['<s> a newt in a pond <|im_end|>\n<|im_start|>user', 'a newt in a pond'],
    ['<|start_header_id|>assistant<|end_header_id|>\n\na newt in a pond<|eot_id|>', 'a newt in a pond'],
    ['<think>\nThe user wants a newt.\n</think>\n\nA newt in a pond', 'A newt in a pond'],
    ['The user wants a newt.\n</think>\n\nA newt in a pond', 'A newt in a pond'],
    ['A newt in a pond<think>Enough?</think> or not', 'A newt in a pond'],
    ['a  newt\tin a\u00a0pond\u200b .', 'a newt in a pond.'],
    ['a newt in a pond 🦎🇨🇭', 'a newt in a pond'],
    ['a newt at a cafe\u0301 pond', 'a newt at a caf\u00e9 pond'],
    ['Great newts, two of them, in a pond', 'Great newts, two of them, in a pond'],
    ['2 newts in a pond', '2 newts in a pond'],
    ['A newt and a 1950s pond, "Old Tom", at dusk', 'A newt and a 1950s pond, "Old Tom", at dusk'],
  ])('%j', (completion, caption) => {
    expect(clean(completion)).toBe(caption);
  });

  it('and a clean caption stays as it is', () => {
    for (const [template, list] of Object.entries(DEMONSTRATIONS))
      for (const { caption, ...slots } of list) {
        // A demonstration itself is an echo; a little more of it is a caption.
        const draw = { ...of(slots.concept), ...slots, template: template as Draw['template'] };
        if (template === 'concept' && /^(cracked|woven|polka-dotted|marbled|scaly|frosted|rusty)$/.test(slots.concept))
          draw.kind = 'texture';
        expect(clean(`${caption} today`, draw), caption).toBe(`${caption} today`);
        expect(clean(caption, draw)).toEqual({ reason: 'prompt echo' });
      }
  });
});

describe('rejected', () => {
  it.each([
    ['', 'empty'],
    ['\n ... \n', 'empty'],
    ['<|im_end|>', 'empty'],
    ['Assistant:\n', 'empty'],
    ['<think> A newt. The user', 'empty'],
    ['Sure, here is a caption:', 'empty'],
    ["I'm sorry, but I can't write about a newt in a pond.", 'refusal'],
    ['As an AI language model, I have not seen a newt', 'refusal'],
    ['I cannot see a newt', 'refusal'],
    ['Please provide more about the newt and the pond', 'refusal'],
    ['The caption should mention the newt in the pond', 'refusal'],
    ['Let me know what you think of the newt', 'refusal'],
    ['heron, rice field => a heron in a rice field', 'prompt echo'],
    ['a newt in a pond dog, park => a dog', 'prompt echo'],
    ['newt, pond', 'prompt echo'],
    ['Each line gives a visual concept and a background and, after the arrow, a newt', 'prompt echo'],
    [DEMONSTRATIONS.background[0].caption, 'prompt echo'],
    [`"${DEMONSTRATIONS.concept[3].caption.toUpperCase()}."`, 'prompt echo'],
    ['a newt, see https://example.org/newt', 'not a caption'],
    ['newt.jpg shows a newt in a pond', 'not a caption'],
    ['{"caption": "a newt in a pond"}', 'not a caption'],
    ['[a newt in a pond]', 'not a caption'],
    ['const newt = new Newt();', 'not a caption'],
    ['a #newt in a #pond', 'not a caption'],
    ['a newt <b>in a pond</b>', 'not a caption'],
    ['a newt 12:34 56-78 (90) 12/34 56.78 90', 'not a caption'],
    ['a newt in a \ufffd\ufffd pond', 'not a caption'],
    ['a newt in a 池塘 pond', 'not a caption'],
    ['a newt newt newt in a pond', 'not a caption'],
    ['a newt a newt a newt in a pond', 'not a caption'],
    ['the newt in a pond the newt in a pond', 'not a caption'],
    ['a newt on a leaf, a frog on a leaf and a fly on a leaf', 'not a caption'],
    [`a newt in a ${'x'.repeat(40)}`, 'not a caption'],
    ['a newt', 'too short'],
    [LONG, 'too long'],
    ['a newt in a pond,', 'cut off'],
    ['a newt swims with the', 'cut off'],
    ['a newt swims in the reeds of.', 'cut off'],
    ['a newt and', 'cut off'],
    ['a newt; a pond;', 'cut off'],
    ['a newt in a pond (seen from', 'cut off'],
    ['a frog in a pond', 'concept missing'],
  ])('%j: %s', (completion, reason) => {
    expect(clean(completion)).toEqual({ reason });
    expect(Object.keys(REJECT_REASONS)).toContain(reason);
  });

  it('a completion that ended by the token limit within the caption, and no other', () => {
    expect(clean('a newt swims in the', newt, true)).toEqual({ reason: 'cut off' });
    expect(clean('a newt swims in a po', newt, true)).toEqual({ reason: 'cut off' });
    expect(clean('a newt swims in a pond.', newt, true)).toBe('a newt swims in a pond.');
    expect(clean('a newt swims in a pond\nheron, ri', newt, true)).toBe('a newt swims in a pond');
  });

  it('not: endings that only look unfinished', () => {
    for (const text of ['a newt with a field behind', 'an old pond with one newt still in it', 'a newt, lights on'])
      expect(clean(text)).toBe(text);
  });

  it('whatever a prompt itself says, if it comes back', () => {
    for (let i = 0; i < 200; i++) {
      const lines = promptText(buildPrompt(newt, Rng.of(seed, i))).split('\n');
      for (const line of [lines[0], ...lines.slice(2)].filter((l) => l !== ''))
        expect(cleanCaption({ text: line, cut: false }, newt, options), line).toHaveProperty('reason');
    }
  });
});

describe('the concept', () => {
  const says = (caption: string, concept: string, more: Partial<Draw> = {}) => mentions(caption, of(concept, more));

  it('may be inflected', () => {
    expect(says('Two foxes in the snow', 'fox')).toBe(true);
    expect(says('A herd of oxen', 'ox')).toBe(true);
    expect(says('three octopi in a tank', 'octopus')).toBe(true);
    expect(says('a row of cactuses', 'cactus')).toBe(true);
    expect(says('a single nacho', 'nachos')).toBe(true);
    expect(says('cups of tea on a tray', 'cup of tea')).toBe(true);
    expect(says("The newt's tail", 'newt')).toBe(true);
  });

  it('may be a synonym of WordNet’s', () => {
    expect(says('an automobile in the rain', 'car', { synset: undefined })).toBe(true);
    expect(says('a hammerhead below the boat', 'hammerhead shark')).toBe(true);
    expect(says('a white shark near a cage', 'great white shark')).toBe(true);
    expect(says('an aeroplane over a field', 'airplane')).toBe(true);
  });

  it('may be written with hyphens, apart, together, accented, in either spelling', () => {
    expect(says('a hot air balloon', 'hot-air balloon')).toBe(true);
    expect(says('a tea pot on a stove', 'teapot')).toBe(true);
    expect(says('a seahorse', 'sea-horse')).toBe(true);
    expect(says('a creme brulee in a dish', 'crème brûlée')).toBe(true);
    expect(says('an Allen’s hummingbird', 'Allens Hummingbird')).toBe(true);
    expect(says('coltsfoot by a road', "colt's foot")).toBe(true);
    expect(says('a quiet harbor', 'harbour', { kind: 'place' })).toBe(true);
  });

  it('of several words: all of them, wherever they stand; the head alone does not do', () => {
    expect(says('a chair in an overgrown garden', 'garden chair')).toBe(true);
    expect(says('a shark with the head of a hammerhead', 'hammerhead shark')).toBe(true);
    expect(says('a shark below the boat', 'hammerhead shark')).toBe(false);
    expect(says('a black-footed albatross lands', 'Black footed Albatross')).toBe(true);
    expect(says('a red Audi RS 4 on a hill', 'Audi RS 4 Convertible 2008')).toBe(true);
    expect(says('a red Audi on a hill', 'Audi RS 4 Convertible 2008')).toBe(false);
  });

  it('of the authors’ lists: alternatives, hints', () => {
    expect(says('a white shark', 'great white shark, white shark')).toBe(true);
    expect(says('a crane over a building site', 'crane (machine)')).toBe(true);
    expect(says('the bar of a small pub', 'indoor pub', { kind: 'place' })).toBe(true);
  });

  it('that no dictionary knows is matched by its words', () => {
    expect(says('an M8 hex bolt on a bench', 'M8 hex bolt')).toBe(true);
    expect(says('hex bolts, M8, in a tray', 'M8 hex bolt')).toBe(true);
    expect(says('a hex bolt on a bench', 'M8 hex bolt')).toBe(false);
    expect(says('一只猫在屋顶', '猫')).toBe(false);
    expect(says('猫 在屋顶', '猫')).toBe(true);
  });

  it('of a texture: any word of the stem', () => {
    for (const [caption, name] of [
      ['red stripes on a wall', 'striped'],
      ['polka dots on cloth', 'polka-dotted'],
      ['a wall full of cracks', 'cracked'],
      ['bubbles in green glass', 'bubbly'],
    ])
      expect(says(caption, name, { kind: 'texture' }), name).toBe(true);
    expect(says('a smooth wall', 'cracked', { kind: 'texture' })).toBe(false);
  });

  it('is no part of another word', () => {
    expect(says('a catalogue on a table', 'cat')).toBe(false);
    expect(says('a train in a valley', 'rain')).toBe(false);
    expect(says('scattered leaves', 'cat')).toBe(false);
  });

  it('of a relation: both things, the second also by its head; the background is free', () => {
    const relation = of('cat', { template: 'relation', relation: 'in', related: 'wooden boat' });
    expect(mentions('a cat in a wooden boat', relation)).toBe(true);
    expect(mentions('a cat in an old boat', relation)).toBe(true);
    expect(mentions('a cat in a hat', relation)).toBe(false);
    expect(mentions('a dog in a boat', relation)).toBe(false);
    expect(mentions('a newt among lilies', newt)).toBe(true);
  });

  it('is not asked for where it is not required', () => {
    const free = cleanCaption({ text: 'a frog in a pond', cut: false }, newt, { ...options, requireConcept: false });
    expect(free).toEqual({ caption: 'a frog in a pond' });
  });
});

describe('captions of the embedded writer', () => {
  it('pass, and hardly any passes for another concept', async () => {
    const bank = await loadConceptBank(settingsSchema.parse({}));
    const n = 10_000;
    const draws = Array.from({ length: n }, (_, id) => bank.draw(Rng.of(seed, 'draw', id), id));
    const captions = draws.map((draw) => writeCaption(draw, Rng.of(seed, 'caption', draw.id)));
    const refused = captions.flatMap((text, i) => {
      const result = cleanCaption({ text, cut: false }, draws[i], { words: [3, 60], requireConcept: true });
      return 'reason' in result ? [`${result.reason}: ${text} (${slotsLine(draws[i].template, draws[i])})`] : [];
    });
    expect(refused.length, refused.slice(0, 5).join('\n')).toBeLessThanOrEqual(n / 1000);
    // What is printed and stored holds no command for a terminal.
    for (const raw of [
      'a dog \u001b[31mat a lake',
      'a dog \u001b]52;c;aGk=\u0007at a lake',
      'a dog\u009b2J',
      'a \u202edog at a lake',
    ]) {
      const draw: Draw = { id: 0, template: 'concept', kind: 'object', concept: 'dog', source: 'file' };
      const result = cleanCaption({ text: raw, cut: false }, draw, { words: [3, 60], requireConcept: true });
      if ('caption' in result) expect(result.caption).toMatch(/^[a-z ]+$/);
    }
    const swapped = captions.filter((text, i) => mentions(text, draws[(i + 1) % n])).length;
    expect(swapped).toBeLessThan(n / 100);
  });
});
