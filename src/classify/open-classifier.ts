import '../runtime/ort/no-telemetry.js';

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { z } from 'zod';
import { closing } from '../disposable.js';
import { codeOf, Interrupted, UserError } from '../errors.js';
import { readJsonAs } from '../formats/json.js';
import { checkOnnx } from '../formats/onnx-data.js';
import type { Pixels } from '../images/painter.js';
import { preprocessingForm } from '../model/preprocessing.js';
import { oneLine } from '../printable.js';
import { sessionOptions } from '../runtime/ort/session-options.js';
import { decode, decodeFile, type Rgb, whyNot } from '../views/image.js';
import { type Prediction, predictionsOf } from './result.js';

/** A classifier that was exported: pictures in, classes out. */
export interface Classifier extends AsyncDisposable {
  /** In the order of the probabilities. */
  readonly labels: readonly string[];
  /**
   * One picture: a path, an encoded picture, or RGB pixels.
   * @returns [classes] @throws UserError where it is no picture
   */
  probabilities(image: string | Uint8Array | Pixels): Promise<Float32Array>;
  /**
   * Files one after the other; what cannot be decoded is handed to `skipped` and left out.
   * @throws Interrupted when the signal asks for it
   */
  files(
    paths: readonly string[],
    o?: { signal?: AbortSignal; skipped?(file: string, why: string): void },
  ): AsyncGenerator<Prediction>;
  close(): Promise<void>;
}

const configSchema = z.looseObject({
  id2label: z.record(z.string().regex(/^\d+$/), z.string()),
  synclr: z.looseObject({ preprocessing: preprocessingForm, classifier: z.looseObject({}) }),
});

/**
 * Opens a classifier that `synclr classify` exported.
 *
 *     await using classifier = await openClassifier('runs/mine/classifier');
 *     for await (const { file, label, confidence } of classifier.files(['photo.jpg'])) found.push({ file, label, confidence });
 *
 * @throws UserError for a folder that is none, or is damaged
 */
export async function openClassifier(dir: string, o: { threads?: number } = {}): Promise<Classifier> {
  const found = await stat(join(dir, 'config.json')).catch((e: unknown) => {
    const gone = codeOf(e) === 'ENOENT' || codeOf(e) === 'ENOTDIR';
    throw gone ? new UserError(`${dir}: no classifier (a folder that synclr classify exported)`) : e;
  });
  if (!found.isFile()) throw new UserError(`${dir}: no classifier: its config.json is no file`);
  const config = await readJsonAs(join(dir, 'config.json'), configSchema).catch((e: unknown) => {
    throw e instanceof UserError
      ? new UserError(`${dir}: no classifier that synclr classify exported (${e.message})`)
      : e;
  });
  const count = Object.keys(config.id2label).length;
  const labels = Array.from({ length: count }, (_, c) => config.id2label[c]);
  if (count < 2 || labels.includes(undefined as unknown as string))
    throw new UserError(`${join(dir, 'config.json')}: id2label does not number its classes 0, 1, …`);
  const model = join(dir, 'onnx', 'model.onnx');
  await checkOnnx(model).catch((e: unknown) => {
    throw codeOf(e) === 'ENOENT' ? new UserError(`${dir}: no classifier: ${model} is missing`) : e;
  });
  const options = sessionOptions({ provider: 'cpu', threads: o.threads ?? 0 });
  const session = await InferenceSession.create(model, options).catch((e: unknown) => {
    throw new UserError(`${model} does not open in ONNX Runtime: ${oneLine(String((e as Error).message ?? e))}`);
  });
  const { size, resize = size } = config.synclr.preprocessing;
  // Huge pictures are made smaller while they are read.
  const enough = Math.max(size, resize);

  const ask = async (image: Rgb): Promise<Float32Array> => {
    const { width, height } = image;
    const plane = width * height;
    const pixels = new Float32Array(3 * plane);
    for (let i = 0, at = 0; i < plane; i++)
      for (let c = 0; c < 3; c++, at++) pixels[c * plane + i] = image.data[at] / 255;
    const feeds = { pixel_values: new Tensor('float32', pixels, [1, 3, height, width]) };
    const { probabilities } = await session.run(feeds, ['probabilities']);
    const out = probabilities.data as Float32Array;
    if (out.length !== count)
      throw new UserError(`${dir}: the model tells ${out.length} classes, config.json ${count}`);
    return out;
  };

  return closing({
    labels,
    async probabilities(image: string | Uint8Array | Pixels) {
      const what = typeof image === 'string' ? image : 'the image';
      const decoded = await read(image, enough).catch((e: unknown) => {
        throw new UserError(`${what}: ${codeOf(e) === 'ENOENT' ? 'no such file' : whyNot(e)}`);
      });
      return ask(decoded);
    },
    async *files(paths: readonly string[], { signal, skipped }: Parameters<Classifier['files']>[1] = {}) {
      for (const path of paths) {
        if (signal?.aborted) throw new Interrupted('stopped while classifying photos');
        let image: Rgb;
        try {
          image = await decodeFile(path, { enough });
        } catch (e) {
          skipped?.(path, codeOf(e) === 'ENOENT' ? 'no such file' : whyNot(e));
          continue;
        }
        yield predictionsOf([path], await ask(image), labels)[0];
      }
    },
    close: () => session.release(),
  });
}

async function read(image: string | Uint8Array | Pixels, enough: number): Promise<Rgb> {
  if (typeof image === 'string') return decodeFile(image, { enough });
  if (image instanceof Uint8Array) return decode(image, { enough });
  const { width, height, data } = image;
  const isWhole = Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0;
  if (!isWhole || data.length !== 3 * width * height)
    throw new Error(`${data.length} bytes are not ${width} × ${height} RGB pixels`);
  return { width, height, data: Uint8Array.from(data) };
}
