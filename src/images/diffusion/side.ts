import { UserError } from '../../errors.js';
import type { Decoder } from './decoder.js';
import type { Denoiser } from './denoiser.js';

/** @throws UserError naming the nearest side that can be painted */
export function refuseSide({ fixed, network, patch }: Denoiser, decoder: Decoder, side: number): void {
  const { factor } = decoder;
  const unit = factor * patch;
  const only = fixed.height ?? fixed.width;
  if (only !== undefined && side !== only * factor)
    throw new UserError(
      `images.paintSize: ${network.name} was exported for images of ${only * factor} pixels only, not ${side}: set images.paintSize to ${only * factor}`,
    );
  if (side % unit !== 0)
    throw new UserError(
      `images.paintSize: ${side} pixels cannot be painted, sides are multiples of ${unit}; the nearest is ${Math.max(unit, Math.round(side / unit) * unit)}`,
    );
}

/** A line for the user where the side is far from the model's own; undefined where it is not. */
export function sideWarning({ trainedSide }: Denoiser, { factor }: Decoder, side: number): string | undefined {
  const own = trainedSide && trainedSide * factor;
  if (!own || (side >= own / 2 && side <= own * 2)) return undefined;
  return `images are painted at ${side} pixels, but the model learned at ${own} and knows little of other sizes: set images.paintSize to ${own}, images are then scaled to images.size`;
}
