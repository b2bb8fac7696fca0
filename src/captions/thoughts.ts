/**
 * What a model thinks before it answers, in the forms in which servers leave it in the text. All of it is read from left to right once: an
 * answer is not always a caption's length.
 */

/** Begin and end of a thought: DeepSeek, Qwen and most others; Magistral; Kimi; OpenThinker; Command A; Seed-OSS. */
const MARK =
  /<\/?(?:think(?:ing)?|thoughts?|reasoning|seed:think)>|\[\/?think\]|◁\/?think▷|<\|(?:begin|end)_of_thought\|>|<\|(?:start|end)_thinking\|>/gi;
const isEnd = (mark: string): boolean => mark.includes('/') || /^<\|end/i.test(mark);

/** An answer without what was thought aloud, or with something in its place; what is not thought to an end has no answer. */
export function withoutThoughts(text: string, instead = ''): string {
  const spoken = finalChannel(text);
  let said = '';
  let at = 0;
  let thinking = false;
  const upTo = (end: number) => {
    const piece = spoken.slice(at, end);
    // A thought's end takes the blanks after it along.
    return at === 0 ? piece : piece.trimStart();
  };
  for (const { 0: mark, index } of spoken.matchAll(MARK)) {
    if (isEnd(mark)) {
      // Some templates open the thought before the answer begins.
      said = thinking ? said + instead : '';
      at = index + mark.length;
    } else if (!thinking) said += upTo(index);
    thinking = !isEnd(mark);
  }
  return thinking ? said + instead : said + upTo(spoken.length);
}

/**
 * What gpt-oss says in its `final` channel: `<|channel|>analysis<|message|>…<|end|><|start|>assistant<|channel|>final<|message|>…` (OpenAI's
 * harmony format). Servers that drop special tokens leave `analysis…assistantfinal…`. Text of another form comes back as it is.
 */
function finalChannel(text: string): string {
  const marked = /^\s*(?:analysis|commentary|final)<\|message\|>/.test(text) ? `${CHANNEL}${text.trimStart()}` : text;
  if (marked.includes(CHANNEL)) {
    for (const message of marked.split(CHANNEL).slice(1)) {
      const begin = message.indexOf(MESSAGE);
      if (begin < 0 || !/^\s*final\b/.test(message)) continue;
      return message.slice(begin + MESSAGE.length).split(MESSAGE_END, 1)[0];
    }
    return '';
  }
  const bare = text.indexOf('assistantfinal');
  if (bare >= 0) return text.slice(bare + 'assistantfinal'.length);
  return /^\s*(?:analysis|assistantanalysis|commentary)(?=[A-Z])/.test(text) ? '' : text;
}
const CHANNEL = '<|channel|>';
const MESSAGE = '<|message|>';
const MESSAGE_END = /<\|(?:end|return|call|start)\|>/;
