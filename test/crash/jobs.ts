import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { LEARNER_NAMES } from '../../src/config/names.js';
import { startImageServer } from '../image-server.js';
import { micro, microOf } from '../micro.js';
import { allFiles } from './program.js';

/** Something that is killed again and again, and must then end as if it had never been. */
export interface Job {
  name: string;
  /** Its commands, one after another, for an output folder or file. */
  commands(out: string): string[][];
  /** What is compared with the unbroken one's. */
  made(out: string): unknown;
  /** Brings `out` into the state in which the job begins, where that is not an empty one. */
  prepare?(out: string): void;
}

const SIZES = {
  'captions.count': 96,
  'captions.perShard': 8,
  'images.captionsPerShard': 4,
  'train.steps': 60,
  'train.checkpointEvery': 5,
};

/** A probe's scores, without what a clock or a folder's name is in. */
function scores(file: string): unknown {
  const { datasets } = JSON.parse(readFileSync(file, 'utf8'));
  return datasets.map((d: { name: string; rows: Record<string, unknown>[] }) => [
    d.name,
    d.rows.map(({ seconds: _, key: __, ...row }) => row),
  ]);
}

/** Names that a killed process may have left, which the next one should have cleared away. */
const isLeftover = (path: string): boolean => /(^|\/)\.[^/]*$|\.(part|journal|tmp|incomplete)$/.test(path);

/** A run's folder: shards, the last checkpoint and the encoder by their bytes, the probes by their scores; no leftovers. */
function wholeRun(dir: string): unknown {
  const whole = allFiles(dir);
  return {
    files: Object.fromEntries(
      Object.entries(whole).filter(([p]) => /^(captions|images|checkpoints|encoder)\//.test(p)),
    ),
    scores: scores(join(dir, 'probes.json')),
    left: Object.keys(whole).filter(isLeftover),
  };
}

/** All stages, with what is embedded; with a server that paints, whose shards are kept on their way; and what is made of a finished run. */
export async function jobs(cwd: string): Promise<{ all: Job[]; close(): Promise<void> }> {
  const server = await startImageServer([], { models: ['sketch'], delay: 15 });
  const painter = ['--images.painter', 'a1111', '--runtime.painter.url', server.url, '--images.scheduler', 'DDIM'];
  const served = { 'captions.count': 48, 'captions.perShard': 8, 'images.captionsPerShard': 6, 'images.paintSize': 64 };
  const finished = join(cwd, 'finished');
  const fromFinished = (out: string) => cpSync(finished, out, { recursive: true });
  const files = (dir: string) => ({ files: allFiles(dir), left: Object.keys(allFiles(dir)).filter(isLeftover) });
  const all: Job[] = [
    {
      name: 'run',
      commands: (out) => [['run', '--out', out, ...micro(SIZES)]],
      made: wholeRun,
    },
    // Every other learner on the finished run's images.
    ...LEARNER_NAMES.filter((method) => method !== LEARNER_NAMES[0]).map(
      (method): Job => ({
        name: `train by ${method}`,
        commands: (out) => [
          [
            ...['train', '--out', out, '--corpus', finished],
            ...Object.entries(microOf(method, SIZES)).flatMap(([name, value]) => [`--${name}`, String(value)]),
          ],
        ],
        made: (out) => files(join(out, 'checkpoints')),
      }),
    ),
    {
      name: 'captions, images from a server',
      commands: (out) => ['captions', 'images'].map((c) => [c, '--out', out, ...micro(served), ...painter]),
      made: (out) => allFiles(out, (p) => /^(captions|images)/.test(p)),
    },
    {
      name: 'captions that grow',
      commands: (out) => [
        ['captions', '--out', out, ...micro({ ...served, 'captions.count': 44 })],
        ['captions', '--out', out, ...micro({ ...served, 'captions.count': 96 })],
      ],
      made: (out) => allFiles(out, (p) => p.startsWith('captions')),
    },
    {
      name: 'eval, export, report',
      prepare(out) {
        fromFinished(out);
        for (const made of ['encoder', 'features', 'probes.json', 'report.html', 'eval', 'heldout'])
          rmSync(join(out, made), { recursive: true, force: true });
      },
      commands: (out) => [
        ['eval', '--out', out],
        ['export', out],
        ['report', '--out', out],
      ],
      made: wholeRun,
    },
    {
      name: 'export over an export',
      commands: (out) => [
        ['export', join(finished, 'checkpoints', 'step-00000060.safetensors'), '--out', join(out, 'e')],
        ['export', finished, '--weights', 'student', '--out', join(out, 'e')],
      ],
      made: files,
    },
    {
      name: 'embed',
      commands: (out) =>
        ['jsonl', 'npy', 'safetensors'].map((ending) => [
          'embed',
          join(cwd, 'photos'),
          '--encoder',
          finished,
          '--out',
          join(out, `features.${ending}`),
        ]),
      made: files,
    },
  ];
  return { all, close: () => server.stop() };
}
