import { expect, test } from 'vitest';
import { ProtoWriter } from '../../formats/protobuf.js';
import { summarize } from './hlo-module.js';

/** A shape as `xla_data.proto` has it: an array, or a tuple of shapes. */
const array = (type: number, ...dims: number[]) => new ProtoWriter().varint(2, type).bytes(3, Uint8Array.from(dims));
const tuple = (...parts: ProtoWriter[]) => parts.reduce((w, p) => w.message(4, p), new ProtoWriter().varint(2, 13));
const instruction = (opcode: string, shape: ProtoWriter, target?: string) => {
  const w = new ProtoWriter().string(1, 'name').string(2, opcode).message(3, shape);
  return target === undefined ? w : w.string(28, target);
};
const [F32, BF16] = [11, 16];

function module(...instructions: ProtoWriter[]): Uint8Array {
  const computation = instructions.reduce((w, i) => w.message(2, i), new ProtoWriter().string(1, 'main'));
  const hlo = new ProtoWriter().string(1, 'm').message(3, computation).message(3, new ProtoWriter().string(1, 'empty'));
  return new ProtoWriter().message(1, hlo).finish();
}

test('collectives and library calls are counted, those begun like those done at once', () => {
  const bytes = module(
    instruction('add', array(F32, 8)),
    instruction('all-reduce', array(F32, 100)),
    instruction('all-reduce-start', tuple(array(F32, 10), array(BF16, 2, 3))),
    instruction('all-reduce-done', array(F32, 10)),
    instruction('all-gather-start', tuple(array(BF16, 4, 8), array(BF16, 32, 8))),
    instruction('reduce-scatter', array(F32, 5)),
    instruction('custom-call', array(F32, 5), '__cudnn$fmhaSoftmax'),
    instruction('custom-call', array(F32, 5), '__cudnn$fmhaSoftmax'),
    instruction('custom-call', array(F32, 5), 'other'),
  );
  expect(summarize(bytes, 'hlo_with_config')).toEqual({
    collectives: {
      'all-reduce': { count: 2, bytes: 400 + 40 + 12 },
      'all-gather': { count: 1, bytes: 512 },
      'reduce-scatter': { count: 1, bytes: 20 },
    },
    calls: { __cudnn$fmhaSoftmax: 2, other: 1 },
  });
});

test('a message that is cut off is refused', () => {
  const bytes = module(instruction('all-reduce', array(F32, 100)));
  expect(() => summarize(bytes.subarray(0, -2), 'hlo_with_config')).toThrow('cut off');
});
