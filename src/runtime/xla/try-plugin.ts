import { openClient } from './client.js';
import { leaveNow } from './leave.js';
import { MARK, type Said } from './trial.js';

/** Run by `tryPlugin` in a process of its own: starts the plugin named on the command line, and says step by step how far it came. */
const say = (said: Said) => process.stdout.write(`\n${MARK}${JSON.stringify(said)}\n`);
const path = process.argv[2];
let code = 0;
try {
  const client = openClient({
    plugin: path,
    // Said at once: what comes next may end this process.
    onLoaded: ({ api: [major, minor] }) => say({ api: [major, minor] }),
  });
  const { platform, version } = client;
  say({ platform, version, devices: client.devices.map((d) => ({ ...client.describe(d), memory: client.memory(d) })) });
  client.destroy();
} catch (e) {
  say({ error: e instanceof Error ? e.message : String(e) });
  code = 1;
}
process.stdout.write('', () => leaveNow(code));
