/** What was measured in one run of a step, ours or a peer's; numbers that it does not tell are left out. */
export interface Measured {
  /** `synclr`, `PyTorch compiled`, `JAX` … */
  who: string;
  /** `ViT-B/16, 64 × 4` */
  model: string;
  precision: 'float32' | 'bfloat16';
  /** Images (global crops) a second. */
  imagesPerSecond?: number;
  stepMs?: number;
  /** Most memory of the device (on a CPU: of the process) in use, GiB. */
  memoryGib?: number;
  /** From the program to its first step, seconds; of repeated runs the longest, since later ones find it compiled. */
  compileSeconds?: number;
  /** Shares of the time in which the step waited for a batch, and the process for the device. */
  dataWait?: number;
  deviceWait?: number;
  /** What is to be known of the numbers, put below the table. */
  note?: string;
  /** Why there are none. */
  failed?: string;
}

/** The JSON line that a bench printed last, in whatever it printed besides. */
export function lastJson(text: string): Record<string, unknown> | undefined {
  for (const line of text.split('\n').reverse()) {
    if (!line.startsWith('{')) continue;
    try {
      return JSON.parse(line) as Record<string, unknown>;
    } catch {
      // A line of a log that begins like one.
    }
  }
  return undefined;
}

/** Numbers of a bench's line, ours (`bench/step.ts`) or a peer's, by what they mean. */
export function measuresOf(line: Record<string, unknown>): Omit<Measured, 'who' | 'model' | 'precision'> {
  const number = (...names: string[]) => {
    const found = names.map((name) => line[name]).find((x) => typeof x === 'number' && Number.isFinite(x));
    return found as number | undefined;
  };
  if (typeof line.error === 'string') return { failed: reason(line.error) };
  const gib = number('memory_gib', 'peak_gib', 'temp_gib');
  const mb = number('peak_rss_mb', 'peak_mb');
  return {
    imagesPerSecond: number('images_per_s'),
    stepMs: number('step_ms'),
    memoryGib: gib ?? (mb === undefined ? undefined : mb / 1024),
    compileSeconds: number('compile_s', 'warmup_s'),
    dataWait: number('data_wait'),
    deviceWait: number('device_wait'),
  };
}

/** Why a run gave no numbers, from all that it said: the line that names an error, short, without bars. */
export function reason(said: string): string {
  const lines = said.split('\n').map((line) => line.trim());
  if (/out of memory|RESOURCE_EXHAUSTED/i.test(said)) return 'out of memory';
  const line = lines.filter((l) => /error|synclr:/i.test(l)).at(-1) ?? lines.filter((l) => l !== '').at(-1);
  return (line ?? 'said nothing').replaceAll('|', '/').slice(0, 120);
}

/** The middle one, or the mean of the two in the middle; undefined of none. */
export function median(numbers: readonly number[]): number | undefined {
  if (numbers.length === 0) return undefined;
  const sorted = [...numbers].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

const largest = (numbers: readonly number[]) => (numbers.length === 0 ? undefined : Math.max(...numbers));

/** Runs of the same thing as one row: medians, and the range of the rate. */
interface Row extends Measured {
  rates: number[];
}

function rowsOf(runs: readonly Measured[]): Row[] {
  const groups = new Map<string, Measured[]>();
  for (const run of runs) {
    const key = `${run.model}\n${run.precision}\n${run.who}`;
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  return [...groups.values()].map((all) => {
    const middle = (name: keyof Measured) =>
      median(all.map((run) => run[name]).filter((x): x is number => typeof x === 'number'));
    const rates = all.flatMap((run) => run.imagesPerSecond ?? []).sort((a, b) => a - b);
    return {
      ...all[0],
      imagesPerSecond: median(rates),
      stepMs: middle('stepMs'),
      memoryGib: middle('memoryGib'),
      compileSeconds: largest(all.flatMap((run) => run.compileSeconds ?? [])),
      dataWait: middle('dataWait'),
      deviceWait: middle('deviceWait'),
      failed: rates.length > 0 ? undefined : all.map((run) => run.failed).find((why) => why !== undefined),
      rates,
    };
  });
}

/** The runs as one Markdown table in the order in which their kinds first came, with notes and comparisons below. */
export function table(runs: readonly Measured[]): string {
  const rows = rowsOf(runs);
  const notes = [...new Set(rows.flatMap((row) => row.note ?? []))];
  const cells = rows.map((row) => {
    const mark = row.note === undefined ? '' : ` ${'\\*'.repeat(notes.indexOf(row.note) + 1)}`;
    const named = [row.model, row.precision, `${row.who}${mark}`];
    if (row.failed !== undefined) return [...named, row.failed, '', '', '', '', ''];
    return [
      ...named,
      rate(row),
      shown(row.stepMs, 1),
      shown(row.memoryGib, 1),
      shown(row.compileSeconds, 0),
      share(row.dataWait),
      share(row.deviceWait),
    ];
  });
  const head = [
    ['model, captions × images', 'precision', 'step of', 'images/s', 'step, ms'],
    ['memory, GiB', 'compile, s', 'waits for data', 'waits for the device'],
  ].flat();
  const lines = [head, head.map(() => '---'), ...cells].map((row) => `| ${row.join(' | ')} |`);
  const below = notes.map((note, i) => `${'\\*'.repeat(i + 1)} ${note}`);
  return [...lines, '', ...below, ...comparisons(rows)].join('\n');
}

function rate({ imagesPerSecond, rates }: Row): string {
  const digits = imagesPerSecond !== undefined && imagesPerSecond < 100 ? 1 : 0;
  const range = rates.length < 2 ? '' : ` (${shown(rates[0], digits)}–${shown(rates[rates.length - 1], digits)})`;
  return `${shown(imagesPerSecond, digits)}${range}`;
}

/** Ours against each peer that ran the same. */
function comparisons(rows: readonly Row[]): string[] {
  const out: string[] = [];
  for (const ours of rows.filter((row) => row.who === 'synclr' && row.imagesPerSecond !== undefined)) {
    const peers = rows.filter(
      (row) =>
        !row.who.startsWith('synclr') &&
        row.model === ours.model &&
        row.precision === ours.precision &&
        row.imagesPerSecond !== undefined,
    );
    if (peers.length === 0) continue;
    const times = peers.map((p) => `${(ours.imagesPerSecond! / p.imagesPerSecond!).toFixed(2)} × ${p.who}`);
    out.push(`${ours.model}, ${ours.precision}: synclr is ${times.join(', ')}`);
  }
  return out;
}

function shown(x: number | undefined, digits: number): string {
  return x === undefined
    ? ''
    : x.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function share(x: number | undefined): string {
  return x === undefined ? '' : `${(100 * x).toFixed(1)} %`;
}
