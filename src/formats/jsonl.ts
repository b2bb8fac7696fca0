import { type FileHandle, open, readFile } from 'node:fs/promises';
import { writeFileAtomic } from './atomic.js';

/** Rows of a JSON-lines file. A last line without its end, as a killed writer leaves it, is left out; a broken line elsewhere is an error. */
export async function readJsonl<T>(file: string): Promise<T[]> {
  const text = await readFile(file, 'utf8');
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as T);
}

/** Appends rows to a JSON-lines file, one write a row. */
export class JsonlWriter {
  private readonly handle: FileHandle;

  private constructor(handle: FileHandle) {
    this.handle = handle;
  }

  /** @param keep which rows of an existing file stay (a resumed run drops what came after its checkpoint); default all */
  static async open<T>(file: string, keep: (row: T) => boolean = () => true): Promise<JsonlWriter> {
    const rows = await readJsonl<T>(file).catch((e: NodeJS.ErrnoException) => {
      if (e.code === 'ENOENT') return [];
      throw e;
    });
    await writeFileAtomic(
      file,
      rows
        .filter(keep)
        .map((row) => `${JSON.stringify(row)}\n`)
        .join(''),
    );
    return new JsonlWriter(await open(file, 'a'));
  }

  async write(row: unknown): Promise<void> {
    await this.handle.appendFile(`${JSON.stringify(row)}\n`);
  }

  /** Until this returns, a power cut may lose rows. */
  async flush(): Promise<void> {
    await this.handle.sync();
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}
