/** Edits (insert, delete, replace, swap of neighbours) that turn `a` into `b`. */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        next[j] = Math.min(next[j], before[j - 2] + 1);
    }
    before = row;
    row = next;
  }
  return row[b.length];
}

/**
 * The names closest to a mistyped one, best first: few edits on the whole, or on the last part of a dotted path
 * (`globalSize` and `view.globlSize` both mean `views.globalSize`).
 */
export function closest(name: string, valid: readonly string[], most = 3): string[] {
  const wanted = name.toLowerCase();
  const wantedLast = wanted.slice(wanted.lastIndexOf('.') + 1);
  const scored: { candidate: string; score: number }[] = [];
  for (const candidate of valid) {
    const full = candidate.toLowerCase();
    const last = full.slice(full.lastIndexOf('.') + 1);
    const whole = relative(...withoutCommonGroups(wanted, full));
    const tail = relative(wantedLast, last);
    const score = Math.min(whole, tail + (full === last ? 0 : 0.02));
    const starts = wantedLast.length >= 3 && last.startsWith(wantedLast) ? 0.2 : 1;
    scored.push({ candidate, score: Math.min(score, starts) + whole * 0.01 });
  }
  scored.sort((x, y) => x.score - y.score);
  const best = scored[0]?.score ?? 1;
  return scored
    .filter((s) => s.score <= 0.45 && s.score <= best + 0.15)
    .slice(0, most)
    .map((s) => s.candidate);
}

function relative(a: string, b: string): number {
  return editDistance(a, b) / Math.max(a.length, b.length, 1);
}

/** Equal groups at the front say nothing about how alike two names are. */
function withoutCommonGroups(a: string, b: string): [string, string] {
  for (;;) {
    const dot = a.indexOf('.') + 1;
    if (dot === 0 || a.slice(0, dot) !== b.slice(0, dot)) return [a, b];
    a = a.slice(dot);
    b = b.slice(dot);
  }
}

/** `did you mean a, b or c?`, or `valid: …` where nothing is close; names are shown after `prefix`. */
export function didYouMean(name: string, valid: readonly string[], prefix = ''): string {
  const near = closest(name, valid);
  const shown = (near.length > 0 ? near : valid).map((n) => prefix + n);
  return near.length > 0 ? `did you mean ${anyOf(shown)}?` : `valid: ${shown.join(', ')}`;
}

/** `a`, `a or b`, `a, b or c`. */
export function anyOf(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} or ${names[names.length - 1]}`;
}
