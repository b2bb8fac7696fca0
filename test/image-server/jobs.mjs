import { bodyOf, send } from './desk.mjs';

/** The APIs that take a job and are asked for it later: stable-diffusion.cpp's and ComfyUI's. @param files images that are fetched by name */
export function jobRoutes(desk, studio, files) {
  const { samplers = ['Euler', 'DDIM'], queue = 64, starts, nan = false } = desk.options;
  const models = () => desk.options.models ?? ['sketch'];
  /** By id: { id, answer? } of ComfyUI, the whole job of stable-diffusion.cpp; `done` when it is out of hand. */
  const jobs = new Map();
  /** ComfyUI's: what was run → its file's name. */
  const cache = new Map();
  let ids = 0;
  const newId = () => `job_${starts}_${++ids}`;

  /** Answers that the job is taken, paints it, and hands it to `finish`; or does what is to go wrong instead. */
  async function take(job, order, response, status, answer, finish) {
    const { fault, done } = (await order) ?? {};
    if (!done) return;
    jobs.set(job.id, job);
    job.done = done;
    send(response, status, answer);
    job.running = fault?.running;
    if (fault?.kind === 'stuck') return;
    if (fault?.kind === 'lose') jobs.delete(job.id);
    await desk.paintingTime(fault);
    if (jobs.get(job.id) === job && !job.cancelled) await finish(fault);
    done();
  }

  function cancel(api, id) {
    const job = jobs.get(id);
    desk.note({ api, cancel: id });
    if (!job) return;
    job.cancelled = true;
    job.done();
  }

  return {
    'GET /sdcpp/v1/capabilities'(_request, response) {
      send(response, 200, {
        model: { name: `${models()[0]}.gguf`, stem: models()[0], path: `/models/${models()[0]}.gguf` },
        supported_modes: ['img_gen'],
        samplers: samplers.map((s) => s.toLowerCase()),
        limits: { min_width: 16, max_width: 4096, max_queue_size: queue },
      });
    },
    async 'POST /sdcpp/v1/img_gen'(request, response) {
      const body = await bodyOf(request);
      const ask = { prompt: body.prompt, seed: body.seed, width: body.width, height: body.height };
      const id = newId();
      const job = { id, state: { id, kind: 'img_gen', status: 'queued', result: null, error: null } };
      const answer = { id, kind: 'img_gen', status: 'queued', poll_url: `/sdcpp/v1/jobs/${id}` };
      await take(job, desk.order('sdcpp', ask, body, request, response), response, 202, answer, async (fault) => {
        if (fault?.kind === 'fail') {
          job.state.status = 'failed';
          job.state.error = { code: 'generation_failed', message: 'generate_image returned no results' };
          return;
        }
        const texts = await studio.texts(ask, fault);
        job.state.result = { output_format: 'png', images: texts.map((b64_json, index) => ({ index, b64_json })) };
        job.state.status = 'completed';
      });
    },
    'GET /sdcpp/v1/jobs/'(_request, response, id) {
      const job = jobs.get(id);
      send(response, job ? 200 : 404, job ? job.state : { error: 'job not found' });
    },
    'POST /sdcpp/v1/jobs/'(_request, response, rest) {
      const id = rest.replace('/cancel', '');
      cancel('sdcpp', id);
      send(response, jobs.has(id) ? 200 : 404, {});
    },

    'GET /system_stats'(_request, response) {
      send(response, 200, { system: {}, devices: [] });
    },
    'GET /object_info/'(_request, response, node) {
      const inputs = {
        CheckpointLoaderSimple: { ckpt_name: [models()] },
        KSampler: { sampler_name: ['COMBO', { options: samplers }] },
      };
      send(response, 200, inputs[node] ? { [node]: { input: { required: inputs[node] } } } : {});
    },
    async 'POST /prompt'(request, response) {
      const { prompt, client_id } = await bodyOf(request);
      const invalid = invalidNode(prompt, models());
      if (invalid) return send(response, 400, invalid);
      const ask = askOf(prompt);
      const job = { id: newId() };
      const order = desk.order('comfyui', ask, { prompt, client_id }, request, response);
      const answer = { prompt_id: job.id, number: ids, node_errors: {} };
      await take(job, order, response, 200, answer, async (fault) => {
        job.entry = fault?.kind === 'fail' ? failed(fault) : await run(prompt, client_id, ask, fault, job.id);
      });
    },
    'GET /history/'(_request, response, id) {
      const entry = jobs.get(id)?.entry;
      const text = JSON.stringify(entry ? { [id]: entry } : {});
      response.writeHead(200, { 'content-type': 'application/json' });
      // As Python writes a node's float('nan').
      response.end(nan ? text.replace(/^\{("[^"]+":\{)/, '{$1"prompt":[{"is_changed":[NaN,-Infinity]}],') : text);
    },
    'GET /queue'(_request, response) {
      const of = (running) =>
        [...jobs.values()]
          .filter((j) => !j.entry && !j.cancelled && !!j.running === running)
          .map((j) => [0, j.id, {}, {}, []]);
      send(response, 200, { queue_running: of(true), queue_pending: of(false) });
    },
    async 'POST /queue'(request, response) {
      for (const id of (await bodyOf(request)).delete) if (!jobs.get(id)?.running) cancel('comfyui', id);
      response.end();
    },
    async 'POST /interrupt'(request, response) {
      const { prompt_id } = await bodyOf(request);
      desk.note({ api: 'comfyui', interrupt: prompt_id });
      cancel('comfyui', prompt_id);
      response.end();
    },
    'GET /view'(_request, response, _rest, query) {
      const bytes = files.get(query.get('filename'));
      if (!bytes) return send(response, 404, {});
      response.writeHead(200, { 'content-type': 'image/png' });
      response.end(bytes);
    },
  };

  /** Runs a workflow, or takes from the cache what it gave before. @returns its entry in the history */
  async function run(prompt, client, ask, fault, id) {
    const key = JSON.stringify(prompt);
    const cached = cache.get(key);
    const name = cached ?? `ComfyUI_${id}.png`;
    if (!cached) files.set(name, await studio.file(ask, fault));
    cache.set(key, name);
    if (fault?.kind === 'gone') files.delete(name);
    const savers = Object.keys(prompt).filter((n) => /^(Save|Preview)Image$/.test(prompt[n].class_type));
    const images = [{ filename: name, subfolder: 'a b', type: 'output' }];
    // Without a client's id, what comes from the cache is missing from the history.
    const outputs = cached && !client ? {} : Object.fromEntries(savers.map((n) => [n, { images }]));
    return { outputs, status: { status_str: 'success', completed: true, messages: [['execution_success', {}]] } };
  }
}

function failed({ type = 'torch.OutOfMemoryError', text = 'Allocation on device' }) {
  const error = { node_id: '3', node_type: 'KSampler', exception_type: type, exception_message: text };
  return { outputs: {}, status: { status_str: 'error', completed: false, messages: [['execution_error', error]] } };
}

/** ComfyUI's complaint about a checkpoint that it has not. */
function invalidNode(prompt, models) {
  const found = Object.entries(prompt).find(([, n]) => n.inputs.ckpt_name && !models.includes(n.inputs.ckpt_name));
  if (!found) return undefined;
  const [id, { class_type, inputs }] = found;
  const errors = [{ message: 'Value not in list', details: `ckpt_name: '${inputs.ckpt_name}' not in [${models}]` }];
  const error = { type: 'prompt_outputs_failed_validation', message: 'Prompt outputs failed validation' };
  return { error, node_errors: { [id]: { class_type, errors } } };
}

/** What a ComfyUI workflow asks for, by following its links from the sampler. */
function askOf(prompt) {
  const sampler = Object.values(prompt).find((n) => n.inputs.seed !== undefined);
  const linked = (link) => prompt[link?.[0]]?.inputs ?? {};
  const { width, height } = linked(sampler.inputs.latent_image);
  return { prompt: linked(sampler.inputs.positive).text, seed: sampler.inputs.seed, width, height };
}
