import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
import sharp from 'sharp';
import { faultOf } from './image-server-faults.mjs';
import { hash, openSketchPainter, randomOf } from './sketch-painter.mjs';

/**
 * A real HTTP server, a process of its own, that speaks four image APIs: OpenAI's, A1111's, stable-diffusion.cpp's, ComfyUI's.
 * It paints from (prompt, seed) alone, and does wrong what it is told to. `test/image-server.ts` starts it.
 * OPTIONS (environment, JSON): see `ImageServerOptions` there.
 */
const options = JSON.parse(process.env.OPTIONS ?? '{}');
const { log, data, delay = 0, capacity = Infinity, authorization, hosted = false, starts = 1 } = options;
const { models = ['sketch'], samplers = ['Euler', 'DDIM'] } = options;
let faults = options.faults ?? [];
/** Of each API: paintings asked for so far, and in hand. */
let painted = {};
const busy = {};

const sketch = data ? openSketchPainter(data) : undefined;
const note = (entry) => appendFileSync(log, `${JSON.stringify(entry)}\n`);
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** A PNG file. */
async function paint(prompt, seed, width, height) {
  const random = randomOf(hash(`${prompt} ${seed}`));
  const paper = [0, 1, 2].map(() => 150 + 105 * random());
  const ink = [0, 1, 2].map(() => 110 * random());
  const drawn = sketch ? sketch(prompt, seed) : waves(random);
  const rgb = Buffer.from(Array.from(drawn, (v) => [0, 1, 2].map((c) => paper[c] + (ink[c] - paper[c]) * v)).flat());
  const image = sharp(rgb, { raw: { width: 28, height: 28, channels: 3 } });
  return image.resize(width, height, { fit: 'fill' }).png({ compressionLevel: 1 }).toBuffer();
}

/** Without the network's weights: interfering waves. */
function waves(random) {
  const [a, b, c, d] = [0, 1, 2, 3].map(() => random() - 0.5);
  return Float32Array.from({ length: 784 }, (_, i) => {
    const [x, y] = [i % 28, Math.floor(i / 28)];
    return 0.5 + 0.25 * (Math.sin(a * x + b * y) + Math.sin(c * x * 2 - d * y));
  });
}

/** The file as a fault of its own would have it. */
async function file({ prompt, seed, width, height }, fault) {
  if (fault?.kind === 'empty') return Buffer.alloc(0);
  if (fault?.kind === 'blank') {
    const background = { r: 0, g: 0, b: 0 };
    return sharp({ create: { width, height, channels: 3, background } })
      .png()
      .toBuffer();
  }
  const side = fault?.kind === 'size' ? (fault.side ?? 24) : undefined;
  const png = await paint(prompt, seed, side ?? width, side ?? height);
  if (fault?.kind !== 'half') return png;
  const jpeg = await sharp(png).jpeg().toBuffer();
  return jpeg.subarray(0, jpeg.length >> 1);
}

function base64(bytes, fault) {
  const text = bytes.toString('base64');
  return fault?.kind === 'base64' ? `${text.slice(0, 40)}%%%%${text.slice(44)}` : text;
}

/** Counts a painting, writes it down, and does the faults that come before painting. @returns undefined when it has answered already */
async function begin(api, ask, body, request, response) {
  const n = (painted[api] = (painted[api] ?? 0) + 1);
  const fault = faultOf(faults, n, starts);
  busy[api] = (busy[api] ?? 0) + 1;
  const full = busy[api] > capacity;
  const sent = { api, ...ask, n, busy: busy[api], body, authorization: request.headers.authorization !== undefined };
  note({ ...sent, fault: full ? 'full' : fault?.kind });
  const done = () => busy[api]--;
  if (full) {
    done();
    send(response, 429, { error: { message: 'too many requests' } }, { 'retry-after': '0' });
    return undefined;
  }
  const spoilt = await spoil(fault, request, response);
  if (spoilt) {
    done();
    return undefined;
  }
  await sleep(fault?.kind === 'slow' ? (fault.ms ?? 300) : delay);
  return { fault, done };
}

/** Faults that have nothing to do with the API. @returns whether it has answered, or never will */
async function spoil(fault, request, response) {
  switch (fault?.kind) {
    case 'die':
      process.exit(7);
      break;
    case 'drop':
      response.destroy();
      return true;
    case 'status': {
      const after = fault.retryAfter;
      const header = after === 'date' ? new Date(Date.now() + 1000).toUTCString() : after;
      const status = fault.status ?? 500;
      send(
        response,
        status,
        { error: { message: `trouble ${status}` } },
        header === undefined ? {} : { 'retry-after': header },
      );
      return true;
    }
    case 'echo':
      send(response, 500, { error: { message: `you sent ${request.headers.authorization}` } });
      return true;
    case 'garbage':
      response.end(fault.text ?? '<html>upstream went away</html>');
      return true;
    case 'truncate':
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100_000 });
      response.write('{"data": [{"b64_json": "iVBOR');
      await sleep(5);
      response.destroy();
      return true;
    case 'hang':
      await new Promise((closed) => request.socket.once('close', closed));
      return true;
    default:
      return false;
  }
}

function send(response, status, json, headers = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(json));
}

async function bodyOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  const text = Buffer.concat(parts).toString('utf8');
  return text ? JSON.parse(text) : {};
}

/** Jobs of the two APIs that have some, by id. */
const jobs = new Map();
/** Image files that are fetched by name. */
const files = new Map();
/** ComfyUI's cache: what was run → its file's name. */
const cache = new Map();
let ids = 0;

const routes = {
  async 'GET /v1/models'(_request, response) {
    send(response, 200, { object: 'list', data: models.map((id) => ({ id, object: 'model' })) });
  },

  async 'POST /v1/images/generations'(request, response) {
    const body = await bodyOf(request);
    if (hosted) return send(response, 400, { error: { message: "Unknown parameter: 'seed'.", param: 'seed' } });
    const [width, height] = body.size.split('x').map(Number);
    const ask = { prompt: body.prompt, seed: body.seed, width, height };
    const begun = await begin('openai', ask, body, request, response);
    if (!begun) return;
    const bytes = await file(ask, begun.fault);
    begun.done();
    if (begun.fault?.kind === 'link') {
      const name = `linked_${files.size}.png`;
      files.set(name, bytes);
      return send(response, 200, {
        data: [{ url: begun.fault.url ?? `http://${request.headers.host}/view?filename=${name}` }],
      });
    }
    send(response, 200, { created: 1, data: [{ b64_json: base64(bytes, begun.fault), url: null }] });
  },

  async 'GET /sdapi/v1/sd-models'(_request, response) {
    send(
      response,
      200,
      models.map((name) => ({
        title: `${name}.safetensors [${shortHash(name)}]`,
        model_name: name,
        hash: shortHash(name),
        sha256: `${shortHash(name)}`.padEnd(64, '0'),
        filename: `/models/${name}.safetensors`,
      })),
    );
  },
  async 'GET /sdapi/v1/options'(_request, response) {
    send(response, 200, { sd_model_checkpoint: `${models[0]}.safetensors [${shortHash(models[0])}]` });
  },
  async 'GET /sdapi/v1/samplers'(_request, response) {
    send(
      response,
      200,
      samplers.map((name) => ({ name, aliases: [`k_${name.toLowerCase()}`], options: {} })),
    );
  },
  async 'POST /sdapi/v1/txt2img'(request, response) {
    const body = await bodyOf(request);
    const ask = { prompt: body.prompt, seed: body.seed, width: body.width, height: body.height };
    const begun = await begin('a1111', ask, body, request, response);
    if (!begun) return;
    const { fault } = begun;
    const bytes = await file(ask, fault);
    begun.done();
    const title = body.override_settings?.sd_model_checkpoint ?? models[0];
    const model = fault?.kind === 'model' ? 'another' : title.replace(/\.safetensors.*/, '');
    const seed = fault?.kind === 'seed' ? ask.seed + 1 : ask.seed;
    const info = { seed, all_seeds: [seed], sd_model_name: model, sd_model_hash: shortHash(model) };
    send(response, 200, {
      images: bytes.length ? [base64(bytes, fault)] : [],
      parameters: {},
      info: JSON.stringify(info),
    });
  },

  async 'GET /sdcpp/v1/capabilities'(_request, response) {
    send(response, 200, {
      model: { name: `${models[0]}.gguf`, stem: models[0], path: `/models/${models[0]}.gguf` },
      supported_modes: ['img_gen'],
      samplers: samplers.map((s) => s.toLowerCase()),
      limits: { min_width: 16, max_width: 4096, max_queue_size: options.queue ?? 64 },
    });
  },
  async 'POST /sdcpp/v1/img_gen'(request, response) {
    const body = await bodyOf(request);
    const ask = { prompt: body.prompt, seed: body.seed, width: body.width, height: body.height };
    const id = `job_${starts}_${++ids}`;
    const job = { id, kind: 'img_gen', status: 'queued', result: null, error: null };
    const begun = begin('sdcpp', ask, body, request, response);
    await accept(
      begun,
      response,
      job,
      202,
      { id, kind: 'img_gen', status: 'queued', poll_url: `/sdcpp/v1/jobs/${id}` },
      async (fault) => {
        if (fault?.kind === 'fail') {
          job.status = 'failed';
          job.error = { code: 'generation_failed', message: 'generate_image returned no results' };
          return;
        }
        const bytes = await file(ask, fault);
        job.status = 'completed';
        job.result = {
          output_format: 'png',
          images: bytes.length ? [{ index: 0, b64_json: base64(bytes, fault) }] : [],
        };
      },
    );
  },
  async 'GET /sdcpp/v1/jobs/'(_request, response, id) {
    const job = jobs.get(id);
    if (job) send(response, 200, job);
    else send(response, 404, { error: 'job not found' });
  },
  async 'POST /sdcpp/v1/jobs/'(_request, response, rest) {
    const job = jobs.get(rest.replace('/cancel', ''));
    note({ api: 'sdcpp', cancel: job?.id ?? 'unknown' });
    if (job?.status === 'queued') job.status = 'cancelled';
    send(response, job ? 200 : 404, job ?? { error: 'job not found' });
  },

  async 'GET /system_stats'(_request, response) {
    send(response, 200, { system: {}, devices: [] });
  },
  async 'GET /object_info/'(_request, response, node) {
    const inputs = {
      CheckpointLoaderSimple: { ckpt_name: [models] },
      KSampler: { sampler_name: ['COMBO', { options: samplers }] },
    };
    send(response, 200, inputs[node] ? { [node]: { input: { required: inputs[node] } } } : {});
  },
  async 'POST /prompt'(request, response) {
    const { prompt, client_id } = await bodyOf(request);
    const ask = askOf(prompt);
    const unknown = Object.entries(prompt).find(([, n]) => n.inputs.ckpt_name && !models.includes(n.inputs.ckpt_name));
    if (unknown) {
      const errors = [
        { message: 'Value not in list', details: `ckpt_name: '${unknown[1].inputs.ckpt_name}' not in []` },
      ];
      const node_errors = { [unknown[0]]: { class_type: unknown[1].class_type, errors } };
      return send(response, 400, {
        error: { type: 'prompt_outputs_failed_validation', message: 'Prompt outputs failed validation' },
        node_errors,
      });
    }
    const id = `prompt_${starts}_${++ids}`;
    const job = { id, entry: undefined };
    const begun = begin('comfyui', ask, { prompt, client_id }, request, response);
    await accept(begun, response, job, 200, { prompt_id: id, number: ids, node_errors: {} }, async (fault) => {
      if (fault?.kind === 'fail') {
        const error = {
          node_id: '3',
          node_type: 'KSampler',
          exception_type: fault.type ?? 'torch.OutOfMemoryError',
          exception_message: fault.text ?? 'Allocation on device',
        };
        job.entry = {
          outputs: {},
          status: { status_str: 'error', completed: false, messages: [['execution_error', error]] },
        };
        return;
      }
      const key = JSON.stringify(prompt);
      const cached = cache.get(key);
      const name = cached ?? `ComfyUI_${id}.png`;
      if (!cached) files.set(name, await file(ask, fault));
      cache.set(key, name);
      if (fault?.kind === 'gone') files.delete(name);
      const saver = Object.keys(prompt).filter((n) => /^(Save|Preview)Image$/.test(prompt[n].class_type));
      const images = [{ filename: name, subfolder: 'a b', type: 'output' }];
      // Without a client's id, what comes from the cache is missing from the history.
      const outputs = cached && !client_id ? {} : Object.fromEntries(saver.map((n) => [n, { images }]));
      job.entry = {
        outputs,
        status: { status_str: 'success', completed: true, messages: [['execution_success', {}]] },
      };
    });
  },
  async 'GET /history/'(_request, response, id) {
    const entry = jobs.get(id)?.entry;
    send(response, 200, entry ? { [id]: entry } : {});
  },
  async 'GET /queue'(_request, response) {
    const pending = [...jobs.values()].filter((j) => !j.entry && !j.deleted).map((j) => [0, j.id, {}, {}, []]);
    send(response, 200, { queue_running: [], queue_pending: pending });
  },
  async 'POST /queue'(request, response) {
    const { delete: ids } = await bodyOf(request);
    for (const id of ids) {
      note({ api: 'comfyui', cancel: id });
      if (jobs.has(id)) jobs.get(id).deleted = true;
    }
    response.end();
  },
  async 'GET /view'(_request, response, _rest, query) {
    const bytes = files.get(query.get('filename'));
    if (!bytes) return send(response, 404, {});
    response.writeHead(200, { 'content-type': 'image/png' });
    response.end(bytes);
  },

  async 'POST /faults'(request, response) {
    faults = await bodyOf(request);
    painted = {};
    response.end();
  },
};

/** Takes a job on: answers at once, paints afterwards, unless it was cancelled meanwhile or is to be lost or left lying. */
async function accept(begun, response, job, status, answer, run) {
  const { fault, done } = (await begun) ?? {};
  if (!done) return;
  jobs.set(job.id, job);
  send(response, status, answer);
  if (fault?.kind === 'stuck') return;
  if (fault?.kind === 'lose') {
    jobs.delete(job.id);
    return done();
  }
  await sleep(delay);
  if (job.status !== 'cancelled' && !job.deleted) await run(fault);
  done();
}

/** What a ComfyUI workflow asks for, by following its links from the sampler. */
function askOf(prompt) {
  const sampler = Object.values(prompt).find((n) => n.inputs.seed !== undefined);
  const linked = (link) => prompt[link?.[0]]?.inputs ?? {};
  const { width, height } = linked(sampler.inputs.latent_image);
  return { prompt: linked(sampler.inputs.positive).text, seed: sampler.inputs.seed, width, height };
}

function shortHash(name) {
  return hash(name).toString(16).padStart(10, '0');
}

const server = createServer((request, response) => {
  const url = new URL(request.url, 'http://x');
  const inControl = url.pathname === '/faults';
  if (authorization && !inControl && request.headers.authorization !== authorization)
    return send(response, 401, { error: { message: `wrong key: ${request.headers.authorization}` } });
  const exact = `${request.method} ${url.pathname}`;
  const prefix = Object.keys(routes).find((r) => r.endsWith('/') && exact.startsWith(r));
  const route = routes[exact] ?? routes[prefix];
  if (!route || options.without?.includes(url.pathname)) return send(response, 404, { detail: 'Not Found' });
  route(request, response, prefix ? exact.slice(prefix.length) : '', url.searchParams).catch((e) => {
    note({ crashed: String(e.stack) });
    if (!response.headersSent) send(response, 500, { error: { message: String(e) } });
  });
});
server.listen(options.port ?? 0, '127.0.0.1', () =>
  process.stdout.write(`${JSON.stringify({ port: server.address().port, learned: sketch !== undefined })}\n`),
);
// It must not outlive whoever started it.
process.stdin.on('end', () => process.exit(0)).resume();
