/** How far a model's download is; counted over all of its files that were missing or not. */
export interface DownloadProgress {
  /** The model as the user wrote it, e.g. `hf:owner/name`. */
  reference: string;
  /** Bytes on disk. */
  done: number;
  /** Bytes in all. */
  total: number;
}

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'];

/** Bytes as the hub's pages show them (powers of 1000): `812 bytes`, `4.3 GB`. */
export function byteSize(bytes: number): string {
  const unit = unitOf(bytes);
  return `${inUnit(bytes, unit)} ${UNITS[unit]}`;
}

/** One line for a terminal or log: `downloading hf:owner/name: 1.2 of 4.3 GB`. */
export function downloadLine({ reference, done, total }: DownloadProgress): string {
  const unit = unitOf(total);
  return `downloading ${reference}: ${inUnit(done, unit)} of ${inUnit(total, unit)} ${UNITS[unit]}`;
}

const unitOf = (bytes: number): number => Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));

function inUnit(bytes: number, unit: number): string {
  const value = bytes / 1000 ** unit;
  return unit === 0 || value >= 100 ? String(Math.round(value)) : String(Number(value.toFixed(1)));
}
