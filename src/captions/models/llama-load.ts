/** What loading a model by llama.cpp and trying one have in common; knows the package by its types alone. */

/** Most lines of complaint that are kept. */
const MOST_COMPLAINTS = 20;

/** Options of llama.cpp: nothing is compiled or fetched, and what it says is kept in `complaints`. */
export const quietOptions = (complaints: string[]) => ({
  build: 'never' as const,
  skipDownload: true,
  progressLogs: false,
  logger: (_: unknown, message: string) => {
    if (complaints.length < MOST_COMPLAINTS) complaints.push(message.trim());
  },
});

/** Why a file could not be loaded, in a line: llama.cpp's first complaint says more than the exception, but comes a little later. */
export async function reason(error: unknown, complaints: readonly string[]): Promise<string> {
  let waits = 0;
  do await new Promise((done) => setTimeout(done, 20));
  while (complaints.length === 0 && ++waits < 10);
  const text = complaints[0]?.replace(/^llama_model_load: (?:error loading model: )?/, '') ?? (error as Error).message;
  return text.split('\n')[0];
}
