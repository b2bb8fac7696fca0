import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testSeed } from '../../../test/numbers.js';
import { byteLetters } from '../../../test/tiny-diffusion.js';
import { UserError } from '../../errors.js';
import { Rng } from '../../rng.js';
import { Tokenizer } from './tokenizer.js';

const file = join(process.env.SYNCLR_DATA ?? '../shared/data', 'weights/clip-bpe/bpe_simple_vocab_16e6.txt.gz');
const here = existsSync(file);
if (!here) console.log(`diffusion/tokenizer.test.ts: ${file} is absent: tested without CLIP's vocabulary`);

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tokenizer-'));
});
afterAll(() => rm(dir, { recursive: true }));

/**
 * Token ids of CLIP's tokeniser as its users have recorded them: transformers' AutoTokenizer for openai/clip-vit-base-patch32, open_clip's
 * SimpleTokenizer, torchtext's CLIPTokenizer, in public test suites.
 */
const GOLDEN: [string, number[]][] = [
  ['a photo of a cat', [320, 1125, 539, 320, 2368]],
  ['A Photo of a TREE!', [320, 1125, 539, 320, 2677, 256]],
  ['', []],
  ['   \t\n ', []],
  ['x', [343]],
  ['a diagram', [320, 22697]],
  ['mobileclip', [9451, 944, 8546]],
  ['hatbox', [3447, 2063]],
  ['hat box', [3801, 2063]],
  ['café', [15304]],
  ['cafe\u0301 2 cups', [15304, 273, 11463]],
  ['🐶', [10631]],
  ['!!!', [995]],
  ['birthday cake 2024', [1166, 2972, 273, 271, 273, 275]],
  ['3.14 is pi', [274, 269, 272, 275, 533, 5357]],
  ["it's a cat's toy, running   fast", [585, 568, 320, 2368, 568, 5988, 267, 2761, 1953]],
  ["I can't believe it's not butter", [328, 753, 713, 2649, 585, 568, 783, 6952]],
  ["they're working on it", [889, 982, 1699, 525, 585]],
  ['hello, world! how are you?', [3306, 267, 1002, 256, 829, 631, 592, 286]],
  ['email: user@example.com', [4462, 281, 7031, 287, 6228, 269, 2464]],
  ['MacBook Pro 16-inch', [20617, 2630, 272, 277, 268, 6523]],
  ['code editor with syntax highlighting', [3217, 7661, 593, 3758, 3879, 17344]],
  ['a person wearing a yellow safety vest near the road', [320, 2533, 3309, 320, 4481, 3406, 12473, 2252, 518, 1759]],
];

describe.runIf(here)("CLIP's vocabulary", () => {
  const clip = async (config: object, special?: object): Promise<Tokenizer> => {
    await writeFile(join(dir, 'tokenizer_config.json'), JSON.stringify(config));
    if (special) await writeFile(join(dir, 'special_tokens_map.json'), JSON.stringify(special));
    else await rm(join(dir, 'special_tokens_map.json'), { force: true });
    return Tokenizer.open(dir);
  };
  beforeAll(async () => {
    // openai/CLIP, simple_tokenizer.py: the first line is a heading, and 48,894 merges are used.
    const merges = gunzipSync(readFileSync(file))
      .toString('utf8')
      .split('\n')
      .slice(1, 49152 - 256 - 2 + 1);
    const letters = byteLetters();
    const words = merges.map((m) => m.replace(' ', ''));
    const all = [...letters, ...letters.map((l) => `${l}</w>`), ...words, '<|startoftext|>', '<|endoftext|>'];
    await writeFile(join(dir, 'vocab.json'), JSON.stringify(Object.fromEntries(all.map((t, i) => [t, i]))));
    await writeFile(join(dir, 'merges.txt'), `#version: 0.2\n${merges.join('\n')}\n`);
  });

  it('gives the recorded ids, ended and filled up with the end token as in Stable Diffusion 1', async () => {
    const t = await clip({ model_max_length: 77, pad_token: '<|endoftext|>' });
    expect(t.maxLength).toBe(77);
    for (const [text, ids] of GOLDEN) {
      const whole = [49406, ...ids, 49407];
      const { ids: got, mask } = t.encode(text, 77);
      expect(got, text).toEqual([...whole, ...new Array(77 - whole.length).fill(49407)]);
      expect(
        mask.reduce((a, b) => a + b),
        text,
      ).toBe(whole.length);
    }
  });

  it.each([
    ['a string', { pad_token: '!' }, undefined],
    ['an added token', { pad_token: { content: '!', lstrip: false, __type: 'AddedToken' } }, undefined],
    ['special_tokens_map.json', {}, { pad_token: '!' }],
  ])(
    'fills up with "!", id 0, where the folder says so, as Stable Diffusion 2 and XL do: by %s',
    async (_, config, special) => {
      const t = await clip(config, special);
      expect(t.encode('a cat', 6).ids).toEqual([49406, 320, 2368, 49407, 0, 0]);
    },
  );

  it('keeps the end token of what is too long', async () => {
    const t = await clip({});
    const { ids, mask } = t.encode('a photo of a cat '.repeat(40), 77);
    expect(ids.length).toBe(77);
    expect(ids[0]).toBe(49406);
    expect(ids[76]).toBe(49407);
    expect(ids.slice(1, 76)).toEqual(Array.from({ length: 75 }, (_, i) => [320, 1125, 539, 320, 2368][i % 5]));
    expect(mask.every((m) => m === 1)).toBe(true);
  });
});

it('reads tokenizer.json, here of the kind that T5 has: no start token, its own padding', async () => {
  const t5 = await mkdtemp(join(tmpdir(), 'tokenizer-'));
  try {
    const vocab = [
      ['<pad>', 0],
      ['</s>', 0],
      ['<unk>', 0],
      ['▁a', -1],
      ['▁cat', -2],
      ['s', -3],
    ];
    const added = ['<pad>', '</s>', '<unk>'].map((content, id) => ({
      id,
      content,
      special: true,
      normalized: false,
      lstrip: false,
      rstrip: false,
      single_word: false,
    }));
    const json = {
      version: '1.0',
      added_tokens: added,
      normalizer: null,
      pre_tokenizer: { type: 'Metaspace', replacement: '▁', add_prefix_space: true },
      post_processor: {
        type: 'TemplateProcessing',
        single: [{ Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: { id: '</s>', type_id: 0 } }],
        pair: [],
        special_tokens: { '</s>': { id: '</s>', ids: [1], tokens: ['</s>'] } },
      },
      decoder: { type: 'Metaspace', replacement: '▁', add_prefix_space: true },
      model: { type: 'Unigram', unk_id: 2, vocab },
    };
    await writeFile(join(t5, 'tokenizer.json'), JSON.stringify(json));
    await writeFile(
      join(t5, 'tokenizer_config.json'),
      JSON.stringify({ model_max_length: 1e30, pad_token: '<pad>', eos_token: '</s>', unk_token: '<unk>' }),
    );
    const t = await Tokenizer.open(t5);
    expect(t.maxLength).toBeUndefined();
    expect(t.encode('a cats', 6)).toEqual({ ids: [3, 4, 5, 1, 0, 0], mask: [1, 1, 1, 1, 0, 0] });
    expect(t.encode('a cat a cat', 3).ids).toEqual([3, 4, 1]);
  } finally {
    await rm(t5, { recursive: true });
  }
});

it('names what is wrong with a vocabulary', async () => {
  const bad = await mkdtemp(join(tmpdir(), 'tokenizer-'));
  try {
    await writeFile(join(bad, 'merges.txt'), '#version: 0.2\n');
    await writeFile(join(bad, 'vocab.json'), '{"a": 0}');
    await expect(Tokenizer.open(bad)).rejects.toThrow(/vocab\.json has no <\|startoftext\|>/);
    await writeFile(join(bad, 'vocab.json'), '{"a": 0');
    await expect(Tokenizer.open(bad)).rejects.toThrow(/vocab\.json is not JSON/);
    await writeFile(join(bad, 'vocab.json'), '{"<|startoftext|>": 0, "<|endoftext|>": 1}');
    await writeFile(join(bad, 'tokenizer_config.json'), '{"pad_token": "<none>"}');
    await expect(Tokenizer.open(bad)).rejects.toThrow(/padding token <none> is not in its vocabulary/);
    await writeFile(join(bad, 'tokenizer.json'), '{"model": {}}');
    await expect(Tokenizer.open(bad)).rejects.toThrow(/tokenizer\.json: model\.vocab: undefined is no vocabulary/);
  } finally {
    await rm(bad, { recursive: true });
  }
});

describe('ids that are none', () => {
  const vocab = (more: object) => ({ '<|startoftext|>': 0, '<|endoftext|>': 1, a: 2, b: 3, ...more });
  const whole = (model: object, added: unknown = []) => ({
    version: '1.0',
    added_tokens: added,
    normalizer: null,
    pre_tokenizer: { type: 'Whitespace' },
    post_processor: null,
    decoder: null,
    model: { type: 'BPE', unk_token: '<|endoftext|>', vocab: vocab({}), merges: [], ...model },
  });
  const token = (content: unknown, id: unknown) => ({ content, id, special: true });
  const open = async (files: Record<string, unknown>) => {
    const bad = await mkdtemp(join(tmpdir(), 'ids-'));
    try {
      for (const [name, value] of Object.entries(files))
        await writeFile(join(bad, name), typeof value === 'string' ? value : JSON.stringify(value));
      return await Tokenizer.open(bad);
    } finally {
      await rm(bad, { recursive: true });
    }
  };

  it.each([
    [{ x: 1.5 }, /vocab\.json: vocabulary: 1\.5 of "x" is no token id/],
    [{ x: -1 }, /-1 of "x" is no token id/],
    [{ x: 1e12 }, /1000000000000 of "x" is no token id/],
    [{ x: '4' }, /"4" of "x" is no token id/],
    [{ x: null }, /null of "x" is no token id/],
    [{ x: 2 }, /"a" and "x" have the same id, 2/],
  ])('in vocab.json and tokenizer.json: %j', async (more, message) => {
    await expect(open({ 'vocab.json': vocab(more), 'merges.txt': '' })).rejects.toThrow(message);
    const place = new RegExp(message.source.replace('vocab\\.json: vocabulary', 'tokenizer\\.json: model\\.vocab'));
    await expect(open({ 'tokenizer.json': whole({ vocab: vocab(more) }) })).rejects.toThrow(place);
  });

  it('in added tokens, merges and lengths', async () => {
    const file = (model: object, added?: unknown) => open({ 'tokenizer.json': whole(model, added) });
    await expect(file({}, [token('x', 0.5)])).rejects.toThrow(/added_tokens: 0\.5 of "x" is no token id/);
    await expect(file({}, [token('x', 2)])).rejects.toThrow(/added_tokens: "x" has the id of "a", 2/);
    await expect(file({}, [token(7, 9)])).rejects.toThrow(/added_tokens: 7 is no token/);
    await expect(file({}, [null])).rejects.toThrow(/added_tokens: undefined is no token/);
    await expect(file({}, 'x')).rejects.toThrow(/added_tokens: "x" is no list/);
    await expect(file({ merges: ['a b', 'ab'] })).rejects.toThrow(/model\.merges\.1: "ab" is no pair of pieces/);
    await expect(file({ merges: [['a', 5]] })).rejects.toThrow(/model\.merges\.0: \["a",5\] is no pair/);
    await expect(file({ merges: {} })).rejects.toThrow(/model\.merges: \{\} is no list/);
    await expect(file({ vocab: {} })).rejects.toThrow(/model\.vocab: it is empty/);
    await expect(file({ type: 'Unigram', vocab: [['a', 'x']] })).rejects.toThrow(
      /model\.vocab\.0: \["a","x"\] is no token/,
    );
    const files = { 'vocab.json': vocab({}), 'merges.txt': '#version: 0.2\na b\n' };
    for (const length of [0, -5, 7.5, '77', true])
      await expect(open({ ...files, 'tokenizer_config.json': { model_max_length: length } })).rejects.toThrow(
        /tokenizer_config\.json: model_max_length: .* is not an integer of 1 or more/,
      );
    for (const [length, kept] of [
      [1e30, undefined],
      [77, 77],
      [null, undefined],
    ])
      expect((await open({ ...files, 'tokenizer_config.json': { model_max_length: length } })).maxLength).toBe(kept);
    await expect(open({ ...files, 'tokenizer_config.json': { model_max_length: 1 } })).rejects.toThrow(
      /of 1 tokens 1 are its end marks: no text has room there/,
    );
    await expect(open({ ...files, 'merges.txt': 'a b\nab\n' })).rejects.toThrow(
      /merges\.txt: model\.merges\.1: "ab" is no pair/,
    );
  });

  it('of random damage comes a tokeniser or a line that names the folder', async () => {
    const seed = testSeed('tokenizer.test.ts');
    const good = JSON.stringify(whole({ merges: ['a b'] }, [token('<|endoftext|>', 1)]));
    for (let n = 0; n < 300; n++) {
      const rng = Rng.of(seed, 'tokeniser', n);
      const bytes = Buffer.from(good);
      for (let k = 0; k <= rng.int(3); k++) bytes[rng.int(bytes.length)] = 32 + rng.int(95);
      await open({ 'tokenizer.json': bytes.toString() }).catch((e) => {
        if (!(e instanceof UserError)) throw e;
        expect(e.message).toMatch(/ids-[^\n]+$/);
      });
    }
  });
});
