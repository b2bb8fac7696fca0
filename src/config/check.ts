import { learnerChecks } from './check-learner.js';
import type { Settings } from './schema.js';

/**
 * Settings that are each in range but do not fit together: one line a problem, naming the settings, their values and a way out.
 * @param training whether there is to be a run of training: a few captions or images alone need not fill a batch
 */
export function crossChecks(s: Settings, training = true): string[] {
  const { views, model, optim, train, probe } = s;
  const problems: string[] = [];
  const need = (ok: boolean, problem: () => string) => {
    if (!ok) problems.push(problem());
  };

  const divisible = (name: string, size: number) =>
    need(size % model.patch === 0, () => {
      const down = Math.max(1, Math.floor(size / model.patch)) * model.patch;
      const near = size < model.patch ? `${down}` : `${down} or ${down + model.patch}`;
      return `${name} ${size} is not divisible by model.patch ${model.patch}: use ${name} ${near}, or another patch`;
    });
  divisible('views.globalSize', views.globalSize);
  if (views.localCount > 0) divisible('views.localSize', views.localSize);
  if (probe.size !== undefined) divisible('probe.size', probe.size);

  need(model.dim % model.heads === 0, () => `model.heads ${model.heads} does not divide model.dim ${model.dim}`);
  need(model.dim % 2 === 0, () => `model.dim ${model.dim} is odd; it must be even`);
  need(
    Math.round(model.dim * model.mlpRatio) >= 1,
    () => `model.mlpRatio ${model.mlpRatio} leaves the MLP of model.dim ${model.dim} no hidden unit`,
  );

  const ordered = (name: string, [low, high]: readonly [number, number]) =>
    need(low <= high, () => `${name} ${low},${high}: the first number is the smaller one`);
  ordered('views.globalScale', views.globalScale);
  ordered('views.localScale', views.localScale);
  ordered('views.aspect', views.aspect);
  ordered('views.blur.sigma', views.blur.sigma);
  ordered('views.downsample.scale', views.downsample.scale);

  ordered('captions.words', s.captions.words);
  const alike = s.captions.writer === 'name' || s.captions.writer === 'template';
  need(
    !alike || (s.captions.seenMb === 0 && s.captions.words[0] <= (s.captions.writer === 'name' ? 1 : 3)),
    () =>
      `captions.writer ${s.captions.writer} writes short captions, the same for all images of a concept: set captions.words 1,60 and captions.seenMb 0`,
  );
  need(
    s.captions.writer !== 'gguf' || s.captions.model !== '',
    () => 'captions.writer gguf needs captions.model: the path of a .gguf file, or hf:owner/name',
  );
  need(
    s.images.painter !== 'diffusion' || s.images.model !== '',
    () => 'images.painter diffusion needs images.model: a folder or hf:owner/name',
  );
  need(
    s.images.painter !== 'comfyui' || s.images.workflow !== '',
    () =>
      'images.painter comfyui needs images.workflow: the file of a workflow exported for the API, with placeholders',
  );

  need(
    !training || train.captionsPerBatch <= s.captions.count,
    () =>
      `train.captionsPerBatch ${train.captionsPerBatch} is more than captions.count ${s.captions.count}: raise captions.count, or lower train.captionsPerBatch`,
  );
  problems.push(...learnerChecks(s));

  need(optim.minLr <= optim.lr, () => `optim.minLr ${optim.minLr} is more than optim.lr ${optim.lr}`);
  need(
    optim.beta1 < 1 && optim.beta2 < 1,
    () => `optim.beta1 ${optim.beta1} and optim.beta2 ${optim.beta2} must be less than 1`,
  );
  need(
    s.probe.linear.validation > 0 && s.probe.linear.validation < 1,
    () => `probe.linear.validation ${s.probe.linear.validation} must lie between 0 and 1, both excluded`,
  );
  need(s.concepts.heldOut < 1, () => 'concepts.heldOut 1 keeps every concept out of training: use less, e.g. 0.1');
  need(
    probe.heldOutClasses === 0 || s.concepts.heldOut > 0,
    () =>
      `probe.heldOutClasses ${probe.heldOutClasses} needs held-out concepts, but concepts.heldOut is 0: set probe.heldOutClasses 0 or concepts.heldOut 0.1`,
  );
  return problems;
}
