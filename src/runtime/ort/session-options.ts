import { availableParallelism } from 'node:os';
import type { InferenceSession } from 'onnxruntime-node';
import type { ExecutorOptions } from './executor.js';

/** Options of every session. Memory patterns are off: with them a training graph's peak memory doubles. */
export function sessionOptions(o: ExecutorOptions): InferenceSession.SessionOptions {
  return {
    executionProviders: o.provider === 'cpu' ? ['cpu'] : [o.provider, 'cpu'],
    intraOpNumThreads: o.threads || availableParallelism(),
    interOpNumThreads: 1,
    executionMode: 'sequential',
    enableMemPattern: false,
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    ...(o.spinning === false ? { extra: { session: { intra_op: { allow_spinning: '0' } } } } : {}),
    ...(o.profile ? { enableProfiling: true, profileFilePrefix: o.profile } : {}),
  };
}
