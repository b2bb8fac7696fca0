import { article } from '../concepts/inflect.js';
import type { Completion } from './language-model.js';
import { type CaptionWriter, conceptAlone, type Draw } from './record.js';

/** One sentence for every concept, `a photo of a cat`, as zero-shot classifiers name their classes. */
export class TemplateWriter implements CaptionWriter {
  readonly name = 'template';
  readonly heeds = conceptAlone;

  async write(draws: readonly Draw[]): Promise<Completion[]> {
    return draws.map(({ concept }) => ({ text: `a photo of ${article(concept)} ${concept}`, cut: false }));
  }
}
