import type { Rng } from '../../rng.js';
import { OUTDOOR_GROUND, type Surroundings } from './backdrop/index.js';
import type { Look } from './plan.js';
import { captionTrait, type SceneSpec } from './scene.js';
import type { Subject } from './subject.js';

/** One instance and where it stands: in the unit square, `scale` half its side. */
export interface Placed {
  subject: Subject;
  main: boolean;
  x: number;
  y: number;
  scale: number;
  turn: number;
  shear: number;
  squeeze: number;
  flip: boolean;
  view: Look['view'];
  shadow: boolean;
  afloat: boolean;
}

/** How things are seen when the caption does not say. */
const VIEWS = ['side', 'side', 'quarter', 'quarter', 'front'] as const;
const FLOATS = new Set(['boat', 'whale', 'seal', 'waterbird']);
const FLIES = new Set(['aircraft', 'spacecraft', 'flying insect', 'bat']);

/** Puts the caption's things into the frame, the farther ones first. */
export function composition(spec: SceneSpec, s: Surroundings, rng: Rng): Placed[] {
  if (spec.subject.kind === 'place' || spec.subject.kind === 'room') return [];
  if (spec.subject.kind === 'texture') {
    // The whole frame, and nothing stands on it.
    const still = { turn: rng.normal() * 0.15, shear: rng.normal() * 0.05, squeeze: 1, flip: rng.chance(0.5) };
    const flat = { view: 'front', shadow: false, afloat: false } as const;
    return [{ subject: spec.subject, main: true, x: 0.5, y: 0.5, scale: rng.range(0.75, 1.1), ...still, ...flat }];
  }
  const close = spec.view === 'close' || spec.view === 'cropped';
  const base = close ? rng.range(0.42, 0.62) : spec.view === 'far' ? rng.range(0.14, 0.24) : rng.range(0.27, 0.46);
  const scale = spec.related ? base * 0.72 : base;
  const view: Look['view'] =
    spec.view === 'top'
      ? 'top'
      : spec.view === 'front'
        ? 'front'
        : spec.view === 'side'
          ? 'side'
          : rng.chance(0.75)
            ? VIEWS[Math.floor(captionTrait(spec, 'view') * VIEWS.length)]
            : rng.pick(VIEWS);
  const put = (subject: Subject, x: number, y: number, size: number, main: boolean): Placed => {
    const kind = subject.kind ?? 'thing';
    const grounded =
      OUTDOOR_GROUND.has(s.place) && !(FLIES.has(kind) && s.place === 'sky') && !subject.acts.has('flying');
    return {
      subject,
      main,
      x,
      y,
      scale: size,
      turn: rng.normal() * (s.place === 'sky' || s.place === 'underwater' ? 0.22 : 0.05),
      shear: rng.normal() * 0.1,
      squeeze: rng.range(0.82, 1.15),
      flip: rng.chance(0.5),
      view,
      shadow: grounded && s.place !== 'water',
      afloat: FLOATS.has(kind),
    };
  };
  const count = spec.subject.count;
  const cx = 0.5 + rng.normal() * 0.08;
  const cy = centreHeight(s, scale, rng);
  const out: Placed[] = [];
  if (spec.related && spec.relation) {
    const other = scale * rng.range(0.85, 1.25);
    const d = scale + other;
    const side = rng.chance(0.5) ? 1 : -1;
    const offsets: Record<NonNullable<SceneSpec['relation']>, [number, number, boolean]> = {
      beside: [side * d * 0.78, (scale - other) * 0.9, false],
      behind: [side * d * 0.3, d * 0.18, false],
      front: [side * d * 0.3, -d * 0.15, true],
      on: [0, d * 0.72, true],
      inside: [0, scale * 0.25, true],
      above: [0, d * 0.85, true],
      below: [0, -d * 0.85, true],
    };
    const [dx, dy, first] = offsets[spec.relation];
    const size = spec.relation === 'inside' ? scale * 1.9 : other;
    const main = put(spec.subject, cx - dx / 2, cy - dy / 2, spec.relation === 'inside' ? scale * 0.8 : scale, true);
    const related = put(spec.related, cx + dx / 2, cy + dy / 2, size, false);
    if (['on', 'above', 'inside'].includes(spec.relation)) main.shadow = false;
    if (spec.relation === 'below') related.shadow = false;
    return first ? [related, main] : spec.relation === 'behind' ? [main, related] : [related, main];
  }
  if (count === 1) return [put(spec.subject, cx, cy, scale, true)];
  const size = scale * (count === 2 ? 0.8 : count <= 4 ? 0.62 : 0.5);
  const rows = count > 4 ? 2 : 1;
  const perRow = Math.ceil(count / rows);
  for (let i = 0; i < count; i++) {
    const row = Math.floor(i / perRow);
    const inRow = Math.min(perRow, count - row * perRow);
    const x = 0.5 + ((i % perRow) - (inRow - 1) / 2) * Math.min(size * 1.7, 0.85 / inRow) + rng.normal() * 0.03;
    const y = cy + (rows === 1 ? 0 : (row - 0.5) * size * 1.2) + rng.normal() * 0.04;
    out.push(put(spec.subject, x, y, size * rng.range(0.85, 1.1), i === 0));
  }
  return out.sort((a, b) => a.y - b.y);
}

/** Height of the middle of a thing that stands, floats or flies there. */
function centreHeight(s: Surroundings, scale: number, rng: Rng): number {
  if (s.place === 'sky' || s.place === 'underwater') return 0.5 + rng.normal() * 0.08;
  if (s.place === 'water') return Math.min(0.75, s.horizon + 0.05 + rng.uniform() * 0.15) - scale * 0.25;
  const foot = Math.min(0.97, Math.max(s.horizon + 0.12, 0.72 + rng.normal() * 0.09));
  return Math.max(scale * 0.7, foot - scale);
}
