import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { testSeed } from '../../test/numbers.js';
import { SeenCaptions } from '../captions/duplicates.js';
import type { Completion } from '../captions/language-model.js';
import type { CaptionWriter, Draw, WriteOptions } from '../captions/record.js';
import { settingsSchema } from '../config/schema.js';
import { Interrupted, UserError } from '../errors.js';
import { Rng } from '../rng.js';
import { type AcceptedCaption, CaptionSource } from './caption-source.js';

const seed = testSeed('caption-source.test.ts');

const THINGS = ['fox', 'kettle', 'tram', 'lemon', 'otter', 'violin', 'canoe', 'owl'];
const PLACES = ['snow', 'kitchen', 'street', 'market', 'river', 'workshop', 'lake', 'barn', 'garden', 'harbour'];

/** Draws by number, another concept when it is drawn again. */
const draw = (id: number, redraw: number): Draw => ({
  id,
  template: 'concept',
  kind: 'object',
  concept: THINGS[(id + redraw) % THINGS.length],
  source: 'file',
});

/** A writer that is slow in any order, and answers one time in three with something that is no caption. */
class Unreliable implements CaptionWriter {
  readonly name = 'unreliable';
  readonly model = 'm';
  readonly inFlight = 8;
  asked = 0;
  hand = 0;
  mostInHand = 0;

  async write(draws: readonly Draw[], { attempt, signal }: WriteOptions): Promise<Completion[]> {
    this.asked += draws.length;
    this.hand += draws.length;
    this.mostInHand = Math.max(this.mostInHand, this.hand);
    try {
      await sleep(Math.random() * 6, undefined, { signal });
    } catch {
      throw new Interrupted('stopped');
    } finally {
      this.hand -= draws.length;
    }
    return draws.map((d) => {
      const rng = Rng.of(seed, 'text', d.id, attempt);
      const text = `a ${rng.pick(['red', 'old', 'small', 'wet', 'dusty'])} ${d.concept} ${rng.pick(['in', 'near'])} a ${rng.pick(PLACES)}`;
      return rng.pick([
        { text, cut: false },
        { text: `${text}\nanother =>`, cut: true },
        rng.pick([
          { text: '', cut: false },
          { text: "I'm sorry, but I cannot help with that.", cut: false },
          { text: 'a picture of nothing in particular', cut: false },
        ]),
      ]);
    });
  }

  promptSeed(d: Draw, { attempt }: WriteOptions): number {
    return 1000 * d.id + attempt;
  }
}

const settings = settingsSchema.parse({ captions: { attempts: 6 } });
const source = (o: Partial<ConstructorParameters<typeof CaptionSource>[0]> = {}, first = 0) =>
  new CaptionSource({ settings, writer: new Unreliable(), draw, total: 120, seen: new SeenCaptions(1), ...o }, first);
const take = async (from: CaptionSource, n: number): Promise<AcceptedCaption[]> => {
  const out: AcceptedCaption[] = [];
  while (out.length < n) out.push(await from.take());
  return out;
};

describe('accepted captions', () => {
  test('come in order, name their concept, and depend neither on speed nor on where the source began', async () => {
    const writer = new Unreliable();
    const whole = await take(source({ writer }), 120);
    expect(whole.map((a) => a.record.id)).toEqual(Array.from({ length: 120 }, (_, i) => i));
    for (const { record } of whole) {
      expect(record.caption).toContain(record.concept);
      expect(record).toMatchObject({ writer: 'unreliable', writerModel: 'm', promptSeed: expect.any(Number) });
    }
    expect(writer.mostInHand).toBeGreaterThan(4);
    expect(writer.mostInHand).toBeLessThanOrEqual(2 * writer.inFlight + 8);

    for (const first of [1, 50, 113]) {
      const seen = new SeenCaptions(1);
      for (const { record } of whole.slice(0, first)) seen.add(record.caption, record.concept);
      expect(await take(source({ seen }, first), 120 - first)).toEqual(whole.slice(first));
    }
  });

  test('every rejected one is counted: what was asked for was either rejected or accepted', async () => {
    const writer = new Unreliable();
    const accepted = await take(source({ writer }), 120);
    const rejected: Record<string, number> = {};
    for (const a of accepted)
      for (const [reason, n] of Object.entries(a.rejected)) rejected[reason] = (rejected[reason] ?? 0) + n;
    const { 'near-duplicate, kept': kept = 0, ...repeated } = rejected;
    expect(Object.keys(repeated)).toEqual(
      expect.arrayContaining(['empty', 'refusal', 'concept missing', 'near-duplicate']),
    );
    expect(writer.asked).toBe(120 + Object.values(repeated).reduce((a, b) => a + b, 0));
    expect(kept).toBeLessThan(120);
  });

  test('near-duplicates are rejected while there is something else to say, and kept when there is not', async () => {
    const one = (id: number): Draw => ({ ...draw(id, 0), concept: 'fox' });
    const writer: CaptionWriter = {
      name: 'parrot',
      write: async (draws) => draws.map(() => ({ text: 'a red fox in the snow', cut: false })),
    };
    const accepted = await take(source({ writer, draw: one, total: 3 }), 3);
    expect(accepted.map((a) => a.rejected)).toEqual([
      {},
      { 'near-duplicate': 6, 'near-duplicate, kept': 1 },
      { 'near-duplicate': 6, 'near-duplicate, kept': 1 },
    ]);
    const unasked = await take(source({ writer, draw: one, total: 3, seen: undefined }), 3);
    expect(unasked.map((a) => a.rejected)).toEqual([{}, {}, {}]);
  });

  test('a near-duplicate is kept, not the end, where nothing usable comes after it', async () => {
    const writer: CaptionWriter = {
      name: 'once',
      inFlight: 2,
      write: async (draws, { attempt }) =>
        draws.map(() => ({ text: attempt === 0 ? 'a red fox in the snow' : '', cut: false })),
    };
    const one = (id: number): Draw => ({ ...draw(id, 0), concept: 'fox' });
    const accepted = await take(source({ writer, draw: one, total: 3 }), 3);
    expect(accepted.map((a) => a.record.caption)).toEqual(Array(3).fill('a red fox in the snow'));
    expect(accepted.map((a) => a.rejected)).toEqual([
      {},
      { empty: 47, 'near-duplicate, kept': 1 },
      { empty: 47, 'near-duplicate, kept': 1 },
    ]);
  });

  test('another draw takes the place of one whose captions stay unusable, wherever the source began', async () => {
    /** Has nothing to say of tools, and repeats itself of the rest. */
    class Choosy extends Unreliable {
      override async write(draws: readonly Draw[], options: WriteOptions): Promise<Completion[]> {
        const all = await super.write(draws, options);
        return all.map((c, i) => (/kettle|violin/.test(draws[i].concept) ? { text: '', cut: false } : c));
      }
    }
    const few = settingsSchema.parse({ captions: { attempts: 3 } });
    const of = (o: object, first = 0) => source({ writer: new Choosy(), settings: few, ...o }, first);
    const whole = await take(of({}), 120);
    const redrawn = whole.filter(({ record }) => record.concept !== draw(record.id, 0).concept);
    expect(redrawn.length).toBeGreaterThan(120 / 4 - 1);
    for (const { record } of redrawn) {
      const attempt = record.promptSeed! - 1000 * record.id;
      expect(record.concept).toBe(draw(record.id, Math.floor(attempt / 3)).concept);
    }
    for (const first of [1, 33, 100]) {
      const seen = new SeenCaptions(1);
      for (const { record } of whole.slice(0, first)) seen.add(record.caption, record.concept);
      expect(await take(of({ seen }, first), 120 - first)).toEqual(whole.slice(first));
    }
  });

  test('a corpus that grows has the captions of one that was asked for at once', async () => {
    const whole = await take(source(), 120);
    const seen = new SeenCaptions(1);
    const grown = await take(source({ total: 45, seen }), 45);
    grown.push(...(await take(source({ total: 46, seen }, 45), 1)));
    grown.push(...(await take(source({ total: 120, seen }, 46), 74)));
    expect(grown).toEqual(whole);
  });

  test('a source whose signal was aborted before asks for nothing', async () => {
    const writer = new Unreliable();
    await expect(source({ writer, signal: AbortSignal.abort() }).take()).rejects.toThrow(Interrupted);
    expect(writer.hand).toBe(0);
  });

  test('a writer that never says anything usable ends in one line', async () => {
    const writer: CaptionWriter = {
      name: 'mute',
      write: async (draws) => draws.map(() => ({ text: ' ', cut: false })),
    };
    const silent = source({ writer });
    await expect(silent.take()).rejects.toThrow(UserError);
    await expect(source({ writer }).take()).rejects.toThrow(
      /writer mute gives no usable caption: caption 0 .*48 empty/,
    );
  });

  test('ends at once when stopped', async () => {
    const controller = new AbortController();
    const writer: CaptionWriter = {
      name: 'slow',
      inFlight: 4,
      async write(_, { signal }) {
        await sleep(60_000, undefined, { signal }).catch(() => {});
        throw new Interrupted('stopped');
      },
    };
    const stopped = source({ writer, signal: controller.signal });
    const taking = stopped.take();
    controller.abort();
    await expect(taking).rejects.toThrow(Interrupted);
    stopped.close();
  });
});
