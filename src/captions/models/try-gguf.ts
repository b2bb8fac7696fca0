import { getLlama, LlamaLogLevel, type Token } from 'node-llama-cpp';
import { quietOptions, reason } from './llama-load.js';

/** Run in a process of its own, which llama.cpp may take down: loads the model named on the command line and runs one token through it. */
const complaints: string[] = [];
try {
  const llama = await getLlama({ ...quietOptions(complaints), gpu: false, logLevel: LlamaLogLevel.error });
  const model = await llama.loadModel({ modelPath: process.argv[2] });
  const context = await model.createContext({ contextSize: 32, batchSize: 8, sequences: 1 });
  const token = model.tokens.bos ?? (0 as Token);
  for await (const _ of context.getSequence().evaluate([token], { temperature: 0 })) break;
  console.log('ok');
} catch (e) {
  console.log(`failed ${(await reason(e, complaints)).slice(0, 300)}`);
}
process.exit();
