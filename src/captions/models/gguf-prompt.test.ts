import { expect, test } from 'vitest';
import type { ChatMessage } from '../language-model.js';
import { ChatTemplate } from './gguf-prompt.js';

const messages: ChatMessage[] = [
  { role: 'system', content: 'Write captions.' },
  { role: 'user', content: 'otter =>' },
  { role: 'assistant', content: 'An otter.' },
  { role: 'user', content: 'owl =>' },
];
const template = (jinja: string) => new ChatTemplate(jinja, { bos: '<s>', eos: '</s>' });

const TURNS =
  '{{ bos_token }}{% for m in messages %}[{{ m.role }}]{{ m.content }}{{ eos_token }}{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}';

test('a conversation ends where the answer begins', () => {
  expect(template(TURNS).render(messages)).toBe(
    '<s>[system]Write captions.</s>[user]otter =></s>[assistant]An otter.</s>[user]owl =></s>[assistant]',
  );
});

test('a template that refuses system messages gets the instruction in the first question', () => {
  const strict = `{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}${TURNS}`;
  expect(template(strict).render(messages)).toBe(
    '<s>[user]Write captions.\n\notter =></s>[assistant]An otter.</s>[user]owl =></s>[assistant]',
  );
});

test('a model that may think is asked not to', () => {
  const thinks =
    '{{ messages[-1].content }}{% if enable_thinking is defined and enable_thinking is false %}<think></think>{% endif %}';
  expect(template(thinks).render(messages)).toBe('owl =><think></think>');
});

test('a template that cannot be read or rendered says so', () => {
  expect(() => template('{% for %}')).toThrow(/chat template does not render: .*; set captions\.api to completions/);
  expect(() => template("{{ raise_exception('no') }}").render(messages)).toThrow(/does not render: no; set/);
});
