/**
 * The diffusion painter against its bare sessions: the same runs of text encoder, UNet (2n rows) and VAE decoder, called directly with
 * tensors made beforehand, taking turns; and what the painter spends outside of its sessions, which other work on the machine disturbs
 * less. On two pipelines with random weights that the graph builder makes.
 *   npm run bench:diffusion
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { settingsSchema } from '../src/config/schema.js';
import type { PaintRequest } from '../src/images/painter.js';
import { openPainter } from '../src/images/registry.js';
import { Rng } from '../src/rng.js';
import { sessionOptions } from '../src/runtime/ort/session-options.js';
import { TINY, writeDiffusion } from '../test/tiny-diffusion.js';
import type { TinySizes } from '../test/tiny-networks.js';

const IMAGES = 4;
const PIPELINES: [string, TinySizes, number, number][] = [
  ['tiny', TINY, 20, 10],
  // A run of this UNet takes as long as one step of a small real model on a few cores.
  ['larger', { ...TINY, tokens: 77, textDim: 256, side: 32, width: 64, heads: 4, doublings: 3 }, 10, 2],
];
const ROUNDS = 9;
const threads = Number(process.env.THREADS ?? 2);

/** Milliseconds that all sessions have taken. */
let inside = 0;
const sessions = (InferenceSession as unknown as { prototype: InferenceSession }).prototype;
const { run } = sessions;
sessions.run = async function (this: InferenceSession, ...args: Parameters<typeof run>) {
  const began = performance.now();
  try {
    return await run.apply(this, args);
  } finally {
    inside += performance.now() - began;
  }
} as typeof run;

const dir = await mkdtemp(join(tmpdir(), 'bench-diffusion-'));
try {
  for (const [name, sizes, steps, captions] of PIPELINES) {
    const folder = join(dir, name);
    await writeDiffusion(folder, { family: 'sd', seed: 1, sizes });
    const size = sizes.side * 2 ** sizes.doublings;
    const settings = settingsSchema.parse({
      images: { painter: 'diffusion', model: folder, size, steps, perCaption: IMAGES },
      runtime: { threads },
    });
    const painter = await openPainter(settings);
    const bare = await bareSessions(folder, sizes);
    let next = 0;
    const paint = async () => {
      for (let c = 0; c < captions; c++) {
        // A new caption each time: none is encoded beforehand.
        const captionId = next++;
        const requests = Array.from({ length: IMAGES }, (_, image): PaintRequest => {
          return { caption: `caption ${captionId}`, captionId, image, attempt: 0, seed: 0, size };
        });
        await painter.paint(requests);
      }
    };
    const runBare = async () => {
      for (let c = 0; c < captions; c++) {
        await bare.text();
        for (let i = 0; i < steps; i++) await bare.unet();
        for (let i = 0; i < IMAGES; i++) await bare.decoder();
      }
    };
    await paint();
    await runBare();
    const painted: number[] = [];
    const outside: number[] = [];
    const bareTimes: number[] = [];
    for (let round = 0; round < ROUNDS; round++)
      for (const [f, times] of round % 2
        ? ([
            [paint, painted],
            [runBare, bareTimes],
          ] as const)
        : ([
            [runBare, bareTimes],
            [paint, painted],
          ] as const)) {
        const before = inside;
        const began = performance.now();
        await f();
        const took = performance.now() - began;
        times.push(took / captions);
        if (times === painted) outside.push(took / (inside - before) - 1);
      }
    const began = performance.now();
    for (let i = 0; i < 5; i++) await bare.unet();
    const unetMs = (performance.now() - began) / 5;
    const ratios = painted.map((t, i) => t / bareTimes[i]);
    console.log(
      JSON.stringify({
        bench: 'painter-diffusion',
        pipeline: name,
        images: IMAGES,
        steps,
        size,
        unet_ms: round(unetMs),
        painter_ms_a_caption: round(median(painted)),
        bare_ms_a_caption: round(median(bareTimes)),
        overhead_percent: round(100 * (median(ratios) - 1)),
        overhead_percent_rounds: ratios.map((r) => round(100 * (r - 1))),
        outside_sessions_percent: round(100 * median(outside)),
        outside_sessions_percent_rounds: outside.map((r) => round(100 * r)),
        images_per_s: round((1000 * IMAGES) / median(painted)),
        threads,
        peak_rss_mb: Math.round(process.resourceUsage().maxRSS / 1024),
        cpu: cpus()[0].model,
        node: process.version,
      }),
    );
    await painter.close?.();
    await bare.close();
  }
} finally {
  await rm(dir, { recursive: true });
}

/** The same sessions with the same shapes, fed with tensors that exist already. */
async function bareSessions(folder: string, z: TinySizes) {
  const open = (part: string) =>
    InferenceSession.create(join(folder, part, 'model.onnx'), sessionOptions({ provider: 'cpu', threads }));
  const [text, unet, decoder] = [await open('text_encoder'), await open('unet'), await open('vae_decoder')];
  const rng = Rng.of(0, 'bare');
  const normal = (...dims: number[]) =>
    new Tensor(
      'float32',
      Float32Array.from({ length: dims.reduce((a, b) => a * b) }, () => rng.normal()),
      dims,
    );
  const ids = new Tensor('int64', new BigInt64Array(z.tokens).fill(7n), [1, z.tokens]);
  const rows = 2 * IMAGES;
  const feeds = {
    sample: normal(rows, z.channels, z.side, z.side),
    timestep: new Tensor('int64', BigInt64Array.of(500n), []),
    encoder_hidden_states: normal(rows, z.tokens, z.textDim),
  };
  const latent = normal(1, z.channels, z.side, z.side);
  return {
    text: () => text.run({ input_ids: ids }, ['last_hidden_state']),
    unet: () => unet.run(feeds, ['out_sample']),
    decoder: () => decoder.run({ latent_sample: latent }, ['sample']),
    close: async () => {
      for (const session of [text, unet, decoder]) await session.release();
    },
  };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

function round(x: number): number {
  return Math.round(x * 100) / 100;
}
