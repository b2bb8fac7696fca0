/**
 * What XLA's compiler asks of an NVIDIA card, as its data sheet and its driver say; one file a generation beside this
 * one.
 */
export interface Card {
  /** As the driver calls it. */
  name: string;
  /** Compute capability, such as 9.0; `a`: with the instructions that its generation alone has. */
  capability: readonly [major: number, minor: number];
  hasOwnInstructions: boolean;
  /** Streaming multiprocessors, and floating-point units of each. */
  multiprocessors: number;
  unitsPerMultiprocessor: number;
  /** Highest clock, GHz. */
  clock: number;
  /** All of its memory, as the driver counts it, bytes, and its bandwidth, bytes a second. */
  memory: number;
  bandwidth: number;
  /** Level-2 cache, bytes. */
  cache: number;
  /** Shared memory of a multiprocessor, and the most that one block may ask for, bytes. */
  shared: number;
  sharedOfBlock: number;
}

/** Of all cards since the A100. */
const COMMON = {
  threads_per_block_limit: 1024,
  threads_per_warp: 32,
  threads_per_core_limit: 2048,
  shared_memory_per_block: 48 * 1024,
  registers_per_core_limit: 64 * 1024,
  registers_per_block_limit: 64 * 1024,
  block_dim_limit_x: 2 ** 31 - 1,
  block_dim_limit_y: 2 ** 16 - 1,
  block_dim_limit_z: 2 ** 16 - 1,
  thread_dim_limit_x: 1024,
  thread_dim_limit_y: 1024,
  thread_dim_limit_z: 64,
  device_address_bits: 64,
};

/** Versions of the software that the card would be driven by. */
export interface Software {
  cuda: string;
  /** cuDNN's. */
  dnn: readonly [major: number, minor: number, patch: number];
}

/**
 * A card as XLA takes it: the text form of `stream_executor.GpuTargetConfigProto`
 * (`xla/stream_executor/device_description.proto`).
 */
export function targetConfig(card: Card, { cuda, dnn }: Software): string {
  const [major, minor] = card.capability;
  const numbers = {
    ...COMMON,
    core_count: card.multiprocessors,
    fpus_per_core: card.unitsPerMultiprocessor,
    clock_rate_ghz: card.clock,
    device_memory_size: card.memory,
    memory_bandwidth: card.bandwidth,
    l2_cache_size: card.cache,
    shared_memory_per_core: card.shared,
    shared_memory_per_block_optin: card.sharedOfBlock,
  };
  const texts = {
    device_vendor: 'NVIDIA Corporation',
    name: card.name,
    driver_version: cuda,
    runtime_version: cuda,
    compile_time_toolkit_version: cuda,
    dnn_version: dnn.join('.'),
  };
  const feature = card.hasOwnInstructions ? 'ACCELERATED_FEATURES' : 'NONE';
  return [
    'gpu_device_info {',
    ...Object.entries(numbers).map(([name, value]) => `  ${name}: ${value}`),
    ...Object.entries(texts).map(([name, value]) => `  ${name}: "${value}"`),
    `  cuda_compute_capability { major: ${major} minor: ${minor} feature_extension: ${feature} }`,
    '}',
    'platform_name: "CUDA"',
    `dnn_version_info { major: ${dnn[0]} minor: ${dnn[1]} patch: ${dnn[2]} }`,
    `device_description_str: "${card.name}"`,
    '',
  ].join('\n');
}
