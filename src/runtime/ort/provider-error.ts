import { UserError } from '../../errors.js';

/** What Dawn and ONNX Runtime say where there is no GPU, or no driver for it. */
const NO_ADAPTER = /WebGPU adapter|No supported adapters|Failed to (?:get|create) .{0,60}(?:adapter|WebGPU device)/i;

/** An error of a session's start, as the user's where the machine has not what `runtime.provider` names. */
export function providerError(e: unknown, provider: string): unknown {
  if (provider !== 'webgpu' || !(e instanceof Error) || !NO_ADAPTER.test(e.message)) return e;
  return new UserError(
    'runtime.provider webgpu: no GPU with a driver for it is here (Vulkan on Linux, Direct3D 12 on Windows, Metal on macOS); synclr doctor says more, or use --provider cpu',
  );
}
