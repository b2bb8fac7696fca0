import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { openOpenAi } from '../../../src/captions/models/openai.js';
import { resolveSettings } from '../../../src/config/resolve.js';
import { HubClient } from '../../../src/hub/client.js';
import { commitOf, filesAt } from '../../../src/hub/listing.js';
import { hubSettings } from '../../../src/hub/settings.js';
import { openPainter } from '../../../src/images/registry.js';
import { requestJson } from '../../../src/net/http.js';
import { json, type Parser, Scratch, type Seed, type Target } from '../target.js';

/** What servers answer: of each route a sound answer, one of which is broken at a time. */

const listening = async (server: Server): Promise<string> => {
  server.listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

/** Routes by the beginning of `METHOD path`, and what they answer. */
type Routes = Readonly<Record<string, unknown>>;

/** A server whose answers are those of the routes, but for one. */
async function serverOf(
  routes: Routes,
): Promise<{ url: string; broken: { route?: string; body?: Buffer }; close(): void }> {
  const broken: { route?: string; body?: Buffer } = {};
  const server = createHttpServer((request, response) => {
    request.resume();
    request.on('end', () => {
      const asked = `${request.method} ${request.url}`;
      const route = Object.keys(routes).find((r) => asked.startsWith(r));
      if (route === undefined) return response.writeHead(404).end();
      const answer = route === broken.route ? broken.body : routes[route];
      response.end(Buffer.isBuffer(answer) ? answer : JSON.stringify(answer));
    });
  });
  const url = await listening(server);
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url, broken, close };
}

/** Sound answers as seeds, those of an image apart. */
const seedsOf = (routes: Routes): Seed[] =>
  Object.entries(routes).map(([route, answer]) =>
    Buffer.isBuffer(answer) ? { bytes: answer, tag: route } : json(answer, route),
  );

/** Whether a body is JSON: one that is none is asked for again with pauses, which is `http answer`'s matter. */
function isJson(bytes: Buffer): boolean {
  try {
    JSON.parse(bytes.toString('utf8'));
    return true;
  } catch {
    return false;
  }
}

const PAINTED = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#369' } })
  .composite([
    {
      input: Buffer.from(Array.from({ length: 3072 }, (_, i) => (i * 31) % 256)),
      raw: { width: 32, height: 32, channels: 3 },
    },
  ])
  .png()
  .toBuffer();
const BASE64 = PAINTED.toString('base64');

/** A target that opens a painter of the kind, and has it paint one image. */
function painter(kind: string, routes: Routes, more: Record<string, unknown> = {}, needsPoll = false): Target {
  return {
    name: `${kind} answers`,
    bytesPerByte: 256,
    async open(): Promise<Parser> {
      const scratch = new Scratch();
      const server = await serverOf(routes);
      const workflow = scratch.put(
        'workflow.json',
        JSON.stringify({
          3: { class_type: 'KSampler', inputs: { seed: '{{seed}}', steps: '{{steps}}', cfg: '{{guidance}}' } },
          6: { class_type: 'CLIPTextEncode', inputs: { text: '{{prompt}}' } },
          9: { class_type: 'SaveImage', inputs: { images: ['3', 0] } },
        }),
      );
      const settings = resolveSettings({
        flags: {
          'images.painter': kind,
          'images.size': 32,
          'images.paintSize': 64,
          'views.globalSize': 16,
          'views.localSize': 8,
          'runtime.painter.url': server.url,
          // What fails is not asked for again, and what never ends is given up.
          'runtime.painter.patience': 0,
          'runtime.painter.timeout': 1,
          ...more,
          ...(kind === 'comfyui' ? { 'images.workflow': workflow } : {}),
        },
      });
      return {
        seeds: seedsOf(routes),
        async parse(bytes, tag) {
          if (needsPoll && !isJson(bytes)) return;
          if (tag !== undefined && /^GET/.test(tag) && !isJson(bytes) && !Buffer.isBuffer(routes[tag])) return;
          server.broken.route = tag;
          server.broken.body = bytes;
          const opened = await openPainter(settings, { warn: () => {} });
          try {
            await opened.paint([{ caption: 'a newt', captionId: 1, image: 0, attempt: 0, seed: 7, size: 32 }]);
          } finally {
            await opened.close?.();
          }
        },
        close: () => server.close(),
      };
    },
  };
}

const a1111 = painter(
  'a1111',
  {
    'GET /sdapi/v1/sd-models': [
      {
        title: 'sketch.safetensors [abc]',
        model_name: 'sketch',
        hash: 'abcdef',
        sha256: null,
        filename: '/m/sketch.safetensors',
      },
    ],
    'GET /sdapi/v1/options': { sd_model_checkpoint: 'sketch.safetensors [abc]' },
    'GET /sdapi/v1/samplers': [{ name: 'DDIM', aliases: ['ddim'], options: {} }],
    'POST /sdapi/v1/txt2img': {
      images: [BASE64],
      parameters: {},
      info: JSON.stringify({ sd_model_name: 'sketch', sampler_name: 'DDIM' }),
    },
  },
  { 'images.scheduler': 'DDIM' },
);

const openaiImages = painter(
  'openai',
  {
    'GET /v1/models': { object: 'list', data: [{ id: 'sketch' }] },
    'GET /models': { object: 'list', data: [{ id: 'sketch' }] },
    'POST /v1/images/generations': { created: 1, data: [{ b64_json: BASE64, revised_prompt: null }] },
    'POST /images/generations': { created: 1, data: [{ b64_json: BASE64 }] },
  },
  { 'images.model': 'sketch' },
);

const sdcpp = painter(
  'sdcpp',
  {
    'GET /sdcpp/v1/capabilities': {
      model: { name: 'flux.safetensors', stem: 'flux' },
      samplers: ['euler'],
      supported_modes: ['img_gen'],
      limits: { min_width: 64, max_width: 4096, max_queue_size: 8 },
    },
    'POST /sdcpp/v1/img_gen': { id: 'job_1', status: 'queued' },
    'GET /sdcpp/v1/jobs/': {
      id: 'job_1',
      status: 'completed',
      result: { images: [{ index: 0, b64_json: BASE64 }] },
      error: null,
    },
  },
  {},
  true,
);

const comfyui = painter(
  'comfyui',
  {
    'GET /system_stats': { system: { comfyui_version: '0.3' }, devices: [] },
    'GET /object_info/': { KSampler: { input: { required: { sampler_name: [['ddim']] } } } },
    'POST /prompt': { prompt_id: 'p1', number: 1, node_errors: {} },
    'GET /history/': {
      p1: {
        status: {
          status_str: 'success',
          completed: true,
          messages: [
            ['execution_start', {}],
            ['execution_success', {}],
          ],
        },
        outputs: { 9: { images: [{ filename: 'a.png', subfolder: '', type: 'output' }] } },
      },
    },
    'GET /queue': { queue_running: [[1, 'p1']], queue_pending: [] },
    'GET /view': PAINTED,
  },
  {},
  true,
);

const writer: Target = {
  name: 'writer answers',
  async open() {
    const routes: Routes = {
      'GET /v1/models': { object: 'list', data: [{ id: 'tiny', object: 'model', owned_by: 'x' }] },
      'POST /v1/chat/completions': {
        model: 'tiny',
        choices: [{ index: 0, message: { role: 'assistant', content: 'white' }, finish_reason: 'stop' }],
        usage: { prompt_tokens: 20, completion_tokens: 2 },
      },
      'POST /v1/completions': { model: 'tiny', choices: [{ index: 0, text: ' white', finish_reason: 'stop' }] },
    };
    const server = await serverOf(routes);
    const settings = resolveSettings({
      flags: {
        'captions.writer': 'openai',
        'runtime.writer.url': `${server.url}/v1`,
        'runtime.writer.patience': 0,
        'runtime.writer.timeout': 1,
      },
    });
    return {
      seeds: seedsOf(routes),
      async parse(bytes, tag) {
        if (!isJson(bytes)) return;
        server.broken.route = tag;
        server.broken.body = bytes;
        const model = await openOpenAi(settings, { warn: () => {} });
        const prompt = { instruction: 'x', demonstrations: [], left: 'snow =>' };
        await model.complete([{ prompt, seed: 1 }], { maxTokens: 20, temperature: 0.8, topP: 0.9, line: true });
        await model.close();
      },
      close: () => server.close(),
    };
  },
};

/** Whole answers with their heads, over a bare connection. */
const http: Target = {
  name: 'http answer',
  bytesPerByte: 1100,
  async open() {
    let answer: Uint8Array = Buffer.alloc(0);
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end(answer));
    });
    const url = await listening(server);
    const body = Buffer.from('{"a":[1,2,3],"b":"text"}');
    const whole = (head: string, content: Buffer) => ({
      bytes: Buffer.concat([Buffer.from(`HTTP/1.1 ${head}\r\n\r\n`), content]),
    });
    const zipped = gzipSync(body);
    const request = (path: string) =>
      requestJson({
        server: 'the server',
        url: url + path,
        signal: AbortSignal.timeout(5000),
        settings: { url: 'runtime.x.url', key: 'runtime.x.key' },
      });
    return {
      seeds: [
        whole(`200 OK\r\ncontent-length: ${body.length}`, body),
        whole(
          '200 OK\r\ntransfer-encoding: chunked',
          Buffer.from(`${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`),
        ),
        whole(`200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${zipped.length}`, zipped),
        whole('302 Found\r\nlocation: http://127.0.0.1:9/x\r\ncontent-length: 0', Buffer.alloc(0)),
        whole('503 Busy\r\nretry-after: 3\r\ncontent-length: 4', Buffer.from('busy')),
      ],
      async parse(bytes) {
        answer = bytes;
        await request('/x');
      },
      close: () => void server.close(),
    };
  },
};

const hub: Target = {
  name: 'hub listing',
  async open() {
    const scratch = new Scratch();
    const commit = 'a'.repeat(40);
    const files = [
      { type: 'file', path: 'config.json', size: 10, oid: 'b'.repeat(40) },
      {
        type: 'file',
        path: 'model.onnx',
        size: 99,
        oid: 'c'.repeat(40),
        lfs: { oid: 'd'.repeat(64), size: 99, pointerSize: 130 },
      },
      { type: 'directory', path: 'onnx', size: 0, oid: 'e'.repeat(40) },
    ];
    const routes: Routes = {
      'GET /api/models/o/n/revision/': { id: 'o/n', sha: commit, siblings: [] },
      'GET /api/models/o/n/tree/': files,
    };
    const server = await serverOf(routes);
    const settings = { ...hubSettings({ HF_ENDPOINT: server.url, HF_HOME: scratch.dir }), retryMs: 0, silenceMs: 1000 };
    let folder = 0;
    return {
      seeds: seedsOf(routes),
      async parse(bytes, tag) {
        server.broken.route = tag;
        server.broken.body = bytes;
        const client = new HubClient(settings, new AbortController().signal, () => {});
        await commitOf(client, 'o/n', 'main', 1);
        await filesAt(client, 'o/n', commit, scratch.put(`list-${folder++}`, '').replace(/list-/, 'folder-'));
      },
      close: () => server.close(),
    };
  },
};

export const TARGETS: readonly Target[] = [http, writer, a1111, openaiImages, sdcpp, comfyui, hub];
