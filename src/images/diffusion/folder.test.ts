import { appendFile, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { FakeHub } from '../../../test/hub-fixture.js';
import { TINY, type TinyPipeline, writeDiffusion } from '../../../test/tiny-diffusion.js';
import { type PartialSettings, settingsSchema } from '../../config/schema.js';
import { UserError } from '../../errors.js';
import { modelDigest } from './digest.js';
import { readFolder } from './folder.js';
import { openDiffusion } from './open.js';

let root = '';
let whole = '';
const sd: TinyPipeline = { family: 'sd', seed: 1, sizes: TINY };
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'folder-'));
  whole = join(root, 'whole');
  await writeDiffusion(whole, { ...sd, external: 'model.onnx_data' });
});
afterAll(() => rm(root, { recursive: true }));

let copies = 0;
/** A copy of the whole folder, to be spoilt. */
async function copy(): Promise<string> {
  const dir = join(root, `copy ${copies++}`);
  await cp(whole, dir, { recursive: true });
  return dir;
}

const open = (model: string, images: PartialSettings['images'] = {}, more: PartialSettings = {}) =>
  openDiffusion(
    settingsSchema.parse({ images: { painter: 'diffusion', model, size: 16, steps: 2, ...images }, ...more }),
  );

/** The message that opening fails with: one line, of the user's kind. */
async function refusal(model: string, images: PartialSettings['images'] = {}): Promise<string> {
  const error = await open(model, images).then(
    async (p) => {
      await p.close?.();
      throw new Error(`${model} was opened`);
    },
    (e: unknown) => e as Error,
  );
  expect(error).toBeInstanceOf(UserError);
  expect(error.message).not.toContain('\n');
  return error.message;
}

describe('what cannot be painted with is refused in one line', () => {
  it('no model, no folder', async () => {
    expect(await refusal('')).toMatch(/images\.model: the diffusion painter needs a model/);
    expect(await refusal(join(root, 'none'))).toMatch(/there is no folder .*none/);
  });

  it('all that is missing at once, with what a folder holds and how to export', async () => {
    const dir = await copy();
    for (const f of ['tokenizer/merges.txt', 'vae_decoder/model.onnx', 'scheduler'])
      await rm(join(dir, f), { recursive: true });
    const line = await refusal(dir);
    expect(line).toMatch(/lacks tokenizer\/merges\.txt, vae_decoder\/model\.onnx, scheduler\/scheduler_config\.json:/);
    expect(line).toMatch(/a diffusion folder holds model_index\.json.*optimum-cli export onnx --model/);
    expect(line).not.toMatch(/PyTorch/);
  });

  it('weights of PyTorch alone', async () => {
    const dir = await copy();
    for (const part of ['unet', 'text_encoder', 'vae_decoder']) await rm(join(dir, part), { recursive: true });
    await mkdir(join(dir, 'unet'));
    await writeFile(join(dir, 'unet/diffusion_pytorch_model.safetensors'), '');
    const line = await refusal(dir);
    expect(line).toMatch(/lacks text_encoder\/model\.onnx, unet\/model\.onnx, vae_decoder\/model\.onnx/);
    expect(line).toMatch(
      /its weights are PyTorch's \(unet\/diffusion_pytorch_model\.safetensors\), not exported to ONNX/,
    );
  });

  it('the second text encoder that model_index.json names', async () => {
    const dir = await copy();
    const index = { ...JSON.parse(await readFile(join(dir, 'model_index.json'), 'utf8')), text_encoder_2: ['a', 'b'] };
    await writeFile(join(dir, 'model_index.json'), JSON.stringify(index));
    expect(await refusal(dir)).toMatch(
      /lacks tokenizer_2\/vocab\.json, tokenizer_2\/merges\.txt, text_encoder_2\/model\.onnx/,
    );
  });

  it('files that are not what their names say', async () => {
    const json = await copy();
    await writeFile(join(json, 'model_index.json'), '[1, 2]');
    expect(await refusal(json)).toMatch(/model_index\.json is not a JSON object/);
    const graph = await copy();
    await writeFile(join(graph, 'unet/model.onnx'), 'not a graph');
    expect(await refusal(graph)).toMatch(/unet\/model\.onnx: damaged ONNX file at byte 0: no field$/);
    const data = await copy();
    await truncate(join(data, 'unet/model.onnx_data'), 1000);
    expect(await refusal(data)).toMatch(
      /unet\/model\.onnx_data is cut off: it has 1000 bytes, .*model\.onnx needs \d+/,
    );
    const head = await copy();
    await truncate(join(head, 'unet/model.onnx'), 500);
    expect(await refusal(head)).toMatch(/unet\/model\.onnx: damaged ONNX file at byte \d+: it is cut off/);
    const odd = await copy();
    const bytes = await readFile(join(odd, 'unet/model.onnx'));
    bytes.write('ZatMul', bytes.indexOf('MatMul'));
    await writeFile(join(odd, 'unet/model.onnx'), bytes);
    expect(await refusal(odd)).toMatch(/unet\/model\.onnx does not open in ONNX Runtime \(cpu\): [^\n]+$/);
    const scheduler = await copy();
    await writeFile(join(scheduler, 'scheduler/scheduler_config.json'), '[');
    expect(await refusal(scheduler)).toMatch(/scheduler_config\.json is not JSON/);
  });

  it('sides that the decoder cannot give, or that the export does not take', async () => {
    const dir = join(root, 'open');
    await writeDiffusion(dir, { ...sd, openSides: true });
    expect(await refusal(dir, { size: 17 })).toMatch(
      /17 pixels cannot be painted, sides are multiples of 2; the nearest is 18/,
    );
    expect(await refusal(whole, { size: 32 })).toMatch(
      /exported for images of 16 pixels only, not 32: set images\.paintSize to 16/,
    );
  });

  it('unknown schedulers, by file or by setting', async () => {
    const dir = await copy();
    await writeFile(join(dir, 'scheduler/scheduler_config.json'), '{"_class_name": "HeunDiscreteScheduler"}');
    expect(await refusal(dir)).toMatch(/scheduler_config\.json.*HeunDiscreteScheduler.*DDIMScheduler/);
    expect(await refusal(whole, { scheduler: 'ddmi' })).toMatch(/^images\.scheduler: .*ddmi.*ddim,.*DDIMScheduler/);
  });

  it('what does not go with Stable Diffusion 3 and FLUX', async () => {
    const [sd3, flux] = [join(root, 'sd3'), join(root, 'flux')];
    await writeDiffusion(sd3, { ...sd, family: 'sd3' });
    await writeDiffusion(flux, { ...sd, family: 'flux' });
    for (const dir of [sd3, flux])
      for (const scheduler of ['ddim', 'dpm++', 'pndm']) {
        const refused = await refusal(dir, { scheduler });
        expect(refused).toContain(`images.scheduler: ${scheduler} does not follow a rectified flow`);
        expect(refused).toMatch(/: choose flow-euler$/);
      }
    expect(await refusal(whole, { scheduler: 'flow-euler' })).toMatch(
      /^images\.scheduler: flow-euler follows a rectified fl/,
    );
    const solver = join(root, 'sd3 with a solver');
    const dpm = { _class_name: 'DPMSolverMultistepScheduler', prediction_type: 'flow_prediction' };
    await writeDiffusion(solver, { ...sd, family: 'sd3', scheduler: dpm });
    expect(await refusal(solver)).toMatch(
      /DPMSolverMultistepScheduler does not follow .* unless use_flow_sigmas is true/,
    );
    await writeDiffusion(solver, { ...sd, family: 'sd3', scheduler: { ...dpm, use_flow_sigmas: true } });
    await (await open(solver)).close?.();
    const epsilon = { ...dpm, use_flow_sigmas: true, prediction_type: 'epsilon' };
    await writeDiffusion(solver, { ...sd, family: 'sd3', scheduler: epsilon });
    expect(await refusal(solver)).toMatch(/prediction_type: epsilon is not flow_prediction/);
    expect(await refusal(flux, { size: 18 })).toMatch(/exported for images of 16 pixels only, not 18/);
    const open3 = join(root, 'sd3 open');
    await writeDiffusion(open3, { ...sd, family: 'sd3', openSides: true });
    expect(await refusal(open3, { size: 18 })).toMatch(/sides are multiples of 4; the nearest is 20/);
    const index = JSON.parse(await readFile(join(sd3, 'model_index.json'), 'utf8'));
    await writeFile(
      join(sd3, 'model_index.json'),
      JSON.stringify({ ...index, text_encoder_2: [null, null], text_encoder_3: [null, null] }),
    );
    expect(await refusal(sd3)).toMatch(/a StableDiffusion3Pipeline has 2 text encoders, this one 1/);
    await rename(join(flux, 'tokenizer_2/tokenizer.json'), join(flux, 'tokenizer_2/spiece.model'));
    expect(await refusal(flux)).toMatch(/lacks tokenizer_2\/tokenizer\.json:/);
    const bare = join(root, 'sd3 without pooled');
    await writeDiffusion(bare, { ...sd, family: 'sd3' });
    await writeDiffusion(join(root, 'xl for sd3'), { ...sd, family: 'xl' });
    await cp(join(root, 'xl for sd3/text_encoder/model.onnx'), join(bare, 'text_encoder/model.onnx'));
    expect(await refusal(bare)).toMatch(
      /text_encoder\/model\.onnx has no output text_embeds, which StableDiffusion3Pipeline needs \(it has /,
    );
  });

  it('networks of other kinds', async () => {
    const [editing, nine] = [await copy(), join(root, 'nine')];
    await writeDiffusion(nine, { ...sd, sizes: { ...TINY, channels: 9 } });
    await cp(join(nine, 'unet'), join(editing, 'unet'), { recursive: true });
    expect(await refusal(editing)).toMatch(
      /unet\/model\.onnx takes 9 channels, the VAE's latents have 4: .*inpainting/,
    );
    const swapped = await copy();
    await cp(join(swapped, 'vae_decoder'), join(swapped, 'unet'), { recursive: true });
    expect(await refusal(swapped)).toMatch(/unet\/model\.onnx has no input timestep/);
    const noText = await copy();
    await cp(join(noText, 'unet'), join(noText, 'text_encoder'), { recursive: true });
    expect(await refusal(noText)).toMatch(
      /text_encoder\/model\.onnx asks for sample, timestep, encoder_hidden_states, which synclr does not feed/,
    );
    const pooled = join(root, 'pooled');
    await writeDiffusion(pooled, { ...sd, family: 'xl', index: { text_encoder_2: [null, null] } });
    const painter = await open(pooled);
    const request = { caption: 'x', captionId: 0, image: 0, attempt: 0, seed: 0, size: 16 };
    await expect(painter.paint([request])).rejects.toThrow(
      /an embedding of the whole caption, which no text encoder of this folder gives/,
    );
    await painter.close?.();
  });
});

it('a model on the hub is downloaded once, without what is not needed, and is the same model as the folder', async () => {
  const dir = await copy();
  await writeFile(join(dir, 'unet/diffusion_pytorch_model.safetensors'), 'not to be asked for');
  const files: Record<string, Buffer> = {};
  for (const f of await readdir(dir, { recursive: true, withFileTypes: true }))
    if (f.isFile()) {
      const path = join(f.parentPath, f.name);
      files[relative(dir, path)] = await readFile(path);
    }
  const commit = 'ab'.repeat(20);
  const hub = await FakeHub.start({ 'o/painter': { commit, refs: { main: commit }, files } });
  const { endpoint, cache } = hub.settings(hub.newCache());
  vi.stubEnv('HF_ENDPOINT', endpoint);
  vi.stubEnv('HF_HUB_CACHE', cache);
  try {
    const request = { caption: 'a cat', captionId: 0, image: 0, attempt: 0, seed: 0, size: 16 };
    const [there, here] = [await open('hf:o/painter'), await open(whole)];
    expect(there.about).toEqual({ ...here.about, model: 'hf:o/painter' });
    expect(await there.paint([request])).toEqual(await here.paint([request]));
    expect((await hub.asked()).filter((r) => r.url.includes('safetensors'))).toEqual([]);
    for (const painter of [there, here]) await painter.close?.();
  } finally {
    vi.unstubAllEnvs();
    await hub.stop();
  }
});

describe('the digest of a model', () => {
  it('is of 16 digits, of the content and not of the place', async () => {
    const first = await modelDigest(whole);
    expect(first).toMatch(/^[0-9a-f]{16}$/);
    expect(await modelDigest(await copy())).toBe(first);
    expect(await modelDigest(await readFolder(whole))).toBe(first);
  });

  it('changes with every file that is loaded', async () => {
    const first = await modelDigest(whole);
    const files = [
      'model_index.json',
      'scheduler/scheduler_config.json',
      'tokenizer/merges.txt',
      'text_encoder/model.onnx_data',
      'unet/model.onnx',
      'unet/config.json',
      'vae_decoder/model.onnx_data',
    ];
    const seen = new Set([first]);
    const dir = await copy();
    for (const f of files) {
      await appendFile(join(dir, f), ' ');
      seen.add(await modelDigest(dir));
    }
    expect(seen.size).toBe(1 + files.length);
  });

  it('does not change with what is not loaded', async () => {
    const dir = await copy();
    const others = [
      'README.md',
      'unet/diffusion_pytorch_model.safetensors',
      'unet/model_fp16.onnx',
      'unet/model_fp16.onnx_data',
      'unet/openvino.xml',
    ];
    for (const f of others) await writeFile(join(dir, f), 'other');
    await mkdir(join(dir, 'vae_encoder'));
    await writeFile(join(dir, 'vae_encoder/model.onnx'), 'other');
    expect(await modelDigest(dir)).toBe(await modelDigest(whole));
  });
});
