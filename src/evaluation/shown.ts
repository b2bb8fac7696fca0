import { join } from 'node:path';
import { dataUri, type Html, html } from '../report/html.js';
import { type Overlays, overlays } from '../segmentation/overlays.js';
import { sharp } from '../views/guarded-sharp.js';
import { decodeFile } from '../views/image.js';
import { cellName } from './cells.js';
import type { Comparison } from './compare.js';

/** Test pictures of a data set that a page shows. */
const MOST = 4;

/** What encoders made of some test pictures of a data set, under one protocol. */
export interface Shown {
  protocol: string;
  set: string;
  legend: Overlays['legend'];
  /** Names of those whose cells left pictures. */
  encoders: string[];
  /** Images as addresses that hold them. */
  pictures: { name: string; picture: string; truth: string; predicted: (string | undefined)[] }[];
}

/** What cells left in pictures, for a page; of those that left none, or whose pictures are damaged or gone, nothing. */
export async function shownOf(c: Comparison, dir: string): Promise<Shown[]> {
  const out: Shown[] = [];
  for (const { name: protocol } of c.protocols)
    for (const { name: set } of c.sets) {
      const cells = c.cells.filter((x) => x.protocol === protocol && x.set === set && x.record);
      const found: { encoder: string; left: Overlays }[] = [];
      for (const { encoder, record } of cells) {
        const left = await unlessBroken(() => overlays(join(dir, 'work', cellName(protocol, record!.key))));
        if (left && left.pictures.length > 0) found.push({ encoder, left });
      }
      if (found.length === 0) continue;
      const [{ left: first }] = found;
      const pictures: Shown['pictures'] = [];
      for (const { name } of first.pictures.slice(0, MOST)) {
        const panels = await Promise.all(found.map(({ left }) => panelsOf(left, name)));
        const whole = panels.find((p) => p !== undefined);
        if (whole) pictures.push({ name, ...whole, predicted: panels.map((p) => p?.predicted) });
      }
      const encoders = found.map((f) => f.encoder);
      if (pictures.length > 0) out.push({ protocol, set, legend: first.legend, encoders, pictures });
    }
  return out;
}

/** A picture, its truth and what was predicted, each by itself. */
async function panelsOf(
  { pictures }: Overlays,
  name: string,
): Promise<{ picture: string; truth: string; predicted: string } | undefined> {
  const one = pictures.find((p) => p.name === name);
  const panels = one?.panels;
  if (!panels) return undefined;
  const { lefts, ...size } = panels;
  return unlessBroken(async () => {
    const { data, width, height } = await decodeFile(one.path);
    const panel = async (left: number): Promise<string> => {
      const cut = sharp(data, { raw: { width, height, channels: 3 } }).extract({ left, top: 0, ...size });
      return dataUri(await cut.jpeg({ quality: 85, chromaSubsampling: '4:4:4' }).toBuffer(), 'image/jpeg');
    };
    const [picture, truth, predicted] = await Promise.all(lefts.map(panel));
    return { picture, truth, predicted };
  });
}

/** A page of figures does not end for want of a picture. */
async function unlessBroken<T>(make: () => Promise<T>): Promise<T | undefined> {
  try {
    return await make();
  } catch {
    return undefined;
  }
}

/** Pictures in rows, encoders side by side. */
export function shownSection({ set, legend, encoders, pictures }: Shown): Html {
  const columns = encoders.length + 2;
  const cell = (src: string | undefined, what: string) =>
    src === undefined ? html`<span>–</span>` : html`<img src="${src}" alt="${what}" decoding="async">`;
  return html`<h3>Pictures of ${set}</h3>
<p class="swatches">${legend.map(({ name, colour }) => html`<span><i style="background:rgb(${colour.join(',')})"></i>${name}</span>`)}</p>
<div class="scroll"><div class="overlays" style="grid-template-columns:repeat(${columns}, minmax(130px, 1fr))"><b>picture</b><b>truth</b>${encoders.map((e) => html`<b>${e}</b>`)}
${pictures.map((p) => html`${cell(p.picture, p.name)}${cell(p.truth, `${p.name}: truth`)}${p.predicted.map((src, i) => cell(src, `${p.name}: ${encoders[i]}`))}`)}</div></div>`;
}

/** Style of these sections. */
export const SHOWN_STYLE = `
.overlays { display: grid; gap: 6px; font-size: 12.5px; }
.overlays img { width: 100%; display: block; border-radius: 4px; }
.overlays b { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.swatches { display: flex; flex-wrap: wrap; gap: 4px 16px; font-size: 12.5px; }
.swatches i { display: inline-block; width: 11px; height: 11px; margin-right: 6px; }
`;
