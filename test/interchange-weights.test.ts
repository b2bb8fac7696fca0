import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { UserError } from '../src/errors.js';
import { openWeights } from '../src/formats/open-weights.js';
import type { SafeTensor } from '../src/formats/safetensors.js';

/** Weights in the layouts of other libraries, and files that mean harm. */

const root = fileURLToPath(new URL('..', import.meta.url));
const recorded = join(root, process.env.SYNCLR_INTERCHANGE ?? '../shared/reference/interchange');
const isHere = existsSync(join(recorded, 'hostile'));
if (!isHere) console.log(`no weights of other libraries at ${recorded} (SYNCLR_INTERCHANGE): not read`);

interface Said {
  file: string;
  format: string;
  dtype?: string;
  key_path?: string[];
  prefix?: string;
}

const DTYPES: Readonly<Record<string, string>> = { float32: 'F32', bfloat16: 'BF16', float16: 'F16' };

function saidOf(folder: string): Said[] {
  const { files } = JSON.parse(readFileSync(join(recorded, folder, 'about.json'), 'utf8')) as { files?: Said[] };
  return (files ?? []).filter((f) => !f.format.startsWith('json'));
}

async function everything(file: string, group = ''): Promise<Map<string, SafeTensor>> {
  const weights = await openWeights(file);
  return weights.read(group, weights.groups.get(group)!.keys());
}

describe.runIf(isHere)('files of other libraries', () => {
  const folders = isHere
    ? readdirSync(recorded).filter((n) => existsSync(join(recorded, n, 'expected.safetensors')))
    : [];
  const files = folders.flatMap((folder) =>
    saidOf(folder).map((said) => ({ folder, ...said, name: `${folder}/${said.file}` })),
  );

  test.each(files)('$name', async ({ folder, file, format, dtype, key_path: path = [], prefix = '' }) => {
    const weights = await openWeights(join(recorded, folder, file));
    const kind = /torch zip|torch legacy|safetensors|shard/.exec(format)?.[0] ?? 'torch zip';
    expect(weights.format).toMatch(kind === 'shard' ? /^safetensors, \d+ shards$/ : new RegExp(`^${kind}$`));
    const group = weights.groups.get(path.join('.'))!;
    const own = [...group].filter(([name]) => name.startsWith(prefix));
    expect(own.length).toBeGreaterThan(0);
    // Buffers are whole numbers; all else is of the type that about.json says.
    if (dtype) expect(new Set(own.map(([, info]) => info.dtype))).toContain(DTYPES[dtype]);
    for (const [path, tensors] of weights.groups)
      for (const [name, { dtype, shape, data }] of await weights.read(path, tensors.keys())) {
        expect([dtype, shape], name).toEqual([tensors.get(name)!.dtype, [...tensors.get(name)!.shape]]);
        expect(data.length, name).toBe(shape.reduce((n, side) => n * side, 1));
        if (data instanceof Float32Array) expect(data.every(Number.isFinite), name).toBe(true);
      }
  });

  test('the same weights in three formats', async () => {
    const [safe, zip, legacy] = await Promise.all(
      ['model.safetensors', 'pytorch_model.bin', 'model_legacy.pth'].map((n) =>
        everything(join(recorded, 'timm_vit_formats', n)),
      ),
    );
    expect(new Map([...zip].sort())).toEqual(new Map([...safe].sort()));
    expect(legacy).toEqual(zip);
  });

  test('the same weights as tensors and as arrays of numpy 1 and 2', async () => {
    const [tensors, one, two] = await Promise.all(
      ['plain.pth', 'plain_numpy1.pth', 'plain_numpy2.pth'].map((n) =>
        everything(join(recorded, 'synclr_eval_plain_numpy', n), 'model'),
      ),
    );
    expect(one).toEqual(tensors);
    expect(two).toEqual(tensors);
    const { values } = await openWeights(join(recorded, 'synclr_eval_plain_numpy', 'plain_numpy2.pth'));
    expect(values.get('epoch')).toEqual(expect.any(Number));
  });

  test('the same weights in an archive and in safetensors', async () => {
    const folder = join(recorded, 'openclip_vit_quickgelu');
    const bin = await everything(join(folder, 'open_clip_pytorch_model.bin'));
    const safe = await everything(join(folder, 'open_clip_model.safetensors'));
    expect(new Map([...bin].sort())).toEqual(new Map([...safe].sort()));
  });

  test('two encoders that differ, shared storages, a folder of shards', async () => {
    const [model, ema] = await Promise.all(
      ['model', 'model_ema'].map((group) =>
        everything(join(recorded, 'synclr_finetuned_ema', 'checkpoint-99.pth'), group),
      ),
    );
    expect([...ema.keys()]).toEqual([...model.keys()]);
    expect(ema).not.toEqual(model);
    const ibot = await everything(join(recorded, 'ibot_original', 'checkpoint.pth'), 'teacher');
    const [last, last2] = ['last_layer', 'last_layer2'].map((n) =>
      [...ibot].filter(([k]) => k.startsWith(`head.${n}.`)),
    );
    expect(last.length).toBeGreaterThan(0);
    expect(last.map(([, t]) => t)).toEqual(last2.map(([, t]) => t));
    const { format } = await openWeights(join(recorded, 'hf_dinov2_swiglu_sharded'));
    expect(format).toBe('safetensors, 4 shards');
  });
});

describe.runIf(isHere)('files that mean harm', () => {
  /** What the line must name. */
  const NAMED: Readonly<Record<string, RegExp>> = {
    'os_system.pth': /posix\.system/,
    'os_system_legacy.pth': /posix\.system/,
    'builtins_eval.pth': /__builtin__\.eval/,
    'stack_global_getattr.pth': /builtins\.getattr/,
    'deep_recursion.pth': /nests more than/,
    'self_reference.pth': /model contains itself/,
    'huge_tensor.pth': /4398046511104 bytes, its record has 64/,
    'overflow_shape.pth': /\[4294967296, 4294967296\]/,
    'short_storage.pth': /16384 bytes, its record has 64/,
    'view_beyond_storage.pth': /ends at number 19, of 16/,
    'negative_stride.pth': /negative stride/,
    'negative_size.pth': /negative side/,
    'missing_record.pth': /data\/7, which is not in it/,
    'traversal_key.pth': /which is not in it/,
    'truncated.pth': /truncated/,
    'deflate_bomb.pth': /compressed/,
    'duplicate_record.pth': /data\/0 is in it twice/,
    'unknown_dtype.safetensors': /tensor a has the type Q7/,
    'traversal.safetensors.index.json': /\.\.\/.*no plain name/,
  };
  /** Files that are sound: a wrong sum, as torch reads it, and names that JavaScript's objects have too. */
  const SOUND: Readonly<Record<string, string[]>> = {
    'bad_crc.pth': ['model'],
    'proto_key.safetensors': ['__proto__', 'constructor'],
  };
  const files = isHere ? readdirSync(join(recorded, 'hostile')).filter((n) => n !== 'about.json') : [];

  test.each(files.filter((n) => !(n in SOUND)))('%s', async (name) => {
    const began = performance.now();
    const before = process.memoryUsage().rss;
    const refusal = await openWeights(join(recorded, 'hostile', name)).catch((e: unknown) => e);
    expect(refusal).toBeInstanceOf(UserError);
    const { message } = refusal as UserError;
    expect(message).toMatch(NAMED[name] ?? /./);
    expect(message.startsWith(join(recorded, 'hostile', name))).toBe(true);
    expect(message).not.toMatch(/\n/);
    expect(performance.now() - began).toBeLessThan(2000);
    expect(process.memoryUsage().rss - before).toBeLessThan(128 * 2 ** 20);
  });

  test('those that are sound are read', async () => {
    const crc = await openWeights(join(recorded, 'hostile', 'bad_crc.pth'));
    expect([...crc.groups.keys()]).toEqual(SOUND['bad_crc.pth']);
    for (const [group, tensors] of crc.groups) await crc.read(group, tensors.keys());
    const proto = await everything(join(recorded, 'hostile', 'proto_key.safetensors'));
    expect([...proto.keys()].sort()).toEqual(SOUND['proto_key.safetensors']);
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });
});
