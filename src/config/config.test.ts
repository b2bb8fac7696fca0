import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { UserError } from '../errors.js';
import { settingsMarkdown } from './docs.js';
import { settingsJsonSchema } from './json-schema.js';
import { parseValue, settingLeaves } from './leaves.js';
import { PRESET_NAMES, PRESETS, type PresetName } from './presets.js';
import { checkSettings, differingSettings, resolveSettings, resultSettings } from './resolve.js';
import { settingsSchema } from './schema.js';
import { closest, editDistance } from './suggest.js';

const dir = mkdtempSync(join(tmpdir(), 'synclr-config-'));
afterAll(() => rmSync(dir, { recursive: true }));

function file(name: string, content: unknown): string {
  const path = join(dir, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

function complaint(act: () => unknown): string {
  try {
    act();
  } catch (e) {
    expect(e).toBeInstanceOf(UserError);
    const { message } = e as Error;
    expect(message).not.toContain('\n');
    return message;
  }
  throw new Error('nothing was refused');
}
// bench-tiny, since its numbers do not change: 64 px, local 32 px, patch 8, dim 192, 3 heads.
const refused = (flags: Record<string, unknown>) => complaint(() => resolveSettings({ preset: 'bench-tiny', flags }));

describe('resolveSettings', () => {
  it('takes defaults < preset < file < flags, group by group, lists whole', () => {
    const path = file('a.json', {
      preset: 'bench-tiny',
      model: { depth: 7, heads: 4 },
      views: { localScale: [0.1, 0.2] },
    });
    const s = resolveSettings({ file: path, flags: { 'model.heads': 6, 'runtime.threads': 2 } });
    expect(s.model.patch).toBe(8); // preset
    expect(s.model.depth).toBe(7); // file over preset
    expect(s.model.heads).toBe(6); // flag over file
    expect(s.views.localScale).toEqual([0.1, 0.2]);
    expect(s.views.globalScale).toEqual([0.32, 1]); // default
    expect(s.runtime.threads).toBe(2);
  });

  it('starts from tiny, and an explicit preset wins over the file’s', () => {
    expect(resolveSettings()).toEqual(resolveSettings({ preset: 'tiny' }));
    const path = file('b.json', { preset: 'bench-tiny' });
    expect(resolveSettings({ file: path, preset: 'paper-l14' }).model.patch).toBe(14);
  });

  it('reads the config.json of a run', () => {
    const settings = resolveSettings({ preset: 'bench-small', flags: { seed: 5 } });
    const path = file('config.json', { synclr: '0.1.0', preset: 'bench-small', command: 'synclr run', settings });
    expect(resolveSettings({ file: path })).toEqual(settings);
  });

  it('names an unknown setting, where it stands, and what was meant', () => {
    expect(refused({ 'views.globlSize': 3 })).toMatch(/--views\.globlSize.*did you mean views\.globalSize/);
    expect(refused({ 'vews.globalSize': 3 })).toContain('views.globalSize');
    expect(refused({ 'optim.zzz': 3 })).toMatch(/valid: optim\.lr, optim\.warmup/);
    expect(refused({ qqqq: 3 })).toMatch(/valid: seed, concepts\.\*/);
    const path = file('c.json', { model: { dims: 3 } });
    expect(complaint(() => resolveSettings({ file: path }))).toMatch(/"model\.dims" in .*c\.json.*model\.dim/);
    expect(complaint(() => resolveSettings({ file: file('d.json', { model: 3 }) }))).toMatch(
      /group of settings.*model\.dim/,
    );
  });

  it('names an ill-typed value, what is expected and the range', () => {
    expect(refused({ 'train.steps': 'many' })).toBe('train.steps "many": expected an integer ≥ 1');
    expect(refused({ 'train.steps': 1.5 })).toBe('train.steps 1.5: expected an integer ≥ 1');
    expect(refused({ 'captions.attempts': 100_000 })).toBe(
      'captions.attempts 100000: expected an integer between 1 and 1000',
    );
    expect(refused({ 'views.flip': 2 })).toBe('views.flip 2: expected a number between 0 and 1');
    expect(refused({ 'optim.lr': 0 })).toBe('optim.lr 0: expected a number > 0');
    expect(refused({ 'runtime.provider': 'gpu' })).toBe(
      'runtime.provider "gpu": expected one of auto, cpu, webgpu, xla, cuda, rocm, oneapi, tpu',
    );
    expect(refused({ 'views.globalScale': [0.5, 3] })).toBe(
      'views.globalScale 0.5,3: expected 2 numbers, each between 0.0001 and 1',
    );
    expect(refused({ 'views.globalScale': [0.5] })).toContain('expected 2 numbers');
    expect(refused({ 'learn.avoidLocalGlobalSame': 'maybe' })).toContain('expected true or false');
  });

  it('names both settings that do not fit together', () => {
    expect(refused({ 'views.globalSize': 30 })).toBe(
      'views.globalSize 30 is not divisible by model.patch 8: use views.globalSize 24 or 32, or another patch',
    );
    expect(refused({ 'views.localSize': 18 })).toMatch(/views\.localSize 18 .*model\.patch 8/);
    expect(refused({ 'probe.size': 35 })).toMatch(/probe\.size 35 .*model\.patch 8/);
    expect(refused({ 'model.heads': 5 })).toMatch(/model\.heads 5 .*model\.dim 192/);
    expect(refused({ 'model.dim': 9, 'model.heads': 3 })).toContain('odd');
    expect(refused({ 'captions.count': 4 })).toMatch(/train\.captionsPerBatch \d+ .*captions\.count 4/);
    expect(refused({ 'views.maskRatio': 0.001 })).toMatch(/views\.maskRatio 0\.001 .*learn\.ibot/);
    expect(refused({ 'views.maskProbability': 0.001 })).toMatch(/views\.maskProbability 0\.001 .*batch of \d+/);
    expect(refused({ 'views.aspect': [2, 1] })).toContain('views.aspect 2,1');
    expect(refused({ 'concepts.heldOut': 0 })).toMatch(/probe\.heldOutClasses .*concepts\.heldOut/);
    expect(refused({ 'train.captionsPerBatch': 1 })).toContain('no negatives');
    expect(refused({ 'captions.words': [9, 3] })).toBe('captions.words 9,3: the first number is the smaller one');
    expect(refused({ 'captions.writer': 'gguf' })).toMatch(/^captions\.writer gguf needs captions\.model/);
    expect(refused({ 'images.painter': 'diffusion' })).toMatch(/^images\.painter diffusion needs images\.model/);
    expect(refused({ 'images.painter': 'comfyui' })).toMatch(/^images\.painter comfyui needs images\.workflow/);
  });

  it('says what is wrong with a file', () => {
    expect(complaint(() => resolveSettings({ file: join(dir, 'none.json') }))).toMatch(
      /no such settings file: .*none\.json/,
    );
    expect(complaint(() => resolveSettings({ file: file('e.json', '{ "seed": 1, }') }))).toMatch(/e\.json is not JSON/);
    expect(complaint(() => resolveSettings({ file: file('f.json', '[1]') }))).toContain('expected a JSON object');
    expect(complaint(() => resolveSettings({ preset: 'huge' as PresetName }))).toBe(
      `unknown preset "huge"; presets: ${Object.keys(PRESETS).join(', ')}`,
    );
  });

  it('refuses names that every object has', () => {
    expect(complaint(() => resolveSettings({ preset: 'constructor' as PresetName }))).toContain('unknown preset');
    expect(complaint(() => resolveSettings({ file: file('g.json', '{"__proto__": {"seed": 3}}') }))).toContain(
      'unknown setting',
    );
  });
});

describe('a settings file from outside', () => {
  const refusedFile = (content: unknown) => complaint(() => resolveSettings({ file: file('outside.json', content) }));

  it('may begin with a byte-order mark', () => {
    expect(resolveSettings({ file: file('bom.json', '\uFEFF{"seed": 3}') }).seed).toBe(3);
  });

  it.each<[string, unknown, RegExp]>([
    ['a name twice', '{"seed": 1,\n"seed": 2}', /outside\.json:2: "seed" is there twice: make them one$/],
    ['a list for a group', '{"model": [1]}', /"model" in .* is a group of settings, not one/],
    ['an object for a setting', '{"seed": {"a": 1}}', /^seed \{"a":1\}: expected an integer/],
    ['text for a number', '{"seed": "3"}', /^seed "3": expected an integer/],
    ['null', '{"seed": null}', /^seed null: expected an integer/],
    ['an endless number', '{"optim": {"lr": 1e999}}', /^optim\.lr Infinity: expected a number > 0/],
    ['a number that is too large for an integer', '{"seed": 1e300}', /^seed 1e\+300: expected an integer/],
    ['NaN', '{"seed": NaN}', /is not JSON: Unexpected token 'N'$/],
    ['deep nesting', '['.repeat(100_000), /nested more than 200 deep$/],
    ['a long text', `{"seed": "${'x'.repeat(10_000)}"}`, /^seed "x{77} …: expected an integer/],
    ['nothing', '', /is not JSON: it is empty$/],
    ['a prototype', '{"__proto__": {"seed": 3}}', /unknown setting "__proto__\.seed" in/],
    ['a prototype inside', '{"model": {"__proto__": {"dim": 3}}}', /unknown setting "model\.__proto__\.dim" in/],
    ['a constructor', '{"constructor": {"prototype": {"seed": 3}}}', /unknown setting "constructor\.prototype\.seed"/],
  ])('with %s is refused in one line', (_, content, message) => {
    expect(refusedFile(content)).toMatch(message);
  });

  it('in other encodings, and a folder, are refused in one line', () => {
    const path = join(dir, 'wide.json');
    writeFileSync(path, Buffer.from('\uFEFF{"seed": 3}', 'utf16le'));
    expect(complaint(() => resolveSettings({ file: path }))).toMatch(/wide\.json is UTF-16: save it as UTF-8$/);
    expect(complaint(() => resolveSettings({ file: dir }))).toMatch(/^cannot read the settings file .*folder/);
  });

  it('or flags change no prototype', () => {
    for (const name of [
      '__proto__.seed',
      'constructor.prototype.seed',
      'model.__proto__.dim',
      '__proto__',
      'toString',
    ]) {
      expect(
        complaint(() => resolveSettings({ flags: { [name]: 7 } })),
        name,
      ).toContain(`unknown setting --${name}`);
    }
    expect(({} as { seed?: number }).seed).toBeUndefined();
    expect(complaint(() => resolveSettings({ flags: { seed: 3, 'seed.x': 4 } }))).toContain('--seed.x');
  });
});

describe('presets', () => {
  it('are all valid', () => {
    for (const name of PRESET_NAMES) expect(() => resolveSettings({ preset: name }), name).not.toThrow();
  });

  it('have the paper’s numbers', () => {
    const b = resolveSettings({ preset: 'paper-b16' });
    expect([b.train.steps, b.train.captionsPerBatch, b.optim.warmup, b.optim.lr]).toEqual([
      500_000, 8192, 80_000, 2e-3,
    ]);
    expect(b.model.dropPath).toBe(0.1);
    expect(b.learn).toMatchObject({ method: 'synclr', prototypes: 65_536, temperature: 0.08, ema: [0.994, 1] });
    const l = resolveSettings({ preset: 'paper-l14' });
    expect([l.model.dim, l.model.depth, l.model.heads, l.model.dropPath, l.optim.lr]).toEqual([
      1024, 24, 16, 0.4, 1.5e-3,
    ]);
    const a = resolveSettings({ preset: 'authors-b16' });
    expect(a.optim.beta2).toBe(0.98);
    expect(a.learn).toMatchObject({ temperature: 0.1, prototypes: 8192 });
    expect(a.optim.lr).toBeCloseTo(2.4e-3, 12);
  });
});

describe('leaves', () => {
  it('cover the whole schema, each with a meaning and its default', () => {
    const defaults = settingsSchema.parse({});
    const count = (x: unknown): number =>
      x !== null && typeof x === 'object' && !Array.isArray(x)
        ? Object.values(x).reduce((n: number, v) => n + count(v), 0)
        : 1;
    const leaves = settingLeaves();
    const own = leaves.filter((l) => !l.methods || l.methods.includes('synclr'));
    expect(own.filter((l) => l.default !== undefined)).toHaveLength(count(defaults));
    for (const l of leaves) expect(l.about, l.path).not.toBe('');
  });

  it('read flags, leaving what does not fit to the schema', () => {
    const leaf = (path: string) => settingLeaves().find((l) => l.path === path)!;
    expect(parseValue(leaf('optim.lr'), '1e-3')).toBe(0.001);
    expect(parseValue(leaf('optim.lr'), '-.5')).toBe(-0.5);
    expect(parseValue(leaf('train.steps'), '0x10')).toBe('0x10');
    expect(parseValue(leaf('train.steps'), '')).toBe('');
    expect(parseValue(leaf('views.globalScale'), '0.3, 1')).toEqual([0.3, 1]);
    expect(parseValue(leaf('views.globalScale'), '[0.3,1]')).toEqual([0.3, 1]);
    expect(parseValue(leaf('probe.baselines'), 'yes')).toBe('yes');
    expect(parseValue(leaf('concepts.source'), '12')).toBe('12');
  });

  it('write docs/config.schema.json', () => {
    const kept = readFileSync(new URL('../../docs/config.schema.json', import.meta.url), 'utf8');
    expect(JSON.parse(kept), 'docs/config.schema.json is behind the schema: npm run docs:settings').toEqual(
      settingsJsonSchema(),
    );
  });

  it('write docs/settings.md', () => {
    const kept = readFileSync(new URL('../../docs/settings.md', import.meta.url), 'utf8');
    expect(kept, 'docs/settings.md is behind the schema: npm run docs:settings').toBe(settingsMarkdown());
  });
});

describe('comparing settings', () => {
  it('separates what changes results from what changes speed', () => {
    const a = resolveSettings();
    const b = resolveSettings({ flags: { 'runtime.threads': 3, 'optim.lr': 1, 'views.mean': [0, 0, 0] } });
    expect(differingSettings(a, b)).toEqual(['views.mean', 'optim.lr', 'runtime.threads']);
    expect(resultSettings(a)).not.toHaveProperty('runtime');
    expect(resultSettings(resolveSettings({ flags: { 'runtime.threads': 3 } }))).toEqual(resultSettings(a));
  });

  it('survives JSON', () => {
    const a = resolveSettings({ preset: 'paper-l14' });
    expect(checkSettings(JSON.parse(JSON.stringify(a)))).toEqual(a);
  });
});

describe('suggestions', () => {
  it('count a swap of neighbours as one edit', () => {
    expect(editDistance('stesp', 'steps')).toBe(1);
    expect(editDistance('', 'abc')).toBe(3);
    expect(editDistance('kitten', 'sitting')).toBe(3);
  });

  it('are near, or none', () => {
    expect(closest('stesp', ['seed', 'steps', 'train.steps'])[0]).toBe('steps');
    expect(closest('xyzzy', ['seed', 'steps'])).toEqual([]);
  });
});

describe('the JSON schema of settings files', () => {
  const schema = z.fromJSONSchema(settingsJsonSchema() as Parameters<typeof z.fromJSONSchema>[0]);
  const resolves = (tree: object) => {
    try {
      resolveSettings({ file: file('schema.json', tree) });
      return true;
    } catch (e) {
      expect(e).toBeInstanceOf(UserError);
      return false;
    }
  };

  it('takes the settings of every preset', () => {
    for (const preset of PRESET_NAMES) {
      expect(schema.safeParse({ preset, ...PRESETS[preset].settings }).success, preset).toBe(true);
      expect(schema.safeParse(resolveSettings({ preset })).success, preset).toBe(true);
    }
  });

  it.each<[boolean, object]>([
    [true, {}],
    [true, { $schema: './config.schema.json', preset: 'tiny', views: { globalSize: 48, globalScale: [0.2, 1] } }],
    [true, { probe: { baselines: false }, images: { paintSize: 128 }, captions: { writer: 'embedded' } }],
    [false, { preset: 'tinny' }],
    [false, { presett: 'tiny' }],
    [false, { views: { globlSize: 48 } }],
    [false, { view: { globalSize: 48 } }],
    [false, { captions: { writer: 'ggml' } }],
    [false, { images: { painter: 'a111' } }],
    [false, { runtime: { writer: { adress: 'x' } } }],
    [false, { train: { steps: 1.5 } }],
    [false, { train: { steps: '100' } }],
    [false, { views: { flip: 2 } }],
    [false, { optim: { lr: 0 } }],
    [false, { views: { globalScale: [0.5] } }],
    [false, { probe: { linear: { lrs: [] } } }],
    [false, { concepts: { source: '' } }],
  ])('and the resolver agree (%s): %j', (good, tree) => {
    expect([schema.safeParse(tree).success, resolves(tree)]).toEqual([good, good]);
  });
});
