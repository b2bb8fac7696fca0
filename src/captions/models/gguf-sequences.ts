import type { LlamaContext, LlamaContextSequence, LlamaModel, Token } from 'node-llama-cpp';
import { Interrupted, UserError } from '../../errors.js';
import type { Completion, CompletionOptions } from '../language-model.js';

/** What is to be completed. */
interface Job {
  tokens: Token[];
  seed: number;
  options: CompletionOptions;
  done: (completion: Completion) => void;
  failed: (error: unknown) => void;
}

/** Tokens by which a sequence's room grows. */
const ROOM = 256;
/** Waiting jobs among which a free sequence looks for one that begins as its last one did. */
const LOOK_AHEAD = 64;
/**
 * Likeliest tokens among which top-p looks. Sorting a whole vocabulary of 128,000 for every token takes longer than a small model takes to
 * run, and a trained model has next to no probability beyond these.
 */
const CANDIDATES = 1024;
/** node-llama-cpp's default: tokens evaluated at once. */
const BATCH = 512;

/**
 * Many sequences in one llama.cpp context, evaluated in common batches; each takes the next job when it is free. The context is as large as
 * the prompts and answers in hand need, not as the model allows, and is made anew when longer ones come.
 */
export class Sequences {
  /** Tokens generated so far. */
  generated = 0;
  private readonly model: LlamaModel;
  private readonly most: number;
  private readonly threads: number;
  private readonly waiting: Job[] = [];
  private context: LlamaContext | undefined;
  /** Tokens that a sequence has room for. */
  private room = 0;
  private free: LlamaContextSequence[] = [];
  private running = 0;
  private making = false;
  private closed = false;

  /** @param most sequences at once; fewer where the memory is too small */
  constructor(model: LlamaModel, most: number, threads: number) {
    this.model = model;
    this.most = most;
    this.threads = threads;
  }

  /** @throws UserError if the prompt and its answer are longer than the model's context */
  check(tokens: readonly Token[], options: CompletionOptions): void {
    const most = this.model.trainContextSize;
    if (tokens.length + options.maxTokens > most)
      throw new UserError(
        `the language model reads ${most} tokens at most, but a prompt has ${tokens.length} and captions.maxTokens asks for ${options.maxTokens} more; lower captions.maxTokens or take another captions.model`,
      );
  }

  /** The answer to a prompt that passed {@link check}. @throws Interrupted when the signal is aborted */
  complete(tokens: Token[], seed: number, options: CompletionOptions): Promise<Completion> {
    return new Promise((done, failed) => {
      this.waiting.push({ tokens, seed, options, done, failed });
      void this.next();
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const job of this.waiting.splice(0)) job.failed(new Error('internal: the language model was closed'));
    await this.context?.dispose();
    this.context = undefined;
  }

  /** Gives free sequences their next jobs. */
  private async next(): Promise<void> {
    while (!this.making && !this.closed && this.waiting.length > 0) {
      const need = this.waiting.reduce((n, { tokens, options }) => Math.max(n, tokens.length + options.maxTokens), 0);
      if (need > this.room) {
        if (this.running > 0) return;
        await this.make(need);
      } else {
        const sequence = this.free.pop();
        if (!sequence) return;
        const job = this.take(sequence);
        this.running++;
        void this.generate(sequence, job)
          .then(job.done, job.failed)
          .finally(() => {
            this.running--;
            this.free.push(sequence);
            return this.next();
          });
      }
    }
  }

  /**
   * The waiting job that shares most of its beginning (the instruction, demonstrations) with what the sequence holds: that much of it
   * needs no evaluation.
   */
  private take(sequence: LlamaContextSequence): Job {
    if (this.most === 1) return this.waiting.splice(0, 1)[0];
    let best = 0;
    let most = -1;
    for (const [i, { tokens }] of this.waiting.slice(0, LOOK_AHEAD).entries()) {
      const same = sequence.compareContextTokens(tokens).firstDifferentIndex;
      if (same > most) {
        best = i;
        most = same;
      }
    }
    return this.waiting.splice(best, 1)[0];
  }

  /** A context with room for `need` tokens a sequence, of fewer sequences where memory ends; the waiting jobs fail if there is none. */
  private async make(need: number): Promise<void> {
    this.making = true;
    try {
      await this.context?.dispose();
      this.context = undefined;
      this.free = [];
      this.room = 0;
      const contextSize = Math.min(this.model.trainContextSize, Math.ceil(need / ROOM) * ROOM);
      for (let sequences = this.most; !this.context; sequences = Math.floor(sequences / 2)) {
        try {
          this.context = await this.model.createContext({
            contextSize,
            sequences,
            batchSize: Math.min(BATCH, contextSize * sequences),
            threads: this.threads,
            failedCreationRemedy: false,
          });
        } catch (error) {
          if (sequences === 1)
            throw new UserError(
              `no memory for one sequence of ${contextSize} tokens beside the language model (${error instanceof Error ? error.message : error}); take a smaller captions.model`,
            );
        }
      }
      for (let i = this.context.totalSequences; i > 0; i--) this.free.push(this.context.getSequence());
      this.room = contextSize;
    } catch (error) {
      for (const job of this.waiting.splice(0)) job.failed(error);
    } finally {
      this.making = false;
    }
  }

  private async generate(sequence: LlamaContextSequence, { tokens, seed, options }: Job): Promise<Completion> {
    const stopped = () => {
      if (options.signal?.aborted) throw new Interrupted('stopped while captions were written');
    };
    stopped();
    // Sums rounded in another order may turn a draw. A single sequence begins anew, so that its answers depend on nothing else; several
    // depend on their neighbours in a batch anyway and keep what their prompts share, but for the last token: its logits begin the answer.
    if (this.most === 1) await sequence.clearHistory();
    else await sequence.adaptStateToTokens(tokens.slice(0, -1), false);
    const sampling = { temperature: options.temperature, topP: options.topP, topK: CANDIDATES, minP: 0, seed };
    const answer: Token[] = [];
    for await (const token of sequence.evaluate(tokens.slice(sequence.nextTokenIndex), sampling)) {
      stopped();
      answer.push(token);
      this.generated++;
      if (options.line && this.model.detokenize([token]).includes('\n')) {
        const line = /^\s*\S[^\n]*(?=\n)/.exec(this.text(tokens, answer));
        if (line) return { text: line[0], cut: false };
      }
      if (answer.length === options.maxTokens) return { text: this.text(tokens, answer), cut: true };
    }
    stopped();
    return { text: this.text(tokens, answer), cut: false };
  }

  /** The answer's text as it goes on from the prompt: with its first blank, which a tokeniser drops at the beginning of a text. */
  private text(prompt: readonly Token[], answer: readonly Token[]): string {
    return this.model.detokenize(answer, false, prompt.slice(-8));
  }
}
