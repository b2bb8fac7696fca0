import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describedByOthers, openForeign } from '../encoders/open.js';
import { exportedFolder } from '../encoders/open-backbone.js';
import { UserError } from '../errors.js';
import { floatsOf, isFloat, refuseNotFinite } from '../formats/floats.js';
import { readJsonAs } from '../formats/json.js';
import { readSafetensors, readSafetensorsHeader, type SafeHeader } from '../formats/safetensors.js';
import { atSize, exportedConfig, exportedVit, readBackbone, resampledPositions } from '../model/backbone.js';
import { checkpointSettings, checkpointStep } from '../model/checkpoint-file.js';
import { formOf, vitConfig } from '../model/config.js';
import type { ParameterSpec } from '../model/parameters.js';
import type { VitConfig } from '../model/vit.js';
import { optionsOf } from '../model/vit-options.js';

/** Under which names a file may have a parameter, the preferred first: a checkpoint's teacher, its student, plain, and timm's. */
const GROUPS = ['teacher.', 'student.', ''];

/**
 * Weights to start a new run from: a checkpoint of synclr (its teacher; heads where they fit), a backbone under timm's names, or an encoder of other
 * people's, of whichever family and format (its text tower too, where the learner has one like it). Halves are widened, and positions of another
 * grid are resampled: an encoder may be exported for another side than it was trained at. What else is in the file does not matter, but for
 * blocks that this architecture has not.
 * @param c the architecture that the settings ask for: somebody else's encoder must be of it; without it only ours and timm's names are read
 * @throws UserError when the file is damaged, a backbone parameter is missing, of another shape, or no number, or the encoder is of another
 *   architecture
 */
export async function initialWeights(
  file: string,
  specs: readonly ParameterSpec[],
  c?: VitConfig,
): Promise<Map<string, Float32Array>> {
  if (c && (await isForeign(file))) return foreignWeights(file, specs, c);
  const own = c && (await ownArchitecture(file));
  const backbone = own && optionsOf(own) ? await ownBackbone(file, own, c) : undefined;
  const stored = new Map<string, string>();
  const { tensors } = await readSafetensors(file, (header) => {
    if (header.metadata.format === 'synclr-checkpoint') checkpointStep(file, header.metadata);
    for (const spec of specs) {
      if (backbone?.has(spec.name)) continue;
      const found = choose(file, header, spec);
      if (found !== undefined) stored.set(spec.name, found);
    }
    refuseMoreBlocks(file, header, specs);
    if (own && !backbone) refuseOther(file, 'an encoder', own, c);
    return stored.values();
  });
  const out = new Map<string, Float32Array>(backbone);
  for (const { name, shape } of specs) {
    const from = stored.get(name);
    if (from === undefined) continue;
    const t = tensors.get(from)!;
    const data = floatsOf(t)!;
    refuseNotFinite(file, from, data);
    const [there, here] = [gridOf(t.shape), gridOf(shape)];
    const isOther = isPositions(name) && there !== here;
    out.set(name, isOther ? resampledPositions(data, shape[2], there!, here!) : data);
  }
  return out;
}

const withoutBackbone = (name: string): string => name.replace(/^backbone\./, '');

/** The file's name for a parameter; undefined where the run may begin without it. */
function choose(file: string, { tensors }: SafeHeader, { name, shape }: ParameterSpec): string | undefined {
  const plain = withoutBackbone(name);
  const found = [...GROUPS.map((group) => group + name), plain].find((n) => tensors.has(n));
  const t = found === undefined ? undefined : tensors.get(found);
  if (t && isFloat(t.dtype) && t.shape.join() === shape.join()) return found;
  const isOtherGrid = t?.shape.length === 3 && t.shape[0] === 1 && t.shape[2] === shape[2] && gridOf(t.shape);
  if (t && isPositions(name) && isFloat(t.dtype) && isOtherGrid) return found;
  // Exported encoders carry no mask token; heads may differ.
  if (!name.startsWith('backbone.') || plain === 'mask_token') return undefined;
  const is = t ? `[${t.shape}] ${t.dtype}` : 'missing';
  throw new UserError(
    t && !isFloat(t.dtype) && t.shape.join() === shape.join()
      ? `${file}: cannot start from these weights: ${plain} is ${t.dtype}, which is not supported: save them as F32, F16 or BF16`
      : `${file}: cannot start from these weights: ${plain} is ${is}, the settings ask for [${shape}] F32`,
  );
}

const isPositions = (name: string): boolean => name === 'backbone.pos_embed';

/** Side of a square grid of positions, [1, 1 + side², dim]; undefined where they are none. */
function gridOf(shape: readonly number[]): number | undefined {
  const side = Math.sqrt((shape[1] ?? 0) - 1);
  return Number.isInteger(side) && side > 0 ? side : undefined;
}

/** The first blocks of a deeper encoder are no encoder. */
function refuseMoreBlocks(file: string, { tensors }: SafeHeader, specs: readonly ParameterSpec[]): void {
  const known = new Set(specs.flatMap(({ name }) => /^backbone\.(blocks\.\d+)\./.exec(name)?.[1] ?? []));
  for (const [name, { dtype }] of tensors) {
    const block = /^(?:(?:teacher\.|student\.)?backbone\.)?(blocks\.\d+)\./.exec(name)?.[1];
    if (block !== undefined && !known.has(block) && isFloat(dtype))
      throw new UserError(
        `${file}: cannot start from these weights: they have ${block}, the settings ask for ${known.size} blocks`,
      );
  }
}

/** Whether a file is to be read as somebody else's: all but our checkpoints, our exports, and safetensors in timm's names that nothing describes. */
async function isForeign(file: string): Promise<boolean> {
  if ((await stat(file)).isDirectory()) return true;
  if (!/\.safetensors$/.test(file)) return true;
  // What is damaged is said by whoever reads it.
  const header = await readSafetensorsHeader(file).catch(() => undefined);
  if (!header) return false;
  const { tensors, metadata } = header;
  if (metadata.format === 'synclr-checkpoint') return false;
  const isTimms = GROUPS.some((g) => tensors.has(`${g}backbone.cls_token`)) || tensors.has('blocks.0.norm1.weight');
  return !isTimms || (await describedByOthers(file));
}

async function foreignWeights(
  file: string,
  specs: readonly ParameterSpec[],
  c: VitConfig,
): Promise<Map<string, Float32Array>> {
  const { backbone, record } = await openForeign(file, { heads: c.heads });
  refuseOther(file, record.family, backbone.vit, c);
  const sized = atSize(backbone, c.imageSize);
  const given = new Set(record.renamed.map(({ to }) => to));
  const out = new Map<string, Float32Array>();
  for (const { name, shape } of specs) {
    const data = name.startsWith('text.') ? sized.text?.parameters.get(name) : sized.parameters.get(name);
    const size = shape.reduce((a, b) => a * b, 1);
    // Few encoders have a mask token of this width; one that is not there begins as the settings say.
    if (data?.length === size && (name !== 'backbone.mask_token' || given.has(name))) out.set(name, data);
  }
  return out;
}

/** The architecture of a checkpoint or an exported encoder of ours; undefined of other files. */
async function ownArchitecture(file: string): Promise<VitConfig | undefined> {
  // What is damaged is said by whoever reads it.
  const header = await readSafetensorsHeader(file).catch(() => undefined);
  if (header?.metadata.format === 'synclr-checkpoint') {
    checkpointStep(file, header.metadata);
    return vitConfig(checkpointSettings(file, header.metadata));
  }
  const folder = await exportedFolder(file);
  return folder === file ? undefined : exportedVit(await readJsonAs(join(folder, 'config.json'), exportedConfig));
}

/** The backbone of one that is no plain ViT, for images of the settings' side. */
async function ownBackbone(file: string, own: VitConfig, c: VitConfig): Promise<Map<string, Float32Array>> {
  refuseOther(file, 'an encoder', own, c);
  const { parameters } = atSize(await readBackbone(await exportedFolder(file), 'teacher'), c.imageSize);
  const out = new Map(parameters);
  // A checkpoint's is read beside it, an exported encoder has none.
  out.delete('backbone.mask_token');
  return out;
}

/** @throws UserError with the settings that would describe an encoder */
function refuseOther(file: string, what: string, there: VitConfig, here: VitConfig): void {
  const wrong = differences(there, here);
  if (wrong.length > 0)
    throw new UserError(
      `${file}: cannot start from these weights: ${what} of another architecture than the settings’: set ${wrong.join(' ')}`,
    );
}

/** The settings that would describe an encoder, of those that say otherwise. */
function differences(there: VitConfig, here: VitConfig): string[] {
  const sizes = (['dim', 'depth', 'heads', 'patch', 'mlpRatio'] as const)
    .filter((name) => Math.abs(there[name] - here[name]) > 1e-6 * here[name])
    .map((name) => `--model.${name} ${there[name]}`);
  const [theirs, ours] = [there, here].map((c) => formOf(c) as Record<string, unknown>);
  const names = [...new Set([...Object.keys(theirs), ...Object.keys(ours)])].filter((n) => theirs[n] !== ours[n]);
  const said = (name: string) => `--model.form.${name} ${theirs[name] ?? USUAL[name] ?? ''}`.trim();
  const [set, none] = [true, false].map((is) => names.filter((n) => ((theirs[n] ?? USUAL[n]) !== undefined) === is));
  const left = none.length > 0 ? [`(and leave out ${none.map(said).join(' ')})`] : [];
  return [...sizes, ...set.map(said), ...left];
}

/** What a setting of `model.form` is where nothing is said. */
const USUAL: Readonly<Record<string, unknown>> = {
  ...{
    activation: 'gelu',
    eps: 1e-6,
    cls: true,
    positions: true,
    prefixPositions: 1,
    resampling: 'offset',
    norm: true,
  },
  ...{ pool: 'cls', dist: false, normBefore: false, layerScale: false, poolNorm: false },
};
