/** A line of Places-365's list of categories: `/a/arena/hockey 15`. */
const LINE = /^\/[a-z]\/([^\s/]+)(?:\/([^\s/]+))?(?: \d+)?$/;

/** `/a/arena/hockey 15` → `hockey arena`; undefined for any other line. */
export function placeName(line: string): string | undefined {
  const match = LINE.exec(line);
  if (!match) return undefined;
  const [, base, part] = match.map((x) => x?.replaceAll('_', ' '));
  if (!part) return base;
  return /^(shop|store|room)$/.test(part) ? `${base} ${part}` : `${part} ${base}`;
}
