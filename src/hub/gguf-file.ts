import { UserError } from '../errors.js';
import { byteSize } from './progress.js';

/** A file as a listing shows it. */
export interface ListedFile {
  path: string;
  /** Bytes. */
  size: number;
}

/** How llama.cpp's gguf-split names the parts of a model. */
const PART = /^(?<stem>.+)-(?<part>\d{5})-of-(?<parts>\d{5})\.gguf$/;

/**
 * The GGUF model among files: all of its parts, the one to be opened first.
 * @param wanted the file to take, any part of it; without it there must be one model only
 * @param where the model as the user wrote it, for messages
 * @throws UserError where there is none, where there are several to choose from, or where a part is missing
 */
export function ggufFile(files: readonly ListedFile[], wanted?: string, where = 'the model'): string[] {
  if (wanted !== undefined) {
    if (!wanted.endsWith('.gguf')) throw new UserError(`${where}: ${wanted} is not a GGUF file (.gguf)`);
    return partsOf(wanted, files, where);
  }
  // Projectors of vision models lie beside the language model and write nothing alone.
  const all = files.filter(({ path }) => path.endsWith('.gguf') && !/(^|\/)mmproj[^/]*$/i.test(path));
  const models = new Map<string, ListedFile[]>();
  for (const file of all) {
    const stem = PART.exec(file.path)?.groups?.stem ?? file.path;
    models.set(stem, [...(models.get(stem) ?? []), file]);
  }
  if (models.size === 0)
    throw new UserError(`${where} holds no GGUF file (.gguf): name one that does, often called …-GGUF`);
  const found = [...models.values()].map((parts) => ({
    path: parts.map((p) => p.path).sort()[0],
    size: parts.reduce((sum, p) => sum + p.size, 0),
  }));
  if (found.length > 1) {
    const list = found.map((m) => `${m.path} (${byteSize(m.size)})`).join(', ');
    throw new UserError(
      `${where} holds ${found.length} GGUF models: name one, as in ${where}/${found[0].path}; there are ${list}`,
    );
  }
  return partsOf(found[0].path, files, where);
}

function partsOf(path: string, files: readonly ListedFile[], where: string): string[] {
  const split = PART.exec(path)?.groups;
  const count = split ? Number(split.parts) : 1;
  const names = split
    ? Array.from({ length: count }, (_, i) => `${split.stem}-${String(i + 1).padStart(5, '0')}-of-${split.parts}.gguf`)
    : [path];
  const missing = names.filter((name) => !files.some((f) => f.path === name));
  if (missing.length > 0) throw new UserError(`${where}: ${missing.slice(0, 3).join(', ')} missing`);
  return names;
}
