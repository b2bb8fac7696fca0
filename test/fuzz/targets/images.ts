import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { parseJson } from '../../../src/formats/json.js';
import { readFolder } from '../../../src/images/diffusion/folder.js';
import { createScheduler } from '../../../src/images/diffusion/schedulers/scheduler.js';
import { Tokenizer } from '../../../src/images/diffusion/tokenizer.js';
import { Workflow } from '../../../src/images/servers/comfyui-workflow.js';
import { decodePainted } from '../../../src/images/servers/decode.js';
import { decode, decodeSmall } from '../../../src/views/image.js';
import { bmp, ico, tiff } from '../../pictures.js';
import { FLUX_SCHEDULER, SD_SCHEDULER, TINY, writeDiffusion } from '../../tiny-diffusion.js';
import { json, Scratch, type Target } from '../target.js';

/** Pictures, diffusion models' folders, workflows. */

const picture = () =>
  sharp(Buffer.from(Array.from({ length: 16 * 16 * 3 }, (_, i) => (i * 37) % 256)), {
    raw: { width: 16, height: 16, channels: 3 },
  });

const images: Target = {
  name: 'image',
  // A few bytes of WebP or AVIF may honestly be millions of pixels: what holds then is the room that all decoding shares.
  allowanceMb: 192 + 1024,
  async open() {
    const files: Buffer[] = await Promise.all([
      picture().jpeg().toBuffer(),
      picture().png().toBuffer(),
      picture().webp().toBuffer(),
      picture().gif().toBuffer(),
      picture().tiff().toBuffer(),
      picture().avif().toBuffer(),
      picture().toColourspace('rgb16').png().toBuffer(),
    ]);
    const samples = Float32Array.from({ length: 16 * 16 }, (_, i) => i / 255);
    files.push(
      tiff(16, new Uint8Array(samples.buffer), 32, 3),
      tiff(16, new Uint8Array(samples.buffer), 32, 2),
      bmp(16, 16, [9, 99, 199]),
      ico(files[1], 16),
    );
    return {
      seeds: files.map((bytes) => ({ bytes })),
      async parse(bytes) {
        // The decoders say by any error that a file is broken; what they must not do is hang, abort or fill the memory.
        for (const read of [decode, decodeSmall])
          await read(bytes).then(
            ({ width, height, data }) => {
              if (data.length !== width * height * 3)
                throw new TypeError(`${data.length} bytes for ${width}×${height}`);
            },
            () => {},
          );
        await decodePainted(bytes, 16, 16);
      },
    };
  },
};

const scheduler: Target = {
  name: 'scheduler config',
  open: () => ({
    seeds: [
      json(SD_SCHEDULER),
      json(FLUX_SCHEDULER),
      json({
        ...SD_SCHEDULER,
        _class_name: 'EulerDiscreteScheduler',
        timestep_spacing: 'leading',
        use_karras_sigmas: true,
      }),
      json({
        ...SD_SCHEDULER,
        _class_name: 'DPMSolverMultistepScheduler',
        solver_order: 2,
        algorithm_type: 'dpmsolver++',
      }),
      json({ ...SD_SCHEDULER, _class_name: 'UniPCMultistepScheduler', solver_order: 2, trained_betas: [0.1, 0.2] }),
      json({ ...SD_SCHEDULER, _class_name: 'LCMScheduler', original_inference_steps: 50 }),
      json({ ...SD_SCHEDULER, _class_name: 'PNDMScheduler', skip_prk_steps: true }),
    ],
    parse(bytes) {
      const config = parseJson(bytes.toString('utf8'), 'scheduler_config.json');
      const made = createScheduler(config, 4);
      const steps = (made as unknown as { timesteps?: ArrayLike<number> }).timesteps;
      if (steps) for (const t of Array.from(steps)) if (!Number.isFinite(t)) throw new Error(`a timestep ${t}`);
    },
  }),
};

/** Every JSON and text file of a tiny pipeline, one broken at a time. */
const diffusionFolder: Target = {
  name: 'diffusion folder',
  async open() {
    const scratch = new Scratch();
    const root = join(scratch.dir, 'sound');
    await writeDiffusion(root, { family: 'sd', seed: 1, sizes: TINY });
    const broken = join(scratch.dir, 'broken');
    cpSync(root, broken, { recursive: true });
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((f) => /\.(json|txt)$/.test(f));
    return {
      seeds: files.map((tag) => ({
        bytes: readFileSync(join(root, tag)),
        tag,
        json: tag.endsWith('.json') ? ('whole' as const) : undefined,
      })),
      async parse(bytes, tag) {
        scratch.put(join('broken', tag!), bytes);
        try {
          await readFolder(broken);
          const tokenizer = await Tokenizer.open(join(broken, 'tokenizer'));
          const { ids } = tokenizer.encode('a red newt', 12);
          if (ids.length !== 12 || !ids.every((id) => Number.isSafeInteger(id) && id >= 0))
            throw new Error(`token ids ${ids}`);
        } finally {
          cpSync(join(root, tag!), join(broken, tag!));
        }
      },
    };
  },
};

const workflow: Target = {
  name: 'comfyui workflow',
  open() {
    const scratch = new Scratch();
    mkdirSync(join(scratch.dir, 'w'));
    const sound = {
      3: {
        class_type: 'KSampler',
        inputs: { seed: '{{seed}}', steps: '{{steps}}', cfg: '{{guidance}}', model: ['4', 0] },
      },
      4: { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: '{{model}}' } },
      6: { class_type: 'CLIPTextEncode', inputs: { text: '{{prompt}}', clip: ['4', 1] } },
      9: { class_type: 'SaveImage', inputs: { images: ['3', 0] } },
    };
    const values = {
      seed: 1,
      steps: 2,
      guidance: 3,
      width: 64,
      height: 64,
      prompt: 'p',
      negative: '',
      model: 'm',
      scheduler: '',
    };
    return {
      seeds: [json(sound)],
      parse: (bytes) => new Workflow(scratch.put('w/workflow.json', bytes)).fill(values, 'again'),
    };
  },
};

export const TARGETS: readonly Target[] = [images, scheduler, diffusionFolder, workflow];
