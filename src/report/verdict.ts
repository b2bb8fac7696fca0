import { collapseOf, type Health } from '../learn/health.js';
import type { Metrics } from './metrics.js';

/** What the health curves say, in words. */
export interface Verdict {
  level: 'good' | 'warn' | 'bad';
  title: string;
  /** One sentence each. */
  remarks: string[];
}

/** Means of the last measurements, so that one odd batch decides nothing. */
const LAST = 5;

/** Reads the last health measurements. @returns undefined where none was made */
export function verdict(m: Metrics): Verdict | undefined {
  const recent = (key: string): number | undefined => {
    const points = m.series.get(key)?.points.slice(-LAST);
    return points && points.length > 0 ? points.reduce((s, p) => s + p.mean, 0) / points.length : undefined;
  };
  const spread = recent('feature_std');
  const rank = recent('feature_rank');
  if (spread === undefined || rank === undefined) return undefined;
  const positive = recent('positive_similarity');
  const negative = recent('negative_similarity');
  const health: Health = {
    feature_std: spread,
    feature_rank: rank,
    positive_similarity: positive,
    negative_similarity: negative,
    teacher_entropy: recent('teacher_entropy'),
    prototype_use: recent('prototype_use'),
  };
  const remarks: string[] = [];
  const collapse = collapseOf(health);
  if (collapse)
    return {
      level: 'bad',
      title: 'Collapse',
      remarks: [
        `The representation has collapsed: ${collapse}.`,
        'Its probes say little. Usual ways out: a lower optim.lr, more warm-up, a higher objective.temperature or a lower teacher temperature, more captions a batch.',
      ],
    };
  let level: Verdict['level'] = 'good';
  remarks.push(`Features spread at ${spread.toFixed(2)} of 1 along ${rank.toFixed(0)} effective directions.`);
  if (rank < 4) {
    level = 'warn';
    remarks.push('That is few: most of what tells images apart is missing yet, or a collapse has begun.');
  }
  const start = m.series.get('feature_rank')!.points[0].mean;
  if (rank < 0.5 * start && rank < 8) {
    level = 'warn';
    remarks.push(
      `The effective rank fell from ${start.toFixed(0)} to ${rank.toFixed(0)}: features are losing directions.`,
    );
  }
  if (positive !== undefined && negative !== undefined) {
    if (positive - negative < 0.02) {
      level = 'warn';
      remarks.push(
        `Images of one caption are hardly closer (cosine ${positive.toFixed(2)}) than images of different captions (${negative.toFixed(2)}): nothing was learned from captions yet.`,
      );
    } else
      remarks.push(
        `Images of one caption lie at a cosine of ${positive.toFixed(2)}, images of different captions at ${negative.toFixed(2)}.`,
      );
  }
  const { teacher_entropy: entropy, prototype_use: use } = health;
  if (use !== undefined && use < 0.05) {
    level = 'warn';
    remarks.push(
      `Only ${(100 * use).toFixed(1)} % of the prototypes are in use: masked image modelling is close to collapse.`,
    );
  }
  if (entropy !== undefined && entropy < 0.01) remarks.push('The teacher’s targets are all but one-hot.');
  const title = level === 'good' ? 'No sign of collapse' : 'Worth a look';
  return { level, title, remarks };
}
