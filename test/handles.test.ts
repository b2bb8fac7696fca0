import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openWriter } from '../src/captions/registry.js';
import { resolveSettings } from '../src/config/resolve.js';
import { writeCaptions } from '../src/corpus/captions-stage.js';
import { openCorpus } from '../src/corpus/corpus.js';
import { writeImages } from '../src/corpus/images-stage.js';
import { openPainter } from '../src/images/registry.js';
import { openRun } from '../src/run/run.js';
import { MICRO } from './micro.js';

/** Handles of the library: by their own options, closed by `await using`, and no burden when forgotten. */

let root: string;
const settings = resolveSettings({ flags: MICRO });
const dist = pathToFileURL(join(import.meta.dirname, '../dist/')).href;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'synclr-handles-'));
  await using run = await openRun(join(root, 'run'), { settings });
  const hooks = { signal: new AbortController().signal, progress() {}, warn() {} };
  await writeCaptions(run.stage(hooks));
  await writeImages(run.stage(hooks));
}, 60_000);
afterAll(() => rmSync(root, { recursive: true }));

/** Runs a script that ends without closing anything. @returns how it ended, and how long after its last line, seconds */
function forgetful(code: string): Promise<{ code: number | null; lingered: number; stderr: string }> {
  const script = `const lib = (name) => import(${JSON.stringify(dist)} + name);
    const settings = ${JSON.stringify(settings)};
    const images = ${JSON.stringify(join(root, 'run/images'))};
    ${code}
    console.log('done');`;
  const file = join(root, 'forgetful.mjs');
  writeFileSync(file, script);
  return new Promise((done) => {
    const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = 0;
    let stderr = '';
    child.stdout.on('data', () => (said = performance.now()));
    child.stderr.on('data', (d) => (stderr += d));
    child.on('close', (exit) => done({ code: exit, lingered: (performance.now() - said) / 1000, stderr }));
  });
}

it.each([
  ['painter', `const { openPainter } = await lib('images/registry.js'); await openPainter({ size: 32 });`],
  ['corpus', `const { openCorpus } = await lib('corpus/corpus.js'); await (await openCorpus(images)).read(0);`],
  [
    'encoder',
    `const { openUntrainedEncoder } = await lib('encoders/open-encoder.js');
     const e = await openUntrainedEncoder(settings, 16); await e.encode(new Float32Array(3 * 16 * 16), 1);`,
  ],
  [
    'loader',
    `const { ViewLoader } = await lib('views/loader.js');
     const l = await ViewLoader.open({ settings, corpusDir: images }); await l.batch(0); await l.batch(1);`,
  ],
])('a forgotten %s does not hold the process', { timeout: 60_000 }, async (_, code) => {
  const ended = await forgetful(code);
  expect(ended, ended.stderr).toMatchObject({ code: 0 });
  // What is in hand is finished; after that nothing is waited for. Patience for a busy machine.
  expect(ended.lingered).toBeLessThan(10);
});

it('painters and writers open by their own options, and are closed at a block’s end', async () => {
  let closed = 0;
  {
    await using painter = await openPainter({ painter: 'embedded', size: 48 });
    await using writer = await openWriter({ writer: 'embedded' });
    const { close } = painter;
    painter.close = async () => {
      closed++;
      await close();
    };
    const request = { caption: 'a red apple on a table', captionId: 0, image: 0, attempt: 0, seed: 0, size: 48 };
    expect((await painter.paint([request]))[0]).toMatchObject({ width: 48, height: 48 });
    expect(writer.name).toBe('embedded');
    await painter.close();
    await painter.close();
  }
  expect(closed).toBe(2);
  await expect(openPainter({ sise: 48 } as never)).rejects.toThrow(/unrecognized|unknown|images.*sise/i);
  await expect(openWriter({ writer: 'nobody' } as never)).rejects.toThrow(/captions\.writer.*nobody/);
  await expect(openPainter({ painter: 'diffusion' })).rejects.toThrow(/images\.painter diffusion needs images\.model/);
});

it('a corpus is closed by await using', async () => {
  await using corpus = await openCorpus(join(root, 'run'));
  expect((await corpus.read(3)).images).toHaveLength(settings.images.perCaption);
});
