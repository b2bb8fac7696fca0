/**
 * Search: milliseconds a query among many vectors, exactly, and what opening costs.
 *   npm run bench:search [-- rows] [-- rows dim …], one million of 192, 384 and 768 unless told. Prints one JSON line each; takes
 *   5 bytes of disk (SYNCLR_BENCH_DIR, else the folder for temporary files) and 1 byte of memory for every number.
 */
import { type FileHandle, mkdtemp, open, rm, stat } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { npyHeader } from '../src/probe/npy.js';
import { Rng } from '../src/rng.js';
import { Best, dot, unit } from '../src/search/best.js';
import { openScanner, writeCodes } from '../src/search/scan.js';
import { openVectors, readRows } from '../src/search/vectors.js';

const rows = Number(process.argv[2] ?? 1_000_000);
const dims = process.argv.length > 3 ? process.argv.slice(3).map(Number) : [192, 384, 768];
const threads = Number(process.env.SYNCLR_THREADS ?? 0) || availableParallelism();
const QUERIES = 50;
const CLASSES = 1000;

/** Normal numbers, taken from any place on: making 768 million takes longer than all that is measured. */
const pool = Rng.of(1, 'pool');
const POOL = Float32Array.from({ length: 2 ** 22 }, () => pool.normal());

/**
 * Vectors as encoders give them: all point one way, in classes, and differ within a class.
 * `independent`: in all directions alike, as no photos do.
 */
function maker(dim: number, kind: 'features' | 'independent'): (rng: Rng) => Float32Array {
  const normal = (rng: Rng) => {
    const at = rng.int(POOL.length - dim);
    return POOL.subarray(at, at + dim);
  };
  if (kind === 'independent') return (rng) => unit(normal(rng))!;
  const shared = normal(Rng.of(1, 'shared'));
  const classes = Array.from({ length: CLASSES }, (_, c) => normal(Rng.of(1, 'class', c)));
  return (rng) => {
    const x = new Float32Array(dim);
    const [own, photo] = [classes[rng.int(CLASSES)], normal(rng)];
    for (let j = 0; j < dim; j++) x[j] = 1.2 * shared[j] + 0.5 * own[j] + 0.4 * photo[j];
    return unit(x)!;
  };
}

const dir = await mkdtemp(join(process.env.SYNCLR_BENCH_DIR ?? tmpdir(), 'synclr-bench-'));
try {
  for (const dim of dims) for (const kind of ['features', 'independent'] as const) await measure(dim, kind);
} finally {
  await rm(dir, { recursive: true });
}

async function measure(dim: number, kind: 'features' | 'independent'): Promise<void> {
  const path = join(dir, 'vectors.npy');
  const codes = join(dir, 'codes.bin');
  const make = maker(dim, kind);
  await write(path, dim, make);
  const handle = await open(path, 'r');
  try {
    const vectors = await openVectors(path, handle);
    const { mtimeMs: modified } = await stat(path);
    const encoded = await seconds(() => writeCodes(codes, vectors, { modified, threads }));
    const start = performance.now();
    const scanner = await openScanner(vectors, { codes, modified, threads, plain: false });
    const load = (performance.now() - start) / 1000;
    const rng = Rng.of(2, 'queries');
    const times: number[] = [];
    for (let q = 0; q < QUERIES; q++) {
      const query = make(rng);
      const began = performance.now();
      const hits = await scanner.search(query, 20, 0, rows);
      times.push(performance.now() - began);
      if (q < 2) await check(vectors, query, hits);
    }
    await scanner.close();
    times.sort((a, b) => a - b);
    const at = (share: number) => Number(times[Math.floor(share * (QUERIES - 1))].toFixed(1));
    console.log(
      JSON.stringify({
        bench: 'search',
        rows,
        dim,
        kind,
        query_ms: at(0.5),
        query_ms_90: at(0.9),
        query_ms_most: at(1),
        load_s: Number(load.toFixed(2)),
        encode_s: Number(encoded.toFixed(1)),
        exact: true,
        peak_rss_mb: Math.round(process.resourceUsage().maxRSS / 1024),
        threads,
        cpu: cpus()[0].model,
        node: process.version,
      }),
    );
  } finally {
    await handle.close();
  }
}

async function seconds(run: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await run();
  return (performance.now() - began) / 1000;
}

async function write(path: string, dim: number, make: (rng: Rng) => Float32Array): Promise<void> {
  await rm(path, { force: true });
  const file: FileHandle = await open(path, 'wx');
  try {
    await file.appendFile(npyHeader([rows, dim]));
    const rng = Rng.of(0, 'bench');
    for (let at = 0; at < rows; at += 4096) {
      const n = Math.min(4096, rows - at);
      const x = new Float32Array(n * dim);
      for (let i = 0; i < n; i++) x.set(make(rng), i * dim);
      await file.appendFile(new Uint8Array(x.buffer));
    }
  } finally {
    await file.close();
  }
}

/** Against every vector, in float64. */
async function check(vectors: Awaited<ReturnType<typeof openVectors>>, query: Float32Array, hits: unknown) {
  const best = new Best(20);
  const x = new Float32Array(4096 * vectors.dim);
  for (let at = 0; at < rows; at += 4096) {
    const n = Math.min(4096, rows - at);
    readRows(vectors, at, n, x);
    for (let i = 0; i < n; i++) best.add({ row: at + i, score: dot(query, x, i * vectors.dim) });
  }
  if (JSON.stringify(best.ranking()) !== JSON.stringify(hits)) throw new Error('not what every vector says');
}
