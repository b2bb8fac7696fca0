/** Formats in which corpora and reports hold images. */
export type ImageType = 'image/jpeg' | 'image/png' | 'image/webp';

/** What an image is by its first bytes, whatever its name says; undefined for anything else. */
export function imageType(bytes: Uint8Array): ImageType | undefined {
  const text = (from: number, to: number) => Buffer.from(bytes.subarray(from, to)).toString('latin1');
  if (text(0, 3) === '\xff\xd8\xff') return 'image/jpeg';
  if (text(0, 8) === '\x89PNG\r\n\x1a\n') return 'image/png';
  if (text(0, 4) === 'RIFF' && text(8, 12) === 'WEBP') return 'image/webp';
  return undefined;
}
