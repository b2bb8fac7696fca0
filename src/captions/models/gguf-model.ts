import { UserError } from '../../errors.js';
import { isHubReference } from '../../hub/reference.js';
import type { OpenOptions } from '../../stage.js';
import type { LanguageModel } from '../language-model.js';
import type { WriterSettings } from '../writer-settings.js';
import { loadGguf } from './gguf.js';
import { identifyGguf } from './gguf-file.js';

/** Values of `runtime.provider` that name a GPU; what `auto` and `xla` find is a matter of XLA's plugins, which llama.cpp has no use for. */
const ON_GPU = new Set<WriterSettings['runtime']['provider']>(['webgpu', 'cuda', 'rocm', 'oneapi']);

/** The language model of the settings from a GGUF file, on this machine or on the hub. @throws as `loadGguf`, and where it cannot be had */
export async function openGgufModel(settings: WriterSettings, options: OpenOptions = {}): Promise<LanguageModel> {
  const { captions, runtime } = settings;
  return loadGguf({
    path: await ggufPath(settings, options),
    api: captions.api,
    inFlight: runtime.writer.inFlight,
    gpu: ON_GPU.has(runtime.provider),
    threads: runtime.threads,
    signal: options.signal,
  });
}

/** Name and digest of the settings' model. @throws UserError where it cannot be had or is no model */
export async function identifyModel(settings: WriterSettings, options: OpenOptions = {}): Promise<string> {
  return identifyGguf(await ggufPath(settings, options));
}

async function ggufPath({ captions }: WriterSettings, { signal, warn, note }: OpenOptions): Promise<string> {
  if (captions.model === '')
    throw new UserError('captions.writer gguf needs captions.model: the path of a .gguf file, or hf:owner/name');
  if (!isHubReference(captions.model)) return captions.model;
  const { resolveGguf } = await import('../../hub/resolve.js');
  const { announce } = await import('../../hub/announce.js');
  return (await resolveGguf(captions.model, { signal, onWarn: warn, onProgress: announce(note) })).path;
}
