/** Milliseconds from now that a `Retry-After` header asks for, in seconds or as a date; undefined where it says neither. */
export function retryAfter(text: string | null | undefined): number | undefined {
  if (!text) return undefined;
  const ms = /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
