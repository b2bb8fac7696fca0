import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { LanguageModel } from '../captions/language-model.js';
import { withKeys } from '../config/key-files.js';
import type { Settings } from '../config/schema.js';
import { UserError } from '../errors.js';
import { FolderLock } from '../run/lock.js';
import type { OpenOptions } from '../stage.js';
import type { Parsed } from './support/args.js';
import type { Command, Context } from './support/command.js';
import { flags } from './support/flags.js';
import { count, many, shownPath } from './support/format.js';
import { requestRun } from './support/run-request.js';

type Open = (settings: Settings, options: OpenOptions) => Promise<LanguageModel>;

/** The command with the models that `open` opens. */
export function backgroundsCommand(open: Open): Command {
  return {
    name: 'backgrounds',
    about:
      'Ask a language model for plausible backgrounds of every concept, into a file that concepts.backgrounds takes',
    details:
      'Concept by concept, as the paper did. Concepts that are in the file already are not asked for; an interrupted run continues. Places and textures have no backgrounds.',
    flags: [
      ...flags(
        'preset',
        'config',
        'out',
        'seed',
        'concepts',
        'writer',
        'writerModel',
        'writerUrl',
        'threads',
        'provider',
      ),
      { name: 'file', value: 'FILE', about: 'where the backgrounds go (default OUT/backgrounds.json)' },
      { name: 'each', value: 'N', about: 'backgrounds a concept (default 12)' },
    ],
    answers: true,
    settings: ['seed', 'concepts', 'captions', 'runtime'],
    examples: [
      {
        line: 'synclr backgrounds --writer openai --writer-model llama-3.1-8b --out runs/mine',
        about: 'asks the server for all concepts of the bank',
      },
      {
        line: 'synclr run --concepts.backgrounds runs/mine/backgrounds.json --out runs/mine',
        about: 'a run with them; one that has captions already keeps to its own',
      },
    ],
    run: (args, context) => run(open, args, context),
  };
}

export const command = backgroundsCommand(async (settings, options) =>
  (await import('../captions/registry.js')).openLanguageModel(settings, options),
);

async function run(open: Open, args: Parsed, { terminal, signal, answer }: Context): Promise<void> {
  const { dir, settings: given } = requestRun(args, { mayDiffer: true });
  const settings = await withKeys(given, (line) => terminal.warn(line));
  const file = args.values.file ?? join(dir, 'backgrounds.json');
  const each = Number(args.values.each ?? 12);
  if (!Number.isInteger(each) || each < 1 || each > 100)
    throw new UserError(`--each ${args.values.each}: expected an integer between 1 and 100`);
  const { loadConceptBank } = await import('../concepts/bank.js');
  const { askBackgrounds, backgroundTokens, conceptsLeft, conceptsToAsk } = await import('../captions/backgrounds.js');
  // A file of backgrounds changes none of the names, and may be the very one that is to be written.
  const bank = await loadConceptBank({ ...settings, concepts: { ...settings.concepts, backgrounds: '' } });
  const concepts = conceptsToAsk(bank);
  if (concepts.length === 0) throw new UserError('no backgrounds to ask for: the bank has places and textures only');
  const hooks = terminal.hooks(signal);
  const model = await open(settings, hooks);
  try {
    await mkdir(dirname(file), { recursive: true });
    const lock = await FolderLock.take(dirname(file));
    try {
      const left = (await conceptsLeft(concepts, file)).length;
      const tokens = backgroundTokens(left, each);
      if (left > 0)
        terminal.line(
          `backgrounds: ${count(left)} concepts, ${each} each, from ${model.name} ${model.model}: about ${many(tokens.prompt)} tokens read and ${many(tokens.completion)} written by the model, more where answers are of no use`,
        );
      const { seed, captions } = settings;
      const { temperature, topP } = captions;
      const done = await askBackgrounds({ concepts, model, file, each, seed, temperature, topP, hooks });
      terminal.finish();
      const { promptTokens, completionTokens } = model.usage;
      const text =
        done.asked === 0
          ? `backgrounds: all ${count(done.kept)} concepts are in ${shownPath(file)} already`
          : `backgrounds: ${shownPath(file)} (${count(done.backgrounds)} backgrounds of ${count(done.asked)} concepts${done.kept > 0 ? `, ${count(done.kept)} concepts were there before` : ''}; ${many(promptTokens)} tokens read, ${many(completionTokens)} written)`;
      answer({ file, ...done, promptTokens, completionTokens }, () => terminal.line(text));
      if (done.filled > 0)
        terminal.warn(
          `${count(done.filled)} concepts had fewer than 3 usable answers, asked 3 times: filled up from the built-in backgrounds`,
        );
      terminal.line(`use them, before the first captions: --concepts.backgrounds ${shownPath(file)}`);
    } finally {
      lock.releaseSync();
    }
  } finally {
    await model.close();
  }
}
