import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { lastJson, type Measured, measuresOf, median, reason, table } from '../bench/accelerator-table.js';

describe('what the benches of a step print', () => {
  test('the last line of JSON counts, whatever stands around it', () => {
    const said = 'compiling\n{"images_per_s": 1}\n{not json}\n{"images_per_s": 2, "step_ms": 3}\n{ a log, too\nbye\n';
    expect(lastJson(said)).toEqual({ images_per_s: 2, step_ms: 3 });
    expect(lastJson('nothing\n')).toBeUndefined();
  });

  test('ours and the peers’ are read by what they mean', () => {
    const ours = { images_per_s: 1400.5, step_ms: 182.8, memory_gib: 34.9, peak_rss_mb: 900, compile_s: 40.2 };
    expect(measuresOf({ ...ours, data_wait: 0, device_wait: 0.98 })).toEqual({
      imagesPerSecond: 1400.5,
      stepMs: 182.8,
      memoryGib: 34.9,
      compileSeconds: 40.2,
      dataWait: 0,
      deviceWait: 0.98,
    });
    expect(measuresOf({ what: 'torch', images_per_s: 1361, peak_gib: 35.2, warmup_s: 61 })).toMatchObject({
      memoryGib: 35.2,
      compileSeconds: 61,
    });
    expect(measuresOf({ what: 'jax', temp_gib: 48.8, compile_s: 50 })).toMatchObject({ memoryGib: 48.8 });
    // On a CPU only the process's memory is known.
    expect(measuresOf({ peak_mb: 2560 }).memoryGib).toBe(2.5);
    expect(measuresOf({ what: 'torch', error: 'CUDA out of memory. Tried to allocate 2 GiB' })).toEqual({
      failed: 'out of memory',
    });
  });

  test('why there are no numbers is one short line', () => {
    expect(
      reason('Traceback (most recent call last):\n  File "x"\nModuleNotFoundError: No module named \'jax\'\n'),
    ).toBe("ModuleNotFoundError: No module named 'jax'");
    expect(reason('E0000 RESOURCE_EXHAUSTED: Out of memory while trying to allocate\nbye')).toBe('out of memory');
    expect(reason(`synclr: a|b ${'x'.repeat(500)}\nnothing more`)).toMatch(/^synclr: a\/b x{100,}$/);
    expect(reason('\n')).toBe('said nothing');
  });
});

describe('the table of an accelerator', () => {
  const run = (who: string, imagesPerSecond: number | undefined, more: Partial<Measured> = {}): Measured => ({
    ...{ who, model: 'ViT-B/16, 64 × 4', precision: 'bfloat16', imagesPerSecond },
    ...more,
  });

  test('has medians of what was repeated, with the range of the rate', () => {
    expect(median([])).toBeUndefined();
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    const text = table([
      run('synclr', 1400, { stepMs: 180, memoryGib: 35, compileSeconds: 40, dataWait: 0.001, deviceWait: 0.97 }),
      run('PyTorch compiled', 1361, { memoryGib: 35.2 }),
      run('synclr', 1380, { stepMs: 182, memoryGib: 35, compileSeconds: 3, dataWait: 0.003, deviceWait: 0.97 }),
      run('synclr', 1410, { stepMs: 179, memoryGib: 35, compileSeconds: 3, dataWait: 0.002, deviceWait: 0.99 }),
    ]);
    expect(text.split('\n').filter((line) => line.includes('| synclr |'))).toEqual([
      '| ViT-B/16, 64 × 4 | bfloat16 | synclr | 1,400 (1,380–1,410) | 180.0 | 35.0 | 40 | 0.2 % | 97.0 % |',
    ]);
    expect(text).toContain('| PyTorch compiled | 1,361 |  | 35.2 |  |  |  |');
    expect(text).toContain('ViT-B/16, 64 × 4, bfloat16: synclr is 1.03 × PyTorch compiled');
  });

  test('compares like with like alone', () => {
    const text = table([
      run('synclr', 900, { precision: 'float32' }),
      run('JAX', 1016),
      run('JAX', 50, { precision: 'float32', model: 'ViT-Ti/8, 16 × 4' }),
      run('synclr, from JPEGs', 800),
    ]);
    expect(text).not.toContain('synclr is');
  });

  test('says what failed, unless another turn went well, and puts notes below', () => {
    const text = table([
      run('synclr', undefined, { failed: 'out of memory' }),
      run('JAX', undefined, { failed: 'stopped: took too long', note: 'temporaries alone' }),
      run('JAX', 99.96, { note: 'temporaries alone' }),
      run('PyTorch compiled', 1361, { note: 'of another kind' }),
    ]);
    expect(text).toContain('| synclr | out of memory |');
    expect(text).toContain('| JAX \\* | 100.0 |');
    expect(text).toContain('| PyTorch compiled \\*\\* | 1,361 |');
    expect(text).toContain('\\* temporaries alone\n\\*\\* of another kind');
    // Every row has as many cells as the head.
    const widths = text
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .map((line) => line.split('|').length);
    expect(new Set(widths).size).toBe(1);
  });
});

describe('bench/accelerator.sh', () => {
  const script = fileURLToPath(new URL('../bench/accelerator.sh', import.meta.url));
  const told = (args: string[], env: NodeJS.ProcessEnv = {}) =>
    spawnSync('bash', [script, ...args], { encoding: 'utf8', env: { ...process.env, ...env } });

  test('refuses what it cannot do before it does anything', () => {
    for (const [args, why] of [
      [['--wheels', '/nowhere'], '--wheels /nowhere: no such folder'],
      [['--plugin', '/nowhere.so'], '/nowhere.so: no such file'],
      [['--steps', 'many'], '--steps many: not a number'],
      [['--steps'], '--steps needs a value'],
      [['--gpu'], 'unknown option --gpu'],
    ] as const) {
      const { status, stderr } = told([...args]);
      expect(stderr).toContain(why);
      expect(status).toBe(2);
    }
  });

  test('explains itself', () => {
    const { status, stdout } = told(['--help']);
    expect(status).toBe(0);
    for (const option of ['--cpu', '--wheels DIR', '--peers DIR', '--minutes N']) expect(stdout).toContain(option);
    expect(stdout).not.toContain('set -');
  });
});
