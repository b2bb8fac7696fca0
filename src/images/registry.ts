import type { Settings } from '../config/schema.js';
import { UserError } from '../errors.js';
import { EmbeddedPainter } from './embedded/embedded-painter.js';
import type { Painter } from './painter.js';

/** All painters; a new one is a line here. */
const PAINTERS: Readonly<Record<string, (settings: Settings) => Painter>> = {
  embedded: () => new EmbeddedPainter(),
};

/** Names that `images.painter` may have. */
export const PAINTER_NAMES: readonly string[] = Object.keys(PAINTERS);

/** The painter that the settings name. @throws UserError listing the valid names */
export function openPainter(settings: Settings): Painter {
  const make = PAINTERS[settings.images.painter];
  if (!make)
    throw new UserError(
      `images.painter: unknown painter "${settings.images.painter}"; valid: ${PAINTER_NAMES.join(', ')}`,
    );
  return make(settings);
}
