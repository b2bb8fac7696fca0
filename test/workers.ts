import type { Worker } from 'node:worker_threads';

/** Counts this process's worker threads from now until the end of an `using`. */
export function countWorkers() {
  let [started, ended] = [0, 0];
  const heard = (worker: Worker) => {
    started++;
    worker.once('exit', () => ended++);
  };
  process.on('worker', heard);
  return {
    /** Those that live now, of `started`. */
    get alive() {
      return started - ended;
    },
    get started() {
      return started;
    },
    [Symbol.dispose]: () => void process.off('worker', heard),
  };
}
