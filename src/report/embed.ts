import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { codeOf, UserError } from '../errors.js';
import { type ImageType, imageType } from '../formats/image-type.js';

/** Largest picture that goes into a report, bytes and pixels a side: a page with some hundred of them must still open. */
const MOST_BYTES = 4 * 2 ** 20;
const MOST_SIDE = 4096;

/**
 * Whether bytes are a picture that a page can hold, by what they are and not by what a name says.
 * @param name for messages
 * @throws UserError where they are none, damaged in their head, or too large
 */
export async function embeddable(bytes: Uint8Array, name: string): Promise<ImageType> {
  if (bytes.length > MOST_BYTES)
    throw new UserError(`${name}: ${bytes.length} bytes are too many for a report (${MOST_BYTES})`);
  const type = imageType(bytes);
  if (!type) throw new UserError(`${name} is no image (JPEG, PNG or WebP)`);
  const { width, height } = await sharp(bytes)
    .metadata()
    .catch((e: Error) => {
      throw new UserError(`${name} cannot be decoded: ${e.message.split('\n')[0]}`);
    });
  if (width > MOST_SIDE || height > MOST_SIDE)
    throw new UserError(`${name}: ${width} × ${height} pixels are too many for a report (${MOST_SIDE} a side)`);
  return type;
}

/**
 * A picture in a folder of the run: a link could lead to any file of this machine, and a report is passed on to others.
 * @param run the run's folder, which may lie wherever its user likes  @param below folders and file below it
 * @throws UserError where it is missing, a link or behind one, or no picture
 */
export async function readPicture(run: string, ...below: string[]): Promise<Uint8Array> {
  const path = join(run, ...below);
  try {
    if ((await realpath(path)) !== join(await realpath(run), ...below))
      throw new UserError(`${path} is a link or lies behind one: a report only holds what lies in the run's folder`);
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const found = await file.stat();
      if (!found.isFile()) throw new UserError(`${path}: not a file`);
      if (found.size > MOST_BYTES)
        throw new UserError(`${path}: ${found.size} bytes are too many for a report (${MOST_BYTES})`);
      const bytes = await file.readFile();
      await embeddable(bytes, path);
      return bytes;
    } finally {
      await file.close();
    }
  } catch (e) {
    throw codeOf(e) === 'ENOENT' ? new UserError(`${path} is missing`) : e;
  }
}
