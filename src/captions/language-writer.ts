import { Rng } from '../rng.js';
import type { Completion, LanguageModel, Usage } from './language-model.js';
import { buildPrompt } from './prompt.js';
import type { CaptionWriter, Draw, WriteOptions } from './record.js';

/** Writes captions with a language model by in-context learning (paper, section 3.1). */
export class LanguageWriter implements CaptionWriter {
  readonly name: string;
  readonly model: string;
  readonly inFlight: number;
  readonly resolved: Readonly<Record<string, unknown>> | undefined;
  private readonly language: LanguageModel;
  private readonly sampling: { maxTokens: number; temperature: number; topP: number };

  constructor(language: LanguageModel, sampling: { maxTokens: number; temperature: number; topP: number }) {
    this.language = language;
    this.name = language.name;
    this.model = language.model;
    this.inFlight = language.inFlight;
    this.resolved = language.resolved;
    this.sampling = sampling;
  }

  get usage(): Usage {
    return this.language.usage;
  }

  /** Decides which demonstrations the prompt has, and is the seed of the sampling. */
  promptSeed(draw: Draw, { seed, attempt }: WriteOptions): number {
    return Rng.of(seed, 'prompt', draw.id, attempt).u32() >>> 1;
  }

  write(draws: readonly Draw[], options: WriteOptions): Promise<Completion[]> {
    const requests = draws.map((draw) => {
      const seed = this.promptSeed(draw, options);
      return { prompt: buildPrompt(draw, Rng.of('demonstrations', seed)), seed };
    });
    const { maxTokens, temperature, topP } = this.sampling;
    return this.language.complete(requests, { line: true, maxTokens, temperature, topP, signal: options.signal });
  }

  close(): Promise<void> {
    return this.language.close();
  }
}
