// Downloads one model in a process of its own: node test/hub-client.js REFERENCE, settings from the environment.
// Prints a JSON line for every step: {"progress": …}, {"warning": …}, and at the end {"model": …} or {"error": …}.
import { resolveModel } from '../dist/hub/resolve.js';
import { hubSettings } from '../dist/hub/settings.js';

// The kernel's own peak would begin with that of the process which started this one.
let peak = 0;
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
try {
  const model = await resolveModel(process.argv[2], {
    hub: { ...hubSettings(), retryMs: 20 },
    onProgress: (progress) => {
      peak = Math.max(peak, process.memoryUsage.rss());
      say({ progress });
    },
    onWarn: (warning) => say({ warning }),
  });
  say({ model, peakMb: peak / 2 ** 20 });
} catch (e) {
  say({ error: e.message, kind: e.name });
  process.exitCode = 1;
}
