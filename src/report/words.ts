/** A count with thousands set apart. */
export const many = (n: number): string => n.toLocaleString('en-US');

/** A duration in words: `48 s`, `9 min 12 s`, `3 h 05 min`. */
export function duration(seconds: number): string {
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  return `${Math.floor(s / 3600)} h ${String(Math.floor(s / 60) % 60).padStart(2, '0')} min`;
}
