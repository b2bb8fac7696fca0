import { type Html, html } from './html.js';
import type { RunData } from './run-data.js';
import { many } from './words.js';

/** What the run has not come to yet, and the command that goes on with it; undefined where it is whole, or where no command would help. */
export function nextStep(run: RunData): { what: string; command: string } | undefined {
  const { captions, images, metrics, probes, dir } = run;
  const step = (what: string, stage: string) => ({ what, command: `synclr ${stage} --out ${dir}` });
  const steps = run.config?.settings?.train.steps;
  // What training has learned is there, whatever became of its corpus.
  if (!metrics) {
    if (!captions) return step('No captions yet.', 'captions');
    if (captions.done < captions.total)
      return step(`${many(captions.done)} of ${many(captions.total)} captions are written.`, 'captions');
    if (!images) return step('The captions are not painted yet.', 'images');
    if (images.done < images.total)
      return step(`${many(images.done)} of ${many(images.total)} captions are painted.`, 'images');
    return step('Not trained yet.', 'train');
  }
  if (steps !== undefined && metrics.steps < steps)
    return step(`Trained for ${many(metrics.steps)} of ${many(steps)} steps.`, 'train');
  if (!probes) return run.damagedProbes ? undefined : step('Not probed yet.', 'eval');
  const measured = probedStep(run);
  if (measured !== undefined && measured < metrics.steps)
    return step(
      `The figures are of step ${many(measured)}; training has come to ${many(metrics.steps)} since.`,
      'eval',
    );
  return undefined;
}

/** The step whose checkpoint was probed, as its file's name says. */
function probedStep({ probes }: RunData): number | undefined {
  const found = /step-(\d+)\.safetensors/.exec(probes?.encoder.origin ?? '');
  return found ? Number(found[1]) : undefined;
}

export function nextNote(run: RunData): Html | undefined {
  const next = nextStep(run);
  return next && html`<div class="note"><b>${next.what}</b><p>Go on: <code>${next.command}</code></p></div>`;
}
