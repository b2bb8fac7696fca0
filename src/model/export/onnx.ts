import { OPEN, ops, type Tensor } from '../../graph/index.js';
import { toOnnx } from '../../runtime/ort/onnx.js';
import { atSize, type Backbone } from '../backbone.js';
import { type VitOutput, vit, vitParameters } from '../vit.js';
import { poolOf, prefixOf } from '../vit-config.js';
import type { Precision } from './state.js';

/**
 * The encoder as an ONNX model of standard operators, weights and preprocessing inside, any batch of pictures of one size. Where the feature is
 * no token, it is a second output, `pooler_output` [batch, dim].
 * @param o.fixed preprocessing is left to who uses it: [batch, 3, size, size], normalised
 * @param o.precision of the weights in the file; what is computed is float32
 */
export function encoderOnnx(b: Backbone, o: OnnxOptions = {}): Uint8Array {
  return written(b, o, ({ tokens, pooled }, sized) => {
    const { dim, patch } = sized.vit;
    const count = prefixOf(sized.vit).length + Math.floor(b.preprocessing.size / patch) ** 2;
    const hidden = ops.reshape(tokens, [OPEN, count, dim]);
    return { last_hidden_state: hidden, ...(poolOf(sized.vit) !== 'cls' && { pooler_output: pooled }) };
  });
}

/** A linear classifier of an encoder's features, as they are. */
export interface LinearHead {
  classes: number;
  /** [classes, dim] */
  weight: Float32Array;
  /** [classes] */
  bias: Float32Array;
}

/**
 * The encoder with a classifier behind it, one model with the same input: `logits` and `probabilities`, [batch, classes] each.
 * @param o as for {@link encoderOnnx}
 */
export function classifierOnnx(b: Backbone, head: LinearHead, o: OnnxOptions = {}): Uint8Array {
  return written(b, o, ({ pooled }, { vit: { dim } }) => {
    const { classes, weight, bias } = head;
    if (weight.length !== classes * dim || bias.length !== classes)
      throw new Error(
        `internal: a head of ${weight.length} and ${bias.length} numbers for ${classes} classes of ${dim}`,
      );
    const logits = ops.linear(pooled, ops.constant(weight, [classes, dim]), ops.constant(bias, [classes]));
    return { logits, probabilities: ops.softmax(logits) };
  });
}

interface OnnxOptions {
  fixed?: boolean;
  precision?: Precision;
}

function written(
  b: Backbone,
  o: OnnxOptions,
  outputsOf: (out: VitOutput, sized: Backbone) => Record<string, Tensor>,
): Uint8Array {
  const { size } = b.preprocessing;
  const sized = atSize(b, size);
  const images = ops.input('pixel_values', [OPEN, 3, size, size]);
  const parameters = new Map(
    vitParameters(sized.vit).map((s) => [s.name, ops.constant(sized.parameters.get(s.name)!, s.shape)]),
  );
  const outputs = outputsOf(
    vit(sized.vit, (name) => parameters.get(name)!, images, { order: 'sample' }),
    sized,
  );
  const pictures = o.fixed ? undefined : { input: 'pixel_values', ...b.preprocessing };
  return toOnnx(outputs, 'cpu', { portable: true, pictures, halfWeights: o.precision === 'float16' }).bytes;
}
