import { PAINTER_NAMES, type PainterName } from '../config/names.js';
import { type Closing, closing } from '../disposable.js';
import { UserError } from '../errors.js';
import { sha256File } from '../files/digest.js';
import type { OpenOptions } from '../stage.js';
import type { Painter } from './painter.js';
import { type PainterOptions, type PainterSettings, painterSettings } from './painter-settings.js';

interface PainterKind {
  open(settings: PainterSettings, options: OpenOptions): Promise<Painter>;
  /** Digest of what it is made of, where that lies on this machine: part of what a corpus depends on. */
  content?(settings: PainterSettings, options: OpenOptions): Promise<Record<string, unknown>>;
  /** It is a server that says itself what it paints with. */
  served?: true;
  /** Whether several of them, each on a thread of its own, paint faster than one. */
  threads: 'many' | 'one';
}

/** All painters; a new one is a name in `config/names.ts` and an entry here. Each is loaded when it is used. */
const PAINTERS: Readonly<Record<PainterName, PainterKind>> = {
  embedded: {
    open: async () => new (await import('./embedded/embedded-painter.js')).EmbeddedPainter(),
    threads: 'many',
  },
  diffusion: {
    open: async (s, o) => (await import('./diffusion/open.js')).openDiffusion(s, o),
    content: async (s, o) => ({
      'images.model (content)': await (await import('./diffusion/open.js')).contentOf(s, o),
    }),
    threads: 'one',
  },
  openai: {
    open: async (s, o) => (await import('./servers/openai.js')).openOpenAiImages(s, o),
    threads: 'one',
    served: true,
  },
  a1111: { open: async (s, o) => (await import('./servers/a1111.js')).openA1111(s, o), threads: 'one', served: true },
  sdcpp: { open: async (s, o) => (await import('./servers/sdcpp.js')).openSdcpp(s, o), threads: 'one', served: true },
  comfyui: {
    open: async (s, o) => (await import('./servers/comfyui.js')).openComfyUi(s, o),
    content: async (s) => ({ 'images.workflow (content)': await digestOfFile('images.workflow', s.images.workflow) }),
    threads: 'one',
  },
};

/**
 * Opens a painter: of a run's settings, or by its own (`PainterOptions`). To be closed, or held by `await using`.
 * @throws UserError listing the valid names, and where its model or server cannot be had
 */
export async function openPainter(
  settings: PainterSettings | PainterOptions,
  options: OpenOptions = {},
): Promise<Closing<Painter>> {
  const known = painterSettings(settings);
  return closing(await kindOf(known).open(known, options));
}

/**
 * What the painter of the settings is made of, beside the settings: digests by name, and what a server says that it paints with.
 * @param ask whether a server is asked; what is finished needs none any more
 * @throws UserError as `openPainter`
 */
export async function painterContent(
  settings: PainterSettings,
  options: OpenOptions = {},
  ask = true,
): Promise<Record<string, unknown>> {
  const kind = kindOf(settings);
  if (!kind.served || !ask) return (await kind.content?.(settings, options)) ?? {};
  const painter = await kind.open(settings, options);
  await painter.close?.();
  return { ...painter.resolved };
}

async function digestOfFile(setting: string, path: string): Promise<string> {
  if (path === '') throw new UserError(`${setting}: this painter needs a file`);
  const digest = await sha256File(path).catch((e: NodeJS.ErrnoException) => {
    throw new UserError(`${setting}: cannot read ${path}: ${e.code ?? e.message}`);
  });
  return digest.slice(0, 16);
}

/** Whether several painters of this kind, each on a thread of its own, paint faster than one. @throws UserError for an unknown one */
export function paintsOnThreads(settings: PainterSettings): boolean {
  return kindOf(settings).threads === 'many';
}

/** @throws UserError listing the valid names where the settings name no painter, or for a setting that it does not have */
export function checkPainter(settings: PainterSettings): void {
  kindOf(settings);
}

function kindOf({ images: { painter, guidanceRescale } }: PainterSettings): PainterKind {
  if (!Object.hasOwn(PAINTERS, painter))
    throw new UserError(`images.painter: unknown painter "${painter}" (choices: ${PAINTER_NAMES.join(', ')})`);
  if (guidanceRescale > 0 && painter !== 'diffusion')
    throw new UserError(`images.guidanceRescale: the painter ${painter} has no such thing; leave it at 0`);
  return PAINTERS[painter];
}
