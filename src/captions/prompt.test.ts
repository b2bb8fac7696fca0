import { describe, expect, it } from 'vitest';
import { Rng } from '../rng.js';
import { DEMONSTRATIONS } from './demonstrations.js';
import { promptMessages, promptText } from './language-model.js';
import { RELATIONS } from './lexicon.js';
import { buildPrompt } from './prompt.js';
import type { Draw } from './record.js';
import { TEMPLATES } from './templates.js';

describe('demonstrations', () => {
  it('are as many as the paper used, all different', () => {
    expect(DEMONSTRATIONS.concept.length).toBeGreaterThanOrEqual(106);
    expect(DEMONSTRATIONS.background.length).toBeGreaterThanOrEqual(50);
    expect(DEMONSTRATIONS.relation.length).toBeGreaterThanOrEqual(20);
    const captions = TEMPLATES.flatMap((t) => DEMONSTRATIONS[t].map((d) => d.caption.toLowerCase()));
    expect(new Set(captions).size).toBe(captions.length);
    for (const t of TEMPLATES)
      expect(new Set(DEMONSTRATIONS[t].map((d) => d.concept)).size).toBe(DEMONSTRATIONS[t].length);
  });

  it('name what they are about', () => {
    for (const { concept, background, relation, related, caption } of TEMPLATES.flatMap((t) => DEMONSTRATIONS[t])) {
      for (const slot of [concept, background, relation, related]) if (slot) expect(caption).toContain(slot);
      expect(caption.length).toBeLessThan(110);
    }
  });

  it('show every relation', () => {
    expect(new Set(DEMONSTRATIONS.relation.map((d) => d.relation))).toEqual(new Set(Object.keys(RELATIONS)));
  });
});

describe('prompt', () => {
  const draw: Draw = {
    id: 5,
    template: 'background',
    kind: 'object',
    concept: 'newt',
    background: 'pond',
    source: 'file',
  };

  it('is an instruction, three different demonstrations of the template and the draw to complete', () => {
    const prompt = promptText(buildPrompt(draw, Rng.of(1, 'prompt', 5)));
    const lines = prompt.split('\n');
    expect(lines.length).toBe(6);
    expect(lines.at(-1)).toBe('newt, pond =>');
    const shown = lines.slice(2, 5);
    expect(new Set(shown).size).toBe(3);
    for (const line of shown)
      expect(DEMONSTRATIONS.background.some((d) => line === `${d.concept}, ${d.background} => ${d.caption}`)).toBe(
        true,
      );
    expect(promptText(buildPrompt(draw, Rng.of(1, 'prompt', 5)))).toBe(prompt);
    expect(promptText(buildPrompt(draw, Rng.of(1, 'prompt', 6)))).not.toBe(prompt);
  });

  it('completes relations with and without a second thing', () => {
    const relation: Draw = {
      ...draw,
      template: 'relation',
      background: undefined,
      relation: 'under',
      related: 'bench',
    };
    expect(promptText(buildPrompt(relation, Rng.of(1)))).toMatch(/\nnewt, under, bench =>$/);
    expect(promptText(buildPrompt({ ...relation, related: undefined }, Rng.of(1)))).toMatch(/\nnewt, under =>$/);
  });

  it('is a conversation in which the demonstrations have been answered', () => {
    const prompt = buildPrompt(draw, Rng.of(1, 'prompt', 5));
    const messages = promptMessages(prompt);
    expect(messages.map((m) => m.role)).toEqual([
      'system',
      ...Array.from({ length: 3 }, () => ['user', 'assistant']).flat(),
      'user',
    ]);
    expect(messages[0].content).toContain(prompt.instruction);
    expect(messages.slice(1).map((m) => m.content)).toEqual([
      ...prompt.demonstrations.flatMap((d) => [d.left, d.right]),
      'newt, pond =>',
    ]);
  });
});
