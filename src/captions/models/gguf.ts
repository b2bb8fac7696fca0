import { resolve } from 'node:path';
import type { Llama, LlamaModel } from 'node-llama-cpp';
import { Interrupted, UserError } from '../../errors.js';
import type { Completion, CompletionOptions, CompletionRequest, LanguageModel, Usage } from '../language-model.js';
import { identifyGguf, partsOf } from './gguf-file.js';
import { checkModel } from './gguf-header.js';
import { ChatTemplate, promptTokens } from './gguf-prompt.js';
import { Sequences } from './gguf-sequences.js';
import { tryGguf } from './gguf-trial.js';
import { quietOptions, reason } from './llama-load.js';

export interface GgufOptions {
  /** A .gguf file; of a split one, the first part. */
  path: string;
  /** `chat` goes through the model's chat template, `completions` continues text; `auto` takes the template where there is one. */
  api: 'auto' | 'chat' | 'completions';
  /** Sequences evaluated at once. */
  inFlight: number;
  /** Whether a GPU may be used; the best that node-llama-cpp finds is. */
  gpu: boolean;
  /** 0 = as many as the machine has cores for arithmetic. */
  threads: number;
  /** Stops the loading. */
  signal?: AbortSignal;
}

/**
 * Loads a GGUF file into this process through llama.cpp, after a look at its header and a trial in another process: what llama.cpp cannot bear ends
 * the process. Nothing is compiled or fetched: node-llama-cpp's prebuilt binaries are used.
 * @throws UserError if the package is not installed or has no binary for this machine, if the file is missing or no model, or if `chat` is
 * asked of a model without a chat template; Interrupted when the signal is aborted
 */
export async function loadGguf(o: GgufOptions): Promise<LanguageModel> {
  const path = resolve(o.path);
  const name = await identifyGguf(path);
  const parts = partsOf(path);
  checkModel(parts);
  const complaints: string[] = [];
  const llama = await start(o, complaints);
  try {
    await tryGguf(parts, o.signal);
    const model = await llama.loadModel({ modelPath: path, loadSignal: o.signal }).catch(async (error) => {
      if (o.signal?.aborted) throw new Interrupted('stopped while the language model was loaded');
      throw new UserError(`captions.model: llama.cpp cannot load ${path}: ${await reason(error, complaints)}`);
    });
    const template = chatTemplate(model, path, o.api);
    const threads = o.threads > 0 ? o.threads : llama.cpuMathCores;
    return new GgufModel(llama, model, name, template, new Sequences(model, o.inFlight, threads), o.inFlight);
  } catch (error) {
    await llama.dispose();
    throw error;
  }
}

/** Loads the package and the best binary that it has for this machine. */
async function start(o: GgufOptions, complaints: string[]): Promise<Llama> {
  const { getLlama, LlamaLogLevel, NoBinaryFoundError } = await import('node-llama-cpp').catch((error) => {
    if (error?.code === 'ERR_MODULE_NOT_FOUND' && String(error.message).includes('node-llama-cpp'))
      throw new UserError('captions.writer gguf needs the package node-llama-cpp: npm install node-llama-cpp');
    throw error;
  });
  try {
    return await getLlama({
      gpu: o.gpu ? 'auto' : false,
      ...quietOptions(complaints),
      logLevel: LlamaLogLevel.error,
      // No limit but the one below: more threads than free cores make llama.cpp many times slower, not faster.
      maxThreads: 0,
    });
  } catch (error) {
    if (error instanceof NoBinaryFoundError)
      throw new UserError(
        `node-llama-cpp has no binary for this machine (${process.platform}-${process.arch}); \`npx node-llama-cpp source download\` builds one`,
      );
    throw error;
  }
}

/** @returns undefined if the model shall continue text */
function chatTemplate(model: LlamaModel, path: string, api: GgufOptions['api']): ChatTemplate | undefined {
  if (api === 'completions') return undefined;
  const jinja = model.fileInfo.metadata.tokenizer?.chat_template;
  if (typeof jinja === 'string' && jinja.trim() !== '') {
    const { bosString, eosString } = model.tokens;
    return new ChatTemplate(jinja, { bos: bosString ?? '', eos: eosString ?? '' });
  }
  if (api === 'chat')
    throw new UserError(`captions.api chat: ${path} has no chat template; set captions.api to auto or completions`);
  return undefined;
}

class GgufModel implements LanguageModel {
  readonly name = 'gguf';
  readonly model: string;
  readonly inFlight: number;
  private readonly llama: Llama;
  private readonly loaded: LlamaModel;
  private readonly template: ChatTemplate | undefined;
  private readonly sequences: Sequences;
  private asked = 0;

  constructor(
    llama: Llama,
    loaded: LlamaModel,
    name: string,
    template: ChatTemplate | undefined,
    sequences: Sequences,
    inFlight: number,
  ) {
    this.llama = llama;
    this.loaded = loaded;
    this.model = name;
    this.template = template;
    this.sequences = sequences;
    this.inFlight = inFlight;
  }

  get usage(): Usage {
    return { promptTokens: this.asked, completionTokens: this.sequences.generated };
  }

  async complete(requests: readonly CompletionRequest[], options: CompletionOptions): Promise<Completion[]> {
    const prompts = requests.map(({ prompt }) => promptTokens(this.loaded, prompt, this.template));
    for (const tokens of prompts) this.sequences.check(tokens, options);
    this.asked += prompts.reduce((sum, tokens) => sum + tokens.length, 0);
    const all = await Promise.allSettled(
      prompts.map((tokens, i) => this.sequences.complete(tokens, requests[i].seed, options)),
    );
    return all.map((settled) => {
      if (settled.status === 'rejected') throw settled.reason;
      return settled.value;
    });
  }

  async close(): Promise<void> {
    await this.sequences.close();
    await this.loaded.dispose();
    await this.llama.dispose();
  }
}
