import { once } from 'node:events';
import { oneLine, printable, printableJson } from '../../printable.js';
import type { Progress, StageHooks } from '../../stage.js';
import { fitColumns } from './columns.js';
import { clock, count, short } from './format.js';

/** Least time between two plain lines of one stage, seconds; the first comes earlier. */
const PLAIN_EVERY = 15;
const PLAIN_FIRST = 3;
/** Least time between two updates of the live line, seconds. */
const LIVE_EVERY = 0.2;
/** The rate is taken over this many seconds. */
const WINDOW = 20;

/** What a command line asks of the terminal. */
export interface Manner {
  /** stdout is for one JSON document: everything else goes to stderr. */
  json?: boolean;
  /** Nothing but warnings, errors and the command's answer. */
  quiet?: boolean;
}

/** Columns where there is no terminal to ask, and the most and the least that text is laid out for. */
const COLUMNS = 110;
const WIDEST = 120;
const NARROWEST = 40;

/**
 * Where commands print: results and progress to stdout, warnings and errors to stderr. All that is printed passes through `printable`: what
 * models, servers and files say cannot command the terminal. Progress is one live line on a terminal, and
 * plain lines at modest intervals elsewhere. No colours.
 */
export class Terminal {
  private readonly stdout: NodeJS.WriteStream;
  private readonly stderr: NodeJS.WriteStream;
  /** Where lines and progress go. */
  private out: NodeJS.WriteStream;
  private quiet = false;
  private liveShown = false;
  private readonly warned = new Set<string>();
  private meter: Meter | undefined;

  constructor(stdout: NodeJS.WriteStream = process.stdout, stderr: NodeJS.WriteStream = process.stderr) {
    this.stdout = stdout;
    this.stderr = stderr;
    this.out = stdout;
  }

  /** From now on it prints as this command line asks. */
  behave({ json = false, quiet = false }: Manner): void {
    this.out = json ? this.stderr : this.stdout;
    this.quiet = quiet;
  }

  /** Columns that text may be laid out for. */
  get width(): number {
    return Math.min(WIDEST, Math.max(NARROWEST, this.stdout.columns || COLUMNS));
  }

  private get live(): boolean {
    return this.out.isTTY === true && process.env.TERM !== 'dumb' && !process.env.CI;
  }

  /** One line, whatever the text holds: no part of it can look like a line of ours. */
  line(text: string): void {
    if (this.quiet) return;
    this.clear();
    this.out.write(`${oneLine(text)}\n`);
  }

  /** Lines that were laid out here: a table, help. What they hold from outside has been brought into one line each. */
  text(lines: string): void {
    if (this.quiet) return;
    this.clear();
    this.out.write(`${printable(lines)}\n`);
  }

  /** The command's answer as one JSON document, on stdout. */
  document(value: unknown): void {
    this.clear();
    this.stdout.write(`${printableJson(value)}\n`);
  }

  /** One of many JSON documents on stdout, a line each; waits where whoever reads is slower. */
  async record(value: unknown): Promise<void> {
    this.clear();
    if (!this.stdout.write(`${printableJson(value, 0)}\n`)) await once(this.stdout, 'drain');
  }

  /** What `show` prints is the command's answer, which no `--quiet` keeps back. */
  answering(show: () => void): void {
    const { quiet } = this;
    this.quiet = false;
    try {
      show();
    } finally {
      this.quiet = quiet;
    }
  }

  /** A warning; the same one is said once, however many parts of a run find it. */
  warn(text: string): void {
    if (this.warned.has(text)) return;
    this.warned.add(text);
    this.clear();
    this.stderr.write(`synclr: warning: ${oneLine(text)}\n`);
  }

  /** An error, in one line. */
  error(text: string): void {
    this.clear();
    this.stderr.write(`${oneLine(text)}\n`);
  }

  /** An error of our own, with its stack: the message in one line, then the places. */
  stack(e: unknown): void {
    const { name, message, stack } = e instanceof Error ? e : { name: 'thrown', message: String(e), stack: '' };
    const places = (stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
    this.error(`${name}: ${message}`);
    // A message of several lines may hold some that look like places.
    const own = places.slice(message.split('\n').filter((line) => /^\s+at /.test(line)).length);
    for (const place of own) this.stderr.write(`    ${oneLine(place)}\n`);
  }

  /** Hooks for a stage: progress goes here. */
  hooks(signal: AbortSignal): StageHooks {
    return {
      signal,
      progress: (p) => this.progress(p),
      warn: (line) => this.warn(line),
      note: (line) => this.line(line),
    };
  }

  /** Ends the stage's progress with a line that says how long it took; nothing where the stage reported nothing. */
  finish(): void {
    const meter = this.meter;
    this.meter = undefined;
    this.clear();
    if (meter && meter.worked > 0) this.line(meter.summary());
  }

  /** Forgets the stage in hand without a word (it was interrupted, or it failed). */
  drop(): void {
    this.meter = undefined;
    this.clear();
  }

  private progress(p: Progress): void {
    if (this.quiet) return;
    const now = performance.now() / 1000;
    if (this.meter?.stage !== p.stage) {
      this.finish();
      this.meter = new Meter(p, now);
    }
    const meter = this.meter!;
    meter.update(p, now);
    if (!this.live) {
      if (now - meter.start < PLAIN_FIRST || now - meter.shown < PLAIN_EVERY || p.done >= p.total) return;
      meter.shown = now;
      this.line(meter.plain());
    } else if (now - meter.shown >= LIVE_EVERY) {
      meter.shown = now;
      this.liveShown = true;
      const columns = this.out.columns || 100;
      this.out.write(`\r\u001b[2K${fitColumns(oneLine(meter.live()).replaceAll('\t', ' '), columns - 1)}`);
    }
  }

  private clear(): void {
    if (!this.liveShown) return;
    this.liveShown = false;
    this.out.write('\r\u001b[2K');
  }
}

/** Rate and time left of one stage. What an earlier run had done already counts as done, not as speed. */
class Meter {
  readonly stage: Progress['stage'];
  readonly start: number;
  shown = Number.NEGATIVE_INFINITY;
  private first: number;
  private last: Progress;
  private readonly marks: { time: number; done: number }[];

  constructor(p: Progress, now: number) {
    this.stage = p.stage;
    this.start = now;
    this.first = p.before ?? p.done;
    this.last = p;
    this.marks = [{ time: now, done: p.done }];
  }

  /** Units done since the meter started. */
  get worked(): number {
    return this.last.done - this.first;
  }

  update(p: Progress, now: number): void {
    // Several counts in one stage, e.g. one probe after another: start again.
    if (p.done < this.last.done || p.unit !== this.last.unit) this.marks.length = 0;
    // What turns out to have been there already (a shard on its way) is no speed.
    const found = p.before === undefined ? 0 : p.before - this.first;
    if (found !== 0) {
      this.first += found;
      for (const mark of this.marks) mark.done += found;
    }
    this.last = p;
    this.marks.push({ time: now, done: p.done });
    while (this.marks.length > 2 && now - this.marks[1].time > WINDOW) this.marks.shift();
  }

  private get rate(): number {
    const from = this.marks[0];
    const to = this.marks[this.marks.length - 1];
    return (to.done - from.done) / (to.time - from.time);
  }

  private figures(): string[] {
    const { done, total, detail } = this.last;
    const out: string[] = [];
    const rate = this.rate;
    if (rate > 0 && Number.isFinite(rate)) {
      out.push(`${short(rate)}/s`);
      if (done < total) out.push(`${clock((total - done) / rate)} left`);
    }
    for (const [name, value] of Object.entries(detail ?? {})) {
      out.push(`${name} ${typeof value === 'number' ? String(Number(value.toPrecision(4))) : value}`);
    }
    return out;
  }

  live(): string {
    const { done, total, unit } = this.last;
    const share = total > 0 ? Math.min(1, done / total) : 1;
    const width = 24;
    const bar = '█'.repeat(Math.round(share * width)).padEnd(width, '░');
    return [`${this.stage.padEnd(8)} ${bar} ${count(done)}/${count(total)} ${unit}`, ...this.figures()].join('  ');
  }

  plain(): string {
    const { done, total, unit } = this.last;
    const percent = total > 0 ? Math.floor((100 * done) / total) : 100;
    return [`${this.stage}: ${count(done)} of ${count(total)} ${unit} (${percent} %)`, ...this.figures()].join(', ');
  }

  summary(): string {
    const seconds = performance.now() / 1000 - this.start;
    const { done, unit, detail = {} } = this.last;
    const resumed = this.first > 0 ? `, ${count(this.first)} of them before` : '';
    // What was thrown away on the way is worth a word at the end too; a loss is not.
    const thrown = Object.keys(detail)
      .filter((k) => /^(rejected|repainted|kept though .*)$/.test(k))
      .map((k) => `, ${count(Number(detail[k]))} ${k}`);
    return `${this.stage}: ${count(done)} ${unit} in ${clock(seconds)} (${short(this.worked / seconds)}/s${resumed})${thrown.join('')}`;
  }
}
