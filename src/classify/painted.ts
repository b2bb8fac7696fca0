import { join } from 'node:path';
import { z } from 'zod';
import type { CaptionRecord, CaptionWriter, Draw } from '../captions/record.js';
import { openWriter } from '../captions/registry.js';
import type { ConceptBank } from '../concepts/bank.js';
import type { Settings } from '../config/schema.js';
import { CaptionSource, drawRng } from '../corpus/caption-source.js';
import { codeOf, UserError } from '../errors.js';
import { sha256 } from '../files/digest.js';
import { replaceFolder } from '../files/replace.js';
import { writeFileAtomic } from '../files/write.js';
import { readJsonAs } from '../formats/json.js';
import { paintCaptions } from '../probe/paint.js';
import { Rng } from '../rng.js';
import type { StageHooks } from '../stage.js';
import type { ConceptClass } from './names.js';

/** Captions that are painted and kept together: what an interruption costs at most, of what is painted at the time. */
const PIECE = 32;
/** Pieces whose captions are written before they are painted: a painter is opened once for so many. */
const GROUP = 16;
/** Numbers of the captions of a class: beyond those of any corpus, each class far from the others. */
const FIRST = 2 ** 33;
const APART = 2 ** 18;

/** Images painted of the concepts, one a caption. */
export interface Painted {
  dir: string;
  /** Relative to `dir`, class by class. */
  files: string[];
  /** [n] */
  labels: Int32Array;
  /** Of all that decides the images. */
  hash: string;
  /** How many of them were painted now, and not before. */
  painted: number;
}

const manifestSchema = z.object({ key: z.string(), captions: z.record(z.string(), z.string()) });

interface Piece {
  /** Its folder, relative. */
  folder: string;
  label: number;
  /** Number of its first caption. */
  first: number;
  key: string;
}

/**
 * Paints a training set of the concepts: new captions of each, by the settings' writer from a seed that no run and no probe has, alone or
 * with a background (a second thing could be another class), each painted once. Kept in `dir/<concept>/<number>/`, 32 images a folder, whole
 * or not at all; a class's images do not depend on the other classes, and more of them are painted on top.
 * @param each images a class; rounded up to whole folders
 * @throws UserError where a folder holds what synclr did not put there, and for what writer and painter refuse; Interrupted
 */
export async function paintConcepts(
  settings: Settings,
  dir: string,
  bank: Pick<ConceptBank, 'drawOf'>,
  classes: readonly ConceptClass[],
  each: number,
  hooks: StageHooks,
): Promise<Painted> {
  const own = painting(settings);
  const names = folderNames(classes);
  const pieces = classes.flatMap((c, label) => piecesOf(own, c, names[label], label, Math.ceil(each / PIECE)));
  const missing: Piece[] = [];
  for (const piece of pieces) if ((await keyOf(join(dir, piece.folder))) !== piece.key) missing.push(piece);
  const total = pieces.length * PIECE;
  let done = total - missing.length * PIECE;
  const before = done;
  const progress = (painted: number) => {
    done += painted;
    hooks.progress({ stage: 'images', done, total, before, unit: 'images painted' });
  };
  if (missing.length > 0) {
    const writer = await openWriter(own, hooks);
    try {
      for (let at = 0; at < missing.length; at += GROUP)
        await paintPieces(own, dir, bank, classes, writer, missing.slice(at, at + GROUP), hooks, progress);
    } finally {
      await writer.close?.();
    }
  }
  const files = pieces.flatMap((p) => Array.from({ length: PIECE }, (_, i) => `${p.folder}/${fileName(i)}`));
  const labels = Int32Array.from(pieces.flatMap((p) => new Array<number>(PIECE).fill(p.label)));
  const hash = sha256(JSON.stringify(pieces.map((p) => [p.folder, p.key])));
  return { dir, files, labels, hash, painted: missing.length * PIECE };
}

/** The settings that painting goes by: one image a caption, no captions of the user's, a seed of its own. */
function painting(settings: Settings): Settings {
  const seed = Rng.of(settings.seed, 'classify', 'seed').u32();
  const captions = { ...settings.captions, source: '' };
  return { ...settings, seed, captions, images: { ...settings.images, perCaption: 1 } };
}

function piecesOf(
  settings: Settings,
  { label: name, concept }: ConceptClass,
  folder: string,
  label: number,
  n: number,
) {
  const { captions, images, seed } = settings;
  const { count: _, perShard: _2, seenMb: _3, ...writing } = captions;
  const { captionsPerShard: _4, ...painted } = images;
  const start = FIRST + APART * Rng.of(seed, 'classify', 'captions of', name).u32();
  return Array.from({ length: n }, (_, k): Piece => {
    const first = start + k * PIECE;
    const key = sha256(JSON.stringify([1, seed, writing, painted, PIECE, concept, first]));
    return { folder: `${folder}/${String(k).padStart(3, '0')}`, label, first, key };
  });
}

async function paintPieces(
  settings: Settings,
  dir: string,
  bank: Pick<ConceptBank, 'drawOf'>,
  classes: readonly ConceptClass[],
  writer: CaptionWriter,
  pieces: readonly Piece[],
  hooks: StageHooks,
  painted: (images: number) => void,
): Promise<void> {
  const records: CaptionRecord[] = [];
  const pieceOf = new Map<number, Piece>();
  for (const piece of pieces) {
    for (let i = 0; i < PIECE; i++) pieceOf.set(piece.first + i, piece);
    const { concept } = classes[piece.label];
    const draw = (id: number, redraw: number) => {
      const rng = drawRng(settings.seed, id, redraw);
      return alone(bank.drawOf(concept, rng, id));
    };
    const o = { settings, writer, total: piece.first + PIECE, draw, signal: hooks.signal };
    const source = new CaptionSource(o, piece.first);
    try {
      for (let i = 0; i < PIECE; i++) records.push((await source.take()).record);
    } finally {
      source.close();
    }
  }
  const ready = new Map<Piece, Map<number, { caption: string; jpeg: Uint8Array }>>();
  await paintCaptions(settings, records, hooks.signal, async ({ id, caption }, [jpeg]) => {
    const piece = pieceOf.get(id)!;
    const images = ready.get(piece) ?? new Map();
    ready.set(piece, images.set(id - piece.first, { caption, jpeg }));
    painted(1);
    if (images.size < PIECE) return;
    ready.delete(piece);
    await replaceFolder(join(dir, piece.folder), {
      what: 'images that synclr painted',
      async fill(folder) {
        const captions: Record<string, string> = {};
        for (let i = 0; i < PIECE; i++) {
          const image = images.get(i)!;
          captions[fileName(i)] = image.caption;
          await writeFileAtomic(join(folder, fileName(i)), image.jpeg);
        }
        await writeFileAtomic(join(folder, 'manifest.json'), JSON.stringify({ key: piece.key, captions }));
      },
    });
  });
}

/** The draw without a second thing. */
function alone(draw: Draw): Draw {
  const kept = Object.fromEntries(Object.entries(draw).filter(([key]) => !key.startsWith('relat')));
  const { background } = draw;
  return { ...(kept as unknown as Draw), template: background === undefined ? 'concept' : 'background' };
}

const fileName = (i: number): string => `${String(i).padStart(2, '0')}.jpg`;

async function keyOf(folder: string): Promise<string | undefined> {
  try {
    return (await readJsonAs(join(folder, 'manifest.json'), manifestSchema)).key;
  } catch (e) {
    if (codeOf(e) === 'ENOENT') return undefined;
    throw e instanceof UserError ? new UserError(`${e.message}; move ${folder} away: it is painted anew`) : e;
  }
}

/** Folder names that every file system takes, each once. */
export function folderNames(classes: readonly ConceptClass[]): string[] {
  const taken = new Set<string>();
  return classes.map(({ label }) => {
    const safe =
      label
        .toLowerCase()
        .replace(/[^\p{L}\p{N}]+/gu, '-')
        .replace(/^-|-$/g, '')
        .slice(0, 60) || 'concept';
    let name = safe;
    for (let n = 2; taken.has(name); n++) name = `${safe}-${n}`;
    taken.add(name);
    return name;
  });
}
