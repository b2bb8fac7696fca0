import { ops, type Tensor } from '../../graph/index.js';
import { contrastive } from './multi-positive.js';

export interface SupConOptions {
  temperature: number;
  /** The loss is multiplied by temperature/base; default: the temperature, so that it is not. */
  baseTemperature?: number;
  /** Whether all views are anchors, or the first alone; all are compared with either way. Default all. */
  anchors?: 'all' | 'one';
}

/**
 * Supervised contrastive loss (Khosla et al. 2020, equation 2): as the multi-positive loss, whose positives are all views of all images of the
 * label.
 * @param features [views·images, dim] view by view, normalised here
 * @param labels [images] numbers
 * @returns [1, 1]
 */
export function supcon(features: Tensor, labels: Tensor, o: SupConOptions): Tensor {
  const [rows] = features.shape;
  const images = labels.shape[0];
  const all = ops.reshape(ops.broadcast(ops.reshape(labels, [1, images]), [rows / images, images]), [rows]);
  const anchors = o.anchors === 'one' ? ops.slice(features, 0, 0, images) : features;
  const loss = contrastive(anchors, features, all, { temperature: o.temperature, leaveOwnOut: true });
  return ops.scale(loss, o.temperature / (o.baseTemperature ?? o.temperature));
}
