/**
 * Logistic regression's path of 45 penalties and k-NN beside scikit-learn's, in pairs on the same features and threads.
 *   SYNCLR_PYTHON=/path/to/venv/bin/python npm run bench:sklearn [-- [--threads 1] [--repeats 3] [--only NAME] [CASE.safetensors…]]
 * Each repetition runs ours and theirs one after the other, and turns the order round; medians are printed, and a JSON line a problem. Theirs is
 * timed twice: each penalty from zero, and warm-started from the one before (strong to weak, like ours). Ours includes what prepares the features
 * and scores the validation rows; theirs is `fit` alone.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { UserError } from '../../src/errors.js';
import { readSafetensors } from '../../src/formats/safetensors.js';
import { nearest, vote } from '../../src/probe/knn.js';
import { classesOf, logisticPath } from '../../src/probe/logistic.js';
import { outputsOf, type Target } from '../../src/probe/logistic-fit.js';
import { Rng } from '../../src/rng.js';
import { cpuExecutors } from '../../src/runtime/open-executors.js';

interface Problem {
  name: string;
  /** [n + test, dim] */
  x: Float32Array;
  y: Int32Array;
  n: number;
  dim: number;
  classes: number;
}

const { values, positionals } = parseArgs({
  options: { threads: { type: 'string' }, repeats: { type: 'string' }, only: { type: 'string' } },
  allowPositionals: true,
});
const threads = Number(values.threads ?? 1);
const repeats = Number(values.repeats ?? 3);
const python = process.env.SYNCLR_PYTHON;
if (!python) throw new UserError('bench:sklearn needs SYNCLR_PYTHON: a Python that has scikit-learn');

const dir = await mkdtemp(join(tmpdir(), 'synclr-sklearn-'));
const theirs = start(python);
try {
  console.log(JSON.stringify({ bench: 'sklearn', ...(await theirs.next()), threads, repeats }));
  for (const problem of await problems()) await compare(problem);
} finally {
  theirs.end();
  await rm(dir, { recursive: true });
}

async function problems(): Promise<Problem[]> {
  const all: Problem[] = [];
  for (const file of positionals) {
    const { tensors: t } = await readSafetensors(file);
    const [train, val] = ['x_train', 'x_val'].map((n) => t.get(n)!);
    const x = new Float32Array([...(train.data as Float32Array), ...(val.data as Float32Array)]);
    const y = Int32Array.from([...(t.get('y_train')!.data as Int32Array), ...(t.get('y_val')!.data as Int32Array)]);
    const classes = y.reduce((m, c) => Math.max(m, c), 0) + 1;
    all.push({ name: file.replace(/^.*\/|\.\w+$/g, ''), x, y, n: train.shape[0], dim: train.shape[1], classes });
  }
  all.push(drawn(1500, 384, 20), drawn(3000, 768, 37));
  return all.filter((p) => !values.only || p.name.includes(values.only));
}

/** Overlapping classes on coordinates that depend on each other, as features of an encoder do. */
function drawn(n: number, dim: number, classes: number): Problem {
  const rng = Rng.of(0, 'sklearn', n, dim, classes);
  const rows = n + 500;
  const y = Int32Array.from({ length: rows }, () => rng.int(classes));
  const hidden = Math.floor(dim / 4);
  const mix = Float32Array.from({ length: hidden * dim }, (_, i) => rng.normal() / (1 + Math.floor(i / dim) / 8));
  const centres = Float32Array.from({ length: classes * hidden }, () => 0.7 * rng.normal());
  const x = new Float32Array(rows * dim);
  for (let i = 0; i < rows; i++) {
    for (let h = 0; h < hidden; h++) {
      const v = centres[y[i] * hidden + h] + rng.normal();
      for (let j = 0; j < dim; j++) x[i * dim + j] += v * mix[h * dim + j];
    }
    for (let j = 0; j < dim; j++) x[i * dim + j] += 0.1 * rng.normal();
  }
  return { name: `n${n}_d${dim}_k${classes}`, x, y, n, dim, classes };
}

async function compare(p: Problem): Promise<void> {
  const [x, y] = [join(dir, 'x'), join(dir, 'y')];
  await writeFile(x, p.x);
  await writeFile(y, p.y.slice(0, p.n));
  const task = { x, y, n: p.n, dim: p.dim, classes: p.classes };
  const seconds: Record<string, number[]> = { path: [], 'path cold': [], 'path warm': [], knn: [], 'knn theirs': [] };
  let agree = 0;
  let evaluations = 0;
  const said: Record<string, number> = {};
  for (let r = 0; r < repeats; r++) {
    const ours = async () => {
      const { took, path } = await ourPath(p);
      evaluations = path.reduce((s, q) => s + q.evaluations, 0);
      seconds.path.push(took);
    };
    const cold = async () => {
      const out = await theirs.ask({ ...task, what: 'path' });
      said.cold = out.iterations as number;
      seconds['path cold'].push(out.seconds as number);
    };
    const warm = async () => {
      const out = await theirs.ask({ ...task, what: 'path warm' });
      said.warm = out.iterations as number;
      seconds['path warm'].push(out.seconds as number);
    };
    let predictions: Int32Array = new Int32Array();
    const ourKnn = async () => {
      const { took, found } = await ourNeighbours(p);
      predictions = found;
      seconds.knn.push(took);
    };
    let other: number[] = [];
    const theirKnn = async () => {
      const out = await theirs.ask({ ...task, what: 'knn' });
      other = out.predictions as number[];
      seconds['knn theirs'].push(out.seconds as number);
    };
    const all = [ours, cold, warm, ourKnn, theirKnn];
    for (const run of r % 2 === 0 ? all : all.reverse()) await run();
    agree = other.filter((c, i) => c === predictions[i]).length / other.length;
  }
  const median = (name: string) => seconds[name].toSorted((a, b) => a - b)[Math.floor(seconds[name].length / 2)];
  const of = (a: string, b: string) => Number((median(a) / median(b)).toFixed(2));
  console.log(
    JSON.stringify({
      problem: p.name,
      path_s: round(median('path')),
      sklearn_cold_s: round(median('path cold')),
      sklearn_warm_s: round(median('path warm')),
      cold_over_ours: of('path cold', 'path'),
      warm_over_ours: of('path warm', 'path'),
      evaluations,
      sklearn_iterations: said,
      knn_s: round(median('knn')),
      sklearn_knn_s: round(median('knn theirs')),
      knn_over_ours: of('knn theirs', 'knn'),
      same_answers: agree,
      raw: Object.fromEntries(Object.entries(seconds).map(([k, v]) => [k, v.map(round)])),
      load: round(loadavg()[0]),
    }),
  );
}

function round(v: number): number {
  return Number(v.toFixed(3));
}

async function ourPath(p: Problem) {
  const on = cpuExecutors(threads);
  const target: Target = { of: 'classes', labels: p.y.slice(0, p.n), classes: p.classes };
  const held = p.y.subarray(p.n);
  const outputs = outputsOf(target);
  const began = performance.now();
  const { path } = await logisticPath(
    { x: p.x.slice(0, p.n * p.dim), target },
    p.x.slice(p.n * p.dim),
    p.dim,
    (logits) => classesOf(logits, outputs).reduce((s, c, i) => s + (c === held[i] ? 1 : 0), 0),
    { on, threads },
  );
  return { took: (performance.now() - began) / 1000, path };
}

async function ourNeighbours(p: Problem) {
  const on = cpuExecutors(threads);
  const began = performance.now();
  const found = await nearest(p.x.subarray(0, p.n * p.dim), p.x.subarray(p.n * p.dim), p.dim, 20, on);
  const predictions = vote(found, p.y.subarray(0, p.n), { temperature: 0.07, classes: p.classes });
  return { took: (performance.now() - began) / 1000, found: predictions };
}

/** The Python that answers a line with a line, its libraries on as many threads as ours. */
function start(python: string) {
  const count = String(threads);
  const child = spawn(python, [join('bench', 'sklearn', 'fit.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, OMP_NUM_THREADS: count, OPENBLAS_NUM_THREADS: count, MKL_NUM_THREADS: count },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<Record<string, unknown>> => {
    const { value, done } = await lines.next();
    if (done) throw new UserError(`${python} ended: has it scikit-learn?`);
    return JSON.parse(value) as Record<string, unknown>;
  };
  return {
    next,
    ask(task: object) {
      child.stdin.write(`${JSON.stringify(task)}\n`);
      return next();
    },
    end: () => child.stdin.end(),
  };
}
