/**
 * Memory while a corpus grows: captions written and cleaned, and tiny images sharded, by the stages that `synclr captions` and `synclr
 * images` call. Plots the process's resident memory against what is done.
 *   npm run bench:memory [-- captions images], 10,000,000 and 1,000,000 unless told. Prints one JSON line a stage; plot in build/memory.svg.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveSettings } from '../src/config/resolve.js';
import { writeCaptions } from '../src/corpus/captions-stage.js';
import { writeImages } from '../src/corpus/images-stage.js';
import type { Progress, StageHooks } from '../src/stage.js';

const [captions = 10_000_000, images = 1_000_000] = process.argv.slice(2).map(Number);

interface Curve {
  name: string;
  points: { done: number; mb: number }[];
}

/** Runs a stage and looks at the memory at every hundredth of it. */
async function watch(
  name: string,
  total: number,
  stage: (hooks: StageHooks) => Promise<unknown>,
): Promise<Curve & { seconds: number }> {
  const points: Curve['points'] = [];
  const look = (done: number) => points.push({ done, mb: process.memoryUsage.rss() / 2 ** 20 });
  const hooks: StageHooks = {
    signal: new AbortController().signal,
    warn: (line) => console.error(line),
    progress: ({ done }: Progress) => {
      if (done >= (points.length * total) / 100) look(done);
    },
  };
  const began = performance.now();
  await stage(hooks);
  const seconds = (performance.now() - began) / 1000;
  look(total);
  const mean = (from: number, to: number) => {
    const part = points.filter((p) => p.done > from * total && p.done <= to * total);
    return Math.round(part.reduce((sum, p) => sum + p.mb, 0) / part.length);
  };
  console.log(
    JSON.stringify({
      bench: 'memory',
      stage: name,
      done: total,
      per_s: Math.round(total / seconds),
      mb_first_tenth: mean(0, 0.1),
      mb_second_quarter: mean(0.25, 0.5),
      mb_last_quarter: mean(0.75, 1),
      mb_peak: Math.round(Math.max(...points.map((p) => p.mb))),
      cpu: cpus()[0]?.model,
      cores: cpus().length,
      node: process.version,
    }),
  );
  return { name, points, seconds };
}

/** Curves over the share of the work that is done. */
function svg(curves: readonly Curve[]): string {
  const [width, height, left, bottom] = [720, 320, 56, 36];
  const top = Math.ceil((Math.max(...curves.flatMap((c) => c.points.map((p) => p.mb))) * 1.15) / 100) * 100;
  const x = (share: number) => left + share * (width - left - 12);
  const y = (mb: number) => height - bottom - (mb / top) * (height - bottom - 12);
  const colours = ['#1f77b4', '#d62728'];
  const lines = curves.map((c, i) => {
    const last = c.points[c.points.length - 1].done;
    const path = c.points.map((p) => `${x(p.done / last).toFixed(1)},${y(p.mb).toFixed(1)}`).join(' ');
    const label = `${c.name}: ${last.toLocaleString('en-US')}`;
    return `<polyline points="${path}" fill="none" stroke="${colours[i]}" stroke-width="2"/><text x="${left + 10}" y="${28 + 18 * i}" fill="${colours[i]}">${label}</text>`;
  });
  const grid = Array.from({ length: 5 }, (_, i) => (top * i) / 4).map(
    (mb) =>
      `<line x1="${left}" x2="${width - 12}" y1="${y(mb)}" y2="${y(mb)}" stroke="#ddd"/><text x="${left - 6}" y="${y(mb) + 4}" text-anchor="end">${Math.round(mb)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="#fff"/>${grid.join('')}${lines.join('')}<text x="${left}" y="${height - 10}">0 % of the work</text><text x="${width - 12}" y="${height - 10}" text-anchor="end">100 %</text><text x="${width - 12}" y="10" text-anchor="end">MiB resident</text></svg>\n`;
}

const settings = (flags: Record<string, unknown>) => resolveSettings({ preset: 'tiny', flags });
const many = settings({ 'captions.count': captions, 'captions.perShard': 16_384 });
const tiny = settings({
  'captions.count': images,
  'captions.perShard': 16_384,
  'images.perCaption': 1,
  'images.size': 8,
  'images.captionsPerShard': 4096,
  // Nothing is trained, but settings must fit together: one image alone has no positives without local crops.
  'views.localCount': 1,
});
const dir = mkdtempSync(join(tmpdir(), 'synclr-memory-'));
const curves: Curve[] = [];
const plot = (curve: Curve) => {
  curves.push(curve);
  writeFileSync('build/memory.svg', svg(curves));
};
try {
  const large = join(dir, 'captions');
  plot(await watch('captions', captions, (hooks) => writeCaptions({ settings: many, dir: large, hooks })));
  rmSync(large, { recursive: true });
  const small = { settings: tiny, dir: join(dir, 'images') };
  const quiet: StageHooks = { signal: new AbortController().signal, warn() {}, progress() {} };
  await writeCaptions({ ...small, hooks: quiet });
  plot(await watch('images', images, (hooks) => writeImages({ ...small, hooks })));
} finally {
  rmSync(dir, { recursive: true, force: true });
}
