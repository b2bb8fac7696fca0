import { onOnnxRuntime } from './graph-runs.js';
import type { Verify } from './index.js';
import { mapOpsForm, verifyMapOps } from './map-ops.js';
import { uperHeadForm, verifyUperHead } from './uper-head.js';

/** Recorded cases of UperNet and of the ops that it is made of, on ONNX Runtime. */
export const UPER_KINDS: readonly { kind: string; is(json: unknown): boolean; verify: Verify }[] = [
  {
    kind: 'ops on maps',
    is: (json) => mapOpsForm.safeParse(json).success,
    verify: (file) => onOnnxRuntime((run) => verifyMapOps(file, run)),
  },
  {
    kind: 'UperNet',
    is: (json) => uperHeadForm.safeParse(json).success,
    verify: (file) => onOnnxRuntime((run) => verifyUperHead(file, run)),
  },
];
