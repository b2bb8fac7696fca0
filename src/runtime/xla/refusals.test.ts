import { mkdtemp, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { sayNotRun, smallProgram, xlaPlugin } from '../../../test/xla.js';
import { UserError } from '../../errors.js';
import { XlaDevice } from './device.js';
import { refuseApi } from './library.js';

const plugin = xlaPlugin();
if (!plugin) sayNotRun('devices and options that an XLA plugin refuses');

/** The one line that a user is told. */
async function refusal(o: Parameters<typeof XlaDevice.start>[0]): Promise<string> {
  const e = await XlaDevice.start(o).then(
    (device) => device.close().then(() => 'started'),
    (e) => e,
  );
  expect(e).toBeInstanceOf(UserError);
  expect(e.message).not.toContain('\n');
  return e.message;
}

test('what is no plugin is refused by path, and says what it is', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'synclr-xla-'));
  const path = join(dir, 'plugin.so');
  expect(await refusal({ plugin: path })).toBe(`${path}: no such file or folder (ENOENT)`);
  expect(await refusal({ plugin: dir })).toContain(`${dir} is no file`);
  await writeFile(path, 'not a library');
  if (process.platform !== 'linux') return;
  expect(await refusal({ plugin: path })).toContain(`${path} is no shared library`);
  await writeFile(path, Buffer.concat([Buffer.from([0x7f]), Buffer.from('ELF'), Buffer.alloc(500)]));
  expect(await refusal({ plugin: path })).toContain(`${path} cannot be loaded: `);
  // Some library: ONNX Runtime's.
  const require = createRequire(import.meta.url);
  const ort = dirname(require.resolve('onnxruntime-node/package.json'));
  const library = join(ort, `bin/napi-v6/linux/${process.arch}/libonnxruntime.so.1`);
  expect(await refusal({ plugin: library })).toContain('no PJRT plugin (it has no GetPjrtApi)');
});

test('another API is refused', () => {
  expect(() => refuseApi('p.so', [1, 3])).toThrow('p.so speaks PJRT API 1.3; this version of synclr speaks 0.106');
  expect(() => refuseApi('p.so', [0, 40])).toThrow('p.so speaks PJRT API 0.40');
  expect(() => refuseApi('p.so', [0, 106])).not.toThrow();
  expect(() => refuseApi('p.so', [0, 130])).not.toThrow();
});

test.skipIf(!plugin)('devices and options that there are not', async () => {
  expect(await refusal({ plugin: plugin!, devices: 0 })).toContain('the number of devices is 0');
  expect(await refusal({ plugin: plugin!, devices: 1.5 })).toContain('the number of devices is 1.5');
});

const identity = smallProgram(
  [{ name: 'x', shape: [4], dtype: 'f32' }],
  [{ name: 'y', shape: [4], dtype: 'f32' }],
  '    return %x : tensor<4xf32>',
);

test.skipIf(!plugin).each([
  ['xla_flag', 'XLA flag xla_flag: not of the form --xla_name=value'],
  ['--xla_no_such_flag=1', 'XLA flag --xla_no_such_flag: the plugin knows none of this name'],
  ['--xla_cpu_enable_fast_math=maybe', "XLA flag --xla_cpu_enable_fast_math: 'maybe' is not a valid bool value."],
  ['--xla_cpu_enable_fast_math=false --xla_backend_optimization_level=1', undefined],
])('flags %s', async (flags, refused) => {
  const device = await XlaDevice.start({ plugin: plugin!, flags });
  const said = await device.compile('p', identity).then(
    () => undefined,
    (e) => (e instanceof UserError ? e.message : e),
  );
  expect(said).toBe(refused);
  await device.close();
});
