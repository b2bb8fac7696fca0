import { OPEN, ops } from '../../graph/index.js';
import { toOnnx } from '../../runtime/ort/onnx.js';
import { atSize, type Backbone } from '../backbone.js';
import { vit, vitParameters } from '../vit.js';
import { poolOf, prefixOf } from '../vit-config.js';
import type { Precision } from './state.js';

/**
 * The encoder as an ONNX model of standard operators, weights and preprocessing inside, any batch of pictures of one size. Where the feature is
 * no token, it is a second output, `pooler_output` [batch, dim].
 * @param o.fixed preprocessing is left to who uses it: [batch, 3, size, size], normalised
 * @param o.precision of the weights in the file; what is computed is float32
 */
export function encoderOnnx(b: Backbone, o: { fixed?: boolean; precision?: Precision } = {}): Uint8Array {
  const { size } = b.preprocessing;
  const sized = atSize(b, size);
  const { dim, patch } = sized.vit;
  const images = ops.input('pixel_values', [OPEN, 3, size, size]);
  const parameters = new Map(
    vitParameters(sized.vit).map((s) => [s.name, ops.constant(sized.parameters.get(s.name)!, s.shape)]),
  );
  const { tokens, pooled } = vit(sized.vit, (name) => parameters.get(name)!, images, { order: 'sample' });
  const hidden = ops.reshape(tokens, [OPEN, prefixOf(sized.vit).length + Math.floor(size / patch) ** 2, dim]);
  const outputs = { last_hidden_state: hidden, ...(poolOf(sized.vit) !== 'cls' && { pooler_output: pooled }) };
  const pictures = o.fixed ? undefined : { input: 'pixel_values', ...b.preprocessing };
  return toOnnx(outputs, 'cpu', { portable: true, pictures, halfWeights: o.precision === 'float16' }).bytes;
}
