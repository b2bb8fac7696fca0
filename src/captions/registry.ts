import {
  isLanguageWriter,
  LANGUAGE_WRITERS,
  type PlainWriterName,
  WRITER_NAMES,
  type WriterName,
} from '../config/names.js';
import { type Closing, closing } from '../disposable.js';
import { UserError } from '../errors.js';
import type { OpenOptions } from '../stage.js';
import type { LanguageModel } from './language-model.js';
import type { CaptionWriter } from './record.js';
import { type WriterOptions, type WriterSettings, writerSettings } from './writer-settings.js';

/** Language models, by the name that `captions.writer` takes; loaded when they are used. */
const LANGUAGE_MODELS = {
  openai: async (s, o) => (await import('./models/openai.js')).openOpenAi(s, o),
  gguf: async (s, o) => (await import('./models/gguf-model.js')).openGgufModel(s, o),
} satisfies Record<Exclude<WriterName, PlainWriterName>, Open>;
/** Writers by rules, likewise: the embedded one knows much, and threads that paint or read images need none. */
const PLAIN: Record<PlainWriterName, () => Promise<CaptionWriter>> = {
  embedded: async () => new (await import('./embedded-writer.js')).EmbeddedWriter(),
  name: async () => new (await import('./name-writer.js')).NameWriter(),
  template: async () => new (await import('./template-writer.js')).TemplateWriter(),
};
type Open = (settings: WriterSettings, options: OpenOptions) => Promise<LanguageModel>;

/**
 * Opens a caption writer: of a run's settings, or by its own (`WriterOptions`). To be closed, or held by `await using`.
 * @throws UserError for an unknown name, and where its model cannot be had
 */
export async function openWriter(
  settings: WriterSettings | WriterOptions,
  options: OpenOptions = {},
): Promise<Closing<CaptionWriter>> {
  const known = writerSettings(settings);
  const { writer } = known.captions;
  if (Object.hasOwn(PLAIN, writer)) return closing(await PLAIN[writer as PlainWriterName]());
  const { LanguageWriter } = await import('./language-writer.js');
  return closing(new LanguageWriter(await openLanguageModel(known, options), known.captions));
}

/**
 * What the writer of the settings is made of, beside the settings: digests by name, and what a server says that it writes with.
 * @param ask whether a server is asked; what is finished needs none any more
 * @throws UserError where its model cannot be had
 */
export async function writerContent(
  settings: WriterSettings,
  options: OpenOptions = {},
  ask = true,
): Promise<Record<string, unknown>> {
  const { writer } = settings.captions;
  if (writer === 'gguf') {
    const { identifyModel } = await import('./models/gguf-model.js');
    return { 'captions.model (content)': await identifyModel(settings, options) };
  }
  if (writer !== 'openai' || !ask) return {};
  // Whoever opens it to write says what is to be said.
  const model = await openLanguageModel(settings, { ...options, warn: () => {}, note: () => {} });
  await model.close();
  return { ...model.resolved };
}

/** The language model behind the writer of the settings. @throws UserError as `openWriter`, and for a writer without one */
export async function openLanguageModel(settings: WriterSettings, options: OpenOptions = {}): Promise<LanguageModel> {
  const { writer } = settings.captions;
  if (Object.hasOwn(PLAIN, writer))
    throw new UserError(
      `captions.writer ${writer} has no language model; choose one of ${LANGUAGE_WRITERS.join(', ')}`,
    );
  // Who writes JavaScript has no compiler to say so.
  if (!isLanguageWriter(writer))
    throw new UserError(`captions.writer: unknown writer "${writer}" (choices: ${WRITER_NAMES.join(', ')})`);
  return LANGUAGE_MODELS[writer](settings, options);
}
