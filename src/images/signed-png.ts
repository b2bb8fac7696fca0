import { crc32 } from 'node:zlib';
import type { FileKind } from '../files/replace.js';

/** PNG's own words for who wrote a picture: a text chunk `Software` (W3C PNG, 11.3.3.2). */
const SIGNATURE = textChunk('Software', 'synclr');
/** The picture's signature and its IHDR chunk: 8 + 4 + 4 + 13 + 4 bytes; chunks of text may follow at once. */
const HEAD = 33;

/** A PNG that says that synclr wrote it. */
export function signed(png: Buffer): Buffer {
  return Buffer.concat([png.subarray(0, HEAD), SIGNATURE, png.subarray(HEAD)]);
}

/** Contact sheets, told from all other pictures. */
export const SHEET: FileKind = {
  what: 'a contact sheet that synclr wrote',
  isOurs: (head) => head.subarray(HEAD, HEAD + SIGNATURE.length).equals(SIGNATURE),
};

function textChunk(key: string, value: string): Buffer {
  const body = Buffer.from(`tEXt${key}\0${value}`, 'latin1');
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(body.length - 4);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), out.length - 4);
  return out;
}
