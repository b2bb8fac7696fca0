import { collapseOf, type Health } from '../learn/health.js';
import { wilson } from '../probe/intervals.js';
import type { EvalPictures } from '../probe/pictures-index.js';
import type { DatasetReport, Gain, ProbeReport } from '../probe/report-types.js';
import { FEATURES, percent, points, shows } from '../probe/table.js';
import type { Metrics } from './metrics.js';

/** What training and probes say together, in words. */
export interface Verdict {
  /** `good`: healthy, and shown to be better than untrained; `bad`: collapsed, or no better than guessing; `open`: not measured yet. */
  level: 'good' | 'warn' | 'bad' | 'open';
  title: string;
  /** One sentence each. */
  remarks: string[];
}

interface Said {
  level: Verdict['level'];
  remarks: string[];
}

/** What a verdict looks at. */
export interface Evidence {
  metrics?: Metrics;
  probes?: ProbeReport;
  pictures?: readonly Pick<EvalPictures, 'dataset' | 'neighbours' | 'agreement'>[];
}

/**
 * Whether the encoder has learned something: its training was healthy, it beats the same network untrained by more than luck, and neighbours
 * agree more often than any images would. @returns undefined where nothing was measured
 */
export function verdict({ metrics, probes, pictures = [] }: Evidence): Verdict | undefined {
  const health = metrics && healthOf(metrics);
  const worth = probes && worthOf(probes, pictures);
  if (health?.level === 'bad') return { level: 'bad', title: 'Collapse', remarks: health.remarks };
  if (!worth) {
    if (!health) return undefined;
    const well = health.level === 'good';
    return {
      level: well ? 'open' : health.level,
      title: well ? 'Training looks healthy; what it is worth is not measured yet' : 'Worth a look',
      remarks: health.remarks,
    };
  }
  const remarks = [...worth.remarks, ...(health?.remarks ?? [])];
  if (worth.level === 'bad') return { level: 'bad', title: 'Nothing useful was learned', remarks };
  if (worth.level === 'open') return { level: 'open', title: 'Not compared with the untrained network', remarks };
  if (worth.level === 'good' && health?.level !== 'warn')
    return { level: 'good', title: 'It has learned: better than the same network untrained', remarks };
  const title = worth.level === 'good' ? 'Better than untrained, with a weakness' : 'Not shown to be of use yet';
  return { level: 'warn', title, remarks };
}

/** Means of the last measurements, so that one odd batch decides nothing. */
const LAST = 5;

/** Reads the last health measurements. @returns undefined where none was made */
function healthOf(m: Metrics): Said | undefined {
  const recent = (key: string): number | undefined => {
    const last = m.series.get(key)?.points.slice(-LAST);
    return last && last.length > 0 ? last.reduce((s, p) => s + p.mean, 0) / last.length : undefined;
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
  const collapse = collapseOf(health);
  if (collapse)
    return {
      level: 'bad',
      remarks: [
        `The representation has collapsed: ${collapse}.`,
        'Its probes say little. Usual ways out: a lower optim.lr, more warm-up, a higher learn.temperature or a lower teacher temperature, more captions a batch.',
      ],
    };
  let level: Said['level'] = 'good';
  const remarks = [`Features spread at ${spread.toFixed(2)} of 1 along ${rank.toFixed(0)} effective directions.`];
  const worry = (remark: string) => {
    level = 'warn';
    remarks.push(remark);
  };
  if (rank < 4) worry('That is few: most of what tells images apart is missing yet, or a collapse has begun.');
  const start = m.series.get('feature_rank')!.points[0].mean;
  if (rank < 0.5 * start && rank < 8)
    worry(`The effective rank fell from ${start.toFixed(0)} to ${rank.toFixed(0)}: features are losing directions.`);
  if (positive !== undefined && negative !== undefined) {
    if (positive - negative < 0.02)
      worry(
        `Images of one caption are hardly closer (cosine ${positive.toFixed(2)}) than images of different captions (${negative.toFixed(2)}): nothing was learned from captions yet.`,
      );
    else
      remarks.push(
        `Images of one caption lie at a cosine of ${positive.toFixed(2)}, images of different captions at ${negative.toFixed(2)}.`,
      );
  }
  const { teacher_entropy: entropy, prototype_use: use } = health;
  if (use !== undefined && use < 0.05)
    worry(
      `Only ${(100 * use).toFixed(1)} % of the prototypes are in use: masked image modelling is close to collapse.`,
    );
  if (entropy !== undefined && entropy < 0.01) remarks.push('The teacher’s targets are all but one-hot.');
  return { level, remarks };
}

const WORDS = { linear: 'linear', knn: 'kNN' } as const;

/** What probes and neighbours show. @returns undefined where no data set was probed */
function worthOf(probes: ProbeReport, pictures: NonNullable<Evidence['pictures']>): Said | undefined {
  const sets = probes.datasets.filter((d) => d.rows.some((r) => r.features === 'trained'));
  if (sets.length === 0) return undefined;
  const said = sets.map((d) =>
    ofDataset(
      d,
      pictures.find((p) => p.dataset === d.name),
    ),
  );
  const levels = said.map((s) => s.level);
  const level = levels.every((l) => l === 'bad')
    ? 'bad'
    : levels.every((l) => l === 'open')
      ? 'open'
      : levels.includes('good') && !levels.includes('bad') && !levels.includes('warn')
        ? 'good'
        : 'warn';
  return { level, remarks: said.flatMap((s) => s.remarks) };
}

/** `better than untrained (linear +3.1, kNN +0.2 points)`, or by probe where they differ. */
function inWords(gains: readonly Gain[]): string {
  const than = FEATURES[gains[0].against];
  const said = gains.map(shows);
  const list = gains.map((g) => `${WORDS[g.probe]} ${points(g.difference)}`);
  const alike = said.every((s) => s === said[0]);
  const words = {
    better: `better than ${than}`,
    worse: `worse than ${than}`,
    unclear: `not shown to differ from ${than}`,
  };
  return alike
    ? `${words[said[0]]} (${list.join(', ')} points)`
    : gains.map((_, i) => `${i === 0 ? words[said[i]] : said[i]} by ${list[i]} points`).join(', ');
}

function ofDataset(d: DatasetReport, pictures: NonNullable<Evidence['pictures']>[number] | undefined): Said {
  const trained = d.rows.find((r) => r.features === 'trained')!;
  const guess = Math.max(d.chance, d.majority);
  const above = (['linear', 'knn'] as const).filter(
    (p) => (trained[p].interval ?? wilson(trained[p].top1, d.testCaptions ?? d.test))[0] > guess,
  );
  const top = `${d.name}: linear ${percent(trained.linear.top1)} %, kNN ${percent(trained.knn.top1)} %`;
  if (above.length === 0)
    return { level: 'bad', remarks: [`${top}, which is not above guessing (${percent(guess)} %).`] };
  const against = (than: Gain['against']) => (d.gains ?? []).filter((g) => g.against === than);
  const untrained = against('untrained');
  if (untrained.length === 0) return { level: 'open', remarks: [`${top}; no baselines were measured with it.`] };
  const pixels = against('pixels');
  const compared = [untrained, pixels].filter((gains) => gains.length > 0);
  const remarks = [`${top}; ${compared.map(inWords).join('; ')}.`];
  const one = (gains: readonly Gain[], what: ReturnType<typeof shows>) => gains.some((g) => shows(g) === what);
  let level: Said['level'] = one(untrained, 'better') ? (one(untrained, 'worse') ? 'warn' : 'good') : 'warn';
  if (one(untrained, 'worse') && !one(untrained, 'better')) level = 'bad';
  if (level === 'good' && one(pixels, 'worse') && !one(pixels, 'better')) level = 'warn';
  const near = neighboursOf(pictures);
  if (near && !near.agree) {
    if (level === 'good') level = 'warn';
    remarks.push(near.remark);
  }
  return { level, remarks };
}

/** Whether nearest neighbours share a class more often than any images would, those that are shown included. */
function neighboursOf(
  p: NonNullable<Evidence['pictures']>[number] | undefined,
): { agree: boolean; remark: string } | undefined {
  if (!p) return undefined;
  const shown = p.neighbours.flatMap(({ query, found }) => found.map((f) => f.class === query.class));
  const same = shown.filter(Boolean).length;
  const { agreement: a } = p;
  const chance = a?.chance ?? 0;
  // Neighbours of one image depend on each other: an image counts once.
  const overall = a === undefined || wilson(a.share, a.images)[0] > chance;
  const visible = shown.length === 0 || same / shown.length > chance;
  const all = a ? `${percent(a.share)} % of nearest neighbours share the class (any images: ${percent(chance)} %)` : '';
  return {
    agree: overall && visible,
    remark: `${p.dataset}: ${[all, `of those shown ${same} of ${shown.length}`].filter(Boolean).join('; ')}.`,
  };
}
