import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { type SafeTensor, writeSafetensors } from '../src/formats/safetensors.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'synclr-verify-'));
afterAll(() => rmSync(dir, { recursive: true }));

function verify(...args: string[]): Promise<{ code: number; out: string[]; err: string[] }> {
  return new Promise((done) => {
    execFile(process.execPath, [join(root, 'dist/cli/verify-evaluation.js'), ...args], (error, stdout, stderr) =>
      done({
        code: error ? Number(error.code) : 0,
        out: stdout.trimEnd().split('\n'),
        err: stderr.trimEnd().split('\n'),
      }),
    );
  });
}

const said = {
  ...{
    top1: 50,
    confusion: [
      [1, 0],
      [1, 0],
    ],
    per_class_accuracy: [1, 0],
  },
  ...{ authors_mean_per_class_with_absent: 50, mean_per_class_present_only: 50 },
};

/** A case of two pictures and two classes, each in its folder. */
async function put(name: string, json: unknown, logits: number[], shape = [2, 2]): Promise<void> {
  mkdirSync(join(dir, name));
  writeFileSync(join(dir, name, 'c.json'), JSON.stringify(json));
  const tensors = new Map<string, SafeTensor>([
    ['logits', { dtype: 'F32', shape, data: Float32Array.from(logits) }],
    ['labels', { dtype: 'I32', shape: [2], data: Int32Array.of(0, 1) }],
  ]);
  await writeSafetensors(join(dir, name, 'c.safetensors'), tensors);
}

test('a damaged case is said in a line, and does not keep the others from being compared', {
  timeout: 120_000,
}, async () => {
  await put('a-nan', said, [3, Number.NaN, 2, 1]);
  await put('b-flat', said, [3, 1, 2, 1], [4]);
  await put('c-more', said, [3, 1, 2, 1, 0, 0], [3, 2]);
  await put('d-unknown', { pictures: 2 }, [3, 1, 2, 1]);
  await put('e-right', said, [3, 1, 2, 1]);
  const { code, out, err } = await verify(dir);
  expect(code).toBe(2);
  expect(err).toEqual([
    expect.stringMatching(/^synclr: .*a-nan.*: logits has a NaN, at place 1$/),
    expect.stringMatching(/^synclr: .*b-flat.*: logits is \[4\], expected 2 axes$/),
    expect.stringMatching(/^synclr: .*c-more.*: labels has 2 values, expected 3$/),
    expect.stringMatching(/^synclr: .*d-unknown.*: has tensors beside it, but its fields \(pictures\) are of no kind/),
  ]);
  expect(out).toEqual([expect.stringMatching(/^ok {3}accuracy .*e-right.* 0 off/)]);
});

test('what differs is named, and exits with 1', { timeout: 60_000 }, async () => {
  await put('f-wrong', { ...said, top1: 100 }, [3, 1, 2, 1]);
  const { code, out } = await verify(join(dir, 'f-wrong'));
  expect(code).toBe(1);
  expect(out[0]).toMatch(/^OFF {2}accuracy top-1/);
});

test('a fault of the comparison shows its stack, and does not keep the others from being compared', {
  timeout: 60_000,
}, async () => {
  mkdirSync(join(dir, 'g-fault'));
  const gelu = { name: 'g', op: 'gelu_exact', inputs: { x: [2] } };
  writeFileSync(join(dir, 'g-fault/a.json'), JSON.stringify({ cases: [gelu] }));
  const f32 = (values: number): SafeTensor => ({ dtype: 'F32', shape: [values], data: new Float32Array(values) });
  // Nothing asks whether a gradient is of what it is the gradient of: ONNX Runtime stops there.
  const tensors = new Map([
    ['g/in.x', f32(2)],
    ['g/out', f32(2)],
    ['g/grad_out', f32(3)],
    ['g/grad.x', f32(2)],
  ]);
  await writeSafetensors(join(dir, 'g-fault/a.safetensors'), tensors);
  await put('h-right', said, [3, 1, 2, 1]);
  await put('i-flat', said, [3, 1, 2, 1], [4]);
  const { code, out, err } = await verify(...['g-fault', 'h-right', 'i-flat'].map((name) => join(dir, name)));
  expect(code).toBe(1);
  expect(err[0]).toMatch(/^synclr: .*g-fault.a\.json: cannot be compared: .*/);
  expect(err[1]).toMatch(/^Error: Tensor's size/);
  expect(err[2]).toMatch(/^ {4} *at /);
  expect(err.at(-1)).toMatch(/^synclr: .*i-flat.*: logits is \[4\]/);
  expect(out).toEqual([expect.stringMatching(/^ok {3}accuracy .*h-right.* 0 off/)]);
});
