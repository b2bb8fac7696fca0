import { join } from 'node:path';
import { parseBackgrounds } from '../../../src/captions/background-answers.js';
import { cleanCaption } from '../../../src/captions/clean.js';
import { contentWords } from '../../../src/captions/content-words.js';
import { identifyGguf } from '../../../src/captions/models/gguf-file.js';
import { checkModel } from '../../../src/captions/models/gguf-header.js';
import { readAnswer } from '../../../src/captions/models/openai-answer.js';
import type { Draw } from '../../../src/captions/record.js';
import { parseJson } from '../../../src/formats/json.js';
import { parseCaption } from '../../../src/images/embedded/parse.js';
import { sceneOfRecord } from '../../../src/images/embedded/record-scene.js';
import { json, Scratch, type Target, text } from '../target.js';

/** What language models and their servers say. */

const draw: Draw = {
  id: 1,
  template: 'relation',
  kind: 'object',
  concept: 'red newt',
  source: 'file',
  relation: 'next to',
  related: 'gear',
};

const usage = { prompt_tokens: 20, completion_tokens: 9, total_tokens: 29 };
const chat = (message: object) => ({
  id: 'x',
  object: 'chat.completion',
  model: 'tiny',
  choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: 'stop' }],
  usage: { ...usage, completion_tokens_details: { reasoning_tokens: 0 } },
});

const answers: Target = {
  name: 'openai answer',
  open: () => ({
    seeds: [
      json(chat({ content: 'a newt next to a gear' }), 'chat'),
      json(
        chat({
          content: [
            { type: 'text', text: 'a newt' },
            { type: 'thinking', thinking: 'hm' },
          ],
        }),
        'chat',
      ),
      json(chat({ content: '<think>so</think>a newt', reasoning_content: 'so' }), 'chat'),
      json(
        chat({ content: '<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>a newt' }),
        'chat',
      ),
      json(
        { model: 'tiny', choices: [{ index: 0, text: ' a newt\n', finish_reason: 'length' }], usage },
        'completions',
      ),
      json({ error: { message: 'no', code: 1 } }, 'chat'),
    ],
    parse(bytes, tag) {
      readAnswer(parseJson(bytes.toString('utf8'), 'the answer'), tag as 'chat' | 'completions', 1, { key: 'sk-key' });
    },
  }),
};

const caption: Target = {
  name: 'caption',
  open: () => ({
    seeds: [
      text('a red newt next to a gear'),
      text('1. **A red newt**, next to a gear -- on a table.'),
      text('Sure! Here is a caption:\n"red newt next to gear, on a bench"\n'),
      text('red newt, gear => a red newt next to a gear\n\n'),
    ],
    parse(bytes) {
      const said = bytes.toString('utf8');
      const cleaned = cleanCaption({ text: said, cut: bytes.length % 2 === 0 }, draw, {
        words: [3, 40],
        requireConcept: true,
      });
      if ('caption' in cleaned) {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
        if (/[\u0000-\u001f\u007f-\u009f]/.test(cleaned.caption))
          throw new Error(`control characters in ${JSON.stringify(cleaned.caption)}`);
        contentWords(cleaned.caption);
      }
      parseCaption(said);
      sceneOfRecord(said, { ...draw, sort: 'amphibian', head: 'newt', relatedSort: 'machine part' });
    },
  }),
};

const backgroundAnswer: Target = {
  name: 'backgrounds answer',
  open: () => ({
    seeds: [
      text('1. forest\n2. a river bank\n- desk; shelf, window\n'),
      text('["forest","bank"]'),
      text('forest, bank, desk'),
    ],
    parse: (bytes) => parseBackgrounds({ text: bytes.toString('utf8'), cut: false }, 'newt'),
  }),
};

/** A GGUF file of a few metadata and one small tensor. */
function smallGguf(): Buffer {
  const u32 = (n: number) => {
    const b = Buffer.alloc(4);
    b.writeUInt32LE(n);
    return b;
  };
  const u64 = (n: number) => {
    const b = Buffer.alloc(8);
    b.writeBigUInt64LE(BigInt(n));
    return b;
  };
  const string = (s: string) => Buffer.concat([u64(s.length), Buffer.from(s)]);
  const head = Buffer.concat([
    Buffer.from('GGUF'),
    u32(3),
    u64(1),
    u64(3),
    string('general.architecture'),
    u32(8),
    string('llama'),
    string('general.alignment'),
    u32(4),
    u32(32),
    string('tokenizer.ggml.tokens'),
    u32(9),
    u32(8),
    u64(2),
    string('<s>'),
    string('a'),
    string('token_embd.weight'),
    u32(2),
    u64(4),
    u64(2),
    u32(0),
    u64(0),
  ]);
  const padding = Buffer.alloc((32 - (head.length % 32)) % 32);
  return Buffer.concat([head, padding, Buffer.alloc(32)]);
}

const gguf: Target = {
  name: 'gguf',
  open() {
    const scratch = new Scratch();
    return {
      seeds: [{ bytes: smallGguf() }],
      async parse(bytes) {
        scratch.put('x.gguf', bytes);
        await identifyGguf(join(scratch.dir, 'x.gguf'));
        checkModel([join(scratch.dir, 'x.gguf')]);
      },
    };
  },
};

export const TARGETS: readonly Target[] = [answers, caption, backgroundAnswer, gguf];
