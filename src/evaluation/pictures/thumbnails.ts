import { decodePicture } from '../../data/decode.js';
import type { EvalSet } from '../../data/set.js';
import { UserError } from '../../errors.js';
import { dataUri, type Html, html } from '../../report/html.js';
import { sharp } from '../../views/guarded-sharp.js';

/** Side of a small copy, pixels. */
const SIDE = 72;

/** Small copies of a data set's pictures as addresses of images, each made once. */
export class Thumbnails {
  private readonly set: EvalSet;
  private readonly made = new Map<string, Promise<string>>();

  constructor(set: EvalSet) {
    this.set = set;
  }

  /** @param i number of the picture in its split */
  uri(part: 'train' | 'test', i: number): Promise<string> {
    const key = `${part} ${i}`;
    const known = this.made.get(key) ?? this.make(part, i);
    this.made.set(key, known);
    return known;
  }

  /** A figure of it, with a line below. @param more put behind the class of its markup */
  async figure(part: 'train' | 'test', i: number, caption: Html | string, kind = ''): Promise<Html> {
    const name = this.set[part].nameOf(i);
    return html`<figure class="pic ${kind}"><img src="${await this.uri(part, i)}" alt="" title="${name}" decoding="async"><figcaption>${caption}</figcaption></figure>`;
  }

  private async make(part: 'train' | 'test', i: number): Promise<string> {
    const { width, height, data } = await decodePicture(this.set[part], i).catch((e: unknown) => {
      // It had features a moment ago.
      throw new UserError(`${this.set[part].nameOf(i)}: cannot be decoded any more (${(e as Error).message})`);
    });
    const side = Math.min(SIDE, width, height);
    const small = await sharp(data, { raw: { width, height, channels: 3 } })
      .resize(side, side, { fit: 'cover' })
      .jpeg({ quality: 80 })
      .toBuffer();
    return dataUri(small, 'image/jpeg');
  }
}

/** A picture of bytes, enlarged by whoever shows it, as an address. @param data [side, side, channels] */
export async function pngUri(data: Uint8Array, side: number, channels: 3 | 4): Promise<string> {
  const png = await sharp(data, { raw: { width: side, height: side, channels } })
    .png({ palette: false })
    .toBuffer();
  return dataUri(png, 'image/png');
}
