import { isAbsolute, relative, resolve } from 'node:path';

/** 65 → `1:05`, 3 700 → `1:01:40`; rounded to seconds. */
export function clock(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  const two = (n: number) => String(n).padStart(2, '0');
  const hours = Math.floor(s / 3600);
  const minutes = Math.floor(s / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(s % 60)}` : `${minutes}:${two(s % 60)}`;
}

/** A duration for an estimate: `3 s`, `4 min`, `2.5 h`, `12 days`. */
export function roughly(seconds: number): string {
  if (seconds < 1) return 'under 1 s';
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${short(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${short(seconds / 3600)} h`;
  return `${count(Math.round(seconds / 86_400))} days`;
}

/** MiB as `0.4 MB`, `870 MB`, `3.2 GB`, `1.5 TB`. */
export function megabytes(mb: number): string {
  if (mb < 10) return `${Number(mb.toPrecision(2))} MB`;
  if (mb < 1000) return `${Math.round(mb)} MB`;
  if (mb < 1_000_000) return `${short(mb / 1024)} GB`;
  return `${short(mb / 1024 / 1024)} TB`;
}

/** 12345 → `12,345`. */
export function count(n: number): string {
  return n.toLocaleString('en-US');
}

/** A large number for an estimate: `950`, `12 k`, `3.4 M`, `1.5 G`. */
export function many(n: number): string {
  const unit = n >= 1e9 ? 'G' : n >= 1e6 ? 'M' : n >= 1e4 ? 'k' : '';
  return unit === '' ? count(Math.round(n)) : `${short(n / { G: 1e9, M: 1e6, k: 1e3 }[unit]!)} ${unit}`;
}

/** A rate: three figures. */
export function short(x: number): string {
  if (!Number.isFinite(x)) return '–';
  return Math.abs(x) >= 100 ? count(Math.round(x)) : String(Number(x.toPrecision(2)));
}

/** A path as the user would write it: relative where it lies below the current folder. */
export function shownPath(path: string): string {
  const short = relative(process.cwd(), resolve(path));
  return short === '' || short.startsWith('..') || isAbsolute(short) ? path : short;
}
