import { UserError } from '../errors.js';
import type { Command } from './support/command.js';
import { flags } from './support/flags.js';
import { shownPath } from './support/format.js';

export const command: Command = {
  name: 'duplicates',
  about: 'Photos of an index that are nearly one and the same, in groups',
  details:
    'Compares each photo with each. A group holds whatever has a neighbour in it: copies, other sizes and qualities of one photo, shots of the same second. How near two copies are, and two photos of like things, depends on the encoder: see --html before anything is deleted.',
  positional: { name: 'INDEX', about: 'an index that synclr index made', required: true },
  flags: [
    { name: 'threshold', value: 'COSINE', about: 'cosine from which on two photos count as one (default 0.99)' },
    { name: 'html', value: 'FILE', about: 'also write a page with thumbnails, in one file' },
    { name: 'photos', value: 'DIR', about: 'where the photos are now, if they were moved' },
    ...flags('threads'),
  ],
  settings: ['runtime'],
  answers: true,
  examples: [
    { line: 'synclr duplicates photos.index --html duplicates.html', about: 'groups of near-duplicates' },
    { line: 'synclr duplicates photos.index --threshold 0.995 --json', about: 'closer ones, for a program' },
  ],
  async run(args, { terminal, signal, answer }) {
    const { html } = args.values;
    const other = Object.keys(args.settings).find((path) => !path.startsWith('runtime.'));
    if (other !== undefined) throw new UserError(`--${other}: here only runtime.* may be set`);
    const [{ openIndex }, { DUPLICATE, findDuplicates }] = await Promise.all([
      import('../search/photo-index.js'),
      import('../search/duplicates.js'),
    ]);
    const threshold = args.values.threshold === undefined ? DUPLICATE : Number(args.values.threshold);
    if (!(threshold > 0 && threshold <= 1))
      throw new UserError(`--threshold ${args.values.threshold}: expected a number above 0 and up to 1`);
    const hooks = terminal.hooks(signal);
    const threads = Number(args.settings['runtime.threads'] ?? 0) || undefined;
    await using index = await openIndex(args.positional!, { photos: args.values.photos, threads, hooks });
    const count = index.length;
    const progress = (share: number) =>
      hooks.progress({ stage: 'duplicates', done: Math.floor(share * count), total: count, unit: 'photos compared' });
    const groups = await findDuplicates(index, { threshold, signal, progress });
    if (html !== undefined) {
      const { writeGroups } = await import('../search/sheet.js');
      await writeGroups(html, groups, { dir: index.dir, count, threshold });
    }
    answer({ index: index.dir, photos: count, threshold, groups }, () => {
      terminal.drop();
      for (const [i, group] of groups.entries()) {
        terminal.line(`group ${i + 1}: ${group.length} photos`);
        for (const d of group)
          terminal.line(`  ${d.score.toFixed(4)}  ${shownPath(d.path)}${d.identical ? '  (same content)' : ''}`);
      }
      const photos = groups.reduce((sum, g) => sum + g.length, 0);
      terminal.line(`${groups.length} groups of ${photos} photos among ${count}, at a cosine of ${threshold} or more`);
      if (html !== undefined) terminal.line(`page: ${shownPath(html)}`);
    });
  },
};
