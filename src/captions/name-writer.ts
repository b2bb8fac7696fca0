import type { Completion } from './language-model.js';
import { type CaptionWriter, conceptAlone, type Draw } from './record.js';

/** The concept's name is the caption: what class labels alone are worth as captions. */
export class NameWriter implements CaptionWriter {
  readonly name = 'name';
  readonly heeds = conceptAlone;

  async write(draws: readonly Draw[]): Promise<Completion[]> {
    return draws.map(({ concept }) => ({ text: concept, cut: false }));
  }
}
