/** The page's style: light and dark, one column on a phone. Three hues carry meaning throughout: trained, untrained, raw pixels. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fbfaf7; --card: #ffffff; --ink: #1d2126; --soft: #646c76; --faint: #8b939d; --rule: #e5e2da;
  --trained: #0b6e75; --untrained: #c07a2a; --pixels: #8a8f99; --third: #7a4f9e;
  --good: #1f7a4d; --good-bg: #e6f4ec; --warn: #9a4b00; --warn-bg: #fdf0de; --bad: #a61b2b; --bad-bg: #fce8ea;
  --shadow: 0 1px 2px rgb(40 30 10 / .05), 0 6px 24px -12px rgb(40 30 10 / .12);
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171a; --card: #1c2024; --ink: #e7e5df; --soft: #a3a9b0; --faint: #7d848c; --rule: #2d3237;
    --trained: #4fc1c4; --untrained: #e0a25c; --pixels: #8e959f; --third: #b893d8;
    --good: #6fd3a0; --good-bg: #16301f; --warn: #f0b36a; --warn-bg: #33240f; --bad: #ff8d98; --bad-bg: #3a161b;
    --shadow: none;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 40px 24px 80px; }
h1 { font-size: clamp(26px, 4.4vw, 38px); line-height: 1.15; letter-spacing: -.02em; margin: 0 0 8px; font-weight: 650; }
h2 { font-size: 22px; letter-spacing: -.01em; margin: 64px 0 6px; font-weight: 620; }
h3 { font-size: 14px; margin: 28px 0 10px; color: var(--soft); font-weight: 600; }
p { margin: 0 0 12px; max-width: 68ch; }
.lead { color: var(--soft); }
a { color: var(--trained); }
code { font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
nav { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 18px 0 0; font-size: 14px; }
nav a { text-decoration: none; }
nav a:hover { text-decoration: underline; }
.eyebrow { font-size: 13px; color: var(--faint); margin: 0 0 10px; }
.eyebrow b { color: var(--trained); font-weight: 650; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(132px, 1fr)); gap: 1px; background: var(--card); border: 1px solid var(--rule); border-radius: 12px; overflow: hidden; margin: 26px 0 0; }
.facts div { padding: 14px 16px; box-shadow: 0 0 0 1px var(--rule); }
.facts b { display: block; font-size: 21px; letter-spacing: -.01em; font-weight: 620; font-variant-numeric: tabular-nums; white-space: nowrap; }
.facts span { color: var(--soft); font-size: 13px; }
.facts.scores { grid-template-columns: repeat(auto-fit, minmax(min(280px, 100%), 1fr)); }
.facts.scores b { font-size: 30px; }
.facts + .facts { margin-top: 10px; }
.facts small { display: block; color: var(--soft); font-size: 12.5px; margin-top: 2px; font-variant-numeric: tabular-nums; }
.note { border-radius: 12px; padding: 14px 18px; margin: 18px 0 0; background: var(--card); border: 1px solid var(--rule); }
.note b { display: block; }
.note p { margin: 2px 0 0; }
.note.good { background: var(--good-bg); border-color: transparent; } .note.good b { color: var(--good); }
.note.warn { background: var(--warn-bg); border-color: transparent; } .note.warn b { color: var(--warn); }
.note.bad { background: var(--bad-bg); border-color: transparent; } .note.bad b { color: var(--bad); }
.note ul { margin: 6px 0 0; padding-left: 20px; }
.card { background: var(--card); border: 1px solid var(--rule); border-radius: 14px; padding: 20px 22px; box-shadow: var(--shadow); margin: 18px 0 0; }
.card > h3:first-child { margin-top: 0; color: var(--ink); font-size: 17px; }
.card header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 2px 14px; margin-bottom: 12px; }
.card header h3 { margin: 0; color: var(--ink); font-size: 17px; }
.card header span { color: var(--soft); font-size: 13.5px; }
.probes { display: grid; grid-template-columns: 1fr 1fr; gap: 8px 36px; }
.bars { display: grid; grid-template-columns: max-content 1fr max-content; gap: 7px 12px; align-items: center; font-size: 14px; }
.bars h4 { grid-column: 1 / -1; margin: 4px 0 2px; font-size: 13px; color: var(--soft); font-weight: 600; }
.bars b { font-variant-numeric: tabular-nums; font-weight: 620; min-width: 4.2ch; text-align: right; }
.track { position: relative; height: 18px; border-radius: 4px; background: color-mix(in srgb, var(--rule) 55%, transparent); }
.fill { position: absolute; inset: 0 auto 0 0; border-radius: 4px; }
.chance { position: absolute; top: -3px; bottom: -3px; width: 0; border-left: 1.5px dashed var(--faint); }
.whisker { position: absolute; top: 50%; height: 0; border-top: 1.5px solid var(--ink); opacity: .55; }
.whisker::before, .whisker::after { content: ""; position: absolute; top: -4.5px; height: 7px; border-left: 1.5px solid var(--ink); }
.whisker::after { right: 0; }
.trained { background: var(--trained); } .untrained { background: var(--untrained); } .pixels { background: var(--pixels); }
.gain { margin: 14px 0 0; padding-left: 18px; font-size: 14px; color: var(--soft); }
.gain b { color: var(--ink); }
.scroll { overflow-x: auto; margin-top: 14px; }
table { border-collapse: collapse; width: 100%; font-size: 14px; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: 6px 10px; border-bottom: 1px solid var(--rule); white-space: nowrap; }
th { color: var(--soft); font-weight: 600; font-size: 13px; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
details { margin-top: 14px; font-size: 14px; }
summary { cursor: pointer; color: var(--soft); }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(320px, 100%), 1fr)); gap: 16px; }
.chart { margin: 0; background: var(--card); border: 1px solid var(--rule); border-radius: 12px; padding: 14px 14px 10px; min-width: 0; display: flex; flex-direction: column; }
.chart figcaption { display: flex; flex-direction: column; margin-bottom: 4px; }
.chart figcaption b { font-size: 14.5px; font-weight: 620; }
.chart figcaption span { font-size: 12.5px; color: var(--soft); line-height: 1.35; }
.chart svg { display: block; margin-top: auto; width: 100%; height: auto; overflow: visible; touch-action: pan-y; }
.chart text { fill: var(--faint); font-size: 11px; font-variant-numeric: tabular-nums; }
.grid { stroke: var(--rule); stroke-width: 1; }
.cursor { stroke: var(--faint); stroke-width: 1; visibility: hidden; }
.raw, .line { fill: none; stroke-linejoin: round; stroke: var(--hue); }
.raw { stroke-width: 1; opacity: .28; } .line { stroke-width: 2; }
.dot { fill: var(--hue); }
.c0 { --hue: var(--trained); } .c1 { --hue: var(--untrained); } .c2 { --hue: var(--third); } .c3 { --hue: var(--pixels); }
.legend { display: flex; flex-wrap: wrap; gap: 0 14px; font-size: 12.5px; color: var(--soft); min-height: 20px; }
.key::before { content: ""; display: inline-block; width: 9px; height: 9px; border-radius: 3px; margin-right: 5px; background: var(--hue); }
.key output { color: var(--ink); font-variant-numeric: tabular-nums; }
.at { margin-left: auto; }
.samples { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(300px, 100%), 1fr)); gap: 16px; margin-top: 18px; }
.sample { background: var(--card); border: 1px solid var(--rule); border-radius: 12px; overflow: hidden; margin: 0; }
.sample .images { display: grid; grid-auto-flow: column; grid-auto-columns: 1fr; gap: 2px; background: var(--rule); }
.sample img { width: 100%; aspect-ratio: 1; object-fit: cover; display: block; }
.sample figcaption { padding: 10px 14px 12px; }
.sample q { quotes: none; }
.tags { display: flex; flex-wrap: wrap; gap: 0 12px; font-size: 12.5px; color: var(--soft); margin-top: 4px; }
.tags i { font-style: normal; color: var(--faint); }
.neighbours { display: grid; gap: 14px; }
.row { display: grid; grid-template-columns: minmax(0, 1.12fr) 1px repeat(6, minmax(0, 1fr)); gap: 8px; align-items: start; }
.row > hr { border: 0; width: 1px; height: 100%; background: var(--rule); margin: 0; }
.pic { margin: 0; min-width: 0; }
.pic img { width: 100%; aspect-ratio: 1; object-fit: cover; display: block; border-radius: 8px; background: var(--rule); }
.pic.same img { outline: 2.5px solid var(--good); outline-offset: 1.5px; }
.pic.other img { opacity: .72; }
.signs { display: flex; flex-wrap: wrap; gap: 4px 20px; font-size: 13.5px; color: var(--soft); }
.signs span::before { content: ""; display: inline-block; width: 12px; height: 12px; border-radius: 4px; margin-right: 8px; vertical-align: -1px; background: var(--faint); }
.signs .same::before { outline: 2px solid var(--good); outline-offset: 1.5px; }
.signs .other::before { opacity: .45; }
.pic figcaption { font-size: 12px; line-height: 1.3; color: var(--soft); margin-top: 5px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.pic figcaption b { color: var(--ink); font-weight: 600; }
.pca { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(230px, 100%), 1fr)); gap: 18px 22px; }
.triple { margin: 0; min-width: 0; }
.triple div { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 3px; }
.triple img { width: 100%; aspect-ratio: 1; object-fit: cover; display: block; border-radius: 6px; background: color-mix(in srgb, var(--rule) 60%, transparent); }
.triple img.patches { image-rendering: pixelated; }
.triple figcaption { font-size: 12.5px; color: var(--soft); margin-top: 4px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.settings { columns: 2; column-gap: 40px; font-size: 13.5px; }
.settings section { break-inside: avoid; padding-bottom: 14px; }
.settings h3 { margin: 0 0 2px; }
.settings dl { margin: 0; display: grid; grid-template-columns: 1fr auto; gap: 0 12px; }
.settings dt { color: var(--soft); overflow-wrap: anywhere; }
.settings dd { margin: 0; text-align: right; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.settings .changed { color: var(--trained); font-weight: 600; }
footer { margin-top: 72px; padding-top: 18px; border-top: 1px solid var(--rule); font-size: 13.5px; color: var(--soft); }
@media (max-width: 700px) {
  main { padding: 26px 16px 60px; }
  h2 { margin-top: 48px; }
  .probes, .settings { grid-template-columns: 1fr; columns: 1; }
  .card { padding: 16px; }
  .row { grid-template-columns: repeat(4, minmax(0, 1fr)); }
  .row > hr { display: none; }
}
@media print { body { background: #fff; } .card, .chart, .sample { box-shadow: none; break-inside: avoid; } nav { display: none; } }
`;

/** Reads values of a chart under the pointer; without it the page says the same with less comfort. */
export const SCRIPT = `
for (const f of document.querySelectorAll('[data-chart]')) {
  const d = JSON.parse(f.dataset.chart), svg = f.querySelector('svg'), cursor = f.querySelector('.cursor');
  const out = [...f.querySelectorAll('output')], last = out.map((o) => o.textContent), at = f.querySelector('.at');
  const nearest = (steps, s) => steps.reduce((b, v, i) => Math.abs(v - s) < Math.abs(steps[b] - s) ? i : b, 0);
  svg.addEventListener('pointermove', (e) => {
    const box = svg.getBoundingClientRect(), x = (e.clientX - box.left) / box.width * d.width;
    const step = Math.max(0, Math.min(d.steps, (x - d.left) / (d.right - d.left) * d.steps));
    const first = d.series[0], i = nearest(first.steps, step), cx = d.left + (d.right - d.left) * first.steps[i] / d.steps;
    cursor.setAttribute('x1', cx); cursor.setAttribute('x2', cx); cursor.style.visibility = 'visible';
    at.textContent = 'step ' + first.steps[i].toLocaleString('en-US');
    d.series.forEach((s, k) => { out[k].textContent = String(s.values[nearest(s.steps, first.steps[i])]); });
  });
  svg.addEventListener('pointerleave', () => {
    cursor.style.visibility = 'hidden'; at.textContent = '';
    out.forEach((o, k) => { o.textContent = last[k]; });
  });
}
`;
