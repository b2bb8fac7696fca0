import { LEARNER_NAMES, type LearnerName } from '../config/names.js';
import type { Metric } from '../learn/learner.js';
import { LEARNERS } from '../learn/learners/index.js';
import { type Html, html } from './html.js';
import { type Metrics, PROBED, type Series } from './metrics.js';

/** Curves of one chart. */
interface Group {
  title: string;
  /** What a reader should look for. */
  about: string;
  keys: readonly string[];
  /** Shown even where the values are far above: 0…1 scales. */
  range?: readonly [number, number];
}

/** Known curves of every learner; keys that no group names get charts of their own. */
const HEALTH: readonly Group[] = [
  {
    title: 'Similarity',
    about: 'cosine between images of one caption, and of different captions: the gap should open',
    keys: ['positive_similarity', 'negative_similarity'],
  },
  {
    title: 'Feature spread',
    about: '1: isotropic; 0: all features are the same',
    keys: ['feature_std'],
    range: [0, 1],
  },
  { title: 'Effective rank', about: 'directions that the features of a batch vary along', keys: ['feature_rank'] },
  {
    title: 'Prototypes',
    about: 'entropy of a patch’s target (0: one prototype, 1: all alike), and share of the prototypes in use',
    keys: ['teacher_entropy', 'prototype_use'],
    range: [0, 1],
  },
];
const OPTIMISATION: readonly Group[] = [
  { title: 'Gradient norm', about: 'before clipping', keys: ['grad_norm'] },
  { title: 'Learning rate', about: 'warm-up, then cosine', keys: ['lr'] },
  { title: 'Weight decay', about: 'cosine', keys: ['weight_decay', 'wd'] },
  { title: 'Images a second', about: 'speed of the training step', keys: ['images_per_s'] },
  { title: 'Waiting for data', about: 'share of the time that the step waited for its batch', keys: ['data_wait'] },
];

/** A learner's own curves, a group a chart. */
function groupsOf(metrics: readonly Metric[], among: 'losses' | 'optimisation'): Group[] {
  const groups = new Map<string, { title: string; about: string; keys: string[] }>();
  for (const { key, chart: title, about, among: where = 'losses' } of metrics) {
    if (where !== among) continue;
    const group = groups.get(title) ?? { title, about, keys: [] };
    group.keys.push(key);
    groups.set(title, group);
  }
  return [...groups.values()];
}

/**
 * All curves of a training run, grouped: losses, health, optimisation, and whatever else is in the log.
 * @param method the learner, whose curves have titles of its own
 */
export function trainingCharts(
  m: Metrics,
  method: LearnerName = LEARNER_NAMES[0],
): { title: string; charts: Html[] }[] {
  const { metrics } = LEARNERS[method];
  const labels = new Map(metrics.flatMap(({ key, label }) => (label === undefined ? [] : [[key, label]])));
  const left = new Set(m.series.keys());
  const drawn: Series[] = [];
  const draw = (groups: readonly Group[]): Html[] =>
    groups.flatMap((g) => {
      const found = g.keys.flatMap((k) => m.series.get(k) ?? []);
      for (const s of found) left.delete(s.name);
      // A term whose weight is 0 has nothing to show; a sum of one term is that term.
      const shown = found.filter((s) => s.points.some((p) => p.min !== 0 || p.max !== 0) && !drawn.some(isCurve(s)));
      drawn.push(...shown);
      return shown.length > 0 ? [chart(g, shown, m.steps, labels)] : [];
    });
  const sections = [
    { title: 'Losses', charts: draw(groupsOf(metrics, 'losses')) },
    { title: 'Probes on the way', charts: draw([probesOf(m)]) },
    { title: 'Health', charts: draw(HEALTH) },
    { title: 'Optimisation', charts: draw([...OPTIMISATION, ...groupsOf(metrics, 'optimisation')]) },
  ];
  const others = [...left].sort().map((key): Group => ({ title: readable(key), about: key, keys: [key] }));
  sections.push({ title: 'More', charts: draw(others) });
  return sections.filter((s) => s.charts.length > 0);
}

/** Of `probe.every`: a curve a data set. */
const probesOf = (m: Metrics): Group => ({
  title: 'kNN',
  about: 'top-1 of the encoder on its way, by data set',
  keys: [...m.series.keys()].filter((key) => key.startsWith(PROBED)),
});

/** Whether two curves are one, but for rounding. */
const isCurve =
  (a: Series) =>
  (b: Series): boolean =>
    a.points.length === b.points.length &&
    a.points.every(
      (p, i) => p.step === b.points[i].step && Math.abs(p.mean - b.points[i].mean) <= 1e-5 * Math.abs(p.mean),
    );

/** Curves that share a chart, in its words. */
const LEGEND: Readonly<Record<string, string>> = {
  positive_similarity: 'same caption',
  negative_similarity: 'different captions',
  teacher_entropy: 'entropy',
  prototype_use: 'in use',
};

const readable = (key: string): string => {
  const words = key.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};

const WIDTH = 420;
const HEIGHT = 200;
const LEFT = 52;
const RIGHT = 10;
const TOP = 10;
const BOTTOM = 24;

function chart(g: Group, series: readonly Series[], steps: number, labels: ReadonlyMap<string, string>): Html {
  const smooth = series.map((s) => smoothed(s.points.map((p) => p.mean)));
  const [low, high] = extent(g, series, smooth);
  const right = Math.max(1, steps);
  const x = (step: number): number => LEFT + ((WIDTH - LEFT - RIGHT) * step) / right;
  const y = (v: number): number =>
    TOP + (HEIGHT - TOP - BOTTOM) * (1 - Math.min(1, Math.max(0, (v - low) / (high - low))));
  const path = (points: readonly (readonly [number, number])[]): string =>
    points.map(([a, b], i) => `${i === 0 ? 'M' : 'L'}${a.toFixed(1)} ${b.toFixed(1)}`).join('');
  const rows = ticks(low, high, 4);
  const data = series.map((s) => ({
    steps: s.points.map((p) => Math.round(p.step)),
    values: s.points.map((p) => Number(p.mean.toPrecision(4))),
  }));
  return html`<figure class="chart" data-chart="${JSON.stringify({ left: LEFT, right: WIDTH - RIGHT, width: WIDTH, steps: right, series: data })}">
<figcaption><b>${g.title}</b><span>${g.about}</span></figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${g.title}, last value ${series.map((s) => shown(s.last)).join(', ')}">
${rows.map((v) => html`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(v).toFixed(1)}" y2="${y(v).toFixed(1)}"/><text x="${LEFT - 6}" y="${(y(v) + 3.5).toFixed(1)}" text-anchor="end">${shown(v)}</text>`)}
${ticks(0, right, 5)
  .filter((v) => v <= right)
  .map(
    (v) =>
      html`<text x="${x(v).toFixed(1)}" y="${HEIGHT - 7}" text-anchor="${v === 0 ? 'start' : x(v) > WIDTH - 40 ? 'end' : 'middle'}">${compact(v)}</text>`,
  )}
${series.map((s, i) => {
  const raw = s.points.map((p) => [x(p.step), y(p.mean)] as const);
  const line = s.points.map((p, j) => [x(p.step), y(smooth[i][j])] as const);
  const end = line[line.length - 1];
  return html`<path class="raw c${i}" d="${path(raw)}"/><path class="line c${i}" d="${path(line)}"/><circle class="dot c${i}" cx="${end[0].toFixed(1)}" cy="${end[1].toFixed(1)}" r="2.6"/>`;
})}
<line class="cursor" x1="0" x2="0" y1="${TOP}" y2="${HEIGHT - BOTTOM}"/>
</svg>
<div class="legend">${series.map((s, i) => html`<span class="key c${i}">${series.length > 1 ? (labels.get(s.name) ?? LEGEND[s.name] ?? readable(s.name)) : 'last'} <output>${shown(s.last)}</output></span>`)}<span class="at"></span></div>
</figure>`;
}

/** What the axis spans: of noisy curves with spikes, what the smoothed line and nearly all points need. */
function extent(g: Group, series: readonly Series[], smooth: readonly number[][]): [number, number] {
  const all = series.flatMap((s) => s.points.map((p) => p.mean)).sort((a, b) => a - b);
  const lines = smooth.flat();
  let low = Math.min(...lines, all[Math.floor(0.01 * (all.length - 1))]);
  let high = Math.max(...lines, all[Math.ceil(0.99 * (all.length - 1))]);
  if (g.range) {
    low = Math.min(low, g.range[0]);
    high = Math.max(high, g.range[1]);
  }
  // Near enough to zero, zero is the honest bottom.
  if (low > 0 && low < 0.35 * high) low = 0;
  if (high - low < 1e-9 * Math.max(1e-9, Math.abs(high))) {
    const half = Math.abs(high) > 0 ? 0.1 * Math.abs(high) : 1;
    low -= half;
    high += half;
  }
  return [low, high];
}

/** Mean over a twentieth of the curve, half of it on each side where there is as much; short curves stay as they are. */
function smoothed(values: readonly number[]): number[] {
  const half = Math.floor(values.length / 40);
  const sums = [0];
  for (const v of values) sums.push(sums[sums.length - 1] + v);
  return values.map((_, i) => {
    const from = Math.max(0, i - half);
    const to = Math.min(values.length, i + half + 1);
    return (sums[to] - sums[from]) / (to - from);
  });
}

/** About `count` round numbers within [low, high]. */
function ticks(low: number, high: number, count: number): number[] {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough) ?? rough;
  const out: number[] = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++)
    out.push(Number((i * step).toPrecision(12)));
  return out;
}

/** A value with few digits: 0.000213 → 2.13e-4. */
export function shown(v: number): string {
  if (v === 0) return '0';
  const size = Math.abs(v);
  if (size < 1e-3 || size >= 1e6) return v.toExponential(1).replace('e+', 'e').replace('.0e', 'e');
  return size >= 1000 ? Math.round(v).toLocaleString('en-US') : String(Number(v.toPrecision(3)));
}

const compact = (v: number): string =>
  v >= 1e6
    ? `${Number((v / 1e6).toPrecision(3))}M`
    : v >= 1e4
      ? `${Number((v / 1e3).toPrecision(3))}k`
      : v.toLocaleString('en-US');
