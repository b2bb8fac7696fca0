import { Template } from '@huggingface/jinja';
import type { LlamaModel, Token } from 'node-llama-cpp';
import { UserError } from '../../errors.js';
import { type ChatMessage, type Prompt, promptMessages, promptText, withoutSystem } from '../language-model.js';

/** A model's chat template: what it was tuned to read a conversation as. */
export class ChatTemplate {
  private readonly template: Template;
  /** Text of the tokens that a template may name. */
  private readonly special: { bos_token: string; eos_token: string };

  /** @throws UserError if it is no Jinja that can be read */
  constructor(jinja: string, special: { bos: string; eos: string }) {
    try {
      this.template = new Template(jinja);
    } catch (error) {
      throw refused(error);
    }
    this.special = { bos_token: special.bos, eos_token: special.eos };
  }

  /**
   * The conversation as text, open for the model's answer. Where a template takes no system message (Gemma's refuses one), its text opens
   * the first question. Models that think first are asked not to: 100 tokens of thought would leave none for a caption.
   * @throws UserError if it cannot be rendered
   */
  render(messages: readonly ChatMessage[]): string {
    try {
      return this.apply(messages);
    } catch {
      try {
        return this.apply(withoutSystem(messages));
      } catch (error) {
        throw refused(error);
      }
    }
  }

  private apply(messages: readonly ChatMessage[]): string {
    return this.template.render({
      messages,
      add_generation_prompt: true,
      enable_thinking: false,
      thinking: false,
      ...this.special,
    });
  }
}

function refused(error: unknown): UserError {
  const reason = (error instanceof Error ? error.message : String(error)).split('\n')[0];
  return new UserError(`the model's chat template does not render: ${reason}; set captions.api to completions`);
}

/**
 * Tokens of a prompt as the model expects them, BOS included where it does: through the chat template, or as text to be continued.
 * As llama.cpp's own server does it: the whole text at once, the template's special tokens read as such.
 */
export function promptTokens(model: LlamaModel, prompt: Prompt, template: ChatTemplate | undefined): Token[] {
  const { bos, bosString, shouldPrependBosToken } = model.tokens;
  let text = template ? template.render(promptMessages(prompt)) : promptText(prompt);
  let begins = shouldPrependBosToken;
  if (template && bosString && text.startsWith(bosString)) {
    text = text.slice(bosString.length);
    begins = true;
  }
  const tokens = model.tokenize(text, template !== undefined);
  return begins && bos !== null ? [bos, ...tokens] : tokens;
}
