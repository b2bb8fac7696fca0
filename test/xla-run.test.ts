import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isTemporary } from '../src/files/temporary.js';
import { Rng } from '../src/rng.js';
import { madeBy, micro } from './micro.js';
import { testSeed } from './numbers.js';
import { type Outcome, synclr } from './process.js';
import { sayNotRun, xlaPlugin } from './xla.js';

/** Whole runs trained through XLA on a CPU, as a user starts, kills and interrupts them. */

const plugin = xlaPlugin();
if (!plugin)
  sayNotRun('runs trained through XLA: killed, interrupted, with plugins that are none, beside ONNX Runtime');
const seed = testSeed('xla-run.test.ts');
const STEPS = 40;
const EVERY = 5;
/** Said before the first step. */
const BEGINS = 'training through XLA';

describe.runIf(plugin)('a run trained through XLA', { timeout: 300_000 }, () => {
  let cwd: string;
  /** Programs are compiled once for all runs, but where it is said otherwise. */
  const programs = () => ({ XDG_CACHE_HOME: join(cwd, 'programs') });

  /** `synclr train` in a folder; `heard` gets the process and all of its output so far. */
  function train(
    out: string,
    flags: readonly string[] = [],
    heard: (kill: (signal: NodeJS.Signals) => void, text: string) => void = () => {},
    env: NodeJS.ProcessEnv = programs(),
  ): Promise<Outcome> {
    let text = '';
    return synclr(
      ['train', '--out', out, '--provider', 'xla', '--runtime.plugin', plugin!, ...flags],
      cwd,
      (child) => {
        const hear = (d: string | Buffer) => {
          text += d;
          heard((signal) => child.kill(signal), text);
        };
        hear('');
        child.stdout!.on('data', hear);
      },
      env,
    );
  }

  const trained = async (out: string, ...rest: Parameters<typeof train> extends [string, ...infer R] ? R : never) => {
    const outcome = await train(out, ...rest);
    expect(outcome, outcome.stdout + outcome.stderr).toMatchObject({ code: 0, stderr: '' });
    return outcome;
  };

  /** A copy of the corpus, to train on. */
  function fresh(name: string): string {
    cpSync(join(cwd, 'corpus'), join(cwd, name), { recursive: true });
    return name;
  }

  const stepsIn = (out: string): number[] =>
    readFileSync(join(cwd, out, 'train/metrics.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).step);

  /** Half-written files anywhere in a folder. */
  const halves = (dir: string): string[] =>
    existsSync(dir)
      ? (readdirSync(dir, { recursive: true }) as string[]).filter((f) => isTemporary(f.split('/').at(-1)!))
      : [];

  beforeAll(async () => {
    cwd = mkdtempSync(join(tmpdir(), 'synclr-xla-run-'));
    const sizes = { 'train.steps': STEPS, 'train.checkpointEvery': EVERY, 'learn.prototypes': 2048 };
    for (const [stage, flags] of [
      ['captions', micro(sizes)],
      ['images', []],
    ] as const) {
      const made = await synclr([stage, '--out', 'corpus', ...flags], cwd);
      expect(made, made.stdout + made.stderr).toMatchObject({ code: 0 });
    }
  });
  afterAll(() => rmSync(cwd, { recursive: true }));

  describe('that is killed', () => {
    let expected: Record<string, string>;
    /** From the first step to the end, milliseconds. */
    let took = 0;
    beforeAll(async () => {
      let began = 0;
      await trained(fresh('unbroken'), [], (_, text) => {
        if (text.includes(BEGINS)) began ||= performance.now();
      });
      took = performance.now() - began;
      expected = madeBy(join(cwd, 'unbroken'));
      expect(Object.keys(expected).filter((name) => name.startsWith('checkpoints/'))).toHaveLength(2);
    });

    async function continues(out: string, how: string): Promise<void> {
      const { stdout } = await trained(out);
      expect(stdout, how).toContain(`continues ${out}`);
      expect(madeBy(join(cwd, out)), how).toEqual(expected);
      expect(halves(join(cwd, out)), how).toEqual([]);
      expect(stepsIn(out), how).toEqual(Array.from({ length: STEPS }, (_, i) => i + 1));
    }

    test('at random moments: what continues it ends with the same bytes', async () => {
      const out = fresh('killed');
      const rng = Rng.of(seed, 'moments');
      // The second time somewhere in what the first continuation does.
      for (let round = 0; round < 2; round++) {
        const after = rng.range(0, took * 0.9);
        let isTimed = false;
        const killed = await train(out, [], (kill, text) => {
          if (isTimed || !text.includes(BEGINS)) return;
          isTimed = true;
          setTimeout(() => kill('SIGKILL'), after);
        });
        const how = `seed ${seed}, ${after.toFixed(0)} of ${took.toFixed(0)} ms: ${killed.stdout}${killed.stderr}`;
        if (killed.signal !== 'SIGKILL') expect(killed.code, how).toBe(0);
      }
      await continues(out, `seed ${seed}`);
    });

    test('while a checkpoint is on its way to the disk: it is not taken for one', async () => {
      const rng = Rng.of(seed, 'checkpoints');
      let hit = 0;
      for (let i = 0; i < 4 && hit === 0; i++) {
        const out = fresh(`half-${i}`);
        const which = 1 + rng.int(STEPS / EVERY - 1);
        let seen = 0;
        let watcher: ReturnType<typeof watch> | undefined;
        // The folder is made with the first checkpoint: the first is waited for, then names are heard as they appear.
        const killed = await train(out, [], (kill, text) => {
          if (watcher || !text.includes(BEGINS)) return;
          const names = new Set<string>();
          watcher = watch(join(cwd, out), { recursive: true }, (_, name) => {
            const file = String(name).split('/').at(-1)!;
            if (!String(name).startsWith('checkpoints/') || !isTemporary(file) || names.has(file)) return;
            names.add(file);
            if (++seen === which) kill('SIGKILL');
          });
        });
        watcher?.close();
        if (killed.signal !== 'SIGKILL') continue;
        hit = halves(join(cwd, out, 'checkpoints')).length;
        console.log(`seed ${seed}: killed at checkpoint ${which}, ${hit} half-written`);
        await continues(out, `seed ${seed}, at checkpoint ${which}`);
      }
      if (hit === 0) console.log('no kill fell between the beginning and the end of a checkpoint');
    });
  });

  test('interrupted while it compiles ends soon, in one line, and continues', async () => {
    const out = fresh('interrupted');
    // Deep enough that compiling takes more than the ten seconds after which it is spoken of.
    const settings = ['--model.depth', '14', '--train.steps', '2'];
    const mark = `SYNCLR_TEST_MARK=${seed}-${process.pid}`;
    const env = { XDG_CACHE_HOME: join(cwd, 'none-yet'), SYNCLR_TEST_MARK: mark.split('=')[1] };
    let asked = 0;
    const interrupted = await train(
      out,
      settings,
      (kill, text) => {
        if (asked > 0 || !text.includes('compiling the update')) return;
        asked = performance.now();
        kill('SIGINT');
      },
      env,
    );
    const seconds = (performance.now() - asked) / 1000;
    expect(interrupted, interrupted.stdout).toMatchObject({ code: 130, signal: null });
    expect(interrupted.stderr).toMatch(
      /^synclr: stopped while a program was compiled; .*the same command continues\n$/,
    );
    expect(interrupted.stdout).not.toContain('training through');
    console.log(`ended ${seconds.toFixed(1)} s after the signal`);
    expect(seconds).toBeLessThan(10);
    if (process.platform === 'linux') expect(processesWith(mark)).toEqual([]);
    expect(halves(join(cwd, 'none-yet'))).toEqual([]);
    await trained(out, settings, undefined, env);
    expect(stepsIn(out)).toEqual([1, 2]);
  });

  test('with a plugin that is none is refused in one line, and the run stays as it is', async () => {
    const out = fresh('wrong-plugin');
    let isAsked = false;
    const stopped = await train(out, [], (kill, text) => {
      if (isAsked || !text.includes(BEGINS)) return;
      isAsked = true;
      kill('SIGTERM');
    });
    expect(stopped, stopped.stdout + stopped.stderr).toMatchObject({ code: 143 });
    const before = snapshot(join(cwd, out));
    const text = join(cwd, 'notes.txt');
    writeFileSync(text, 'This is no plugin.\n');
    for (const path of [join(cwd, 'absent.so'), text, cwd]) {
      const flags = ['--provider', 'xla', '--runtime.plugin', path];
      const refused = await synclr(['train', '--out', out, ...flags], cwd, undefined, programs());
      expect(refused, refused.stdout + refused.stderr).toMatchObject({ code: 2, signal: null });
      expect(refused.stderr.trimEnd().split('\n'), refused.stderr).toHaveLength(1);
      expect(refused.stderr).toContain(path);
      expect(snapshot(join(cwd, out)), path).toEqual(before);
    }
  });
});

/** The least that training of the preset for small machines is: 64 captions, batches of 32. */
describe.runIf(plugin)('the tiny preset', { timeout: 1_200_000 }, () => {
  const title = 'learns through XLA as it does through ONNX Runtime, step by step';
  test(`${title}: 12 steps`, () => alike(12));
  test(`${title}: 100 steps`, { tags: 'nightly' }, () => alike(100));

  async function alike(steps: number): Promise<void> {
    const cwd = mkdtempSync(join(tmpdir(), 'synclr-xla-tiny-'));
    try {
      const sizes = [
        '--captions.count',
        '64',
        '--captions.perShard',
        '64',
        '--train.steps',
        String(steps),
        '--probe.heldOutClasses',
        '0',
      ];
      const done = async (args: string[]) => {
        const outcome = await synclr(args, cwd, undefined, { XDG_CACHE_HOME: join(cwd, 'programs') });
        expect(outcome, outcome.stdout + outcome.stderr).toMatchObject({ code: 0 });
      };
      await done(['captions', '--out', 'ort', ...sizes]);
      await done(['images', '--out', 'ort']);
      cpSync(join(cwd, 'ort'), join(cwd, 'xla'), { recursive: true });
      const began = performance.now();
      await done(['train', '--out', 'ort', '--provider', 'cpu']);
      const between = performance.now();
      await done([
        'train',
        '--out',
        'xla',
        '--provider',
        'xla',
        '--runtime.plugin',
        plugin!,
        '--runtime.precision',
        'float32',
      ]);
      const ended = performance.now();
      const [theirs, ours] = ['ort', 'xla'].map((name) =>
        readFileSync(join(cwd, name, 'train/metrics.jsonl'), 'utf8')
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as Record<string, number>),
      );
      expect(ours.map((l) => l.step)).toEqual(theirs.map((l) => l.step));
      expect(ours).toHaveLength(steps);
      const off = ours.map((line, i) => Math.abs(line.loss - theirs[i].loss) / Math.abs(theirs[i].loss));
      const until = (steps: number) => Math.max(...off.slice(0, steps)).toExponential(1);
      console.log(
        `loss ${theirs[0].loss.toFixed(4)} → ${theirs[steps - 1].loss.toFixed(4)}; largest relative difference in the first 1, 10, 50, 100 steps: ${[1, 10, 50, 100].map(until).join(', ')}; ${((between - began) / 1000).toFixed(0)} s through ONNX Runtime, ${((ended - between) / 1000).toFixed(0)} s through XLA`,
      );
      expect(theirs[steps - 1].loss).toBeLessThan(theirs[0].loss);
      expect(off[0]).toBeLessThan(1e-5);
      // Float32 rounds at 6e-8, otherwise in each executor; a hundred updates make at most 2e-6 of that, and the bar leaves room for other machines.
      expect(Math.max(...off)).toBeLessThan(1e-4);
    } finally {
      rmSync(cwd, { recursive: true });
    }
  }
});

/** Processes (also ended ones that nobody asked about) whose environment has a setting. */
function processesWith(setting: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(setting);
    } catch {
      return false;
    }
  });
}

/** Every file of a folder and its bytes; folders by name. */
function snapshot(dir: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const e of readdirSync(dir, { withFileTypes: true, recursive: true })) {
    const path = join(e.parentPath, e.name);
    found[path.slice(dir.length + 1)] = e.isFile() ? readFileSync(path, 'latin1') : '/';
  }
  return found;
}
