import { UserError } from '../errors.js';
import type { Pixels } from '../images/painter.js';
import { oneLine } from '../printable.js';
import type { Command } from './support/command.js';
import { flags } from './support/flags.js';
import { shownPath } from './support/format.js';
import { integerFlag } from './support/photos.js';

export const command: Command = {
  name: 'search',
  about: 'The photos of an index that are nearest to an image or to words',
  details:
    'Exact: the ranking is the one that comparing with every photo gives. For words, captions are written and painted as those of the encoder’s run were, by its writer and painter (embedded ones for an encoder that is of no run), and the features of the images averaged. An encoder with a text side (CLIP’s, or one that learn.method clip trained) is asked with the words themselves.',
  positional: { name: 'INDEX', about: 'an index that synclr index made', required: true },
  flags: [
    { name: 'like', value: 'FILE', repeat: true, about: 'photos like this image; of several, like their mean' },
    { name: 'text', value: 'WORDS', about: 'photos of this: a concept, e.g. "desk lamp"' },
    { name: 'k', value: 'N', about: 'matches (default 20)' },
    { name: 'within', value: 'FOLDER', about: 'only photos below this folder' },
    { name: 'html', value: 'FILE', about: 'also write a page with thumbnails, in one file' },
    { name: 'photos', value: 'DIR', about: 'where the photos are now, if they were moved' },
    { name: 'encoder', value: 'FILE|DIR', about: 'where the encoder is now, if it was moved' },
    { name: 'images', value: 'N', about: 'images painted for --text (default 32)' },
    { name: 'vocabulary', value: 'FILE|DIR', about: 'the text side’s vocabulary, if it does not lie with the encoder' },
    ...flags('provider', 'threads'),
  ],
  settings: ['captions', 'images', 'runtime'],
  answers: true,
  examples: [
    { line: 'synclr search photos.index --like lamp.jpg', about: 'the twenty nearest' },
    { line: 'synclr search photos.index --text "desk lamp" --html lamps.html', about: 'by words, with thumbnails' },
    { line: 'synclr search photos.index --like a.jpg --like b.jpg -k 5 --json', about: 'for a program' },
  ],
  async run(args, { terminal, signal, answer }) {
    const { text, within, html } = args.values;
    const like = args.lists.like ?? [];
    if (like.length === 0 && text === undefined) throw new UserError('synclr search needs --like FILE or --text WORDS');
    if (text?.trim() === '') throw new UserError('--text: no words in it');
    const k = integerFlag('k', args.values.k, 100_000) ?? 20;
    const images = integerFlag('images', args.values.images, 10_000);
    const other = Object.keys(args.settings).find((path) => !/^(?:captions|images|runtime|seed)(?:\.|$)/.test(path));
    if (other !== undefined)
      throw new UserError(`--${other}: in a search only captions.*, images.*, seed and runtime.* may be set`);
    const [{ openIndex }, { paintingSettings }] = await Promise.all([
      import('../search/photo-index.js'),
      import('../search/text.js'),
    ]);
    const { runtime } = paintingSettings({ settings: args.settings });
    const hooks = terminal.hooks(signal);
    const painted: { caption: string; image: Pixels }[] = [];
    await using index = await openIndex(args.positional!, {
      photos: args.values.photos,
      encoder: args.values.encoder,
      settings: args.settings,
      images,
      vocabulary: args.values.vocabulary,
      runtime,
      threads: runtime.threads || undefined,
      hooks,
      painted: (some) => painted.push(...some),
    });
    const matches = await index.search({ like: like.length > 0 ? like : undefined, text }, { k, within, signal });
    if (html !== undefined) {
      const { writeMatches } = await import('../search/sheet.js');
      const what = [like.length > 0 && `Photos like ${like.join(', ')}`, text !== undefined && `“${text}”`];
      const query = { what: what.filter(Boolean).join(' and '), images: like, painted };
      await writeMatches(html, query, matches, { dir: index.dir, count: index.length });
    }
    const ranked = matches.map((m, i) => ({ rank: i + 1, ...m }));
    answer({ index: index.dir, photos: index.length, query: { like, text, within }, matches: ranked }, () => {
      for (const m of ranked) terminal.line(`${m.score.toFixed(4)}  ${shownPath(m.path)}`);
      if (!index.about.complete)
        terminal.warn(`${index.dir}: indexing was stopped, photos are missing: run synclr index again`);
      if (html !== undefined) terminal.line(`page: ${oneLine(shownPath(html))}`);
    });
  },
};
