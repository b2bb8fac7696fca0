import { getLlama, LlamaLogLevel } from 'node-llama-cpp';

/** Run by doctor in a process of its own: starts llama.cpp as `captions.writer gguf` does, without compiling or fetching anything. */
try {
  const llama = await getLlama({ build: 'never', progressLogs: false, logLevel: LlamaLogLevel.disabled });
  const devices = llama.gpu === false ? [] : await llama.getGpuDeviceNames();
  const { release } = llama.llamaCppRelease;
  console.log(
    devices.length > 0
      ? `ok llama.cpp ${release}, computes on ${llama.gpu} (${devices.join(', ')}) unless runtime.provider is cpu`
      : `ok llama.cpp ${release}, no GPU that it can use: computes on the CPU`,
  );
} catch (e) {
  console.log(`failed ${(e instanceof Error ? e.message : String(e)).replace(/\s+/g, ' ')}`);
}
process.exit();
