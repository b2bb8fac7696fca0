import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { UserError } from '../../errors.js';
import { FolderLock } from '../../run/lock.js';
import { isTrained } from '../../run/refuse.js';
import { parseArguments, parseEvals } from './args.js';
import type { Command } from './command.js';
import { clock, megabytes, roughly } from './format.js';
import { checkHub } from './generator-checks.js';
import { Terminal } from './terminal.js';

const dir = mkdtempSync(join(tmpdir(), 'synclr-support-'));
afterAll(() => rmSync(dir, { recursive: true }));

const command: Command = {
  name: 'demo',
  about: '',
  positional: { name: 'DIR', about: 'a folder', required: false },
  flags: [
    { name: 'out', value: 'DIR', about: '' },
    { name: 'steps', value: 'N', setting: 'train.steps', about: '' },
    { name: 'eval', value: 'NAME=DIR', repeat: true, about: '' },
    { name: 'json', about: '' },
  ],
  settings: ['train'],
  examples: [],
  run: async () => {},
};
const parse = (...argv: string[]) => parseArguments(command, argv);

it('a run is trained from its first whole checkpoint on', () => {
  const checkpoints = join(dir, 'a run/checkpoints');
  expect(isTrained(join(dir, 'a run'))).toBe(false);
  mkdirSync(checkpoints, { recursive: true });
  writeFileSync(join(checkpoints, '.step-00000006.safetensors.abc.tmp'), 'half');
  expect(isTrained(join(dir, 'a run'))).toBe(false);
  writeFileSync(join(checkpoints, 'step-00000006.safetensors'), '');
  expect(isTrained(join(dir, 'a run'))).toBe(true);
  rmSync(join(dir, 'a run'), { recursive: true });
});

describe('arguments', () => {
  it('that are no UTF-8 name nothing, unless something has that very name; they are not repeated', () => {
    const says =
      /^argument 2 is no UTF-8 text, so that it cannot be told what it names: give the file or folder another/;
    expect(() => parse('--out', join(dir, 'new\ufffd'))).toThrow(says);
    expect(() => parse('--out', join(dir, 'new\ufffd', 'run'))).toThrow(UserError);
    mkdirSync(join(dir, 'old\ufffd'));
    expect(parse('--out', join(dir, 'old\ufffd', 'run')).values.out).toBe(join(dir, 'old\ufffd', 'run'));
    expect(parse('--eval', `x=${join(dir, 'old\ufffd')}`).lists.eval).toHaveLength(1);
    rmSync(join(dir, 'old\ufffd'), { recursive: true });
  });

  it('come with a space or an equals sign', () => {
    const p = parse(
      '--out',
      'a',
      '--steps=3',
      'folder',
      '--eval',
      'x=y=z',
      '--eval=b=c',
      '--json',
      '--optim.lr',
      '1e-3',
    );
    expect(p.values).toEqual({ out: 'a' });
    expect(p.lists).toEqual({ eval: ['x=y=z', 'b=c'] });
    expect(p.settings).toEqual({ 'train.steps': 3, 'optim.lr': 0.001 });
    expect(p.positional).toBe('folder');
    expect([...p.switches]).toEqual(['json']);
  });

  it('booleans stand alone, with a value, or negated', () => {
    const path = 'probe.baselines';
    expect(parse(`--${path}`, 'folder').positional).toBe('folder');
    expect(parse(`--${path}`).settings[path]).toBe(true);
    expect(parse(`--${path}`, 'false').settings[path]).toBe(false);
    expect(parse(`--${path}=false`).settings[path]).toBe(false);
    expect(parse(`--no-${path}`).settings[path]).toBe(false);
  });

  it('negative numbers are values, flags are not', () => {
    expect(parse('--optim.lr', '-1').settings).toEqual({ 'optim.lr': -1 });
    expect(() => parse('--out', '--json')).toThrow('--out needs a value');
    expect(() => parse('--no-optim.lr')).toThrow(UserError);
  });

  it('after -- all is positional', () => {
    expect(parse('--', '--strange').positional).toBe('--strange');
    expect(() => parse('a', 'b')).toThrow('unexpected argument "b"');
    expect(() => parse('a', 'runtime.writer.key=PW')).toThrow('unexpected argument "runtime.writer.key=…"');
  });

  it('image folders have names', () => {
    expect(parseEvals(['a=b', 'c=d=e'])).toEqual([
      { name: 'a', dir: 'b' },
      { name: 'c', dir: 'd=e' },
    ]);
    for (const bad of ['=b', 'a=', 'a', 'a b=c', '../a=c']) expect(() => parseEvals([bad]), bad).toThrow(UserError);
  });
});

describe('FolderLock', () => {
  const lock = join(dir, '.lock');

  it('is one process’s at a time', async () => {
    const held = await FolderLock.take(dir);
    await expect(FolderLock.take(dir)).rejects.toThrow(`in use by process ${process.pid}`);
    held.releaseSync();
    held.releaseSync();
    expect(existsSync(lock)).toBe(false);
    (await FolderLock.take(dir)).releaseSync();
  });

  it('is taken over from a process that is gone', async () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    const odd = JSON.stringify({ pid: 1, host: { toString: null }, started: '1' });
    for (const left of [JSON.stringify({ pid, host: hostname(), started: '1' }), '', '{"pid":', odd]) {
      writeFileSync(lock, left);
      const held = await FolderLock.take(dir);
      expect(JSON.parse(readFileSync(lock, 'utf8')).pid).toBe(process.pid);
      held.releaseSync();
    }
  });

  it('knows a pid that was given out again', async () => {
    writeFileSync(lock, JSON.stringify({ pid: process.pid, host: hostname(), started: '1' }));
    if (existsSync('/proc/self/stat')) (await FolderLock.take(dir)).releaseSync();
  });

  it('trusts a lock of another machine', async () => {
    writeFileSync(lock, JSON.stringify({ pid: 1, host: 'elsewhere', started: '' }));
    await expect(FolderLock.take(dir)).rejects.toThrow(/process 1 on elsewhere/);
    rmSync(lock);
  });

  it('of several processes that find a dead one’s lock, exactly one gets it', async () => {
    writeFileSync(lock, '');
    const url = new URL('../../../dist/run/lock.js', import.meta.url).href;
    const code = `const { FolderLock } = await import(${JSON.stringify(url)});
      try { await FolderLock.take(${JSON.stringify(dir)}); console.log('mine'); await new Promise((d) => setTimeout(d, 1500)); }
      catch (e) { console.log(e.constructor.name); }`;
    const texts = await Promise.all(
      Array.from({ length: 5 }, () => promisify(execFile)(process.execPath, ['--input-type=module', '-e', code])),
    );
    expect(texts.map((t) => t.stdout.trim()).sort()).toEqual([
      'UserError',
      'UserError',
      'UserError',
      'UserError',
      'mine',
    ]);
    expect(readdirSync(dir)).toEqual([]);
  });
});

describe('figures', () => {
  it('are short', () => {
    expect([clock(5), clock(65.4), clock(3700)]).toEqual(['0:05', '1:05', '1:01:40']);
    expect([roughly(0.2), roughly(59), roughly(600), roughly(7200), roughly(86_400 * 3)]).toEqual([
      'under 1 s',
      '59 s',
      '10 min',
      '2 h',
      '3 days',
    ]);
    expect([megabytes(0.123), megabytes(870.4), megabytes(4096), megabytes(3 * 1024 * 1024)]).toEqual([
      '0.12 MB',
      '870 MB',
      '4 GB',
      '3 TB',
    ]);
  });
});

describe('Terminal', () => {
  const fake = (isTTY: boolean) => {
    const chunks: string[] = [];
    return {
      chunks,
      stream: { isTTY, columns: 100, write: (s: string) => chunks.push(s) } as unknown as NodeJS.WriteStream,
    };
  };

  it('prints no control characters into a pipe, and one line at a stage’s end', () => {
    const out = fake(false);
    const t = new Terminal(out.stream, out.stream);
    const hooks = t.hooks(new AbortController().signal);
    for (let i = 1; i <= 50; i++)
      hooks.progress({ stage: 'train', done: i, total: 50, unit: 'steps', detail: { loss: 7.12345 } });
    t.finish();
    expect(out.chunks.join('')).toMatch(/^train: 50 steps in 0:00 \(.*\/s, 1 of them before\)\n$/);
  });

  it('takes what an earlier process made for no speed, whenever it is found, and says what was thrown away', () => {
    const out = fake(false);
    const t = new Terminal(out.stream, out.stream);
    const { progress } = t.hooks(new AbortController().signal);
    const images = (done: number, before: number, detail?: Record<string, number>) =>
      progress({ stage: 'images', done, before, total: 100, unit: 'images', detail });
    images(10, 10);
    images(70, 70);
    images(71, 70, { repainted: 1 });
    images(100, 70, { repainted: 4, 'kept though blank': 1, loss: 3 });
    t.finish();
    const [, rate] = out.chunks
      .join('')
      .match(/^images: 100 images in 0:00 \((.*)\/s, 70 of them before\), 4 repainted, 1 kept though blank\n$/)!;
    expect(Number(rate.replaceAll(',', ''))).toBeGreaterThan(0);
  });

  it('rewrites one line on a terminal and clears it for others', () => {
    vi.stubEnv('CI', undefined);
    vi.stubEnv('TERM', 'xterm');
    try {
      const out = fake(true);
      const t = new Terminal(out.stream, out.stream);
      const hooks = t.hooks(new AbortController().signal);
      hooks.progress({ stage: 'images', done: 1, total: 4, unit: 'images' });
      expect(out.chunks.at(-1)).toMatch(/^\r.*images .*1\/4 images$/);
      hooks.warn('two\nlines');
      expect(out.chunks.slice(-2)).toEqual(['\r\u001b[2K', 'synclr: warning: two lines\n']);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it('prints whole lines where it runs unattended, even on a terminal', () => {
    vi.stubEnv('CI', '1');
    try {
      const out = fake(true);
      const t = new Terminal(out.stream, out.stream);
      t.hooks(new AbortController().signal).progress({ stage: 'images', done: 1, total: 4, unit: 'images' });
      expect(out.chunks.join('')).not.toContain('\r');
    } finally {
      vi.unstubAllEnvs();
    }
  });
});

describe('the doctor’s line on the model hub', () => {
  it('says where models go, and keeps the token to itself', () => {
    const cache = join(dir, 'no-such-cache');
    const check = checkHub({ HF_TOKEN: 'hf_secret', HF_HUB_CACHE: cache, HF_HUB_OFFLINE: '1' });
    expect(check).toMatchObject({ state: 'ok' });
    expect(check.found).toContain(`${cache} (not there yet), offline`);
    expect(check.found).toContain('with a token');
    expect(JSON.stringify(check)).not.toContain('secret');
    expect(checkHub({ HOME: dir, HF_HUB_CACHE: dir, HF_TOKEN_PATH: cache }).found).not.toContain('not there yet');
  });

  it('names a setting that cannot be meant', () => {
    const check = checkHub({ HF_ENDPOINT: 'nonsense' });
    expect(check.state).toBe('absent');
    expect(check.found).toContain('HF_ENDPOINT');
  });
});
