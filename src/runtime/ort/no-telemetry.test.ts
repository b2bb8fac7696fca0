import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const src = fileURLToPath(new URL('../..', import.meta.url));
const dist = new URL('../../../dist/', import.meta.url);

/** What a program of a new user leaves in the home folder. */
function leftAtHome(script: string): Promise<string[]> {
  const home = mkdtempSync(join(tmpdir(), 'synclr-home-'));
  const env = { ...process.env, HOME: home, XDG_CACHE_HOME: '', ORT_DISABLE_TELEMETRY: '' };
  return new Promise((resolve, reject) => {
    const program = `${home}.mjs`;
    writeFileSync(program, script);
    execFile(process.execPath, [program], { env }, (e) => {
      const found = readdirSync(home, { recursive: true, encoding: 'utf8' });
      for (const made of [home, program]) rmSync(made, { recursive: true });
      if (e) reject(e);
      else resolve(found);
    });
  });
}

it('ONNX Runtime keeps no device id and no events of what is computed', { timeout: 60_000 }, async () => {
  const script = `
    import { OrtExecutor } from '${new URL('runtime/ort/executor.js', dist).href}';
    import { ops } from '${new URL('graph/index.js', dist).href}';
    const x = ops.input('x', [1]);
    const executor = OrtExecutor.start({ provider: 'cpu', threads: 1 });
    await executor.load('p', { y: ops.add(x, x) }, {});
    const { y } = await executor.run('p', { x: new Float32Array([2]) });
    if (y[0] !== 4) throw new Error('2 + 2 is ' + y[0]);
    await new Promise((done) => setTimeout(done, 500));
    await executor.close();`;
  expect(await leftAtHome(script)).toEqual([]);
});

it('no source loads it without having said so', () => {
  const sources = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((f) => /(?<!\.test)\.ts$/.test(f));
  const loading = sources.filter((f) =>
    /^import (?!type\b).*'onnxruntime-node'/m.test(readFileSync(join(src, f), 'utf8')),
  );
  expect(loading.length).toBeGreaterThan(2);
  for (const file of loading)
    expect(readFileSync(join(src, file), 'utf8'), file).toMatch(
      /^import '(\.\.?\/)+(runtime\/ort\/)?no-telemetry\.js';/,
    );
});
