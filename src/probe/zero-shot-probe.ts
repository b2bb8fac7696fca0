import type { Settings } from '../config/schema.js';
import type { OpenedEncoder } from '../encoders/open-encoder.js';
import type { Executors } from '../runtime/executor.js';
import { vocabularyBeside } from '../text/beside.js';
import { shareInterval } from './intervals.js';
import type { Labelled } from './labelled.js';
import { accuracy } from './metrics.js';
import type { ZeroShotRow } from './report-types.js';
import { readClassNames, readTemplates, TEMPLATES } from './templates.js';
import { openWords, type Words } from './words.js';
import { classFeatures, type ZeroShotOptions, zeroShot, zeroShotKey } from './zero-shot.js';

/** The zero-shot probe of an image-text encoder: open as long as data sets are looked at. */
export class ZeroShotProbe {
  private readonly encoder: OpenedEncoder;
  private readonly words: Words;
  private readonly o: ZeroShotOptions;

  private constructor(encoder: OpenedEncoder, words: Words, o: ZeroShotOptions) {
    this.encoder = encoder;
    this.words = words;
    this.o = o;
  }

  /**
   * @param path where the encoder was read from: its vocabulary lies there, unless the settings name one
   * @returns undefined for an encoder without a text side, where the settings ask for no such probe, and where there is no vocabulary (said by `note`)
   * @throws UserError for templates, names or a vocabulary that cannot be read
   */
  static async open(
    encoder: OpenedEncoder,
    path: string,
    settings: Settings['probe'],
    on: Executors,
    note: (line: string) => void = () => {},
  ): Promise<ZeroShotProbe | undefined> {
    if (!encoder.text || !settings.zeroShot) return undefined;
    const vocabulary = settings.vocabulary || vocabularyBeside(path);
    if (!vocabulary) {
      note(`no zero-shot probe: no vocabulary lies beside ${path}; --probe.vocabulary names one`);
      return undefined;
    }
    const o: ZeroShotOptions = {
      templates: settings.templates ? await readTemplates(settings.templates) : TEMPLATES,
      names: settings.classNames ? await readClassNames(settings.classNames) : undefined,
    };
    return new ZeroShotProbe(encoder, await openWords(encoder.text, vocabulary, on), o);
  }

  /**
   * @param classes names of their folders @param before an earlier figure, which is kept where nothing changed
   * @param clusters which test images belong together
   */
  async row(
    classes: readonly string[],
    test: Labelled,
    o: { clusters?: Int32Array; before?: ZeroShotRow; signal?: AbortSignal },
  ): Promise<ZeroShotRow> {
    const key = zeroShotKey(this.words, this.encoder.projection, classes, this.o);
    if (o.before?.key === key) return o.before;
    const features = await classFeatures(this.words, classes, { ...this.o, signal: o.signal });
    const predictions = zeroShot(test, this.encoder.projection, features);
    const right = Uint8Array.from(test.labels, (label, i) => (predictions[i] === label ? 1 : 0));
    return {
      ...accuracy(predictions, test.labels, classes.length),
      interval: shareInterval(right, o.clusters),
      templates: this.o.templates.length,
      key,
    };
  }

  close(): Promise<void> {
    return this.words.close();
  }
}
