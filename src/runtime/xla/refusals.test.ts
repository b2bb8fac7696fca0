import { mkdtemp, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { sayNotRun, xlaPlugin } from '../../../test/xla.js';
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
  const flags = await XlaDevice.start({ plugin: plugin!, flags: 'xla_flag' });
  const program = { text: '', arguments: [], results: [], devices: 1 };
  await expect(flags.compile('p', program)).rejects.toThrow('XLA flag xla_flag: not of the form');
  await flags.close();
  const unknown = await XlaDevice.start({ plugin: plugin!, flags: '--xla_no_such_flag=1' });
  await expect(unknown.compile('p', program)).rejects.toThrow('XLA flag --xla_no_such_flag: the plugin knows none');
  await unknown.close();
});
