import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import type { Settings } from '../../config/schema.js';
import { UserError } from '../../errors.js';
import { said } from '../../net/http.js';
import { Transient } from '../../net/remote-server.js';
import type { OpenOptions } from '../../stage.js';
import type { Painter, PainterAbout } from '../painter.js';
import { Workflow } from './comfyui-workflow.js';
import { poll } from './poll.js';
import { requireChoice, ServerApi } from './server-api.js';
import { aboutImages, guidanceFromOne, type ImageApi, type ServerImage, ServerPainter } from './server-painter.js';

/** ComfyUI's API (server.py, execution.py): a workflow is queued, its history tells when it is done, its images are files. */
const KIND = { usual: 'http://127.0.0.1:8188', start: 'python main.py' };

/** Between two looks into the queue for a job whose history stays empty, milliseconds. */
const QUEUE_MS = 2000;

interface Entry {
  outputs?: Record<string, { images?: { filename: string; subfolder?: string; type?: string }[] }>;
  status?: { status_str?: string; completed?: boolean; messages?: [string, Record<string, unknown>][] };
}

/** Painter behind ComfyUI. @throws UserError when it cannot be reached, and for a workflow or model that it cannot run */
export async function openComfyUi(settings: Settings, options: OpenOptions): Promise<Painter> {
  const workflow = new Workflow(settings.images.workflow);
  const { images } = settings;
  for (const name of ['model', 'scheduler', 'negative'] as const) {
    if (images[name] && !workflow.has(name))
      throw new UserError(`images.${name} is set, but ${workflow.file} has no {{${name}}}`);
    if (!images[name] && workflow.has(name) && name !== 'negative')
      throw new UserError(`images.${name} is not set, but ${workflow.file} has {{${name}}}`);
  }
  const server = new ServerApi(settings, KIND);
  await server.atOpening('/system_stats', options.signal);
  for (const name of ['model', 'scheduler'] as const)
    for (const { classType, input } of workflow.inputsOf(name)) {
      const choices = await choicesOf(server, classType, input, options.signal);
      if (choices) requireChoice(`images.${name}`, images[name], choices, server);
    }
  return new ServerPainter(new ComfyUi(settings, server, workflow), settings, options);
}

/** The values that a node's input may have: `[["a", "b"], …]`, or in newer versions `["COMBO", { options: ["a", "b"] }]`. */
async function choicesOf(
  server: ServerApi,
  classType: string,
  input: string,
  signal?: AbortSignal,
): Promise<string[] | undefined> {
  const info = (await server.atOpening(`/object_info/${encodeURIComponent(classType)}`, signal)) as
    | Record<string, { input?: Record<string, Record<string, [unknown, { options?: unknown }?]>> }>
    | undefined;
  const spec = info?.[classType]?.input;
  const found = spec?.required?.[input] ?? spec?.optional?.[input];
  const choices = Array.isArray(found?.[0]) ? found[0] : found?.[1]?.options;
  return Array.isArray(choices) ? choices.map(String) : undefined;
}

class ComfyUi implements ImageApi {
  readonly name = 'comfyui';
  readonly server: ServerApi;
  readonly about: PainterAbout;
  private readonly workflow: Workflow;
  private readonly images: Settings['images'];
  /** Without a client's id, ComfyUI leaves cached images out of the history. */
  private readonly clientId = randomUUID();

  constructor(settings: Settings, server: ServerApi, workflow: Workflow) {
    this.server = server;
    this.workflow = workflow;
    this.images = settings.images;
    const about = aboutImages(settings);
    // What the workflow does not ask for, it decides itself.
    for (const name of ['steps', 'guidance'] as const) if (!workflow.has(name)) delete about[name];
    this.about = {
      ...about,
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
      if (signal.aborted) await this.server.farewell('/queue', { delete: [id] });
      throw e;
    }
    this.checkStatus(entry);
    const node = this.workflow.outputs().find((n) => (entry.outputs?.[n]?.images?.length ?? 0) > 0);
    if (node === undefined) return undefined;
    const { filename, subfolder = '', type = 'output' } = entry.outputs![node].images![0];
    try {
      return await this.server.bytes(`/view?${new URLSearchParams({ filename, subfolder, type })}`, {
        signal,
        refusal: (status) => (status === 404 ? new FileGone() : undefined),
      });
    } catch (e) {
      if (e instanceof FileGone) return undefined;
      throw e;
    }
  }

  private async submit({ prompt, seed, side }: ServerImage, signal: AbortSignal, again?: string): Promise<string> {
    const { steps, guidance, negative, model, scheduler } = this.images;
    const numbers = { seed, steps, guidance: guidanceFromOne(guidance), width: side, height: side };
    const filled = this.workflow.fill({ prompt, negative, model, scheduler, ...numbers }, again);
    const answer = (await this.server.json('/prompt', {
      body: { prompt: filled, client_id: this.clientId },
      signal,
      refusal: (status, text) => (status === 400 ? this.invalid(text) : undefined),
    })) as { prompt_id?: unknown; node_errors?: unknown } | null;
    if (typeof answer?.prompt_id !== 'string') throw new Transient('garbage', 'an answer without a prompt_id');
    return answer.prompt_id;
  }

  /** The first complaint of a node, or the general one. */
  private invalid(text: string): UserError {
    let why = said(text);
    try {
      const { node_errors } = JSON.parse(text) as {
        node_errors?: Record<string, { class_type?: string; errors?: { message?: string; details?: string }[] }>;
      };
      const [id, first] = Object.entries(node_errors ?? {})[0] ?? [];
      const error = first?.errors?.[0];
      if (error) why = `node ${id} (${first?.class_type}): ${error.message} ${error.details ?? ''}`;
    } catch {
      // The general complaint will do.
    }
    const line = why.replace(/\s+/g, ' ').trim().slice(0, 240);
    return new UserError(`${this.server.name} refuses ${this.workflow.file}: ${line}`);
  }

  /** Waits for the entry in the history, which is empty both before the end and for a job that the server has never heard of. */
  private finished(id: string, signal: AbortSignal): Promise<Entry> {
    let queueSeen = performance.now();
    let missing = false;
    return poll(async () => {
      const history = (await this.server.json(`/history/${id}`, { signal })) as Record<string, Entry> | null;
      const entry = history?.[id];
      if (entry) return entry;
      // Between leaving the queue and entering the history a job may be in neither: it is lost when that is so twice.
      if (missing) throw new Transient('lost', 'it has lost a job');
      if (performance.now() - queueSeen < QUEUE_MS) return undefined;
      queueSeen = performance.now();
      const queue = (await this.server.json('/queue', { signal })) as Record<string, unknown[][]> | null;
      missing = ![...(queue?.queue_running ?? []), ...(queue?.queue_pending ?? [])].some((item) => item?.[1] === id);
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
