import { describe, expect, test } from 'vitest';
import type { ImageServer } from '../../../test/image-server.js';
import { openAt, paintRequests, server, userError, WORKFLOW, workflowFile } from '../../../test/server-painters.js';
import { serverSeed } from '../painter.js';
import { Workflow } from './comfyui-workflow.js';

/** Workflows and their placeholders, ComfyUI's cache and its errors. */

const [one, two] = paintRequests(2);
const seed = serverSeed(one);
const MODELS = { models: ['sketch', 'sketch-large', 'photo'], samplers: ['Euler', 'DDIM'] };
const FULL = {
  'images.negative': 'blurry',
  'images.guidance': 3.5,
  'images.scheduler': 'DDIM',
  'images.model': 'photo',
};

describe.concurrent('comfyui', () => {
  const open = (s: ImageServer, workflow: unknown, name: string, changes: Record<string, unknown> = {}) =>
    openAt('comfyui', s.url, { 'images.workflow': workflowFile(workflow, name), ...changes });
  const changed = (node: keyof typeof WORKFLOW, inputs: Record<string, unknown>) => ({
    ...WORKFLOW,
    [node]: { ...WORKFLOW[node], inputs: { ...WORKFLOW[node].inputs, ...inputs } },
  });

  test('fills in placeholders, numbers as numbers, texts within texts', async () => {
    const s = await server([], MODELS);
    const workflow = {
      ...changed('3', { sampler_name: '{{scheduler}}' }),
      '4': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: '{{model}}' } },
      '9': { class_type: 'SaveImage', inputs: { filename_prefix: 'seed {{seed}}/{{width}}', images: ['8', 0] } },
    };
    const painter = await open(s, workflow, 'full.json', FULL);
    const caption = 'an "owl" of {{seed}} \\ feathers';
    await painter.paint([{ ...one, caption }]);
    const { prompt, client_id } = s.log()[0].body as { prompt: Record<string, { inputs: object }>; client_id: string };
    expect(client_id).toMatch(/^[0-9a-f-]{36}$/);
    expect(prompt['3'].inputs).toMatchObject({ seed, steps: 7, cfg: 3.5, sampler_name: 'DDIM', denoise: 1 });
    expect(prompt['4'].inputs).toEqual({ ckpt_name: 'photo' });
    expect(prompt['5'].inputs).toEqual({ width: 32, height: 32, batch_size: 1 });
    expect(prompt['6'].inputs).toEqual({ text: caption, clip: ['4', 1] });
    expect(prompt['7'].inputs).toEqual({ text: 'blurry', clip: ['4', 1] });
    expect(prompt['9'].inputs).toEqual({ filename_prefix: `seed ${seed}/32`, images: ['8', 0] });
    expect(painter.about).toMatchObject({
      model: 'photo',
      modelHash: expect.stringMatching(/^workflow [0-9a-f]{16}$/),
    });
    const refused = (changes: Record<string, unknown>) =>
      userError(open(s, workflow, 'full.json', { ...FULL, ...changes }));
    expect(await refused({ 'images.model': 'foto' })).toMatch(/images\.model: .*"foto" \(choices: photo, sketch/);
    expect(await refused({ 'images.scheduler': 'Eular' })).toMatch(
      /images\.scheduler: .*"Eular" \(choices: Euler, DDIM/,
    );
    expect(await refused({ 'images.model': '' })).toMatch(
      /images\.model is not set, but .*full\.json has \{\{model\}\}/,
    );
  });

  test('refuses workflows that it cannot use, in one line each', async () => {
    const s = await server();
    const refused = (content: unknown, name: string, changes = {}) => userError(open(s, content, name, changes));
    expect(await refused({ nodes: [], links: [], version: 0.4 }, 'editor.json')).toMatch(
      /editor\.json is in the editor's format.*Export \(API\)/,
    );
    expect(await refused('{"3": ', 'cut.json')).toMatch(/cut\.json is not JSON/);
    expect(await refused([1, 2], 'list.json')).toMatch(/list\.json is no ComfyUI workflow/);
    expect(await refused(changed('6', { text: 'a cat' }), 'fixed.json')).toMatch(/fixed\.json has no \{\{prompt\}\}/);
    expect(await refused(changed('3', { seed: 5 }), 'seed.json')).toMatch(/seed\.json has no \{\{seed\}\}/);
    expect(await refused(changed('3', { cfg: '{{cfg}}' }), 'odd.json')).toMatch(
      /unknown placeholder \{\{cfg\}\} \(valid: prompt, /,
    );
    expect(await refused(WORKFLOW, 'plain.json', { 'images.model': 'x' })).toMatch(
      /images\.model is set, but .*has no \{\{model\}\}/,
    );
    const unset = Promise.resolve().then(() => openAt('comfyui', s.url, { 'images.workflow': '' }));
    expect(await userError(unset)).toMatch(/images\.workflow: the file of a workflow/);
    expect(await userError(openAt('comfyui', s.url, { 'images.workflow': '/no/such' }))).toMatch(
      /no\/such cannot be read \(ENOENT\)/,
    );
    const ckpt = await open(s, changed('4', { ckpt_name: 'absent' }), 'absent.json');
    expect(await userError(ckpt.paint([one]))).toMatch(
      /refuses .*absent\.json: node 4 \(CheckpointLoaderSimple\): Value not in list/,
    );
    const none = await open(s, { ...WORKFLOW, '9': { class_type: 'Note', inputs: {} } }, 'none.json');
    expect(await userError(none.paint([one]))).toMatch(/gives no image: .*none\.json needs a SaveImage/);
  });

  test('takes the image of SaveImage before that of PreviewImage', async () => {
    const s = await server();
    const workflow = { '1': { class_type: 'PreviewImage', inputs: { images: ['8', 0] } }, ...WORKFLOW };
    const outputs = new Workflow(workflowFile(workflow, 'two.json')).outputs();
    expect(outputs.slice(0, 2)).toEqual(['9', '1']);
    expect((await (await open(s, workflow, 'two.json')).paint([one])).length).toBe(1);
  });

  test('gets an image from the cache, and one whose file is gone again', async () => {
    const s = await server([{ kind: 'gone', at: [3] }]);
    const painter = await openAt('comfyui', s.url);
    const [first] = await painter.paint([one]);
    expect(await painter.paint([one])).toEqual([first]);
    const [other] = await painter.paint([two]);
    expect(s.log().map((e) => [e.n, e.seed])).toEqual([
      [1, seed],
      [2, seed],
      [3, serverSeed(two)],
      [4, serverSeed(two)],
    ]);
    expect(other).not.toEqual(first);
  });

  test('repeats what fails by the machine, and not what fails by the workflow', async () => {
    const s = await server([
      { kind: 'fail', at: [1] },
      { kind: 'fail', at: [3], type: 'ValueError', text: 'bad\nshape' },
    ]);
    const painter = await openAt('comfyui', s.url);
    expect((await painter.paint([one])).length).toBe(1);
    expect(s.log().length).toBe(2);
    expect(await userError(painter.paint([two]))).toMatch(
      /cannot run .*: node 3 \(KSampler\) failed: ValueError bad shape$/,
    );
  });
});
