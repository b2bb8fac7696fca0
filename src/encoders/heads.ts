import { UserError } from '../errors.js';
import type { Found } from './family.js';

/** Heads of the published ViTs, by width. */
const USUAL: Readonly<Record<number, number>> = { 192: 3, 384: 6, 768: 12, 1024: 16, 1280: 16, 1408: 16, 1536: 24 };

/**
 * The number of heads, which no tensor of most families shows: as the user said, as the file's description or a table of biases says, else that
 * of published encoders of this width.
 * @throws UserError where nothing says it, or it does not divide the width
 */
export function headsOf(
  f: Pick<Found, 'heads' | 'where'>,
  dim: number,
  o: { named?: number; from?: string; table?: number },
): { heads: number; from: string } {
  const { heads, from } = sayHeads(f, dim, o);
  if (dim % heads !== 0) throw new UserError(`${f.where}: ${heads} heads (${from}) do not divide the width ${dim}`);
  if (o.table !== undefined && o.table !== heads)
    throw new UserError(
      `${f.where}: ${heads} heads (${from}), but its tables of relative positions are for ${o.table}`,
    );
  return { heads, from };
}

function sayHeads(
  f: Pick<Found, 'heads' | 'where'>,
  dim: number,
  o: { named?: number; from?: string; table?: number },
): { heads: number; from: string } {
  if (f.heads !== undefined) return { heads: f.heads, from: '--encoder-heads' };
  if (o.named !== undefined) return { heads: o.named, from: o.from ?? 'config.json' };
  if (o.table !== undefined) return { heads: o.table, from: 'the table of relative positions' };
  const usual = USUAL[dim];
  if (usual !== undefined) return { heads: usual, from: `assumed, as published encoders of width ${dim} have` };
  throw new UserError(
    `${f.where}: how many heads its attention has cannot be read off the weights (width ${dim}); say it: --encoder-heads N`,
  );
}
