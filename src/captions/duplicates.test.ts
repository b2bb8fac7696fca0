import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, describe, expect, it } from 'vitest';
import { testSeed } from '../../test/numbers.js';
import { Rng } from '../rng.js';
import { contentWords, jaccard, stem } from './content-words.js';
import { SeenCaptions } from './duplicates.js';

const seed = testSeed('duplicates.test.ts');

const dir = mkdtempSync(join(tmpdir(), 'synclr-seen-'));
afterAll(() => rmSync(dir, { recursive: true }));

const WORDS = Array.from({ length: 3000 }, (_, i) => `w${i.toString(36)}q`);
/** A caption of ten words with its concept; a few words a concept, so that some captions are alike. */
function random(i: number): { caption: string; concept: string } {
  const rng = Rng.of(seed, 'caption', i);
  const concept = rng.int(300);
  const words = Array.from({ length: 7 }, () => WORDS[(concept * 10 + rng.int(12)) % WORDS.length]);
  return { caption: `a ${words.join(' ')} in the ${WORDS[concept]}`, concept: `concept ${concept}` };
}

/** Adds a caption that is new; false for one that is not. */
function admit(seen: SeenCaptions, caption: string, concept: string): boolean {
  if (seen.has(caption, concept)) return false;
  seen.add(caption, concept);
  return true;
}

describe('content words', () => {
  const same = (a: string, b: string) => jaccard(contentWords(a), contentWords(b));

  it('are the same whatever order, article, opening, number or tense', () => {
    for (const [a, b] of [
      ['A brown dog sits on a wall.', 'on the wall, brown dogs sitting'],
      ['a photo of a brown dog on a wall', 'The brown dog on a wall'],
      ['This image shows an otter by the river', 'An otter by a river'],
      ['There are two foxes riding a bicycle', 'two foxes ride a bicycle'],
      ['A CAFÉ, AT NIGHT', 'the café by night'],
      ['ﬁve ﬁsh', 'five fish'],
    ])
      expect(same(a, b), `${a} / ${b}`).toBe(1);
  });

  it('are others for another number, colour, place or kind of picture', () => {
    for (const [a, b] of [
      ['two dogs on a wall', 'three dogs on a wall'],
      ['a red dog', 'a blue dog'],
      ['a cat on a table', 'a cat under a table'],
      ['a black and white photo of a cat', 'a photo of a cat'],
    ])
      expect(same(a, b), `${a} / ${b}`).toBeLessThan(1);
  });

  it('share stems', () => {
    for (const [word, root] of [
      ['sitting', 'sit'],
      ['boxes', 'box'],
      ['parked', 'park'],
      ['berries', 'berry'],
      ['glass', 'glass'],
      ['string', 'string'],
      ['bed', 'bed'],
      ['king', 'king'],
      ['bus', 'bus'],
    ])
      expect(stem(word), word).toBe(root);
    expect(stem('rides')).toBe(stem('riding'));
  });

  it('are never none where there is a word', () => {
    expect(contentWords('It is.').length).toBe(2);
    expect(contentWords('…')).toEqual([]);
  });
});

describe('SeenCaptions', () => {
  it('knows near-duplicates: the same content words in any concept, nearly the same of one', () => {
    const seen = new SeenCaptions(1);
    const caption = 'A small brown dog with a red collar sits on a stone wall in the rain';
    expect(admit(seen, caption, 'dog')).toBe(true);
    expect(seen.has('In the rain, a small brown dog with a red collar is sitting on a stone wall', 'wall')).toBe(true);
    const close = 'A small brown dog with a red collar sits on a stone wall in the snow';
    expect(seen.has(close, 'Dog')).toBe(true);
    expect(seen.has(close, 'wall')).toBe(false);
    expect(seen.has('A large grey dog sits on a wooden bench', 'dog')).toBe(false);
    expect(admit(seen, close, 'dog')).toBe(false);
    expect(seen.count).toBe(1);
  });

  it('never forgets a caption, and takes few new ones for known: as many as it says', () => {
    const seen = new SeenCaptions(1 / 16, 100);
    const n = 52_000;
    for (let i = 0; i < n; i++) seen.add(`${i} apples of ${seed}`, 'apple');
    for (let i = 0; i < n; i += 7) expect(seen.has(`of ${seed} ${i} apples`, 'pear')).toBe(true);
    let wrong = 0;
    for (let i = 0; i < 50_000; i++) if (seen.has(`${i} pears of ${seed}`, 'pear')) wrong++;
    // About 10 bits a caption: about 1 %.
    expect(wrong / 50_000).toBeGreaterThan(0.002);
    expect(wrong / 50_000).toBeLessThan(0.025);
    expect(wrong / 50_000 / seen.falsePositives).toBeGreaterThan(0.75);
    expect(wrong / 50_000 / seen.falsePositives).toBeLessThan(1.33);
    expect(seen.fill).toBeGreaterThan(0.4);
    expect(seen.fill).toBeLessThan(0.6);
  });

  it('forgets similar captions of the concept that was not added to for longest, and never more than it must', () => {
    const seen = new SeenCaptions(1, 4);
    const long = (colour: string) => `a ${colour} thing with four wheels, a long rope and one yellow flag on a hill`;
    seen.add(long('red'), 'cart');
    seen.add('one', 'a');
    seen.add('two', 'b');
    seen.add('three', 'c');
    expect(seen.has(long('blue'), 'cart')).toBe(true);
    seen.add('four', 'd');
    expect(seen.has(long('blue'), 'cart')).toBe(false);
    expect(seen.has(long('red'), 'cart')).toBe(true);
    expect(seen.remembered).toBe(4);
  });

  it('does nothing with 0 megabytes', () => {
    const seen = new SeenCaptions(0);
    expect(admit(seen, 'a cat', 'cat')).toBe(true);
    expect(admit(seen, 'a cat', 'cat')).toBe(true);
    expect(seen).toMatchObject({ count: 2, fill: 0, falsePositives: 0, remembered: 0 });
  });

  it('does not grow with the captions', () => {
    setFlagsFromString('--expose_gc');
    const collect = runInNewContext('gc') as () => void;
    const used = () => {
      collect();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return (heapUsed + arrayBuffers) / 2 ** 20;
    };
    const seen = new SeenCaptions(2, 5000);
    const addTo = (n: number) => {
      for (let i = seen.count; i < n; i++) {
        const rng = Rng.of(seed, 'many', i);
        seen.add(`${i} ${rng.pick(WORDS)} ${rng.pick(WORDS)} ${rng.pick(WORDS)}`, `concept ${rng.int(1e6)}`);
      }
    };
    addTo(150_000);
    const before = used();
    addTo(450_000);
    expect(used() - before).toBeLessThan(4);
    // Of a concept all are forgotten at once: two where a number came twice.
    expect(seen.remembered).toBeLessThanOrEqual(5000);
    expect(seen.remembered).toBeGreaterThan(4990);
  });
});

describe('the file', () => {
  const file = join(dir, 'seen.bin');
  const size = { megabytes: 0.25, window: 2000 };
  const fresh = () => new SeenCaptions(size.megabytes, size.window);
  const decide = (seen: SeenCaptions, from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => {
      const { caption, concept } = random(from + i);
      return admit(seen, caption, concept);
    });

  it('gives the same decisions as captions that were never interrupted, or were added again', async () => {
    const whole = fresh();
    const first = decide(whole, 0, 20_000);
    await whole.save(file, { after: 20_000, key: 'k' });
    const loaded = (await SeenCaptions.load(file, { key: 'k', ...size }))!;
    expect(loaded.after).toBe(20_000);
    const again = fresh();
    for (let i = 0; i < 20_000; i++) if (first[i]) again.add(random(i).caption, random(i).concept);
    const rest = decide(whole, 20_000, 40_000);
    expect(rest.filter((x) => !x).length).toBeGreaterThan(50);
    expect(rest.filter((x) => x).length).toBeGreaterThan(50);
    expect(decide(loaded.seen, 20_000, 40_000)).toEqual(rest);
    expect(decide(again, 20_000, 40_000)).toEqual(rest);
    const states = [];
    for (const seen of [whole, loaded.seen, again]) {
      await seen.save(file, { after: 40_000, key: 'k' });
      states.push(readFileSync(file));
    }
    expect(states[1].equals(states[0])).toBe(true);
    expect(states[2].equals(states[0])).toBe(true);
    expect(readdirSync(dir)).toEqual(['seen.bin']);
  });

  it('that is missing, damaged, torn, foreign or of other settings is as none', async () => {
    const load = (more: { key?: string; megabytes?: number; window?: number } = {}) =>
      SeenCaptions.load(file, { key: 'k', ...size, ...more });
    rmSync(file, { force: true });
    expect(await load()).toBeUndefined();
    const seen = fresh();
    decide(seen, 0, 500);
    await seen.save(file, { after: 500, key: 'k' });
    expect(await load()).toMatchObject({ after: 500 });
    for (const other of [{ key: 'l' }, { megabytes: 0.5 }, { window: 3000 }]) expect(await load(other)).toBeUndefined();
    const good = readFileSync(file);
    const rng = Rng.of(seed, 'damage');
    for (let i = 0; i < 40; i++) {
      const bad = Buffer.from(good);
      bad[i < 20 ? rng.int(200) : rng.int(good.length)] ^= 1 << rng.int(8);
      writeFileSync(file, bad);
      expect(await load(), `damage ${i}`).toBeUndefined();
    }
    for (const length of [0, 10, good.length - 1, good.length >> 1]) {
      writeFileSync(file, good);
      truncateSync(file, length);
      expect(await load()).toBeUndefined();
    }
    writeFileSync(file, Buffer.concat([good, Buffer.alloc(1)]));
    expect(await load()).toBeUndefined();
    writeFileSync(file, 'something else\n');
    expect(await load()).toBeUndefined();
    writeFileSync(file, good);
    expect(await load()).toMatchObject({ after: 500 });
  });
});
