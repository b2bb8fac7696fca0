import { join } from 'node:path';
import { resolveSettings } from '../../config/resolve.js';
import { UserError } from '../../errors.js';
import type { ComparedCell } from '../../evaluation/compare.js';
import { readJson } from '../../formats/json.js';
import type { Parsed } from './args.js';
import type { Context, Flag } from './command.js';
import { headsGiven, weightsGiven } from './flags.js';
import { clock, shownPath } from './format.js';

/** Flags of `synclr eval` that only a comparison of encoders has. */
export const COMPARE_FLAGS: readonly Flag[] = [
  {
    name: 'suite',
    value: 'NAME',
    repeat: true,
    choices: ['linear', 'fine-grained', 'unseen', 'segmentation', 'finetune', 'all'],
    about: 'compare by the paper’s protocols on their data sets (docs/comparison.md); may be repeated',
  },
  {
    name: 'protocol',
    value: 'NAME',
    repeat: true,
    about: 'compare by this protocol, in place of the suite’s (docs/protocols.md); may be repeated',
  },
  { name: 'data', value: 'DIR', about: 'compare on the data sets in this folder: DIR/cifar10, DIR/aircraft …' },
  {
    name: 'option',
    value: 'PROTOCOL.NAME=VALUE',
    repeat: true,
    about: 'compare with something else than the paper has, e.g. linear.epochs=30; may be repeated',
  },
  { name: 'options', value: 'FILE', about: 'the same as JSON, by protocol: {"linear": {"epochs": 30}}' },
  { name: 'size', value: 'N', about: 'compare at this side for all encoders, pixels (default: each its own)' },
  {
    name: 'ignored',
    value: 'N',
    about: 'compare with this value of label maps left out, where a data set does not say which (255 always is)',
  },
  {
    name: 'pictures',
    about: 'compare in pictures, too: patches, attention, neighbours, mistakes, maps (docs/pictures.md)',
  },
  { name: 'markdown', about: 'print the comparison’s tables as Markdown' },
  { name: 'csv', about: 'print the comparison as CSV' },
];

/** Of a run alone. */
const RUN_FLAGS = ['preset', 'config', 'checkpoint'];

/** @throws UserError for flags of a comparison where no encoder is named */
export function refuseCompareFlags(args: Parsed): void {
  const given = [...Object.keys(args.values), ...Object.keys(args.lists), ...args.switches];
  const own = [...COMPARE_FLAGS.map((f) => f.name), 'weights'].find((name) => given.includes(name));
  if (own !== undefined)
    throw new UserError(
      `--${own} goes with encoders to be compared: synclr eval ENCODER… --${own}; of a run alone there are --out and --eval`,
    );
}

/** `synclr eval A B C …`: encoders compared; exit code 1 where something of it could not be done. */
export async function compareEncoders(args: Parsed, { terminal, signal, answer }: Context): Promise<void> {
  const alone = RUN_FLAGS.find((name) => args.values[name] !== undefined);
  if (alone !== undefined)
    throw new UserError(`--${alone} is for the probes of a run (synclr eval --out RUN), not for encoders compared`);
  const other = Object.keys(args.settings).find((path) => path !== 'seed' && !path.startsWith('runtime.'));
  if (other !== undefined)
    throw new UserError(
      `--${other}: of a comparison only seed and runtime.* are settings; protocols are told by --option PROTOCOL.NAME=VALUE`,
    );
  if (args.switches.has('markdown') && args.switches.has('csv'))
    throw new UserError('--markdown and --csv both want to be the answer: take one of them');
  const [{ compare, hasFailed }, { protocolOptions }, { PROTOCOLS }, { parseEvalSpec }] = await Promise.all([
    import('../../evaluation/compare.js'),
    import('../../evaluation/options.js'),
    import('../../evaluation/protocols/index.js'),
    import('../../data/spec.js'),
  ]);
  const { out = 'runs/comparison', options: file, data, size } = args.values;
  const ignored = labelOf(args.values.ignored);
  const options = protocolOptions(
    args.lists.option ?? [],
    file === undefined ? {} : await readJson(file),
    PROTOCOLS,
    file === undefined ? '--option' : file,
  );
  const { runtime, seed } = resolveSettings({ flags: args.settings, training: false });
  const began = performance.now();
  terminal.line(`synclr eval: ${args.positionals.length} encoders, in ${shownPath(out)}`);
  const comparison = await compare({
    ...{ encoders: args.positionals, suites: args.lists.suite, protocols: args.lists.protocol, options },
    ...{ data, evals: (args.lists.eval ?? []).map(parseEvalSpec), out, seed, runtime, size: sideOf(size) },
    pictures: args.switches.has('pictures'),
    ...(ignored !== undefined && { ignored }),
    ...{ weights: weightsGiven(args.values.weights), heads: headsGiven(args.values['encoder-heads']) },
    hooks: terminal.hooks(signal),
    onCell(cell, at, total) {
      terminal.drop();
      const elapsed = clock((performance.now() - began) / 1000);
      terminal.line(`${at} of ${total} (${elapsed}): ${cell.protocol} on ${cell.set}, ${cell.encoder}: ${said(cell)}`);
    },
  });
  terminal.drop();
  const [{ writeComparison, comparisonJson }, { comparisonTables, tablesMarkdown, tablesText }, { comparisonCsv }] =
    await Promise.all([
      import('../../evaluation/write.js'),
      import('../../evaluation/table.js'),
      import('../../evaluation/csv.js'),
    ]);
  const paths = await writeComparison(comparison, out);
  const tables = comparisonTables(comparison);
  if (comparison.absent.length > 0)
    terminal.line(
      `not in ${data ?? 'any folder named'}, and so left out of the suite: ${comparison.absent.join(', ')}`,
    );
  answer(comparisonJson(comparison), () => {
    if (args.switches.has('markdown')) terminal.text(tablesMarkdown(comparison, tables));
    else if (args.switches.has('csv')) terminal.text(comparisonCsv(comparison).trimEnd());
    else terminal.text(`\n${tablesText(comparison, tables, terminal.width)}`);
  });
  if (args.switches.has('pictures')) terminal.line(`pictures: ${shownPath(join(out, 'pictures.html'))}`);
  terminal.line(`report: ${shownPath(paths.page)} (${clock((performance.now() - began) / 1000)} in all)`);
  if (!hasFailed(comparison)) return;
  const failed = comparison.cells.filter((c) => c.state === 'failed').length + comparison.failures.length;
  terminal.error(`synclr: ${failed} of the comparison failed, see above; the same command tries them again`);
  process.exitCode = 1;
}

function said({ state, record, why }: ComparedCell): string {
  if (!record) return `${state}: ${why}`;
  const { main, metrics, interval } = record.result;
  const value = metrics[main];
  const range = interval ? ` (${(100 * interval[0]).toFixed(1)} to ${(100 * interval[1]).toFixed(1)})` : '';
  const figure = value === null || value === undefined ? 'no figure' : `${(100 * value).toFixed(1)} %${range}`;
  return `${main} ${figure}${state === 'kept' ? ', measured before' : ''}`;
}

/** @throws UserError for what is no number of pixels */
function sideOf(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  if (!/^[1-9]\d{0,4}$/.test(given)) throw new UserError(`--size ${given}: expected a whole number of pixels`);
  return Number(given);
}

/** @throws UserError for what is no value of a label map */
function labelOf(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  if (!/^\d{1,3}$/.test(given) || Number(given) > 255)
    throw new UserError(`--ignored ${given}: expected a value of label maps, 0 to 255`);
  return Number(given);
}
