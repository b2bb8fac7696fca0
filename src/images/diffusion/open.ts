import { basename, resolve } from 'node:path';
import { UserError } from '../../errors.js';
import { onnxProvider } from '../../runtime/choose.js';
import type { OpenOptions } from '../../stage.js';
import type { Painter, PainterAbout } from '../painter.js';
import type { PainterSettings } from '../painter-settings.js';
import { Decoder } from './decoder.js';
import { Denoiser } from './denoiser.js';
import { modelDigest } from './digest.js';
import { type DiffusionFolder, readFolder } from './folder.js';
import { DiffusionPainter } from './painter.js';
import { familyOf, isFlow } from './recipe.js';
import { createScheduler, SCHEDULER_NAMES, SCHEDULER_SHORT_NAMES } from './schedulers/scheduler.js';
import { refuseSide, sideWarning } from './side.js';
import { TextEncoders } from './text.js';

/**
 * The diffusion pipeline in the folder that `images.model` names, ready to paint.
 * @throws UserError where the folder, a file in it or a setting does not do
 */
export async function openDiffusion(settings: PainterSettings, options: OpenOptions = {}): Promise<Painter> {
  const { images, runtime } = settings;
  const warn = options.warn ?? (() => {});
  const folder = await readFolder(await modelFolder(images.model, options));
  refuseUnknownScheduler(images.scheduler);
  const family = familyOf(folder);
  const flow = isFlow(family);
  refuseOtherKind(folder, images.scheduler, flow);
  const scheduler = (imageTokens: number) =>
    createScheduler(folder.scheduler, images.steps, {
      file: folder.schedulerFile,
      className: images.scheduler || undefined,
      imageTokens,
      evenLevels: family === 'flux',
    });
  const { name, predictionType } = scheduler(1);
  if (flow && predictionType !== 'flow_prediction')
    throw new UserError(
      `${folder.schedulerFile}: prediction_type: ${predictionType} is not flow_prediction, which ${folder.kind} gives`,
    );
  const session = { provider: onnxProvider(runtime.provider), threads: runtime.threads };

  const opened: { close(): Promise<void> }[] = [];
  const open = async <T extends { close(): Promise<void> }>(network: Promise<T>): Promise<T> => {
    opened.push(await network);
    return network;
  };
  try {
    const decoder = await open(Decoder.open(folder.decoder, session));
    const denoiser = await open(Denoiser.open(folder.denoiser, decoder.channels, session, runtime.painter.rows));
    const side = images.paintSize ?? images.size;
    refuseSide(denoiser, decoder, side);
    const off = sideWarning(denoiser, decoder, side);
    if (off) warn(off);
    const { contextDim, toldGuidance, distilled } = denoiser;
    const text = await open(TextEncoders.open(folder, { contextDim, guidance: toldGuidance }, session));
    const guided = images.guidance > 1 && !distilled;
    const { negative, guidanceRescale } = images;
    // What has no effect is said, and kept out of the samples' records.
    const idle = (setting: string) =>
      warn(
        `images.${setting} has no effect ${distilled ? 'with this model, which paints without an unguided half' : 'without guidance (images.guidance is 1 or less)'}`,
      );
    if (!guided && negative) idle('negative');
    if (!guided && guidanceRescale > 0) idle('guidanceRescale');
    const about: PainterAbout = {
      model: modelName(images.model),
      modelHash: await modelDigest(folder),
      scheduler: name,
      steps: images.steps,
      ...(distilled && !toldGuidance ? {} : { guidance: images.guidance }),
      ...(guided && guidanceRescale > 0 ? { guidanceRescale } : {}),
      ...(guided && negative ? { negative } : {}),
      ...(side === images.size ? {} : { paintSize: side }),
    };
    const setup = {
      text,
      denoiser,
      decoder,
      scheduler,
      guidance: images.guidance,
      rescale: images.guidanceRescale,
      negative: images.negative,
      // diffusers' Stable Diffusion XL pipelines do so unless their index says otherwise.
      zeroNegative: denoiser.xl && folder.index.force_zeros_for_empty_prompt !== false,
      batch: images.perCaption,
    };
    return new DiffusionPainter(setup, about, images.paintSize, warn);
  } catch (e) {
    for (const network of opened) await network.close();
    throw e;
  }
}

/** @throws UserError for a name that is none; '' is the file's own */
function refuseUnknownScheduler(name: string): void {
  const choices = [...SCHEDULER_SHORT_NAMES, ...SCHEDULER_NAMES];
  if (name !== '' && !choices.includes(name))
    throw new UserError(`images.scheduler: unknown scheduler "${name}" (choices: ${choices.join(', ')})`);
}

/**
 * Whether a scheduler goes along straight paths from noise to image or removes noise must be as the model learned it.
 * @param chosen full or short name of another scheduler than the file's, or ''
 * @throws UserError where it is not
 */
function refuseOtherKind(
  { kind, schedulerFile, scheduler: config }: DiffusionFolder,
  chosen: string,
  flow: boolean,
): void {
  const isFlowEuler = (name: unknown) => name === 'flow-euler' || name === 'FlowMatchEulerDiscreteScheduler';
  // Any other class follows a flow where the file says so.
  const along = config.use_flow_sigmas === true;
  const own = isFlowEuler(config._class_name);
  const follows = isFlowEuler(chosen || config._class_name) || along;
  if (flow && !follows)
    throw new UserError(
      chosen
        ? `images.scheduler: ${chosen} does not follow a rectified flow, which ${kind} needs: choose flow-euler`
        : `${schedulerFile}: ${config._class_name} does not follow a rectified flow, which ${kind} needs, unless use_flow_sigmas is true: choose flow-euler with images.scheduler`,
    );
  if (!flow && !own && !along && isFlowEuler(chosen))
    throw new UserError(
      `images.scheduler: ${chosen} follows a rectified flow, but this model learned to remove noise (by its scheduler ${config._class_name}): choose another`,
    );
}

/**
 * The folder of a model: a local one, or `hf:owner/name` from the hub's cache, downloaded when it is not there.
 * @throws UserError when no model is named or it cannot be had
 */
async function modelFolder(model: string, options: OpenOptions = {}): Promise<string> {
  if (!model) throw new UserError('images.model: the diffusion painter needs a model: a folder or hf:owner/name');
  if (!model.startsWith('hf:')) return resolve(model);
  const { resolveDiffusion } = await import('../../hub/resolve.js');
  const { announce } = await import('../../hub/announce.js');
  const { signal, warn, note } = options;
  return (await resolveDiffusion(model, { signal, onWarn: warn, onProgress: announce(note) })).folder;
}

/** Digest of what the model of the settings is made of. @throws UserError where it cannot be had */
export async function contentOf({ images }: PainterSettings, options: OpenOptions = {}): Promise<string> {
  return modelDigest(await modelFolder(images.model, options));
}

/** A model's name without where it lies on this machine. */
function modelName(model: string): string {
  return model.startsWith('hf:') ? model : basename(resolve(model));
}
