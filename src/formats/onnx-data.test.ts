import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testSeed } from '../../test/numbers.js';
import { UserError } from '../errors.js';
import { ProtoWriter } from '../formats/protobuf.js';
import { Rng } from '../rng.js';
import { checkOnnx } from './onnx-data.js';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'onnx-data-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

const entry = (key: string, value: string) => new ProtoWriter().string(1, key).string(2, value);
/** A tensor whose data lie in another file. */
function outside(location: string, more: Record<string, string> = {}): ProtoWriter {
  const tensor = new ProtoWriter().varint(1, 4).varint(2, 1).string(8, 'w').message(13, entry('location', location));
  for (const [key, value] of Object.entries(more)) tensor.message(13, entry(key, value));
  return tensor.varint(14, 1);
}
const model = (graph: ProtoWriter) => new ProtoWriter().varint(1, 8).string(2, 'someone').message(7, graph).finish();
const weights = () => new ProtoWriter().varint(1, 300_000).bytes(9, Buffer.alloc(300_000, 0xff));
const file = () => join(dir, 'model.onnx');
const check = (bytes: Uint8Array) => {
  writeFileSync(file(), bytes);
  return checkOnnx(file());
};

describe('an ONNX file before it is opened', () => {
  test('weights inside, and data beside it, are as they should be', async () => {
    await check(model(new ProtoWriter().message(5, weights()).string(2, 'g')));
    writeFileSync(join(dir, 'model.onnx_data'), Buffer.alloc(64));
    const beside = outside('model.onnx_data', { offset: '48', length: '16' });
    await check(
      model(new ProtoWriter().message(5, weights()).message(5, beside).message(5, outside('./model.onnx_data'))),
    );
  });

  test.each(['../../../etc/passwd', '/etc/passwd', 'sub/../../x', '..', 'C:\\x', '..\\x', '\\\\host\\x', 'a\0b'])(
    'data in %j are not opened, wherever in the graph they are named',
    async (location) => {
      const tensor = outside(location);
      const attribute = (t: ProtoWriter, field: number) => new ProtoWriter().string(1, 'value').message(field, t);
      const node = (a: ProtoWriter) => new ProtoWriter().string(4, 'Constant').message(5, a);
      const graph = new ProtoWriter().message(5, tensor);
      for (const g of [
        graph,
        new ProtoWriter().message(15, new ProtoWriter().message(1, tensor)),
        new ProtoWriter().message(1, node(attribute(tensor, 5))),
        new ProtoWriter().message(1, node(attribute(tensor, 10))),
        new ProtoWriter().message(1, node(attribute(graph, 6))),
        new ProtoWriter().message(1, node(attribute(graph, 11))),
      ])
        await expect(check(model(g))).rejects.toThrow(
          /model\.onnx has data in ".*", outside its own folder: such a model is not opened$/,
        );
    },
  );

  test('data that are missing, or cut off, are named', async () => {
    const graph = (t: ProtoWriter) => model(new ProtoWriter().message(5, t));
    await expect(check(graph(outside('gone.bin')))).rejects.toThrow(
      /model\.onnx has data in .*gone\.bin, which is missing$/,
    );
    writeFileSync(join(dir, 'short.bin'), Buffer.alloc(64));
    await expect(check(graph(outside('short.bin', { offset: '60', length: '16' })))).rejects.toThrow(
      /short\.bin is cut off: it has 64 bytes, .*model\.onnx needs 76; get it again$/,
    );
    await expect(check(graph(outside('short.bin', { offset: '-1' })))).rejects.toThrow(
      /damaged ONNX file at byte \d+: offset -1 of a tensor's data$/,
    );
  });

  test('what is none, or cut off anywhere, is named', async () => {
    await expect(check(Buffer.alloc(0))).rejects.toThrow(/no ONNX model: it is empty$/);
    await expect(check(Buffer.from('<!DOCTYPE html>'))).rejects.toThrow(/model\.onnx: damaged ONNX file at byte 0: /);
    await expect(check(new ProtoWriter().varint(1, 8).finish())).rejects.toThrow(/no ONNX model: it has no graph$/);
    const whole = model(new ProtoWriter().message(5, weights()));
    for (let n = 20; n < whole.length; n += 30_011)
      await expect(check(whole.subarray(0, n))).rejects.toThrow(/damaged ONNX file at byte \d+: it is cut off/);
    let deep = new ProtoWriter();
    for (let n = 0; n < 100; n++)
      deep = new ProtoWriter().message(1, new ProtoWriter().message(5, new ProtoWriter().message(6, deep)));
    await expect(check(model(deep))).rejects.toThrow(/nested more than 64 deep$/);
  });

  test('of random damage comes a line that names the file, or nothing', async () => {
    const seed = testSeed('onnx-data.test.ts');
    writeFileSync(join(dir, 'd.bin'), Buffer.alloc(64));
    const node = new ProtoWriter().message(5, new ProtoWriter().message(5, outside('d.bin', { length: '16' })));
    const whole = model(new ProtoWriter().message(1, node).message(5, outside('d.bin', { offset: '8' })));
    for (let n = 0; n < 300; n++) {
      const rng = Rng.of(seed, 'onnx damage', n);
      const bytes = Buffer.from(whole);
      for (let k = 0; k <= rng.int(4); k++) bytes[rng.int(bytes.length)] = rng.int(256);
      await check(bytes).catch((e) => {
        if (!(e instanceof UserError)) throw e;
        expect(e.message).toContain(dir);
      });
    }
  });
});
