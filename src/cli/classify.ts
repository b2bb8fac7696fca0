import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { withKeys } from '../config/key-files.js';
import { UserError } from '../errors.js';
import { isRun } from '../files/run-names.js';
import type { Parsed } from './support/args.js';
import type { Command, Context } from './support/command.js';
import { flags, headsGiven, weightsGiven } from './support/flags.js';
import { shownPath } from './support/format.js';
import { requestRun } from './support/run-request.js';

const SOURCES = ['painted', 'photos', 'both'] as const;
/** Flags that say how a classifier is made: of one that is there nothing is made. */
const MAKING = [
  ...['concepts', 'train', 'use', 'export', 'images', 'views', 'encoder', 'encoder-heads', 'weights'],
  ...['out', 'preset', 'config'],
];

export const command: Command = {
  name: 'classify',
  about: 'A classifier of your concepts without one real training image, tested on your photos, exported as ONNX',
  details:
    'Captions of the concepts are written and painted as those of the encoder’s run were (embedded ones for an encoder that is of no run), a linear layer is fitted to the features of the images, tested on photos in folders that are named as the concepts are, and exported with the encoder as one ONNX model that answers with a class. With --with an exported classifier is used, and nothing painted.',
  positional: {
    name: 'PHOTOS',
    about: 'with --with: folders of photos, and single photos',
    required: false,
    most: Number.POSITIVE_INFINITY,
  },
  flags: [
    ...flags('concepts'),
    {
      name: 'test',
      value: 'DIR',
      about: 'photos to be told apart: a folder a concept (or test/<concept>/…), or without classes',
    },
    {
      name: 'train',
      value: 'DIR',
      about: 'photos to learn from, a folder a concept: the same classifier from them stands beside the painted one',
    },
    { name: 'with', value: 'DIR', about: 'use this exported classifier' },
    {
      name: 'encoder',
      value: 'FILE|DIR|hf:…',
      about:
        'whose features are classified: a run, a checkpoint, an export, other people’s (default: the run of --out)',
    },
    {
      name: 'out',
      value: 'DIR',
      about: 'the run whose encoder, writer and painter serve (default runs/<preset>); with --encoder any folder',
    },
    { name: 'export', value: 'DIR', about: 'where the classifier goes (default OUT/classifier)' },
    {
      name: 'use',
      value: 'NAME',
      choices: SOURCES,
      about: 'what the exported classifier learnt from: painted (default), photos (of --train) or both',
    },
    { name: 'images', value: 'N', about: 'images painted a concept (default 192; 64 of painters that take seconds)' },
    { name: 'views', value: 'N', about: 'augmented views beside each painted image (default 2)' },
    { name: 'predictions', value: 'FILE', about: 'what every photo is taken for, as .csv or .jsonl' },
    ...flags(
      'preset',
      'config',
      'seed',
      'writer',
      'painter',
      'weights',
      'encoderHeads',
      'threads',
      'workers',
      'provider',
    ),
  ],
  settings: ['concepts', 'captions', 'images', 'runtime'],
  answers: true,
  examples: [
    {
      line: 'synclr classify --concepts parts.txt --test photos --out runs/mine',
      about: 'how often it is right; runs/mine/classifier is the classifier',
    },
    {
      line: 'synclr classify --concepts parts.txt --test photos --train more-photos --out runs/mine',
      about: 'beside the same classifier of real photos',
    },
    { line: 'synclr classify inbox --with runs/mine/classifier --predictions inbox.csv', about: 'later' },
  ],
  run: (args, context) => (args.values.with === undefined ? make(args, context) : use(args, context, args.values.with)),
};

async function make(args: Parsed, { terminal, signal, answer }: Context): Promise<void> {
  const { values } = args;
  if (args.positionals.length > 0)
    throw new UserError(
      `${args.positionals[0]}: photos are named by --test DIR; those that stand alone go with --with DIR`,
    );
  const source = SOURCES.find((s) => s === values.use);
  if (values.use !== undefined && !source) throw new UserError(`--use ${values.use}: expected ${SOURCES.join(', ')}`);
  const images = wholeNumber('images', values.images, 100_000);
  const views = wholeNumber('views', values.views, 64);
  const { encoder } = values;
  const [to, own] = placeOf(args);
  // Of an encoder that is a run's, that run's writer and painter, wherever the classifier goes.
  const run = own !== undefined && !isRun(to) && isRun(own) ? own : to;
  const request = requestRun({ ...args, values: { ...values, out: run } }, { mayDiffer: true });
  if (own === undefined && !request.stored)
    throw new UserError(`no such run: ${to} (--out names the run whose encoder is used, --encoder another encoder)`);
  const { settings } = request;
  if (args.settings['concepts.source'] === undefined && settings.concepts.source === 'wordnet')
    throw new UserError('synclr classify needs --concepts FILE: the names that shall be told apart, one a line');
  // Backgrounds that were asked for other concepts are not those of these.
  const isOwnList = request.stored?.settings.concepts.source === settings.concepts.source;
  if (!isOwnList && args.settings['concepts.backgrounds'] === undefined) settings.concepts.backgrounds = '';
  if (values.predictions !== undefined && values.test === undefined && values.train === undefined)
    throw new UserError('--predictions needs photos: --test DIR');
  const { classifyConcepts } = await import('../classify/classify.js');
  const { checkPredictions, plain, writePredictions } = await import('../classify/write-predictions.js');
  const { formatClassify } = await import('../classify/text.js');
  if (values.predictions !== undefined) await checkPredictions(values.predictions);
  const result = await classifyConcepts({
    ...{ out: to, encoder: encoder ?? to, settings: await withKeys(settings, (line) => terminal.warn(line)) },
    ...{ weights: weightsGiven(values.weights), heads: headsGiven(values['encoder-heads']), images, views },
    ...{ test: values.test, train: values.train, use: source, export: values.export, hooks: terminal.hooks(signal) },
  });
  terminal.finish();
  if (values.predictions !== undefined) await writePredictions(values.predictions, result.predictions);
  answer({ ...result, predictions: result.predictions.map(plain) }, () => {
    terminal.text(`\n${formatClassify(result)}\n`);
    if (values.predictions !== undefined) terminal.line(`predictions: ${shownPath(values.predictions)}`);
    terminal.line(`classifier: ${shownPath(result.exported)}`);
  });
}

/** Where painted images go, and the encoder where it is not that folder's. @throws UserError where no folder can be told */
function placeOf(args: Parsed): [out: string, encoder?: string] {
  const { out, encoder, preset = 'tiny' } = args.values;
  if (encoder === undefined) return [out ?? join('runs', preset)];
  if (!existsSync(encoder) && !encoder.startsWith('hf:'))
    throw new UserError(
      `no such encoder: ${encoder} (a run's folder, a checkpoint, an encoder's file or folder, hf:owner/name)`,
    );
  if (out !== undefined) return [out, encoder];
  if (isRun(encoder)) return [encoder];
  throw new UserError(`--encoder ${encoder} is no run: --out DIR says where painted images and the classifier go`);
}

async function use(args: Parsed, { terminal, signal, answer }: Context, dir: string): Promise<void> {
  const { values, positionals } = args;
  const making =
    MAKING.find((name) => values[name] !== undefined) ??
    Object.keys(args.settings).find((s) => s !== 'runtime.threads');
  if (making !== undefined) throw new UserError(`--with uses a classifier as it is: --${making} is for making one`);
  const inputs = [...positionals, ...(values.test === undefined ? [] : [values.test])];
  if (inputs.length === 0)
    throw new UserError('synclr classify --with needs photos: synclr classify PHOTOS --with DIR');
  for (const path of inputs) if (!existsSync(path)) throw new UserError(`no such photo or folder: ${path}`);
  const { classifyFiles } = await import('../classify/use.js');
  const { checkPredictions, plain, writePredictions } = await import('../classify/write-predictions.js');
  const { formatPredictions } = await import('../classify/text.js');
  if (values.predictions !== undefined) await checkPredictions(values.predictions);
  if (!statSync(dir, { throwIfNoEntry: false })?.isDirectory()) throw new UserError(`no such classifier: ${dir}`);
  const threads = Number(args.settings['runtime.threads'] ?? 0);
  const { predictions, skipped } = await classifyFiles(dir, inputs, { threads, hooks: terminal.hooks(signal) });
  terminal.finish();
  if (values.predictions !== undefined) await writePredictions(values.predictions, predictions);
  answer({ classifier: dir, predictions: predictions.map(plain), skipped }, () => {
    if (values.predictions === undefined) terminal.text(formatPredictions(predictions));
    else terminal.line(`predictions: ${shownPath(values.predictions)} (${predictions.length} photos)`);
  });
}

/** @throws UserError naming the flag */
function wholeNumber(name: string, text: string | undefined, most: number): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,6}$/.test(text) || Number(text) > most)
    throw new UserError(`--${name} ${text}: expected a whole number up to ${most}`);
  return Number(text);
}
