import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { asUserError, Interrupted, UserError } from '../errors.js';
import { removeEmptyFolder } from '../files/remove.js';
import { SkippedFiles } from '../probe/left-out.js';
import { encoderSource } from '../probe/sources.js';
import type { Executors } from '../runtime/executor.js';
import { type CellInputs, type CellRecord, cellKey, cellName, readCell, writeCell } from './cells.js';
import type { ComparedCell, CompareOptions, Comparison } from './compare.js';
import type { EncoderFacts, EncoderSpec, Encoders } from './encoders.js';
import { extractFeatures, readFeatures, type SetFeatures } from './features.js';
import type { PicturedEncoder } from './pictures/options.js';
import type { CellResult, Protocol } from './protocol.js';
import type { OpenedSet } from './sets.js';
import type { Asked } from './suites.js';

/** One cell to be looked for or measured. */
interface Todo {
  encoder: EncoderFacts;
  protocol: Protocol;
  inputs: CellInputs;
  kept?: CellRecord;
}

/** The cells of one comparison. */
export class Work {
  private readonly o: CompareOptions;
  private readonly executors: Executors;
  private readonly encoders: Encoders;
  private readonly seed: number;
  private done = 0;
  /** Features of the encoder and set in hand. */
  private inHand: { key: string; features: SetFeatures } | undefined;

  constructor(o: CompareOptions, executors: Executors, encoders: Encoders, seed: number) {
    this.o = o;
    this.executors = executors;
    this.encoders = encoders;
    this.seed = seed;
  }

  /** Looks at all encoders; those that cannot be opened are said and left out. @throws UserError where none is left */
  async open(specs: readonly EncoderSpec[], failures: Comparison['failures']): Promise<EncoderFacts[]> {
    const facts: EncoderFacts[] = [];
    for (const spec of specs) {
      try {
        facts.push(await this.encoders.facts(spec));
      } catch (e) {
        const why = this.reason(e);
        failures.push({ what: `encoder ${spec.label}`, why });
        if (specs.length > 1) this.o.hooks.warn(`encoder ${spec.label} is left out: ${why}`);
      }
    }
    if (facts.length === 0) throw new UserError(`${failures.at(-1)!.what}: ${failures.at(-1)!.why}`);
    return facts;
  }

  async cells(facts: readonly EncoderFacts[], asked: readonly Asked<OpenedSet>[]): Promise<ComparedCell[]> {
    const total = facts.length * asked.length;
    const cells: ComparedCell[] = [];
    for (const set of new Set(asked.map((a) => a.set))) {
      const todo: Todo[] = [];
      for (const encoder of facts)
        for (const { protocol } of asked.filter((a) => a.set === set)) {
          const inputs = { encoder, set, protocol, options: this.o.options ?? {}, seed: this.seed };
          todo.push({ encoder, protocol, inputs, kept: await readCell(this.o.out, protocol.name, cellKey(inputs)) });
        }
      const lacking = todo.filter((t) => !t.kept && t.protocol.needs === 'features').map((t) => t.encoder);
      const failed = await this.extract([...new Set(lacking)], set);
      for (const t of todo) {
        const cell = await this.cell(t, set, failed.get(t.encoder));
        cells.push(cell);
        this.done++;
        this.o.onCell?.(cell, this.done, total);
        this.o.hooks.progress({ stage: 'eval', done: this.done, total, unit: 'cells' });
      }
      this.inHand = undefined;
    }
    // By protocol, then set, then encoder: as tables have them.
    const place = new Map(asked.map((a, i) => [`${a.protocol.name} ${a.set.name}`, i]));
    const at = (c: ComparedCell) => place.get(`${c.protocol} ${c.set}`)!;
    return cells.sort((a, b) => at(a) - at(b));
  }

  /** An encoder as pictures beside others' take it. */
  pictured(facts: EncoderFacts, set: OpenedSet): PicturedEncoder {
    return {
      label: facts.label,
      hasNetwork: facts.what !== 'pixels',
      open: () => this.encoders.open(facts),
      features: () => this.featuresOf(facts, set),
    };
  }

  /** Features of a set for all that lack some. @returns why there are none, by encoder */
  private async extract(lacking: readonly EncoderFacts[], set: OpenedSet): Promise<Map<EncoderFacts, string>> {
    const failed = new Map<EncoderFacts, string>();
    if (lacking.length === 0) return failed;
    const pictures = set.train.length + (set.val?.length ?? 0) + set.test.length;
    const { hooks } = this.o;
    const broken = new SkippedFiles(hooks.warn);
    let done = 0;
    for (const group of this.encoders.together(lacking)) {
      const sources = new Map<EncoderFacts, ReturnType<typeof encoderSource>>();
      for (const facts of group)
        try {
          sources.set(facts, encoderSource('trained', await this.encoders.open(facts, group)));
        } catch (e) {
          failed.set(facts, this.reason(e));
        }
      try {
        const wrong = await extractFeatures([...sources.values()], set, {
          ...{ dir: this.features, hooks, apart: this.executors.apart },
          onFeatures: (count, leftOut) => {
            done += count;
            broken.add(
              set.dir,
              leftOut.map(({ name, why }) => ({ file: name, reason: why })),
            );
            const total = lacking.length * pictures;
            hooks.progress({ stage: 'eval', done, total, unit: 'features', detail: { set: set.name } });
          },
        });
        for (const [facts, source] of sources) if (wrong.has(source)) failed.set(facts, this.reason(wrong.get(source)));
      } catch (e) {
        const why = this.reason(e);
        for (const facts of sources.keys()) failed.set(facts, why);
      }
    }
    broken.end();
    return failed;
  }

  private get features(): string {
    return join(this.o.out, 'features');
  }

  private async cell(
    { encoder, protocol, inputs, kept }: Todo,
    set: OpenedSet,
    lacking?: string,
  ): Promise<ComparedCell> {
    const cell = { encoder: encoder.label, set: set.name, protocol: protocol.name };
    const { hooks } = this.o;
    const dir = join(this.o.out, 'work', cellName(protocol.name, cellKey(inputs)));
    if (kept) {
      // A kill may have come between.
      await this.clear(protocol, dir);
      return { ...cell, state: 'kept', record: kept };
    }
    if (protocol.needs === 'features' && lacking !== undefined) return { ...cell, state: 'failed', why: lacking };
    if (hooks.signal.aborted) throw new Interrupted('stopped between cells');
    try {
      if (encoder.what === 'pixels' && protocol.needs === 'network')
        return { ...cell, state: 'refused', why: 'raw pixels have no network' };
      const opened = await this.encoders.open(encoder);
      const why = protocol.refuses?.({ encoder: opened, set });
      if (why !== undefined) return { ...cell, state: 'refused', why };
      const began = performance.now();
      let features: SetFeatures | undefined;
      const result: CellResult = await protocol.run({
        ...{ encoder: opened, set, options: inputs.options, seed: this.seed, executors: this.executors },
        runtime: this.o.runtime ?? { provider: 'cpu', threads: 0 },
        features: async () => {
          features = await this.featuresOf(encoder, set);
          return features;
        },
        dir,
        hooks: { ...hooks, progress: (p) => hooks.progress({ ...p, detail: { ...cell, ...p.detail } }) },
      });
      // What a protocol measured of a run that was to stop may be cut short.
      if (hooks.signal.aborted) throw new Interrupted('stopped in a cell');
      const skipped = result.skipped ?? features?.leftOut.test;
      const seconds = (performance.now() - began) / 1000;
      const record = await writeCell(this.o.out, inputs, { ...result, skipped, seconds }, this.executors.about);
      await this.clear(protocol, dir);
      return { ...cell, state: 'done', record };
    } catch (e) {
      return { ...cell, state: 'failed', why: this.reason(e) };
    }
  }

  /** Removes a finished cell's checkpoints. */
  private async clear(protocol: Protocol, dir: string): Promise<void> {
    if (!protocol.clear || !existsSync(dir)) return;
    try {
      await protocol.clear(dir, this.o.options ?? {});
      await removeEmptyFolder(dir);
    } catch (e) {
      // The result is kept: what cannot be removed takes room, and no more.
      this.o.hooks.warn(`${dir}: checkpoints of a finished cell cannot be removed (${(e as Error).message})`);
    }
  }

  /** From the cache, where `extract` has put them; made again where they are damaged. */
  private async featuresOf(facts: EncoderFacts, set: OpenedSet): Promise<SetFeatures> {
    const key = `${facts.hash} ${set.hash} ${set.name}`;
    if (this.inHand?.key === key) return this.inHand.features;
    this.inHand = undefined;
    const source = encoderSource('trained', await this.encoders.open(facts));
    let features = await readFeatures(source, set, this.features);
    if (!features) {
      const why = (await this.extract([facts], set)).get(facts);
      if (why !== undefined) throw new UserError(why);
      features = await readFeatures(source, set, this.features);
    }
    if (!features)
      throw new UserError(`${this.features}: features of ${facts.label} on ${set.name} cannot be kept there`);
    this.inHand = { key, features };
    return features;
  }

  /** What went wrong, in one line. @throws it, where it is the wish to stop */
  reason(e: unknown): string {
    if (e instanceof Interrupted || (this.o.hooks.signal.aborted && (e as Error)?.name === 'AbortError')) throw e;
    const mistake = asUserError(e);
    if (mistake) return mistake.message;
    const { message, stack } = e instanceof Error ? e : new Error(String(e));
    const place = stack
      ?.split('\n')
      .find((line) => /^\s+at /.test(line))
      ?.trim();
    return `an error of synclr itself: ${message}${place ? ` (${place})` : ''}`;
  }
}
