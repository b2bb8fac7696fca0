import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import { z } from 'zod';
import { settingLeaves } from '../../config/leaves.js';
import { UserError } from '../../errors.js';
import { parseJson } from '../../formats/json.js';
import { said } from '../../net/complaint.js';
import { Transient } from '../../net/remote-server.js';
import type { OpenOptions } from '../../stage.js';
import type { Painter, PainterAbout } from '../painter.js';
import type { PainterSettings } from '../painter-settings.js';
import { Workflow } from './comfyui-workflow.js';
import { jobName, poll } from './poll.js';
import { requireChoice, ServerApi } from './server-api.js';
import { aboutImages, guidanceFromOne, type ImageApi, type ServerImage, ServerPainter } from './server-painter.js';

/** ComfyUI's API (server.py, execution.py): a workflow is queued, its history tells when it is done, its images are files. */
const KIND = { usual: 'http://127.0.0.1:8188', start: 'python main.py' };

/** Between two looks into the queue for a job whose history stays empty, milliseconds. */
const QUEUE_MS = 2000;

const submittedSchema = z.looseObject({ prompt_id: jobName });
const messageSchema = z.tuple([z.string(), z.record(z.string(), z.unknown()).nullish()]).rest(z.unknown());
/** A job's entry in the history. What nodes other than the one with the image leave there is no matter of ours. */
const entrySchema = z.looseObject({
  outputs: z.record(z.string(), z.unknown()).nullish(),
  status: z.looseObject({ status_str: z.string().nullish(), messages: z.array(messageSchema).nullish() }).nullish(),
});
type Entry = z.output<typeof entrySchema>;
const historySchema = z.record(z.string(), z.unknown());
const outputSchema = z.looseObject({ images: z.array(z.unknown()).nonempty() });
const imageSchema = z.looseObject({
  filename: z.string().min(1),
  subfolder: z.string().nullish(),
  type: z.string().nullish(),
});
const jobsSchema = z.array(z.array(z.unknown())).nullish();
const queueSchema = z.looseObject({ queue_running: jobsSchema, queue_pending: jobsSchema });
const spec = z.record(z.string(), z.array(z.unknown())).nullish();
const nodeSchema = z.record(
  z.string(),
  z.looseObject({ input: z.looseObject({ required: spec, optional: spec }).nullish() }),
);
const optionsSchema = z.looseObject({ options: z.array(z.unknown()) });
const complaintSchema = z.looseObject({
  node_errors: z.record(
    z.string(),
    z.looseObject({
      class_type: z.string().nullish(),
      errors: z.array(z.looseObject({ message: z.string().nullish(), details: z.string().nullish() })).nullish(),
    }),
  ),
});

/** Painter behind ComfyUI. @throws UserError when it cannot be reached, and for a workflow or model that it cannot run */
export async function openComfyUi(settings: PainterSettings, options: OpenOptions): Promise<Painter> {
  const workflow = new Workflow(settings.images.workflow);
  const { images } = settings;
  for (const name of ['model', 'scheduler', 'negative'] as const) {
    if (images[name] && !workflow.has(name))
      throw new UserError(`images.${name} is set, but ${workflow.file} has no {{${name}}}`);
    if (!images[name] && workflow.has(name) && name !== 'negative')
      throw new UserError(`images.${name} is not set, but ${workflow.file} has {{${name}}}`);
  }
  for (const name of ['steps', 'guidance'] as const)
    if (!workflow.has(name) && images[name] !== defaultOf(`images.${name}`))
      options.warn?.(`images.${name} ${images[name]}: ${workflow.file} has no {{${name}}}, and keeps its own`);
  const server = new ServerApi(settings, KIND);
  await server.atOpening('/system_stats', z.unknown(), options.signal);
  for (const name of ['model', 'scheduler'] as const)
    for (const { classType, input } of workflow.inputsOf(name)) {
      const choices = await choicesOf(server, classType, input, options.signal);
      if (choices) requireChoice(`images.${name}`, images[name], choices, server);
    }
  return new ServerPainter(new ComfyUi(settings, server, workflow), settings, options);
}

const defaultOf = (path: string): unknown => settingLeaves().find((l) => l.path === path)?.default;

/** The values that a node's input may have: `[["a", "b"], …]`, or in newer versions `["COMBO", { options: ["a", "b"] }]`. */
async function choicesOf(
  server: ServerApi,
  classType: string,
  input: string,
  signal?: AbortSignal,
): Promise<string[] | undefined> {
  const info = await server.atOpening(`/object_info/${encodeURIComponent(classType)}`, nodeSchema, signal);
  const known = info && Object.hasOwn(info, classType) ? info[classType].input : undefined;
  const found = known?.required?.[input] ?? known?.optional?.[input];
  const choices = Array.isArray(found?.[0]) ? found[0] : optionsSchema.safeParse(found?.[1]).data?.options;
  return choices?.map(String);
}

class ComfyUi implements ImageApi {
  readonly name = 'comfyui';
  readonly server: ServerApi;
  readonly about: PainterAbout;
  /** The workflow names the model, and its content is known. */
  readonly resolved = {};
  readonly seedAdvice: string;
  private readonly workflow: Workflow;
  private readonly images: PainterSettings['images'];
  /** Without a client's id, ComfyUI leaves cached images out of the history. */
  private readonly clientId = randomUUID();

  constructor(settings: PainterSettings, server: ServerApi, workflow: Workflow) {
    this.server = server;
    this.workflow = workflow;
    this.images = settings.images;
    this.seedAdvice = `see whether {{seed}} in ${workflow.file} reaches the node that makes the noise`;
    // What the workflow does not ask for, it decides itself.
    const [scheduler, steps, guidance, negative] = (['scheduler', 'steps', 'guidance', 'negative'] as const).map((n) =>
      workflow.has(n),
    );
    const about = aboutImages(settings, { scheduler, steps, guidance, negative });
    this.about = {
      ...about,
      ...(guidance ? { guidance: guidanceFromOne(settings.images.guidance) } : {}),
      model: about.model ?? basename(workflow.file),
      modelHash: `workflow ${workflow.hash.slice(0, 16)}`,
    };
  }

  async image(image: ServerImage, signal: AbortSignal): Promise<Uint8Array> {
    // What did not come well may lie in its cache.
    const file = await this.attempt(image, signal, image.tries > 0 ? randomUUID() : undefined);
    if (file) return file;
    // The cache holds the image, but its file is gone.
    const again = await this.attempt(image, signal, randomUUID());
    if (again) return again;
    throw new UserError(
      `${this.server.name} gives no image: ${this.workflow.file} needs a SaveImage or PreviewImage node`,
    );
  }

  /** @returns undefined when the workflow ran, but left no image */
  private async attempt(image: ServerImage, signal: AbortSignal, again?: string): Promise<Uint8Array | undefined> {
    const id = await this.submit(image, signal, again);
    let entry: Entry;
    try {
      entry = await this.finished(id, signal);
    } catch (e) {
      if (signal.aborted) await this.abandon(id);
      throw e;
    }
    this.checkStatus(entry);
    const outputs = entry.outputs ?? {};
    const node = this.workflow.outputs().find((n) => outputSchema.safeParse(outputs[n]).success);
    if (node === undefined) return undefined;
    const [first] = outputSchema.parse(outputs[node]).images;
    const place = `/history: outputs of node ${node}`;
    const { filename, subfolder, type } = this.server.form(first, imageSchema, place);
    const query = new URLSearchParams({ filename, subfolder: subfolder ?? '', type: type ?? 'output' });
    try {
      return await this.server.bytes(`/view?${query}`, {
        signal,
        refusal: (status) => (status === 404 ? new FileGone() : undefined),
      });
    } catch (e) {
      if (e instanceof FileGone) return undefined;
      throw e;
    }
  }

  /** Takes a job out of the queue, or interrupts it where it is the one that runs. */
  private async abandon(id: string): Promise<void> {
    await this.server.farewell('/queue', { delete: [id] });
    const queue = await this.server.brief('/queue', queueSchema);
    // Newer versions look at the id themselves, so that a job of somebody else, begun meanwhile, goes on.
    if (queue?.queue_running?.some((job) => job[1] === id)) await this.server.farewell('/interrupt', { prompt_id: id });
  }

  private async submit({ prompt, seed, side }: ServerImage, signal: AbortSignal, again?: string): Promise<string> {
    const { steps, guidance, negative, model, scheduler } = this.images;
    const numbers = { seed, steps, guidance: guidanceFromOne(guidance), width: side, height: side };
    const filled = this.workflow.fill({ prompt, negative, model, scheduler, ...numbers }, again);
    const answer = await this.server.answer('/prompt', submittedSchema, {
      body: { prompt: filled, client_id: this.clientId },
      signal,
      refusal: (status, text) => (status === 400 ? this.invalid(text) : undefined),
    });
    return answer.prompt_id;
  }

  /** The first complaint of a node, or the general one. */
  private invalid(text: string): UserError {
    let why = said(text);
    const complaint = complaintSchema.safeParse(asJson(text)).data;
    const [id, first] = Object.entries(complaint?.node_errors ?? {})[0] ?? [];
    const error = first?.errors?.[0];
    if (error) why = `node ${id} (${first?.class_type}): ${error.message} ${error.details ?? ''}`;
    const line = why.replace(/\s+/g, ' ').trim().slice(0, 240);
    return new UserError(`${this.server.name} refuses ${this.workflow.file}: ${line}`);
  }

  /** Waits for the entry in the history, which is empty both before the end and for a job that the server has never heard of. */
  private finished(id: string, signal: AbortSignal): Promise<Entry> {
    let queueSeen = performance.now();
    let missing = false;
    return poll(async () => {
      const route = `/history/${encodeURIComponent(id)}`;
      const history = await this.server.answer(route, historySchema, { signal });
      if (Object.hasOwn(history, id)) return this.server.form(history[id], entrySchema, '/history');
      // Between leaving the queue and entering the history a job may be in neither: it is lost when that is so twice.
      if (missing) throw new Transient('lost', 'it has lost a job');
      if (performance.now() - queueSeen < QUEUE_MS) return undefined;
      queueSeen = performance.now();
      const queue = await this.server.answer('/queue', queueSchema, { signal });
      missing = ![...(queue.queue_running ?? []), ...(queue.queue_pending ?? [])].some((item) => item[1] === id);
      return undefined;
    }, signal);
  }

  private checkStatus({ status }: Entry): void {
    const messages = status?.messages ?? [];
    const of = (event: string) => messages.find(([name]) => name === event)?.[1];
    if (of('execution_interrupted')) throw new Transient('interrupted', 'somebody interrupted its job');
    const error = of('execution_error');
    if (!error && status?.status_str !== 'error') return;
    const { node_id, node_type, exception_type = '', exception_message = 'no reason given' } = error ?? {};
    const kind = String(exception_type);
    const why = `${kind} ${exception_message}`.replace(/\s+/g, ' ').trim().slice(0, 200);
    const what = `node ${node_id ?? '?'} (${node_type ?? '?'}) failed: ${why}`;
    if (/OutOfMemory|out of memory/i.test(why)) throw new Transient('memory', what, { overload: true });
    // Errors of the machine may pass; those of the workflow come again each time.
    if (!error || /OSError|IOError|ConnectionError|Timeout/.test(kind) || /\b(CUDA|cuDNN|cuBLAS|HIP|MPS)\b/i.test(why))
      throw new Transient('failed', what);
    throw new UserError(`${this.server.name} cannot run ${this.workflow.file}: ${what}`);
  }
}

class FileGone extends Error {}

/** JSON, or undefined where a text is none. */
function asJson(text: string): unknown {
  try {
    return parseJson(text, 'it');
  } catch {
    return undefined;
  }
}
