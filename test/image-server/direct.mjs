import { bodyOf, send } from './desk.mjs';
import { hash } from './sketch.mjs';

/** The APIs that answer a request with its image: OpenAI's and A1111's. @param files images that are fetched by name */
export function directRoutes(desk, studio, files) {
  const { samplers = ['Euler', 'DDIM'], hosted = false, owner = 'vllm', info: habits = {} } = desk.options;
  const models = () => desk.options.models ?? ['sketch'];
  const titleOf = (name) => `${name}.safetensors [${shortHash(name)}]`;
  return {
    'GET /v1/models'(_request, response) {
      send(response, 200, { object: 'list', data: models().map((id) => ({ id, object: 'model', owned_by: owner })) });
    },
    async 'POST /v1/images/generations'(request, response) {
      const body = await bodyOf(request);
      if (hosted) return send(response, 400, { error: { message: "Unknown parameter: 'seed'.", param: 'seed' } });
      const [width, height] = body.size.split('x').map(Number);
      const ask = { prompt: body.prompt, seed: body.seed, width, height };
      const { fault, done } = (await desk.order('openai', ask, body, request, response)) ?? {};
      if (!done) return;
      await desk.paintingTime(fault);
      const data = fault?.kind === 'link' ? [{ url: await link(ask, fault, request) }] : await inline(ask, fault);
      done();
      const model = desk.options.tellsModel ? { model: models()[0] } : {};
      send(response, 200, { created: 1, ...model, data });
    },

    'GET /sdapi/v1/sd-models'(_request, response) {
      const about = (name) => ({
        title: titleOf(name),
        model_name: name,
        hash: shortHash(name),
        sha256: shortHash(name).padEnd(64, '0'),
        filename: `/models/${name}.safetensors`,
      });
      send(response, 200, models().map(about));
    },
    'GET /sdapi/v1/options'(_request, response) {
      send(response, 200, { sd_model_checkpoint: titleOf(models()[0]) });
    },
    'GET /sdapi/v1/samplers'(_request, response) {
      const about = (name) => ({ name, aliases: [`k_${name.toLowerCase()}`], options: {} });
      send(response, 200, samplers.map(about));
    },
    async 'POST /sdapi/v1/txt2img'(request, response) {
      const body = await bodyOf(request);
      const ask = { prompt: body.prompt, seed: body.seed, width: body.width, height: body.height };
      desk.running ??= body.force_task_id;
      const { fault, done } = (await desk.order('a1111', ask, body, request, response)) ?? {};
      if (!done) return;
      await desk.paintingTime(fault);
      const images = await studio.texts(ask, fault);
      done();
      const title = body.override_settings?.sd_model_checkpoint ?? models()[0];
      const model = fault?.kind === 'model' ? 'another' : title.replace(/\.safetensors.*/, '');
      const seed = fault?.kind === 'seed' ? ask.seed + 1 : ask.seed;
      const info = {
        seed,
        all_seeds: [seed],
        sd_model_name: model,
        sd_model_hash: shortHash(model),
        ...(typeof habits === 'object' ? habits : {}),
      };
      if (fault?.kind === 'told') Object.assign(info, fault.info);
      // As stable-diffusion.cpp leaves it.
      const plain = typeof habits === 'string' ? habits : JSON.stringify(info);
      const text = typeof habits === 'number' || Array.isArray(habits) ? habits : plain.replaceAll('SEED', seed);
      send(response, 200, { images, parameters: {}, info: text });
    },
    async 'POST /internal/progress'(request, response) {
      const { id_task } = await bodyOf(request);
      send(response, 200, { active: desk.running === id_task, queued: desk.running !== id_task, completed: false });
    },
    'GET /sdapi/v1/progress'(_request, response) {
      send(response, 200, { progress: 0.5, state: { job: 'scripts_txt2img', job_count: 1 } });
    },
    'POST /sdapi/v1/interrupt'(_request, response) {
      desk.note({ api: 'a1111', interrupt: desk.running });
      send(response, 200, {});
    },
  };

  async function inline(ask, fault) {
    const texts = await studio.texts(ask, fault);
    return texts.map((b64_json) => ({ b64_json, url: null }));
  }

  async function link(ask, fault, request) {
    const name = `linked_${files.size}.png`;
    files.set(name, await studio.file(ask, fault));
    return fault.url ?? `http://${request.headers.host}/view?filename=${name}`;
  }
}

const shortHash = (name) => hash(name).toString(16).padStart(10, '0');
