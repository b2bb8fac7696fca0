import type { Rng } from '../rng.js';
import { DEMONSTRATIONS } from './demonstrations.js';
import type { Prompt } from './language-model.js';
import type { Draw } from './record.js';
import { INSTRUCTIONS, slotsLine } from './templates.js';

/** Demonstrations in a prompt (paper, section 3.1). */
const SHOTS = 3;

/**
 * The prompt that a language model completes with the draw's caption: the instruction, three random demonstrations of the template, and
 * the draw without its right side.
 * @param rng the draw's own generator: decides which demonstrations, and in which order.
 */
export function buildPrompt(draw: Draw, rng: Rng): Prompt {
  const all = DEMONSTRATIONS[draw.template];
  const chosen = new Set<number>();
  while (chosen.size < SHOTS) chosen.add(rng.int(all.length));
  return {
    instruction: INSTRUCTIONS[draw.template],
    demonstrations: [...chosen].map((i) => ({ left: slotsLine(draw.template, all[i]), right: all[i].caption })),
    left: slotsLine(draw.template, draw),
  };
}
