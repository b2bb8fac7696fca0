import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { withKeys } from '../../config/key-files.js';
import { isLanguageWriter } from '../../config/names.js';
import type { Settings } from '../../config/schema.js';
import { sourceLine } from '../../corpus/own/source-line.js';
import { UserError } from '../../errors.js';
import { type Input, refuseOverlap } from '../../files/overlap.js';
import type { CorpusRecord } from '../../run/config.js';
import { isTrained, type StageName } from '../../run/refuse.js';
import { openRun, type Run } from '../../run/run.js';
import type { Cost, StageOptions } from '../../stage.js';
import type { Parsed } from './args.js';
import { parseEvals } from './args.js';
import { Budget } from './budget.js';
import type { Context } from './command.js';
import { headsGiven } from './flags.js';
import { clock, count, many, megabytes, roughly, shownPath } from './format.js';
import { checkEvalSets, checkResources, type EvalSet } from './preflight.js';
import { type RunRequest, requestRunOn } from './run-request.js';
import { LONG, promise, rescale, timedCost, timeTraining } from './trial.js';

/** What a command gives to the stages beside the settings. */
export interface StageExtras {
  evals: EvalSet[];
  /** Weights that a new training run starts from. */
  from?: string;
  checkpoint?: string;
  /** Heads of somebody else's encoder. */
  heads?: number;
  /** Side at which somebody else's encoder is probed. */
  othersSize?: number;
}

/** What a stage found out: for programs, and as a person reads it. */
export interface Answer {
  value: unknown;
  shown: string;
}

/** A stage as the command line sees it; its code is loaded when it is used. */
interface Stage {
  cost(o: StageOptions, extras: StageExtras): Promise<Cost>;
  run(o: StageOptions, extras: StageExtras): Promise<Answer | undefined>;
}

const STAGES: Record<StageName, Stage> = {
  captions: {
    cost: async (o) => (await import('../../corpus/captions-stage.js')).captionsCost(o),
    run: async (o) => {
      await (await import('../../corpus/captions-stage.js')).writeCaptions(o);
      return undefined;
    },
  },
  images: {
    cost: async (o) => (await import('../../corpus/images-stage.js')).imagesCost(o),
    run: async (o) => {
      await (await import('../../corpus/images-stage.js')).writeImages(o);
      return undefined;
    },
  },
  train: {
    cost: trainingCost,
    run: async (o, extras) => {
      const isProbed = o.settings.probe.every > 0;
      const { openTrainingProbe } = isProbed ? await import('../../evaluation/during.js') : {};
      await using probe = await openTrainingProbe?.({ ...o, evals: extras.evals });
      await (await import('../../learn/train.js')).train({ ...o, from: extras.from, probe: probe?.measure });
      return undefined;
    },
  },
  eval: {
    cost: async (o, extras) => (await import('../../probe/evaluate.js')).evalCost({ ...o, ...extras }),
    run: async (o, extras) => {
      const { evaluate, formatProbeTable } = await import('../../probe/evaluate.js');
      const report = await evaluate({ ...o, ...extras });
      const table = report.datasets.length > 0 ? formatProbeTable(report).trimEnd() : 'nothing to probe';
      return { value: report, shown: `\n${table}\n` };
    },
  },
};

/** So long a command measures without a word. */
const SILENCE_MS = 2000;
/** What a stage does to find out what it will cost. */
const MEASURED: Partial<Record<StageName, string>> = {
  captions: 'the writer is opened, and timed on a few captions that are not kept',
  images: 'the painter is opened, and timed on a few images that are not kept',
};

/** Whether a stage is done by a model or a server, which takes its time to begin. */
function isModel(name: StageName, { captions, images }: Settings): boolean {
  return (
    (name === 'captions' && isLanguageWriter(captions.writer)) || (name === 'images' && images.painter !== 'embedded')
  );
}

/** What a command makes of the finished stages. */
export interface Ending {
  /** Whether it could be made in that folder, before hours go into the stages. @throws UserError */
  check(dir: string): Promise<void>;
  /** @param probes what the stage `eval` answered */
  make(run: Run, probes: Answer | undefined): Promise<void>;
}

/**
 * Does stages of a run: checks everything first, says what they will cost, does them one after another.
 * Nothing is written before the checks have passed.
 */
export async function doStages(
  all: readonly StageName[],
  args: Parsed,
  context: Context,
  ending?: Ending,
): Promise<void> {
  const began = performance.now();
  const { terminal, signal } = context;
  const request = await requestRunOn(args, { stages: all }, terminal.hooks(signal));
  terminal.finish();
  const names = stagesOn(request, all);
  // Only these ask servers.
  if (names.includes('captions') || names.includes('images'))
    request.settings = await withKeys(request.settings, (line) => terminal.warn(line));
  const budget = Budget.of(args, request, began, (line) => terminal.line(line));
  const extras: StageExtras = {
    evals: parseEvals(args.lists.eval),
    from: isTrained(request.dir) ? undefined : request.from,
    checkpoint: args.values.checkpoint,
    heads: headsGiven(args.values['encoder-heads']),
    othersSize: args.settings['probe.size'] === undefined ? undefined : request.settings.probe.size,
  };
  await ending?.check(request.dir);
  await checkInputs(names, request, extras, context);
  const options: StageOptions = { settings: request.settings, dir: request.dir, hooks: terminal.hooks(signal) };
  const costs = new Map<StageName, Cost>();
  // Training's needs are worked out, not tried: what is far too big is refused before minutes go into painting and encoding samples.
  const training = names.includes('train') ? await STAGES.train.cost(options, extras) : undefined;
  if (training) await checkResources(new Map([['train', training]]), request.dir);
  for (const name of names) {
    // A language model or a diffusion model may take minutes to load and to show how fast it is.
    const silent = setTimeout(() => {
      if (isModel(name, request.settings)) terminal.line(`${name}: first ${MEASURED[name]}`);
    }, SILENCE_MS);
    try {
      costs.set(name, name === 'train' ? training! : await STAGES[name].cost(options, extras));
    } finally {
      clearTimeout(silent);
    }
  }
  if (training && (budget || training.seconds > LONG)) {
    const timed = await timeTraining(request, names, budget !== undefined, options, (line) => terminal.line(line));
    if (timed) costs.set('train', timedCost(training, timed, request.settings));
    if (budget && !timed)
      throw new UserError(
        '--minutes: the batches are too large for a trial: name the length with --captions and --steps',
      );
    if (budget && timed) {
      const before = request.settings;
      options.settings = request.settings = await budget.fit(costs, timed.rate);
      await rescale(costs, before, request.settings, timed.rate);
    }
  }
  const warnings = await checkResources(costs, request.dir);

  const { preset, from, corpus } = request;
  const run = await openRun(request.dir, {
    settings: request.settings,
    preset,
    from,
    corpus,
    minutes: budget?.record(false),
    command: context.line,
    stages: names,
  });
  let failed = true;
  let answer: Answer | undefined;
  try {
    const doing = request.stored ? 'continues' : 'begins';
    terminal.line(`synclr ${doing} ${request.dir} (preset ${request.preset}, seed ${request.settings.seed})`);
    for (const w of [...request.remarks, ...warnings]) terminal.warn(w);
    if (corpus) for (const line of corpusLines(corpus)) terminal.line(line);
    if (budget) terminal.line(budget.line(request.settings));
    if (names.length > 1) terminal.line(`all stages: ${total([...costs.values()])}${promise(request, args, costs)}`);
    for (const name of names) {
      let cost = costs.get(name)!;
      const refitted = name === 'train' ? await budget?.refit(run, options.settings, options.hooks) : undefined;
      if (refitted) {
        cost = { ...cost, seconds: (cost.seconds * refitted.settings.train.steps) / options.settings.train.steps };
        options.settings = refitted.settings;
        terminal.line(refitted.line);
      }
      terminal.line(`${name}: ${costLine(cost)}`);
      answer = await STAGES[name].run({ ...options, run }, extras);
      terminal.finish();
    }
    if (ending) await ending.make(run, answer);
    else if (answer) context.answer(answer.value, () => terminal.text(answer!.shown));
    failed = false;
  } finally {
    if (failed) terminal.drop();
    await run.close(failed);
  }
}

/** The stages that a run with images elsewhere has: theirs are done. @throws UserError where only those are asked for */
function stagesOn({ corpus, dir }: RunRequest, names: readonly StageName[]): StageName[] {
  if (!corpus) return [...names];
  const left = names.filter((name) => name !== 'captions' && name !== 'images');
  if (left.length === 0)
    throw new UserError(`${dir} has no ${names[0]} of its own: it learns from the corpus ${corpus.path}`);
  return left;
}

/** Which images a run learns from that has none of its own. */
function corpusLines({ path, captions, images, sources }: CorpusRecord): string[] {
  const where = sources && sources.length > 1 ? `${sources.length} sources` : shownPath(path);
  const line = `no captions are written or images painted: ${count(captions)} captions with ${count(images)} images are in ${where}`;
  return [line, ...(sources ?? []).map((s) => `  ${sourceLine(s)}`)];
}

/** The whole of training, less what an earlier run has done. */
async function trainingCost(o: StageOptions): Promise<Cost> {
  const { checkpointSteps } = await import('../../model/checkpoint-file.js');
  const { steps } = o.settings.train;
  const left = steps - ((await checkpointSteps(join(o.dir, 'checkpoints'))).at(-1) ?? 0);
  if (left <= 0) return { seconds: 0, memoryMb: 0, diskMb: 0, basis: `all ${steps} steps are done` };
  const cost = await (await import('../../learn/train.js')).trainCost(o);
  return { ...cost, seconds: (cost.seconds * left) / steps };
}

/** What a stage reads from the folder, and the command that makes it. */
const NEEDS: Partial<Record<StageName, { path: string; what: string; by: string }>> = {
  images: { path: 'captions/manifest.json', what: 'captions', by: 'captions' },
  train: { path: 'images/manifest.json', what: 'images', by: 'images' },
  eval: { path: 'checkpoints', what: 'checkpoint to probe', by: 'train' },
};

/** What the stages will read, looked at beforehand. */
async function checkInputs(
  names: readonly StageName[],
  request: RunRequest,
  extras: StageExtras,
  { terminal, signal }: Context,
): Promise<void> {
  const inputs: Input[] = extras.evals.map(({ name, dir }) => ({ what: `data set ${name}:`, path: dir }));
  if (extras.from !== undefined && names.includes('train') && !extras.from.startsWith('hf:'))
    inputs.push({ what: 'weights --from', path: extras.from, mayHoldRuns: true });
  await refuseOverlap(request.dir, inputs);
  const need = NEEDS[names[0]];
  if (request.corpus && names.includes('train')) {
    const { checkLinked } = await import('../../corpus/link.js');
    await checkLinked(request.corpus, request.dir);
  } else if (need && !extras.checkpoint && !existsSync(join(request.dir, need.path))) {
    throw new UserError(`no ${need.what} in ${request.dir}; first: synclr ${need.by} --out ${request.dir}`);
  }
  if (names[0] === 'images') {
    const { CaptionShards } = await import('../../corpus/captions.js');
    await CaptionShards.open(join(request.dir, 'captions'));
  }
  if (names.includes('captions')) {
    const { backgroundsLine } = await import('../../concepts/background-file.js');
    const { loadConceptBank } = await import('../../concepts/bank.js');
    const bank = await loadConceptBank(request.settings);
    const { conceptWarnings } = await import('../../images/embedded/concept-warnings.js');
    for (const warning of conceptWarnings(bank, request.settings.images.painter)) terminal.warn(warning);
    const { backgrounds } = bank;
    if (backgrounds) terminal.line(backgroundsLine(backgrounds));
  }
  // Before a language model is loaded and timed.
  if (names.includes('images')) (await import('../../images/registry.js')).checkPainter(request.settings);
  await checkEvalSets(extras.evals, (line) => terminal.warn(line), signal);
  if (extras.from !== undefined && names.includes('train')) {
    const { weightsFile } = await import('./weights-file.js');
    extras.from = await weightsFile(extras.from, request.settings, terminal.hooks(signal));
  }
}

function costLine(c: Cost): string {
  if (c.seconds === 0 && c.diskMb === 0) return c.basis;
  const what = [`about ${roughly(c.seconds)}`];
  if (c.tokens) what.push(`${many(c.tokens.prompt)} tokens read and ${many(c.tokens.completion)} written by the model`);
  if (c.images) what.push(`${count(c.images)} images`);
  what.push(`${megabytes(c.memoryMb)} memory`, `${megabytes(c.diskMb)} disk`);
  return `${what.join(', ')} (${c.basis})`;
}

function total(costs: readonly Cost[]): string {
  const seconds = costs.reduce((s, c) => s + c.seconds, 0);
  const memory = Math.max(...costs.map((c) => c.memoryMb));
  const disk = costs.reduce((s, c) => s + c.diskMb, 0);
  return `about ${roughly(seconds)}, at most ${megabytes(memory)} memory, ${megabytes(disk)} disk`;
}

/** Elapsed time since `start` (performance.now()), as a clock. */
export function elapsed(start: number): string {
  return clock((performance.now() - start) / 1000);
}
