import { withKeys } from '../../config/key-files.js';
import { paintAgain } from '../../corpus/again.js';
import { UserError } from '../../errors.js';
import { refuseForeignFile } from '../../files/replace.js';
import { contactSheet } from '../../images/contact-sheet.js';
import { SHEET } from '../../images/signed-png.js';
import type { Parsed } from './args.js';
import type { Context } from './command.js';
import { requestRun } from './run-request.js';

/**
 * `synclr images --again ID`: paints a caption's images again, compares, and says so; exit code 1 where an image is not the same file, or
 * a copy of another.
 * Nothing is stored in the run.
 */
export async function repaint(args: Parsed, text: string, { terminal, signal, answer }: Context): Promise<void> {
  const id = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(id))
    throw new UserError(`--again ${text}: expected the number of a caption, 0 or more`);
  const { dir, settings: given, stored } = requestRun(args, { mayDiffer: true });
  if (!stored) throw new UserError(`no run in ${dir}: --again compares with the images of a run, name it with --out`);
  if (args.values.sheet) await refuseForeignFile(args.values.sheet, SHEET);
  const settings = await withKeys(given, (line) => terminal.warn(line));
  const { record, images, differs, copies } = await paintAgain({ settings, dir, hooks: terminal.hooks(signal) }, id);
  for (const what of differs) terminal.warn(`painted with other settings: ${what}`);
  const where = { stored: 'as they are stored', again: 'as they were painted again' };
  for (const which of ['stored', 'again'] as const)
    if (copies[which].length > 0)
      terminal.warn(
        `images of this caption are copies of each other ${where[which]} (${copies[which].join(', ')}): the painter ignored the seed, and that they are the same again says nothing`,
      );
  const { sheet } = args.values;
  if (sheet) {
    const rows = [
      { caption: `stored: ${record.caption}`, images: images.map((i) => i.stored) },
      { caption: 'painted again', images: images.map((i) => i.again) },
    ];
    await contactSheet(rows, sheet);
  }
  const compared = images.map(({ image, identical, largest, mean }) => ({ image, identical, largest, mean }));
  answer({ id, caption: record.caption, images: compared, copies, differs, sheet }, () => {
    terminal.line(`caption ${id}: ${record.caption}`);
    for (const { image, identical, largest, mean } of images) {
      const verdict = identical
        ? 'the same file, byte for byte'
        : `differs: by ${mean.toFixed(2)} of 255 on average, ${largest} at most`;
      terminal.line(`image ${image} (noise ${JSON.stringify(record.noise[image])}): ${verdict}`);
    }
    if (sheet) terminal.line(`sheet: ${sheet}`);
  });
  if (images.some((i) => !i.identical) || copies.stored.length + copies.again.length > 0) process.exitCode = 1;
}
