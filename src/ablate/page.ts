import { type Html, html } from '../report/html.js';
import { pageOf } from '../report/page-of.js';
import { STYLE } from '../report/style.js';
import { VERSION } from '../version.js';
import type { Ablation } from './ablate.js';
import { type Column, notesOf, type ResultTable, type Row, textOf } from './table.js';

const WIDTH = 460;
const LABELS = 190;
const RIGHT = 16;
const TOP = 8;
const LINE = 24;
const AXIS = 26;

const MORE = `
.dots text.label { fill: var(--ink); font-size: 12px; }
.dots .span { stroke: var(--trained); stroke-width: 2; }
.dots .seed { fill: var(--trained); opacity: .35; }
.dots .mean { fill: var(--trained); }
.dots .base .span, .dots .base .mean, .dots .base .seed { fill: var(--pixels); stroke: var(--pixels); }
.dots .guess { stroke: var(--faint); stroke-dasharray: 3 3; }
.dots .paper { fill: var(--untrained); }
.dots .link { stroke: var(--rule); }
`;

/** The page of a grid: a table each with the paper's figures beside, and plots of the same; it asks for nothing from elsewhere. */
export function ablationPage(a: Ablation, tables: readonly ResultTable[], name: string): string {
  const { grid, results } = a;
  const trained = results.filter((r) => r.diverged === undefined).length;
  const seconds = results.reduce((s, r) => s + (r.seconds ?? 0), 0);
  const facts: [string, string][] = [
    [String(grid.cells.length), 'cells'],
    [String(grid.seeds.length), grid.seeds.length === 1 ? 'seed' : 'seeds'],
    [`${trained} of ${grid.cells.length * grid.seeds.length}`, 'runs trained and probed'],
    [`${Math.round(seconds / 60)} min`, 'of training'],
  ];
  const body = html`<p class="eyebrow"><b>synclr</b> ${VERSION} ablate</p>
<h1>${name}</h1>
<p class="lead">Learners, their parts and their captions on the same images, by the same loop and the same probes. The paper’s figures stand beside at the paper’s scale: what can be compared is which row is better, not by how much.</p>
<div class="facts">${facts.map(([value, label]) => html`<div><b>${value}</b><span>${label}</span></div>`)}</div>
${tables.length > 1 && html`<nav>${tables.map((t, i) => html`<a href="#t${i}">${t.title}</a>`)}</nav>`}
${tables.map((t, i) => html`<section id="t${i}"><h2>${t.title}</h2>${t.paper && html`<p class="lead">Paper: ${t.paper.scale}.</p>`}${tableOf(t)}<div class="charts">${t.columns.map((c, k) => plot(t, c, k))}${besidePaper(t)}</div></section>`)}
<footer>
<p>Figures are top-1 in percent, means over seeds with 95 % intervals by one deviation between seeds for all cells of a column. Preset ${grid.preset}${grid.budget ? ('steps' in grid.budget ? `, ${grid.budget.steps} steps each` : `, ${grid.budget.minutes} minutes each`) : ''}; seeds ${grid.seeds.join(', ')}.</p>
</footer>`;
  return pageOf({ title: `${name} · synclr ablate`, style: STYLE + MORE, body });
}

function tableOf(t: ResultTable): Html {
  const [head, ...rows] = textOf(t);
  return html`<div class="scroll"><table><thead><tr>${head.map((h) => html`<th>${h}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map((text) => html`<td>${text}</td>`)}</tr>`)}</tbody></table></div>${notesOf(t).map((note) => html`<p class="lead">${note}.</p>`)}`;
}

const isBaseline = (row: Row): boolean => row.label === 'untrained' || row.label === 'raw pixels';

/** A column as dots with intervals, a row each. */
function plot(t: ResultTable, column: Column, at: number): Html | undefined {
  const rows = t.rows.flatMap((row) => (row.values[at] ? [{ row, value: row.values[at] }] : []));
  if (rows.length === 0) return undefined;
  const ends = rows.flatMap(({ value }) => [
    ...value.values,
    value.mean - (value.half ?? 0),
    value.mean + (value.half ?? 0),
  ]);
  const low = Math.max(0, Math.min(...ends, column.chance) - 1);
  const high = Math.min(100, Math.max(...ends) + 1);
  const x = (v: number) =>
    LABELS + ((WIDTH - LABELS - RIGHT) * (Math.min(high, Math.max(low, v)) - low)) / (high - low);
  const height = TOP + rows.length * LINE + AXIS;
  const bottom = height - AXIS;
  return html`<figure class="chart dots"><figcaption><b>${column.title}</b><span>top-1 in percent; pale: one seed each; dashed: guessing</span></figcaption>
<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${column.title}: ${rows.map(({ row, value }) => `${row.label} ${value.mean.toFixed(1)}`).join(', ')}">
${roundNumbers(low, high).map((v) => html`<line class="grid" x1="${px(x(v))}" x2="${px(x(v))}" y1="${TOP}" y2="${bottom}"/><text x="${px(x(v))}" y="${bottom + 16}" text-anchor="middle">${v}</text>`)}
<line class="guess" x1="${px(x(column.chance))}" x2="${px(x(column.chance))}" y1="${TOP}" y2="${bottom}"/>
${rows.map(({ row, value }, i) => {
  const y = TOP + (i + 0.5) * LINE;
  const half = value.half ?? 0;
  return html`<g class="${isBaseline(row) ? 'base' : ''}"><text class="label" x="${LABELS - 8}" y="${y + 4}" text-anchor="end">${row.label.length > 28 ? `${row.label.slice(0, 27)}…` : row.label}</text>
<line class="span" x1="${px(x(value.mean - half))}" x2="${px(x(value.mean + half))}" y1="${y}" y2="${y}"/>${value.values.map((v) => html`<circle class="seed" cx="${px(x(v))}" cy="${y}" r="3"/>`)}<circle class="mean" cx="${px(x(value.mean))}" cy="${y}" r="4.5"/></g>`;
})}
</svg></figure>`;
}

/** Ours against the paper's, both as differences from the mean of the rows that both have: only order and sign can be compared. */
function besidePaper(t: ResultTable): Html | undefined {
  if (!t.paper || t.columns.length === 0) return undefined;
  const rows = t.rows.flatMap((r) => {
    const paper = r.paper?.[0];
    return typeof paper === 'number' && r.values[0] ? [{ label: r.label, ours: r.values[0].mean, paper }] : [];
  });
  if (rows.length < 2) return undefined;
  const mean = (of: (r: (typeof rows)[number]) => number) => rows.reduce((s, r) => s + of(r), 0) / rows.length;
  const [ours, theirs] = [mean((r) => r.ours), mean((r) => r.paper)];
  const points = rows.map((r) => ({ label: r.label, ours: r.ours - ours, paper: r.paper - theirs }));
  const most = Math.max(1, ...points.flatMap((p) => [Math.abs(p.ours), Math.abs(p.paper)]));
  const x = (v: number) => LABELS + ((WIDTH - LABELS - RIGHT) * (v + most)) / (2 * most);
  const height = TOP + rows.length * LINE + AXIS;
  const bottom = height - AXIS;
  return html`<figure class="chart dots"><figcaption><b>Beside the paper</b><span>${t.columns[0].title} (green) and the paper’s ${t.paper.columns[0]} (brown), each as points from the mean of these rows</span></figcaption>
<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="differences: ${points.map((p) => `${p.label} ours ${p.ours.toFixed(1)}, paper ${p.paper.toFixed(1)}`).join('; ')}">
<line class="guess" x1="${px(x(0))}" x2="${px(x(0))}" y1="${TOP}" y2="${bottom}"/><text x="${px(x(0))}" y="${bottom + 16}" text-anchor="middle">0</text><text x="${px(x(most))}" y="${bottom + 16}" text-anchor="end">+${most.toFixed(1)}</text>
${points.map((p, i) => {
  const y = TOP + (i + 0.5) * LINE;
  return html`<g><text class="label" x="${LABELS - 8}" y="${y + 4}" text-anchor="end">${p.label.length > 28 ? `${p.label.slice(0, 27)}…` : p.label}</text><line class="link" x1="${px(x(p.paper))}" x2="${px(x(p.ours))}" y1="${y}" y2="${y}"/><circle class="paper" cx="${px(x(p.paper))}" cy="${y}" r="4.5"/><circle class="mean" cx="${px(x(p.ours))}" cy="${y}" r="4.5"/></g>`;
})}
</svg></figure>`;
}

const px = (v: number): string => v.toFixed(1);

/** Some round numbers between two. */
function roundNumbers(low: number, high: number): number[] {
  const step = [1, 2, 5, 10, 20, 50].find((s) => (high - low) / s <= 6) ?? 50;
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) => (first + i) * step);
}
