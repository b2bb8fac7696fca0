import { type Html, html } from '../report/html.js';
import { pageOf } from '../report/page-of.js';
import { STYLE } from '../report/style.js';
import { VERSION } from '../version.js';
import type { Comparison } from './compare.js';
import { SHOWN_STYLE, type Shown, shownSection } from './shown.js';
import { type ComparisonTable, type Figure, legendOf, linesBelow, textOf } from './table.js';

const WIDTH = 340;
const LABELS = 126;
const RIGHT = 44;
const TOP = 6;
const LINE = 22;
const BAR = 12;
const AXIS = 24;

const MORE = `
.ranks { margin-top: 18px; }
.ranks text.label { fill: var(--ink); font-size: 12px; }
.ranks text.value { fill: var(--faint); font-size: 11px; }
.ranks .bar { fill: var(--trained); opacity: .8; }
.ranks .first .bar { opacity: 1; }
.ranks .paper .bar { fill: none; stroke: var(--untrained); }
.ranks .paper text.label { fill: var(--faint); }
.ranks .span { stroke: var(--ink); stroke-width: 1.5; }
.ranks .axis { stroke: var(--rule); }
tr.paper td { color: var(--faint); }
td.what { text-align: left; white-space: normal; overflow-wrap: anywhere; min-width: 18em; }
`;

/**
 * The page of a comparison: a table a protocol with the paper's rows beside, bars with intervals, and what cells left in pictures; it asks for
 * nothing from elsewhere.
 */
export function comparisonPage(
  c: Comparison,
  tables: readonly ComparisonTable[],
  name: string,
  shown: readonly Shown[] = [],
): string {
  const measured = c.cells.filter((x) => x.record).length;
  const facts: [string, string][] = [
    [String(c.encoders.length), c.encoders.length === 1 ? 'encoder' : 'encoders'],
    [String(c.sets.length), c.sets.length === 1 ? 'data set' : 'data sets'],
    [`${measured} of ${c.cells.length}`, 'cells measured'],
    [String(c.seed), 'seed'],
  ];
  const body = html`<p class="eyebrow"><b>synclr</b> ${VERSION} comparison</p>
<h1>${name}</h1>
<p class="lead">Encoders on the same decoded pictures, each protocol with the same settings for all. The paper’s rows are its own figures: of another scale, and of the whole data sets.</p>
<div class="facts">${facts.map(([value, label]) => html`<div><b>${value}</b><span>${label}</span></div>`)}</div>
${tables.length > 1 && html`<nav>${tables.map((t, i) => html`<a href="#t${i}">${t.title}</a>`)}</nav>`}
${tables.map((t, i) =>
  section(
    t,
    i,
    shown.filter((s) => s.protocol === t.protocol),
  ),
)}
<section><h2>Encoders</h2>${encodersTable(c)}</section>
<section><h2>Data sets</h2>${setsTable(c)}${c.sets.flatMap((s) => s.remarks).map((line) => html`<p class="lead">${line}.</p>`)}</section>
${c.failures.length > 0 && html`<section><h2>Left out</h2>${c.failures.map((f) => html`<p class="lead">${f.what}: ${f.why}</p>`)}</section>`}
<footer><p>Figures are ${legendOf(c)}. Run on ${c.executor}.</p></footer>`;
  return pageOf({ title: `${name} · synclr eval`, style: STYLE + MORE + SHOWN_STYLE, body, generator: ' comparison' });
}

function section(t: ComparisonTable, i: number, shown: readonly Shown[]): Html {
  const [head, ...rows] = textOf(t);
  return html`<section id="t${i}"><h2>${t.title}</h2><p class="lead">${t.source}.</p>
<div class="scroll"><table><thead><tr>${head.map((h) => html`<th>${h}</th>`)}</tr></thead>
<tbody>${rows.map((row, k) => html`<tr class="${t.rows[k].source}">${row.map((text) => html`<td>${text}</td>`)}</tr>`)}</tbody></table></div>
${linesBelow(t).map((line) => html`<p class="lead">${line}.</p>`)}
<div class="charts">${t.columns.map((column, k) => bars(t, `${column.set}, ${column.metric}, ${column.test} test images`, (r) => r.values[k]))}${t.rows.some((r) => r.average) && bars(t, 'average of the sets', (r) => r.average)}</div>
${shown.map(shownSection)}</section>`;
}

/** A column as bars from 0 with intervals, a row each. */
function bars(
  t: ComparisonTable,
  title: string,
  of: (row: ComparisonTable['rows'][number]) => Figure | undefined,
): Html | undefined {
  const rows = t.rows.flatMap((row, i) => {
    const figure = of(row);
    return figure ? [{ row, figure, isFirst: i === 0 }] : [];
  });
  if (rows.length === 0) return undefined;
  const most = Math.min(
    100,
    Math.max(10, ...rows.map(({ figure }) => 10 * Math.ceil((figure.high ?? figure.percent) / 10))),
  );
  const x = (v: number) => px(LABELS + ((WIDTH - LABELS - RIGHT) * Math.max(0, Math.min(most, v))) / most);
  const height = TOP + rows.length * LINE + AXIS;
  const bottom = height - AXIS;
  const said = rows.map(({ row, figure }) => `${row.label} ${figure.percent.toFixed(1)}`).join('; ');
  return html`<figure class="chart ranks"><figcaption><b>${title}</b></figcaption>
<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${title}: ${said}">
${[0, most / 2, most].map((v) => html`<line class="axis" x1="${x(v)}" x2="${x(v)}" y1="${TOP}" y2="${bottom}"/><text x="${x(v)}" y="${bottom + 16}" text-anchor="middle">${v}</text>`)}
${rows.map(({ row, figure, isFirst }, i) => {
  const y = TOP + (i + 0.5) * LINE;
  const end = x(figure.percent);
  return html`<g class="${row.source === 'paper' ? 'paper' : isFirst ? 'first' : ''}"><text class="label" x="${LABELS - 8}" y="${y + 4}" text-anchor="end">${short(row.label)}</text><rect class="bar" x="${px(LABELS)}" y="${px(y - BAR / 2)}" width="${px(Number(end) - LABELS)}" height="${BAR}"/>${figure.low !== undefined && html`<line class="span" x1="${x(figure.low)}" x2="${x(figure.high!)}" y1="${y}" y2="${y}"/>`}<text class="value" x="${px(Number(x(figure.high ?? figure.percent)) + 6)}" y="${y + 4}">${figure.percent.toFixed(1)}${figure.sign === 1 ? ' ▲' : figure.sign === -1 ? ' ▼' : ''}</text></g>`;
})}
</svg></figure>`;
}

function encodersTable(c: Comparison): Html {
  return html`<div class="scroll"><table><thead><tr><th></th><th>what</th><th>width</th><th>patch</th><th>side</th><th>parameters</th><th>hash</th></tr></thead>
<tbody>${c.encoders.map((e) => html`<tr><td>${e.label}</td><td class="what">${e.family === undefined ? e.origin : `${e.family}: ${e.origin}`}</td><td>${e.dim}</td><td>${e.patch}</td><td>${e.size}</td><td>${(e.parameters / 1e6).toFixed(1)} M</td><td>${e.hash.slice(0, 12)}</td></tr>`)}</tbody></table></div>`;
}

function setsTable(c: Comparison): Html {
  return html`<div class="scroll"><table><thead><tr><th></th><th>read as</th><th>classes</th><th>train</th><th>validation</th><th>test</th><th>metric</th><th>hash</th><th>cite</th></tr></thead>
<tbody>${c.sets.map((s) => html`<tr><td>${s.name}</td><td>${s.kind}</td><td>${s.classes}</td><td>${s.train}</td><td>${s.val ?? '–'}</td><td>${s.test}</td><td>${s.metric}</td><td>${s.hash.slice(0, 12)}</td><td>${s.citation ?? '–'}</td></tr>`)}</tbody></table></div>`;
}

const px = (v: number): string => v.toFixed(1);
const short = (text: string): string => (text.length > 18 ? `…${text.slice(-17)}` : text);
