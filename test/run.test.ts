import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Rng } from '../src/rng.js';
import { madeBy, micro } from './micro.js';
import { leftBehind, type Outcome, synclr, until } from './process.js';

/** The whole path through real processes, at a size of seconds. */

let cwd: string;
let unbroken: Outcome;

beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'synclr-run-'));
  await paintFlags(join(cwd, 'flags'));
  unbroken = await synclr(
    ['run', '--out', 'a', ...micro({ 'runtime.workers': 2, 'runtime.threads': 2 }), '--eval', 'flags=flags'],
    cwd,
  );
}, 120_000);
afterAll(() => rmSync(cwd, { recursive: true }));

/** An image folder of two classes, red and blue noise, with one file that is cut short. */
async function paintFlags(dir: string): Promise<void> {
  for (const [part, n] of [
    ['train', 12],
    ['test', 5],
  ] as const) {
    for (const [c, name] of ['red', 'blue'].entries()) {
      mkdirSync(join(dir, part, name), { recursive: true });
      for (let i = 0; i < n; i++) {
        const rng = Rng.of(0, part, c, i);
        const data = Uint8Array.from({ length: 24 * 24 * 3 }, (_, k) => (k % 3 === 2 * c ? 200 : 40) + rng.int(50));
        await sharp(data, { raw: { width: 24, height: 24, channels: 3 } })
          .jpeg()
          .toFile(join(dir, part, name, `${i}.jpg`));
      }
    }
  }
  const cut = join(dir, 'train/red/0.jpg');
  writeFileSync(cut, readFileSync(cut).subarray(0, 300));
}

describe('synclr run', () => {
  it('goes from concepts to a report', () => {
    expect(unbroken, unbroken.stdout + unbroken.stderr).toMatchObject({ code: 0 });
    for (const path of [
      'config.json',
      'captions/manifest.json',
      'images/manifest.json',
      'images/images-000005.tar',
      'train/metrics.jsonl',
      'checkpoints/step-00000024.safetensors',
      'encoder/model.safetensors',
      'encoder/onnx/model.onnx',
      'probes.json',
      'report.html',
    ]) {
      expect(existsSync(join(cwd, 'a', path)), path).toBe(true);
    }
    expect(existsSync(join(cwd, 'a/.lock'))).toBe(false);
    expect(readFileSync(join(cwd, 'a/train/metrics.jsonl'), 'utf8').trim().split('\n')).toHaveLength(24);
  });

  it('says what each stage costs, a table of probes and where the report is', () => {
    for (const stage of ['captions', 'images', 'train', 'eval']) {
      expect(unbroken.stdout).toMatch(new RegExp(`^${stage}: about .* memory, .* disk \\(.*\\)$`, 'm'));
    }
    expect(unbroken.stdout).toMatch(/^.*kNN.*linear.*$/im);
    expect(unbroken.stdout).toMatch(/flags/);
    expect(unbroken.stdout).toMatch(/^report: .*a\/report\.html/m);
    expect(unbroken.stdout).not.toContain('\r');
  });

  it('warns of the broken image, by name, and goes on', () => {
    expect(unbroken.stderr).toMatch(/^synclr: warning: .*train\/red\/0\.jpg/m);
  });

  it('stores its settings, which repeat it elsewhere', () => {
    const config = JSON.parse(readFileSync(join(cwd, 'a/config.json'), 'utf8'));
    expect(config).toMatchObject({
      preset: 'tiny',
      settings: { seed: 0, train: { steps: 24 }, images: { perCaption: 4 } },
    });
    expect(config.command).toContain('synclr run --out a');
  });

  it('has nothing left to do the second time, but to clear away what a kill left', async () => {
    const before = madeBy(join(cwd, 'a'));
    const checkpoint = (name: string) => join(cwd, 'a/checkpoints', name);
    copyFileSync(checkpoint('step-00000024.safetensors'), checkpoint('step-00000023.safetensors'));
    writeFileSync(leftBehind(checkpoint('step-00000024.safetensors')), 'half');
    const again = await synclr(['run', '--out', 'a'], cwd);
    expect(again, again.stderr).toMatchObject({ code: 0 });
    expect(madeBy(join(cwd, 'a'))).toEqual(before);
  });

  it('goes on with a run of a version that did not know all of today’s settings', async () => {
    const file = join(cwd, 'a/config.json');
    const config = JSON.parse(readFileSync(file, 'utf8'));
    delete config.settings.images.guidanceRescale;
    delete config.settings.train.keepCheckpoints;
    writeFileSync(file, JSON.stringify(config));
    const again = await synclr(['train', '--out', 'a'], cwd);
    expect(again, again.stderr).toMatchObject({ code: 0 });
  });

  it('refuses other settings for the same folder, but not another number of threads', async () => {
    const other = await synclr(['train', '--out', 'a', '--optim.lr', '0.5'], cwd);
    expect(other.code).toBe(2);
    expect(other.stderr).toMatch(/^synclr: a holds a run with other settings: optim\.lr \(.*, 0\.5 now\);.*\n$/);
    expect(await synclr(['train', '--out', 'a', '--threads', '3'], cwd)).toMatchObject({ code: 0 });
  });

  it('stopped by Ctrl-C, it continues to the same bytes', async () => {
    const command = ['run', '--out', 'stopped', ...micro({ 'runtime.threads': 2 })];
    const stopped = await synclr(command, cwd, (child) => {
      const checkpoints = join(cwd, 'stopped/checkpoints');
      const begun = () => existsSync(checkpoints) && readdirSync(checkpoints).some((n) => n.endsWith('.safetensors'));
      void until(begun, 'a checkpoint').then(() => child.kill('SIGINT'));
    });
    expect(stopped.code, stopped.stdout + stopped.stderr).toBe(130);
    expect(stopped.stderr).toMatch(/^synclr: .*the same command continues\n$/m);
    expect(existsSync(join(cwd, 'stopped/.lock'))).toBe(false);

    const continued = await synclr(command, cwd);
    expect(continued, continued.stdout + continued.stderr).toMatchObject({ code: 0 });
    const [expected, made] = [madeBy(join(cwd, 'a')), madeBy(join(cwd, 'stopped'))];
    for (const name of Object.keys(expected))
      if (!name.startsWith('checkpoints/')) expect(made[name], name).toBe(expected[name]);
    const last = 'checkpoints/step-00000024.safetensors';
    expect(made[last]).toBe(expected[last]);
  });

  it('stopped by SIGTERM, it says so and lets go of the folder', async () => {
    const command = ['run', '--out', 'ended', ...micro()];
    const stopped = await synclr(command, cwd, (child) => {
      child.stdout!.on('data', (d) => String(d).includes('images: about') && child.kill('SIGTERM'));
    });
    expect(stopped.code, stopped.stdout + stopped.stderr).toBe(143);
    expect(stopped.stdout).toContain('SIGTERM: finishing what is in hand');
    expect(existsSync(join(cwd, 'ended/.lock'))).toBe(false);
  });
});

describe('the stages of a run, one by one', () => {
  it('make the same as synclr run', async () => {
    for (const stage of ['captions', 'images', 'train', 'eval']) {
      const args = stage === 'captions' ? [stage, '--out', 'b', ...micro()] : [stage, '--out', 'b'];
      const r = await synclr(args, cwd);
      expect(r, `${stage}: ${r.stdout}${r.stderr}`).toMatchObject({ code: 0 });
    }
    expect(madeBy(join(cwd, 'b'))).toEqual(madeBy(join(cwd, 'a')));
    expect(await synclr(['report', 'b'], cwd)).toMatchObject({ code: 0, stdout: 'report: b/report.html\n' });
  });

  it('say what is missing before them', async () => {
    for (const [stage, before] of [
      ['images', 'captions'],
      ['train', 'images'],
      ['eval', 'train'],
    ]) {
      const r = await synclr([stage, '--out', 'none', ...micro()], cwd);
      expect(r.code, r.stderr).toBe(2);
      expect(r.stderr).toMatch(/^synclr: .*\n$/);
      expect(r.stderr, before).toContain(before);
      expect(existsSync(join(cwd, 'none'))).toBe(false);
    }
  });
});

describe('the encoder of a run', () => {
  it('embeds images', async () => {
    const r = await synclr(['embed', 'flags/test', '--encoder', 'a', '--out', 'features.jsonl'], cwd);
    expect(r, r.stderr).toMatchObject({ code: 0 });
    expect(readFileSync(join(cwd, 'features.jsonl'), 'utf8').trim().split('\n').length).toBeGreaterThanOrEqual(10);
  });

  it('is exported from a checkpoint', async () => {
    const r = await synclr(['export', 'a/checkpoints/step-00000024.safetensors', '--out', 'early'], cwd);
    expect(r, r.stderr).toMatchObject({ code: 0 });
    const read = (dir: string) => readFileSync(join(cwd, dir, 'onnx/model.onnx'));
    expect(read('early').equals(read('a/encoder'))).toBe(true);
  });

  it('starts a new run with --from', async () => {
    for (const part of ['config.json', 'captions', 'images'])
      cpSync(join(cwd, 'a', part), join(cwd, 'c', part), { recursive: true });
    for (const [from, why] of [
      ['none', /^synclr: --from none: no such checkpoint/],
      ['flags', /^synclr: --from flags: no checkpoint and no encoder in this folder/],
      ['features.jsonl', /^synclr: features\.jsonl: /],
    ] as const) {
      const refused = await synclr(['train', '--out', 'c', '--from', from], cwd);
      expect(refused, refused.stderr).toMatchObject({ code: 2 });
      expect(refused.stderr).toMatch(why);
    }
    const wider = await synclr(['train', '--out', 'c', '--from', 'a', '--model.dim', '48'], cwd);
    expect(wider.code).toBe(2);
    expect(wider.stderr).toMatch(/^synclr: .*cannot start from these weights.*\n$/);

    // A first checkpoint that was half written when its process was killed is none.
    mkdirSync(join(cwd, 'c/checkpoints'));
    writeFileSync(join(cwd, 'c/checkpoints/.step-00000006.safetensors.tmp'), 'half');
    const r = await synclr(['train', '--out', 'c', '--from', 'a/encoder'], cwd);
    expect(r, r.stderr).toMatchObject({ code: 0 });
    expect(JSON.parse(readFileSync(join(cwd, 'c/config.json'), 'utf8')).from).toBe('a/encoder');
    const other = await synclr(['train', '--out', 'c', '--from', 'a'], cwd);
    expect(other.stderr).toMatch(/^synclr: c is trained already, from a\/encoder: --from starts a new run/);
  });
});

describe('synclr images --preview', () => {
  it('paints a sheet without a run', async () => {
    const r = await synclr(['images', '--preview', '--caption', 'a red fox in the snow', '--sheet', 'fox.png'], cwd);
    expect(r, r.stderr).toMatchObject({ code: 0 });
    const { width, height } = await sharp(join(cwd, 'fox.png')).metadata();
    expect(width! > 64 && height! > 64).toBe(true);
    expect(existsSync(join(cwd, 'runs'))).toBe(false);
  });
});
