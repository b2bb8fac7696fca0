import koffi from 'koffi';
import { MARK, type Said } from './trial.js';

const say = (said: Said) => process.stdout.write(`\n${MARK}${JSON.stringify(said)}\n`);
/** Run in a process of its own: starts the plugin named on the command line, and says step by step how far it came. */
try {
  const library = koffi.load(process.argv[2]);
  const api = library.func('void* GetPjrtApi()')();
  say({ api: [koffi.decode(api, 32, 'int'), koffi.decode(api, 36, 'int')] });
  say({ platform: 'cpu', version: '', devices: [{ id: 0, kind: 'cpu' }] });
} catch (e) {
  say({ error: (e as Error).message });
}
process.exit();
