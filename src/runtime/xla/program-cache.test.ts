import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sayNotRun, smallProgram, xlaPlugin } from '../../../test/xla.js';
import { XlaDevice } from './device.js';
import { ProgramCache } from './program-cache.js';
import type { DeviceInfo } from './session.js';

const plugin = xlaPlugin();
if (!plugin) sayNotRun('compiled programs taken from disk by a plugin');

const folder = () => mkdtemp(join(tmpdir(), 'synclr-programs-'));
const info: DeviceInfo = { platform: 'x', version: '1', api: [0, 115], devices: [{ id: 0, kind: 'card' }] };
/** Any file will do as the plugin. */
const SELF = import.meta.filename;
const bytes = (n: number, value: number) => new Uint8Array(n).fill(value);
const options = Uint8Array.of(1);

test('what is written is read again, whole or not at all', async () => {
  const dir = join(await folder(), 'programs');
  const cache = new ProgramCache(dir, info, SELF);
  const key = cache.key('text', options);
  expect(cache.read(key)).toBeUndefined();
  const memory = { arguments: 1, outputs: 2, alias: 3, temp: 4, code: 5, peak: 6 };
  await cache.write(key, bytes(1000, 7), memory);
  expect(cache.read(key)).toEqual({ bytes: Buffer.from(bytes(1000, 7)), memory });
  const path = join(dir, `${key}.xla`);
  const whole = await readFile(path);
  for (const damage of [whole.subarray(0, -1), whole.subarray(0, 30), Buffer.alloc(0)]) {
    await writeFile(path, damage);
    expect(cache.read(key)).toBeUndefined();
  }
  const flipped = Buffer.from(whole);
  flipped[flipped.length - 500] ^= 1;
  await writeFile(path, flipped);
  expect(cache.read(key)).toBeUndefined();
  await cache.write(key, bytes(1000, 7), undefined);
  // The damaged file is still one of ours.
  expect(cache.read(key)).toEqual({ bytes: Buffer.from(bytes(1000, 7)), memory: undefined });
});

test('programs are told apart by text, options, plugin and devices', async () => {
  const dir = await folder();
  const of = (i: Partial<DeviceInfo>, path = SELF) => new ProgramCache(dir, { ...info, ...i }, path);
  const keys = [
    of({}).key('text', options),
    of({}).key('other', options),
    of({}).key('text', Uint8Array.of(2)),
    of({ version: '2' }).key('text', options),
    of({ api: [0, 116] }).key('text', options),
    of({ devices: [{ id: 0, kind: 'other' }] }).key('text', options),
    of({ devices: [...info.devices, ...info.devices] }).key('text', options),
    of({}, process.execPath).key('text', options),
  ];
  expect(new Set(keys).size).toBe(keys.length);
  expect(of({ devices: [{ id: 5, kind: 'card' }] }).key('text', options)).toBe(keys[0]);
});

test('those used longest ago go when there is too much; what is not ours stays', async () => {
  const dir = await folder();
  const cache = new ProgramCache(dir, info, SELF, 3500);
  const foreign = join(dir, `${'0'.repeat(64)}.xla`);
  await writeFile(foreign, bytes(10_000, 1));
  const keys = ['a', 'b', 'c', 'd'].map((text) => cache.key(text, options));
  for (const [i, key] of keys.slice(0, 3).entries()) {
    await cache.write(key, bytes(1000, 1), undefined);
    await utimes(join(dir, `${key}.xla`), 1000 + i, 1000 + i);
  }
  expect(cache.read(keys[0])).toBeDefined();
  await cache.write(keys[3], bytes(1000, 1), undefined);
  expect(keys.map((key) => existsSync(join(dir, `${key}.xla`)))).toEqual([true, false, true, true]);
  expect((await stat(foreign)).size).toBe(10_000);
});

test('a folder that cannot be written to keeps nothing', async () => {
  const file = join(await folder(), 'file');
  await writeFile(file, 'x');
  const cache = new ProgramCache(join(file, 'programs'), info, SELF);
  await cache.write(cache.key('text', options), bytes(10, 1), undefined);
  expect(cache.read(cache.key('text', options))).toBeUndefined();
});

const double = smallProgram(
  [
    { name: 'w', shape: [2], dtype: 'f32', kept: 'w' },
    { name: 'x', shape: [2], dtype: 'f32' },
  ],
  [
    { name: 'w', shape: [2], dtype: 'f32', kept: 'w' },
    { name: 'y', shape: [2], dtype: 'f32' },
  ],
  `    %0 = stablehlo.add %w, %x : tensor<2xf32>
    %1 = stablehlo.add %0, %0 : tensor<2xf32>
    return %0, %1 : tensor<2xf32>, tensor<2xf32>`,
);

test.skipIf(!plugin)('a second start takes the program from disk; a damaged one is compiled again', async () => {
  const cache = await folder();
  const start = async () => {
    const device = await XlaDevice.start({ plugin: plugin!, cache });
    const { cached, memory } = await device.compile('double', double);
    await device.keep('w', { shape: [2], dtype: 'f32' }, Float32Array.of(1, 2));
    const y = [];
    for (let i = 0; i < 3; i++) y.push(...(await device.run('double', { x: Float32Array.of(1, 1) })).y);
    await device.close();
    return { cached, memory, y };
  };
  const first = await start();
  expect(first).toMatchObject({ cached: false, y: [4, 6, 6, 8, 8, 10] });
  const files = await readdir(cache);
  if (files.length === 0) {
    console.log('not run: this plugin does not hand out compiled programs');
    return;
  }
  expect(await start()).toEqual({ ...first, cached: true });
  const path = join(cache, files[0]);
  const whole = await readFile(path);
  await writeFile(path, whole.subarray(0, -10));
  expect(await start()).toEqual(first);
  // Replaced by a whole one.
  expect(await start()).toEqual({ ...first, cached: true });
  // Whole, and yet nothing that the plugin knows.
  const info: DeviceInfo = await XlaDevice.start({ plugin: plugin! }).then((d) => d.close().then(() => d.info));
  const key = files[0].replace('.xla', '');
  await new ProgramCache(cache, info, plugin!).write(key, bytes(100, 3), undefined);
  expect(await start()).toEqual(first);
});
