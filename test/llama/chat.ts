export interface ChatMessage {
  role: string;
  content: string;
}

/** A chat template in plain text, for a model that knows no special tokens: GGUF files with it count as chat-tuned. */
export const CHAT_TEMPLATE = [
  "{% for message in messages %}{{ message['role'] + ': ' + message['content'] + '\\n' }}{% endfor %}",
  "{% if add_generation_prompt %}{{ 'assistant:' }}{% endif %}",
].join('');

/** What the template makes of messages, with the answer to come. */
export function renderChat(messages: readonly ChatMessage[]): string {
  return `${messages.map(({ role, content }) => `${role}: ${content}\n`).join('')}assistant:`;
}
