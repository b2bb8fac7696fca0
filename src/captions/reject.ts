/** Why a completion is no caption: each reason with one line for documents and reports, in the order in which they are looked at. */
export const REJECT_REASONS = {
  empty: 'nothing that says something was left of the completion',
  refusal: 'the model declined, or spoke about itself or to the reader',
  'prompt echo': 'repeats the instruction, a demonstration or a `X =>` line of the prompt',
  'not a caption':
    'an address, code, JSON, mostly no letters, another script, broken characters, or the same words again and again',
  'too short': 'fewer words than `captions.words` allows',
  'too long': 'more words than `captions.words` allows',
  'cut off': 'ended by the token limit in mid-sentence, or on a comma, an article, `of`, `with`, `and` or the like',
  'concept missing': 'the concept, or the second thing of a relation, cannot be recognised in it',
  'near-duplicate': 'says what an earlier caption says, in nearly the same words',
} as const satisfies Readonly<Record<string, string>>;

export type RejectReason = keyof typeof REJECT_REASONS;
