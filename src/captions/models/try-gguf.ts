import { getLlama, LlamaLogLevel, type Token } from 'node-llama-cpp';

/** Run in a process of its own, which llama.cpp may take down: loads the model named on the command line and runs one token through it. */
const complaints: string[] = [];
try {
  const llama = await getLlama({
    gpu: false,
    build: 'never',
    skipDownload: true,
    progressLogs: false,
    logLevel: LlamaLogLevel.error,
    logger: (_, message) => {
      if (complaints.length < 20) complaints.push(message.trim());
    },
  });
  const model = await llama.loadModel({ modelPath: process.argv[2] });
  const context = await model.createContext({ contextSize: 32, batchSize: 8, sequences: 1 });
  const token = model.tokens.bos ?? (0 as Token);
  for await (const _ of context.getSequence().evaluate([token], { temperature: 0 })) break;
  console.log('ok');
} catch (e) {
  // What llama.cpp says comes a little later than the exception, and says more.
  for (let waits = 0; complaints.length === 0 && waits < 10; waits++) await new Promise((done) => setTimeout(done, 20));
  const text =
    complaints[0]?.replace(/^llama_model_load: (?:error loading model: )?/, '') ?? String((e as Error).message);
  console.log(`failed ${text.split('\n')[0].slice(0, 300)}`);
}
process.exit();
