import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveSettings } from '../src/config/resolve.js';
import type { Settings } from '../src/config/schema.js';
import { writeCaptions } from '../src/corpus/captions-stage.js';
import { writeImages } from '../src/corpus/images-stage.js';
import { linkCorpus } from '../src/corpus/link.js';
import { exportEncoder } from '../src/encoders/export.js';
import { train } from '../src/learn/train.js';
import { readRunConfig } from '../src/run/config.js';
import { openRun } from '../src/run/run.js';
import type { StageHooks } from '../src/stage.js';
import { command } from './command.js';
import { MICRO, madeBy, micro } from './micro.js';

/** A run is one thing, whoever works on it: the library's stages, the command line, or one after the other. */

let cwd: string;
const at = (...names: string[]) => join(cwd, ...names);
const own = (changes: Record<string, string | number> = {}): Settings =>
  resolveSettings({ flags: { ...MICRO, ...changes } });
const hooks: StageHooks = { signal: new AbortController().signal, progress() {}, warn() {} };
const steps = (dir: string) => readdirSync(at(dir, 'checkpoints')).filter((n) => n.endsWith('.safetensors'));
const reportSays = (dir: string, what: string) => readFileSync(at(dir, 'report.html'), 'utf8').includes(what);
const stored = (dir: string) => readRunConfig(at(dir))!;

async function paint(dir: string, settings = own()): Promise<void> {
  await using run = await openRun(at(dir), { settings });
  await writeCaptions(run.stage(hooks));
  await writeImages(run.stage(hooks));
}

beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'synclr-library-'));
  await paint('a');
  await train({ settings: own({ 'train.steps': 12 }), dir: at('a'), hooks });
}, 120_000);
afterAll(() => rmSync(cwd, { recursive: true }));

describe('the library’s stages', { timeout: 120_000 }, () => {
  it('write config.json, by which the command continues', async () => {
    expect(stored('a')).toMatchObject({ synclr: expect.any(String), settings: { train: { steps: 12 } } });
    expect(stored('a')).not.toHaveProperty('command');
    const before = madeBy(at('a'));
    const again = await command(['train', '--out', 'a'], cwd);
    expect(again, again.stderr).toMatchObject({ code: 0 });
    expect(madeBy(at('a'))).toEqual(before);
  });

  it('refuse other settings than those that the folder was made with, but for those of the machine', async () => {
    const says = /a holds a run with other settings: optim\.lr \(0\.0005 there, 0\.1 now\); .*--out/;
    const before = madeBy(at('a'));
    const other = own({ 'train.steps': 12, 'optim.lr': 0.1 });
    await expect(train({ settings: other, dir: at('a'), hooks })).rejects.toThrow(says);
    await expect(train({ settings: own({ 'train.steps': 24 }), dir: at('a'), hooks })).rejects.toThrow(/train\.steps/);
    await expect(writeImages({ settings: own({ 'images.size': 64 }), dir: at('a'), hooks })).rejects.toThrow(
      /images\.size/,
    );
    const here = own({ 'train.steps': 12, 'runtime.threads': 2, 'runtime.prefetch': 2 });
    await train({ settings: here, dir: at('a'), hooks });
    expect(stored('a').settings.runtime).toMatchObject({ threads: 2, prefetch: 2 });
    expect(madeBy(at('a'))).toEqual(before);
  });

  it('change a run that the command began only where nothing was made yet, and say so in config.json', async () => {
    for (const stage of ['captions', 'images'])
      expect(await command([stage, '--out', 'b', ...micro()], cwd)).toMatchObject({ code: 0 });
    await train({ settings: own({ 'train.steps': 6, 'optim.lr': 0.003 }), dir: at('b'), hooks });
    // Before, the command went on with the settings that it had written itself.
    expect(stored('b').settings).toMatchObject({ optim: { lr: 0.003 }, train: { steps: 6 } });
    const other = await command(['train', '--out', 'b', ...micro()], cwd);
    expect(other.code).toBe(2);
    expect(other.stderr).toMatch(/^synclr: b holds a run with other settings: train\.steps \(6 there, 24 now\); .*\n$/);
    expect(steps('b')).toEqual(['step-00000006.safetensors']);
    expect(await command(['train', '--out', 'b'], cwd)).toMatchObject({ code: 0 });
  });

  it('leave nothing of a new run that could not begin', async () => {
    const dir = join('deep', 'none');
    await expect(train({ settings: own(), dir: at(dir), hooks })).rejects.toThrow(/no image shards here/);
    const nothing = own({ 'concepts.source': './none.txt' });
    await expect(writeCaptions({ settings: nothing, dir: at(dir), hooks })).rejects.toThrow(/no such file or folder/);
    expect(existsSync(at('deep'))).toBe(false);
  });

  it('take no folder of somebody else’s, and go on with what earlier versions made without config.json', async () => {
    mkdirSync(at('theirs/images'), { recursive: true });
    writeFileSync(at('theirs/images/manifest.json'), '{"format": "other"}');
    await expect(writeCaptions({ settings: own(), dir: at('theirs'), hooks })).rejects.toThrow(
      /theirs is no run of synclr \(no config\.json\), but holds images/,
    );
    expect(readdirSync(at('theirs'))).toEqual(['images']);
    await paint('old');
    rmSync(at('old/config.json'));
    await train({ settings: own({ 'train.steps': 6 }), dir: at('old'), hooks });
    expect(stored('old').settings.train.steps).toBe(6);
  });

  it('hold the folder while they work, unless the caller holds it', async () => {
    await using run = await openRun(at('a'));
    await expect(writeCaptions({ settings: run.settings, dir: at('a'), hooks })).rejects.toThrow(
      `a is in use by process ${process.pid}`,
    );
    const out = at('a/encoder');
    await expect(exportEncoder({ checkpoint: at('a'), out })).rejects.toThrow(`in use by process ${process.pid}`);
    expect(await exportEncoder({ checkpoint: at('a'), out, run })).toBe(out);
    expect(await exportEncoder({ checkpoint: at('a'), out: at('elsewhere') })).toBe(at('elsewhere'));
    expect(await writeCaptions(run.stage(hooks))).toEqual({ captions: run.settings.captions.count });
    // What nothing rests on yet may still change, and is written down.
    const probing = resolveSettings({
      settings: { ...run.settings, probe: { ...run.settings.probe, baselines: false } },
    });
    await writeImages({ ...run.stage(hooks), settings: probing });
    expect(stored('a').settings.probe.baselines).toBe(false);
    expect(run.settings.probe.baselines).toBe(false);
    await run.close();
    await writeCaptions({ settings: run.settings, dir: at('a'), hooks });
    await expect(openRun(at('nowhere'))).rejects.toThrow(/no run in .*nowhere: a new one needs settings/);
    expect(existsSync(at('nowhere'))).toBe(false);
  });

  it('refuse a run whose images are others than it was trained on', async () => {
    await paint('c');
    const short = { settings: own({ 'train.steps': 12 }), dir: at('c'), hooks };
    const stop = new AbortController();
    const progress = ({ done }: { done: number }) => done === 6 && stop.abort();
    const stopped = train({ ...short, hooks: { ...hooks, progress, signal: stop.signal } });
    await expect(stopped).rejects.toMatchObject({ name: 'Interrupted' });
    const before = steps('c');
    // As many captions of other concepts, painted alike.
    await paint('d', own({ 'concepts.limit': 70 }));
    renameSync(at('c/images'), at('c-images'));
    renameSync(at('d/images'), at('c/images'));
    const says = /step-\d+\.safetensors: was trained on other images than those of .*c\/images now/;
    await expect(train(short)).rejects.toThrow(says);
    const command_ = await command(['train', '--out', 'c'], cwd);
    expect(command_.code).toBe(2);
    expect(command_.stderr).toMatch(says);
    expect(steps('c')).toEqual(before);
    renameSync(at('c/images'), at('d/images'));
    renameSync(at('c-images'), at('c/images'));
    expect(await train(short)).toEqual({ steps: 12 });
  });
});

describe('a corpus that lies elsewhere', { timeout: 120_000 }, () => {
  const objective = ['--learn.dino', '1', '--views.localCount', '1'];
  const other = (...more: string[]) => {
    const training = Object.entries(MICRO).filter(([name]) => !/^(?:concepts|captions|images|seed)/.test(name));
    return [...training.flatMap(([name, value]) => [`--${name}`, String(value)]), ...more];
  };

  it('is trained on with another objective, and brings its settings', async () => {
    const r = await command(['run', '--corpus', 'a', '--out', 'e', ...other(...objective)], cwd);
    expect(r, r.stdout + r.stderr).toMatchObject({ code: 0 });
    expect(r.stdout).toMatch(
      /^no captions are written or images painted: \d+ captions with \d+ images are in a\/images$/m,
    );
    expect(r.stdout).not.toMatch(/^(?:captions|images): about/m);
    expect(existsSync(at('e/images'))).toBe(false);
    const { settings, corpus } = stored('e');
    const its = stored('a').settings;
    expect(settings).toMatchObject({ concepts: its.concepts, captions: its.captions, images: its.images });
    expect(corpus).toMatchObject({ path: at('a/images'), captions: its.captions.count });
    // Of its own concepts, held-out ones are painted for the probe.
    expect(existsSync(at('e/heldout/manifest.json'))).toBe(true);
    expect(reportSays('e', `<code>${at('a/images')}</code>`)).toBe(true);
    const again = await command(['train', '--out', 'e'], cwd);
    expect(again, again.stderr).toMatchObject({ code: 0 });
    expect(await command(['images', '--out', 'e'], cwd)).toMatchObject({
      code: 2,
      stderr: `synclr: e has no images of its own: it learns from the corpus ${at('a/images')}\n`,
    });
  });

  it('teaches what the same images teach where they are the run’s own', async () => {
    const r = await command(['train', '--corpus', 'a/images', '--out', 'f', ...other('--train.steps', '12')], cwd);
    expect(r, r.stderr).toMatchObject({ code: 0 });
    const last = 'checkpoints/step-00000012.safetensors';
    expect(readFileSync(at('f', last)).equals(readFileSync(at('a', last)))).toBe(true);
  });

  it('is no other by settings, is not the run’s own, and cannot be exchanged', async () => {
    const refused = async (args: string[], says: RegExp) => {
      const r = await command(args, cwd);
      expect(r.code, r.stdout + r.stderr).toBe(2);
      expect(r.stderr).toMatch(says);
    };
    const on = (out: string, ...more: string[]) => ['train', '--corpus', 'a', '--out', out, ...other(), ...more];
    await refused(on('g', '--images.size', '64'), /images\.size 64 is asked for, but is 32 in the corpus a/);
    await refused(
      on('g', '--concepts.source', 'x.txt'),
      /concepts\.source x\.txt is asked for, but is wordnet in the corpus a/,
    );
    await refused(on('a'), /the corpus a is the run's own folder a/);
    await refused(on('b'), /b has captions of its own: --corpus .* choose a new folder/);
    await refused(['train', '--corpus', 'none', '--out', 'g'], /--corpus .*none: no such file or folder/);
    await refused(['train', '--corpus', 'e', '--out', 'g'], /--corpus e has no images of its own: it was trained on/);
    expect(existsSync(at('g'))).toBe(false);
    await paint('h', own({ 'captions.count': 32 }));
    await refused(
      ['train', '--corpus', 'h', '--out', 'f'],
      /f was trained on the corpus .*; .*h\/images .* is another one/,
    );
  });

  it('that was moved is found again by --corpus, if it is the same', async () => {
    await paint('i');
    const begun = await command(['train', '--corpus', 'i', '--out', 'j', ...other('--train.steps', '6')], cwd);
    expect(begun, begun.stderr).toMatchObject({ code: 0 });
    rmSync(at('j/checkpoints'), { recursive: true });
    renameSync(at('i'), at('moved'));
    const lost = await command(['train', '--out', 'j'], cwd);
    expect(lost.code).toBe(2);
    expect(lost.stderr).toMatch(/^synclr: the corpus of j is not there any more: .*i\/images; say with --corpus DIR/);
    const found = await command(['train', '--corpus', 'moved', '--out', 'j'], cwd);
    expect(found, found.stderr).toMatchObject({ code: 0 });
    expect(stored('j').corpus?.path).toBe(at('moved/images'));
  });

  it('of another program’s making is trained on, and nothing said that is not known of it', async () => {
    mkdirSync(at('wds'));
    for (const name of readdirSync(at('a/images')).filter((n) => n.endsWith('.tar')))
      writeFileSync(at('wds', name), readFileSync(at('a/images', name)));
    const r = await command(
      ['run', '--corpus', 'wds', '--out', 'k', ...other('--train.steps', '6')].filter(
        (a, i, all) => !/^(?:--)?probe\.heldOutClasses$/.test(a) && all[i - 1] !== '--probe.heldOutClasses',
      ),
      cwd,
    );
    expect(r, r.stdout + r.stderr).toMatchObject({ code: 0 });
    expect(r.stderr).toMatch(/wds was not painted by synclr; whether it was photographed or painted nobody said/);
    expect(existsSync(at('k/heldout'))).toBe(false);
    expect(stored('k').corpus).toMatchObject({ foreign: true, captions: own().captions.count });
    expect(reportSays('k', 'WordNet’s concepts')).toBe(false);
    expect(reportSays('k', 'made elsewhere')).toBe(true);
  });

  it('is taken by the library, too, with the settings that it brings', async () => {
    const { settings: its } = await linkCorpus(at('a'));
    const training = Object.fromEntries(
      Object.entries(MICRO).filter(([n]) => !/^(?:concepts|captions|images)/.test(n)),
    );
    const settings = resolveSettings({ flags: { ...training, 'train.steps': 6, ...its } });
    await expect(
      train({ settings: own({ 'train.steps': 6, 'images.quality': 50 }), dir: at('l'), hooks, corpus: at('a') }),
    ).rejects.toThrow(/images was made with other settings: images\.quality/);
    expect(await train({ settings, dir: at('l'), hooks, corpus: at('a') })).toEqual({ steps: 6 });
    expect(stored('l').corpus?.path).toBe(at('a/images'));
  });
});
