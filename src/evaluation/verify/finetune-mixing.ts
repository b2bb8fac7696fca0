import { z } from 'zod';
import { beta } from '../../finetune/beta.js';
import { classificationLoss } from '../../finetune/classifier.js';
import { type CutBox, cutBox, flipped, type Mix, mixPictures, mixTargets } from '../../finetune/mixing.js';
import { readJsonAs } from '../../formats/json.js';
import { gradients, ops } from '../../graph/index.js';
import { Rng } from '../../rng.js';
import { cpuExecutors } from '../../runtime/open-executors.js';
import { absolute, quantiles, tensorsOf } from './finetune-compare.js';
import type { Check } from './index.js';

const box = z.tuple([z.number(), z.number(), z.number(), z.number()]);
const file = z.looseObject({
  classes: z.int().positive(),
  cases: z.array(
    z.looseObject({
      name: z.string(),
      smoothing: z.number().optional(),
      lam_drawn: z.union([z.number(), z.array(z.number())]).optional(),
      lam_used: z.number().optional(),
      kind: z.enum(['mixup', 'cutmix']).optional(),
      box_yl_yh_xl_xh: box.optional(),
      is_cutmix: z.array(z.boolean()).optional(),
      boxes_in_order: z.array(z.tuple([box, z.number()])).optional(),
      loss: z.number().optional(),
    }),
  ),
  cutmix_boxes: z.looseObject({ rows: z.array(z.array(z.number()).length(10)) }).optional(),
  lam_distribution: z.looseObject({ quantile_levels: z.array(z.number()) }).optional(),
});
type Case = z.output<typeof file>['cases'][number];

/** Cases of other kinds have names, too, but say what they compute. */
export const isMixing = (json: unknown): boolean => {
  const found = file.safeParse(json).data;
  return found !== undefined && !found.cases.some((c) => 'op' in c);
};

const BAR = 1e-6;
/** Draws of a distribution, and how far a quantile of so many may be off (about six standard errors at the middle). */
const DRAWS = 200_000;
const QUANTILE_BAR = 0.01;

/** Mixed pictures and targets, losses with their gradients, boxes, and how often each weight is drawn. */
export async function* verifyMixing(path: string): AsyncIterable<Check> {
  const j = await readJsonAs(path, file);
  const t = await tensorsOf(path);
  const x = t.get('x', 4);
  const [, , height, width] = x.shape;
  const labels = t.ints('labels');
  for (const c of j.cases) {
    if (c.loss !== undefined) {
      yield* losses(c, t, labels, j.classes);
      continue;
    }
    const partner = t.has(`${c.name}/index`) ? t.ints(`${c.name}/index`) : flipped(labels.length);
    const { mixes, checks } = mixesOf(c, labels.length, height, width);
    for (const check of checks) yield check;
    const mixed = x.data.slice();
    mixPictures(mixed, height, width, mixes, partner);
    yield { name: `${c.name} pictures`, off: absolute(mixed, t.get(`${c.name}/x`).data), bar: BAR };
    const targets = mixTargets(labels, j.classes, mixes, partner, c.smoothing ?? 0);
    yield { name: `${c.name} targets`, off: absolute(targets, t.get(`${c.name}/targets`).data), bar: BAR };
  }
  for (const [h, w, lam, cy, cx, yl, yh, xl, xh, corrected] of j.cutmix_boxes?.rows ?? []) {
    const { box: made, lam: left } = cutBox(h, w, lam, cy, cx);
    const off = absolute([made.top, made.bottom, made.left, made.right], [yl, yh, xl, xh]);
    yield { name: `box of ${lam} at ${cy}, ${cx} of ${h} × ${w}`, off, bar: 0 };
    yield { name: `what it leaves`, off: Math.abs(left - corrected), bar: 1e-12 };
  }
  for (const [name, expected] of Object.entries(j.lam_distribution ?? {})) {
    const alpha = /^beta_(\d+(?:_\d+)?)_\1$/.exec(name)?.[1];
    if (alpha === undefined) continue;
    const rng = Rng.of(1, 'verify', name);
    const draws = Float64Array.from({ length: DRAWS }, () => beta(Number(alpha.replace('_', '.')), rng)).sort();
    const off = absolute(quantiles(draws, j.lam_distribution!.quantile_levels), expected as number[]);
    yield { name, off, bar: QUANTILE_BAR };
  }
}

/** What becomes of each picture of a case, from the boxes that were drawn there. */
function mixesOf(c: Case, batch: number, height: number, width: number): { mixes: Mix[]; checks: Check[] } {
  const boxOf = ([top, bottom, left, right]: z.output<typeof box>): CutBox => ({ top, bottom, left, right });
  const left = (b: CutBox) => 1 - ((b.bottom - b.top) * (b.right - b.left)) / (height * width);
  if (!Array.isArray(c.lam_drawn)) {
    const made = c.box_yl_yh_xl_xh && boxOf(c.box_yl_yh_xl_xh);
    const lam = made ? left(made) : (c.lam_drawn ?? c.lam_used!);
    const mix = { lam, box: made };
    return {
      mixes: Array.from({ length: batch }, () => mix),
      checks: c.lam_used === undefined ? [] : [{ name: `${c.name} lam`, off: Math.abs(lam - c.lam_used), bar: 1e-12 }],
    };
  }
  const boxes = [...(c.boxes_in_order ?? [])];
  const checks: Check[] = [];
  const drawn = c.lam_drawn.map((lam, i): Mix => {
    if (!c.is_cutmix?.[i] || lam === 1) return { lam };
    const [corners, used] = boxes.shift()!;
    const made = boxOf(corners);
    checks.push({ name: `${c.name} lam of box ${i}`, off: Math.abs(left(made) - used), bar: 1e-7 });
    return { lam: left(made), box: made };
  });
  // Of pairs there is one draw for both.
  const mixes = Array.from({ length: batch }, (_, i) => drawn[i] ?? drawn[batch - 1 - i]);
  return { mixes, checks };
}

async function* losses(
  c: Case,
  t: Awaited<ReturnType<typeof tensorsOf>>,
  labels: Int32Array,
  classes: number,
): AsyncIterable<Check> {
  const smoothing = /smoothing(?:_ce)?_(\d+(?:\.\d+)?)$/.exec(c.name)?.[1];
  const whole = Array.from(labels, () => ({ lam: 1 }));
  // Of soft targets the cases do not say whose: one of those in the file.
  const candidates =
    smoothing === undefined
      ? t.names().flatMap((name) => (name.endsWith('/targets') ? [t.get(name).data] : []))
      : [mixTargets(labels, classes, whole, flipped(labels.length), Number(smoothing))];
  const shape = [labels.length, classes];
  const logits = ops.input('logits', shape);
  const loss = classificationLoss(logits, ops.input('targets', shape));
  const executors = cpuExecutors(1);
  try {
    const executor = await executors.open();
    await executor.load('loss', { loss, grad: gradients(loss, [logits])[0]! });
    const off = { loss: Number.POSITIVE_INFINITY, gradient: Number.POSITIVE_INFINITY };
    for (const targets of candidates) {
      const out = await executor.run('loss', { logits: t.get('logits').data, targets });
      const by = Math.abs(out.loss[0] - c.loss!) / Math.abs(c.loss!);
      if (by >= off.loss) continue;
      off.loss = by;
      off.gradient = absolute(out.grad, t.get(`${c.name}/grad`).data);
    }
    yield { name: `${c.name} loss`, off: off.loss, bar: BAR };
    yield { name: `${c.name} gradient`, off: off.gradient, bar: BAR };
  } finally {
    await executors.close();
  }
}
