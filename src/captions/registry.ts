import type { Settings } from '../config/schema.js';
import { UserError } from '../errors.js';
import { EmbeddedWriter } from './embedded-writer.js';
import type { CaptionWriter } from './record.js';

/** The caption writers (g1), by the name that `captions.writer` takes. */
const WRITERS: Readonly<Record<string, (settings: Settings) => CaptionWriter>> = {
  embedded: () => new EmbeddedWriter(),
};

/** Names that {@link openWriter} knows. */
export const WRITER_NAMES: readonly string[] = Object.keys(WRITERS);

/**
 * The writer of the settings.
 * @throws UserError for an unknown name.
 */
export function openWriter(settings: Settings): CaptionWriter {
  const { writer } = settings.captions;
  if (!Object.hasOwn(WRITERS, writer)) {
    throw new UserError(`captions.writer: unknown writer "${writer}" (choices: ${WRITER_NAMES.join(', ')})`);
  }
  return WRITERS[writer](settings);
}
