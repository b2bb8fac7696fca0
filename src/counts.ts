/** How often what happened, by name; what did not happen is absent. */
export type Counts<Name extends string = string> = Partial<Record<Name, number>>;

/** Names may come from outside, and `constructor` and `__proto__` be among them: only what was counted counts. */
function of<Name extends string>(counts: Counts<Name>, name: Name): number | undefined {
  return Object.hasOwn(counts, name) ? counts[name] : undefined;
}

function set<Name extends string>(counts: Counts<Name>, name: Name, value: number): void {
  Object.defineProperty(counts, name, { value, writable: true, enumerable: true, configurable: true });
}

/** Adds one. */
export function count<Name extends string>(counts: Counts<Name>, name: Name): void {
  set(counts, name, (of(counts, name) ?? 0) + 1);
}

/** The sums of two, name by name. */
export function merge<Name extends string>(a: Counts<Name>, b: Counts<Name>): Counts<Name> {
  const out = { ...a };
  for (const [name, n] of Object.entries(b) as [Name, number][]) set(out, name, (of(out, name) ?? 0) + n);
  return out;
}

/** Of `blank, kept`, a count of things that stayed so after all attempts and were taken nevertheless: `blank`; undefined for others. */
export const keptThough = (name: string): string | undefined => /^(.*), kept$/.exec(name)?.[1];

/** How many were thrown away: all but those that were kept after all. */
export function thrownAway(counts: Counts): number {
  return Object.entries(counts).reduce((sum, [name, n = 0]) => (keptThough(name) === undefined ? sum + n : sum), 0);
}
