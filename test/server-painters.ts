import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import { resolveSettings } from '../src/config/resolve.js';
import { UserError } from '../src/errors.js';
import type { Painter, PaintRequest } from '../src/images/painter.js';
import { openPainter } from '../src/images/registry.js';
import { type ImageServer, startImageServer } from './image-server.js';

/** Painters behind the server of `image-server.ts`, for tests. */

// Whoever runs the tests may have them set.
for (const name of ['OPENAI_BASE_URL', 'OPENAI_API_KEY']) delete process.env[name];

export const APIS = ['openai', 'a1111', 'sdcpp', 'comfyui'] as const;
export type Api = (typeof APIS)[number];

/** The workflow that ComfyUI starts with, cut down, with placeholders. */
export const WORKFLOW = {
  '3': {
    class_type: 'KSampler',
    inputs: {
      seed: '{{seed}}',
      steps: '{{steps}}',
      cfg: '{{guidance}}',
      sampler_name: 'Euler',
      scheduler: 'normal',
      denoise: 1,
      model: ['4', 0],
      positive: ['6', 0],
      negative: ['7', 0],
      latent_image: ['5', 0],
    },
  },
  '4': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'sketch' } },
  '5': { class_type: 'EmptyLatentImage', inputs: { width: '{{width}}', height: '{{height}}', batch_size: 1 } },
  '6': { class_type: 'CLIPTextEncode', inputs: { text: '{{prompt}}', clip: ['4', 1] } },
  '7': { class_type: 'CLIPTextEncode', inputs: { text: '{{negative}}', clip: ['4', 1] } },
  '8': { class_type: 'VAEDecode', inputs: { samples: ['3', 0], vae: ['4', 2] } },
  '9': { class_type: 'SaveImage', inputs: { filename_prefix: 'synclr', images: ['8', 0] } },
};

const servers: ImageServer[] = [];
let dir: string | undefined;
afterAll(async () => {
  await Promise.all(servers.map((s) => s.stop()));
  if (dir) rmSync(dir, { recursive: true });
});

/** A server process that ends with the test file. */
export async function server(...args: Parameters<typeof startImageServer>): Promise<ImageServer> {
  const started = await startImageServer(...args);
  servers.push(started);
  return started;
}

/** The message of a mistake of the user's: one line. */
export async function userError(promise: Promise<unknown>): Promise<string> {
  const e = await promise.then(
    () => expect.fail('nothing was thrown'),
    (e) => e,
  );
  expect(e).toBeInstanceOf(UserError);
  expect(e.message).not.toContain('\n');
  return e.message;
}

/** A workflow as a file. */
export function workflowFile(content: unknown = WORKFLOW, name = 'workflow.json'): string {
  dir ??= mkdtempSync(join(tmpdir(), 'workflows-'));
  const file = join(dir, name);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

/** Settings of a painter of 32 px behind a server. */
export function serverSettings(api: Api, url: string, changes: Record<string, unknown> = {}) {
  return resolveSettings({
    flags: {
      'images.painter': api,
      'images.size': 32,
      'images.steps': 7,
      'views.globalSize': 16,
      'views.localSize': 8,
      ...(api === 'comfyui' ? { 'images.workflow': workflowFile() } : {}),
      'runtime.painter.url': api === 'openai' ? `${url}/v1` : url,
      'runtime.painter.timeout': 20,
      ...changes,
    },
  });
}

export function openAt(
  api: Api,
  url: string,
  changes: Record<string, unknown> = {},
  options: { signal?: AbortSignal; warn?: (line: string) => void } = {},
): Promise<Painter> {
  return openPainter(serverSettings(api, url, changes), options);
}

const THINGS = ['mushroom', 'airplane', 'owl', 'key', 'lion', 'ice cream', 'apple', 'anvil'];

/** Requests for `count` images of 32 px, two a caption. */
export function paintRequests(count: number, changes: Partial<PaintRequest> = {}): PaintRequest[] {
  return Array.from({ length: count }, (_, i) => ({
    caption: `a drawing of the ${THINGS[(i >> 1) % THINGS.length]} number ${i >> 1}`,
    captionId: i >> 1,
    image: i & 1,
    attempt: 0,
    seed: 5,
    size: 32,
    ...changes,
  }));
}
