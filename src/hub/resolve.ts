import { join } from 'node:path';
import { UserError } from '../errors.js';
import { RepoCache } from './cache.js';
import { HubClient } from './client.js';
import { diffusionFiles } from './diffusion-files.js';
import { ggufFile } from './gguf-file.js';
import { localModel } from './local.js';
import { chooseFrom, type ResolvedModel, type ResolveOptions } from './model.js';
import { datasetRepo, isHubReference, parseHubReference } from './reference.js';
import { hubSettings } from './settings.js';
import { snapshot } from './snapshot.js';

/**
 * A model as files on disk: a local path stays what it is; `hf:owner/name[@revision][/path]` is downloaded into the cache of Hugging
 * Face's own tools, unless it is there already.
 * @throws UserError where there is no such model, or it cannot be had; Interrupted when asked to stop, and then the next call goes on
 */
export async function resolveModel(reference: string, options: ResolveOptions = {}): Promise<ResolvedModel> {
  if (!isHubReference(reference)) {
    const { folder, named, files } = await localModel(reference);
    return { path: reference, folder, files: chooseFrom(files, named, reference, options), commit: '' };
  }
  const parsed = parseHubReference(reference);
  const place = options.dataset ? { ...parsed, repo: datasetRepo(parsed.repo) } : parsed;
  const settings = options.hub ?? hubSettings();
  const hub = new HubClient(settings, options.signal ?? new AbortController().signal, options.onWarn ?? (() => {}));
  try {
    return await snapshot(hub, new RepoCache(settings.cache, place.repo), place, options);
  } catch (e) {
    hub.stopIfAsked();
    const { code, path } = e as NodeJS.ErrnoException;
    if (path !== undefined && (code === 'EACCES' || code === 'EROFS' || code === 'EPERM'))
      throw new UserError(`cannot write to ${path} (${code}): set HF_HUB_CACHE to a folder that can be written to`);
    throw e;
  }
}

/** A language model: `path` is its GGUF file, of a split one the first part. Takes the same options but for which files. */
export async function resolveGguf(reference: string, options: Omit<ResolveOptions, 'include' | 'choose'> = {}) {
  const model = await resolveModel(reference, {
    ...options,
    choose: (files, named) =>
      ggufFile(files, named, named === undefined ? reference : reference.replace(/\/[^/]*$/, '')),
  });
  return { ...model, path: join(model.folder, model.files[0].path) } satisfies ResolvedModel;
}

/** A diffusion pipeline exported to ONNX: `path` is the folder of its model_index.json. Takes the same options but for which files. */
export function resolveDiffusion(
  reference: string,
  options: Omit<ResolveOptions, 'include' | 'choose'> = {},
): Promise<ResolvedModel> {
  return resolveModel(reference, {
    ...options,
    choose: (files, named) => {
      if (named !== undefined) throw new UserError(`${reference} is a file: name the folder of a diffusion pipeline`);
      return diffusionFiles(
        files.map((f) => f.path),
        reference,
      );
    },
  });
}
