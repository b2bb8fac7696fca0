import type { Shape, Tensor } from '../../graph/tensor.js';
import type { AttentionForm, Place } from './attention.js';
import { type HloText, tensorType, typeOf, type Value } from './hlo-text.js';

/**
 * What the kernels of all cards from Ampere on take: heads of whole vectors, not above 128 wide, no bias; of samples each
 * device gets as many.
 */
export function suitsCudnn(node: Tensor, devices: number): boolean {
  const d = node.shape[3];
  const samples = node.shape[node.attrs.order === 'token' ? 1 : 0];
  const plain = node.inputs.length === 3 && node.inputs.every((x) => x.dtype === 'bf16');
  return plain && d % 8 === 0 && d <= 128 && samples % devices === 0;
}

/** Padded operands and result, and what the forward pass keeps: a row's log Σ exp [samples, heads, tokens], f32. */
interface Kept {
  q: Value;
  k: Value;
  v: Value;
  y: Value;
  statistics: Value | undefined;
}

/**
 * Attention by cuDNN's fused kernels, which keep one number a row instead of the scores: calls that XLA's CUDA plugin
 * knows by name, with the two products described in their configuration (openxla/xla,
 * `xla/service/gpu/backend_configs.proto`, CudnnfMHABackendConfig; what JAX's `dot_product_attention` writes). Operands
 * are [samples, tokens, heads, d].
 * @param multiple of which tokens are made up by zeros, the true number being given a sample. cuDNN 9 takes any number
 *   (an even one only with a bias, which there is none of), and making up copies every operand; 8 is for versions that
 *   refuse others.
 */
const fused = (multiple: number): AttentionForm<Kept> => ({
  forward(at, q, k, v, trained) {
    const { hlo, node } = at;
    const [pq, pk, pv] = [q, k, v].map((x) => padded(hlo, node, x, multiple));
    const config = {
      bmm1_dot_dimension_numbers: product([3], [3], [0, 2]),
      bmm2_dot_dimension_numbers: product([3], [1], [0, 1]),
    };
    const outs = ([s, t, h, d]: Shape): Out[] => [
      { shape: [s, h, t, d], dtype: 'bf16' },
      ...(trained ? [{ shape: [s, h, t], dtype: 'f32' } as const] : []),
    ];
    const made = call(at, '__cudnn$fmhaSoftmax', [pq, pk, pv], outs, config);
    const y = hlo.transpose(made[0], [0, 2, 1, 3]);
    return { y: cut(hlo, node, y, q), saved: { q: pq, k: pk, v: pv, y, statistics: trained ? made[1] : undefined } };
  },

  backward(at, _, dy, { q, k, v, y, statistics }) {
    const { hlo, node } = at;
    const config = {
      bmm1_grad_gemm1_dot_dimension_numbers: product([2], [1], [0, 1]),
      bmm1_grad_gemm2_dot_dimension_numbers: product([3], [1], [0, 1]),
      bmm2_grad_gemm1_dot_dimension_numbers: product([2], [1], [0, 1]),
      bmm2_grad_gemm2_dot_dimension_numbers: product([3], [3], [0, 2]),
    };
    const operands = [q, k, v, statistics!, padded(hlo, node, dy, multiple), y];
    const outs = ([samples]: Shape): Out[] =>
      [q, k, v].map(({ shape: [, t, h, d] }) => ({ shape: [samples, h, t, d], dtype: 'bf16' }));
    return call(at, '__cudnn$fmhaSoftmaxBackward', operands, outs, config).map((x, i) =>
      cut(hlo, node, hlo.transpose(x, [0, 2, 1, 3]), node.inputs[i]),
    ) as [Value, Value, Value];
  },
});

export const cudnn = fused(1);
export const cudnnPadded = fused(8);

/** x as the kernels take it: samples first, tokens made up by zeros to a multiple. */
function padded(hlo: HloText, node: Tensor, x: Value, multiple: number): Value {
  const y = node.attrs.order === 'token' ? hlo.transpose(x, [1, 0, 2, 3]) : x;
  return hlo.pad(y, 1, 0, (multiple - (y.shape[1] % multiple)) % multiple);
}

/** Undoes {@link padded} for a value of the shape of `like`. */
function cut(hlo: HloText, node: Tensor, x: Value, like: { shape: Shape }): Value {
  if (node.attrs.order !== 'token') return hlo.slice(x, 1, 0, like.shape[1]);
  return hlo.transpose(hlo.slice(x, 1, 0, like.shape[0]), [1, 0, 2, 3]);
}

/** A matrix product's axes; the right operand is always [samples, tokens, heads, d], its pairing axes 0 and 2. */
const product = (left: number[], right: number[], pairs: number[]) => ({
  lhs_contracting_dimensions: left.map(String),
  rhs_contracting_dimensions: right.map(String),
  lhs_batch_dimensions: pairs.map(String),
  rhs_batch_dimensions: ['0', '2'],
});

type Out = Omit<Value, 'name'>;

/** The call, on each device's samples. @param outs what comes of this shape of q */
function call(
  { hlo, node, mesh }: Place,
  target: string,
  operands: Value[],
  outs: (q: Shape) => Out[],
  products: Record<string, unknown>,
): Value[] {
  const write = (text: HloText, given: Value[]) => {
    const results = outs(given[0].shape);
    return single(text, target, node, given, results, products).slice(0, results.length);
  };
  return mesh ? mesh.apart(hlo, operands, write) : write(hlo, operands);
}

function single(
  hlo: HloText,
  target: string,
  node: Tensor,
  operands: Value[],
  results: Out[],
  products: Record<string, unknown>,
): Value[] {
  const [q, k] = operands;
  const tokens = node.attrs.order === 'token' ? 0 : 1;
  const lengths = node.inputs.slice(0, 2).map((x) => x.shape[tokens]);
  const masked = lengths[0] !== q.shape[1] || lengths[1] !== k.shape[1];
  const given = masked ? lengths.map((n) => hlo.filled(n, [q.shape[0]], 'i32')) : [];
  const config = {
    operation_queue_id: '0',
    cudnn_fmha_backend_config: {
      algorithm: {
        algo_id: '0',
        math_type: 'TENSOR_OP_MATH',
        tuning_knobs: { '17': '1', '4': '0' },
        is_cudnn_frontend: true,
        workspace_size: '0',
      },
      fmha_scale: node.attrs.alpha,
      intermediate_tensor_shape: {
        element_type: 'BF16',
        dimensions: [q.shape[0], q.shape[2], q.shape[1], k.shape[1]].map(String),
        layout: { minor_to_major: ['3', '2', '1', '0'] },
        is_dynamic_dimension: [false, false, false, false],
      },
      is_flash_attention: true,
      mask_type: masked ? 'PADDING' : 'NO_MASK',
      ...products,
      dropout_rate: 0,
      seed: 42,
      sliding_window_length: 0,
      max_seg_per_batch: 1,
      is_paged_attention: false,
    },
  };
  const all = [...operands, ...given];
  // The kernels' scratch memory: its size is found by the plugin.
  const outs = [...results, { shape: [0], dtype: 'u8' } as const];
  const attrs = [
    'api_version = 2 : i32',
    `backend_config = "${JSON.stringify(config).replaceAll('"', '\\22')}"`,
    `operand_layouts = [${all.map((x) => layout(x.shape, false)).join(', ')}]`,
    `result_layouts = [${outs.map((x) => layout(x.shape, true)).join(', ')}]`,
  ];
  const types = `(${all.map(typeOf).join(', ')}) -> (${outs.map((x) => tensorType(x.shape, x.dtype)).join(', ')})`;
  const names = all.map((x) => x.name).join(', ');
  const text = `stablehlo.custom_call @${target}(${names}) {${attrs.join(', ')}} : ${types}`;
  return hlo.ops(text, outs);
}

/**
 * Axes from the fastest to the slowest. Results with four are [samples, heads, tokens, d], stored as their operands
 * are.
 */
function layout(shape: Shape, result: boolean): string {
  if (shape.length === 1) return 'dense<0> : tensor<1xindex>';
  const order = result && shape.length === 4 ? [3, 1, 2, 0] : shape.map((_, i) => shape.length - 1 - i);
  return `dense<[${order.join(', ')}]> : tensor<${shape.length}xindex>`;
}
