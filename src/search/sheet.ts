import { basename } from 'node:path';
import type { FileKind } from '../files/replace.js';
import { replaceFile } from '../files/replace.js';
import type { Pixels } from '../images/painter.js';
import { dataUri, type Html, html } from '../report/html.js';
import { pageOf } from '../report/page-of.js';
import { VERSION } from '../version.js';
import { sharp } from '../views/guarded-sharp.js';
import { decode, decodeFile, type Rgb } from '../views/image.js';
import type { Duplicate } from './duplicates.js';
import type { Match } from './photo-index.js';

/** Longest side of a thumbnail, pixels: sharp where it is shown, on dense screens too. */
const SIDE = 360;
/** Thumbnails that are made at a time. */
const AT_ONCE = 4;
/** Photos of a sheet: 30 MB. */
export const MOST_SHOWN = 1000;

const SHEET: FileKind = {
  what: 'a sheet of photos that synclr wrote',
  isOurs: (head) => /<meta name="generator" content="synclr [^"]*; photos">/.test(head.toString()),
};

const STYLE = `
:root { color-scheme: light dark; --paper: #fbfaf7; --ink: #1d2126; --soft: #646c76; --rule: #e5e2da; --accent: #0b6e75; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #14171a; --ink: #e7e5df; --soft: #a3a9b0; --rule: #2d3237; --accent: #4fc1c4; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 1280px; margin: 0 auto; padding: 32px 24px 64px; }
.eyebrow { font-size: 13px; color: var(--soft); margin: 0 0 8px; }
.eyebrow b { color: var(--accent); }
h1 { font-size: clamp(24px, 3.6vw, 34px); line-height: 1.2; letter-spacing: -.02em; margin: 0 0 6px; overflow-wrap: anywhere; }
h2 { font-size: 15px; margin: 36px 0 10px; color: var(--soft); font-weight: 600; }
.lead { color: var(--soft); margin: 0 0 20px; }
.photos { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(170px, 44vw), 1fr)); gap: 20px 14px; margin: 0; padding: 0; list-style: none; }
.query .photos { grid-template-columns: repeat(auto-fill, minmax(min(96px, 22vw), 1fr)); gap: 10px; }
.query { border-bottom: 1px solid var(--rule); padding-bottom: 24px; margin-bottom: 24px; }
figure { margin: 0; min-width: 0; }
img, .none { width: 100%; aspect-ratio: 1; object-fit: contain; display: block; border-radius: 8px; background: color-mix(in srgb, var(--rule) 55%, transparent); }
.none { display: grid; place-items: center; padding: 12px; font-size: 12.5px; color: var(--soft); text-align: center; }
figcaption { font-size: 12.5px; line-height: 1.35; margin-top: 6px; color: var(--soft); overflow-wrap: anywhere; }
figcaption b { color: var(--ink); font-variant-numeric: tabular-nums; font-weight: 620; margin-right: 6px; }
.bar { height: 3px; border-radius: 2px; background: var(--rule); margin-top: 5px; }
.bar i { display: block; height: 100%; border-radius: 2px; background: var(--accent); }
`;

/** What was asked, as a sheet shows it. */
export interface ShownQuery {
  /** In words: `photos like lamp.jpg`, `“desk lamp”`. */
  what: string;
  images: readonly (string | Uint8Array | Pixels)[];
  /** What was painted for words. */
  painted?: readonly { caption: string; image: Pixels }[];
}

/** Images of what was painted that are shown. */
const MOST_PAINTED = 12;

/**
 * Writes the photos that a search found, with their thumbnails, as one page that asks for nothing from elsewhere.
 * @throws UserError where something else than such a page stands there
 */
export async function writeMatches(
  path: string,
  query: ShownQuery,
  matches: readonly Match[],
  about: { dir: string; count: number },
): Promise<void> {
  const shown = matches.slice(0, MOST_SHOWN);
  const thumbnails = await thumbnailsOf([
    ...query.images,
    ...(query.painted ?? []).slice(0, MOST_PAINTED).map((p) => p.image),
    ...shown.map((m) => m.path),
  ]);
  const asked = thumbnails.splice(0, query.images.length);
  const painted = thumbnails.splice(0, Math.min(MOST_PAINTED, query.painted?.length ?? 0));
  const [most, least] = [shown[0]?.score ?? 1, shown.at(-1)?.score ?? 0];
  const width = (score: number) => Math.round(4 + 96 * (most > least ? (score - least) / (most - least) : 1));
  const body = html`
${asked.length > 0 && html`<section class="query"><h2>Asked with</h2><ul class="photos">${asked.map((t) => html`<li><figure>${t}</figure></li>`)}</ul></section>`}
${painted.length > 0 && html`<section class="query"><h2>Painted for these words, ${painted.length} of ${query.painted!.length} images</h2><ul class="photos">${painted.map((t, i) => html`<li><figure title="${query.painted![i].caption}">${t}</figure></li>`)}</ul></section>`}
<ul class="photos">${shown.map((m, i) => html`<li><figure>${thumbnails[i]}<div class="bar"><i style="width:${width(m.score)}%"></i></div><figcaption><b>${i + 1}</b><b>${m.score.toFixed(4)}</b>${m.file}</figcaption></figure></li>`)}</ul>`;
  const lead = `The nearest ${shown.length} of ${about.count.toLocaleString('en-US')} photos in ${basename(about.dir)}, by the cosine of their features.`;
  await replaceFile(path, page(query.what, lead, body), SHEET);
}

/** The same of groups of near-duplicates. */
export async function writeGroups(
  path: string,
  groups: readonly (readonly Duplicate[])[],
  about: { dir: string; count: number; threshold: number },
): Promise<void> {
  const shown: (readonly Duplicate[])[] = [];
  let room = MOST_SHOWN;
  for (const group of groups) {
    if (room < 2) break;
    shown.push(group.slice(0, room));
    room -= group.length;
  }
  const thumbnails = await thumbnailsOf(shown.flat().map((d) => d.path));
  const photos = groups.reduce((sum, g) => sum + g.length, 0);
  const body = html`${shown.map(
    (group) => html`
<h2>${group.length} photos</h2>
<ul class="photos">${group.map((d) => html`<li><figure>${thumbnails.shift()}<figcaption><b>${d.score.toFixed(4)}</b>${d.identical && 'same content · '}${d.file}</figcaption></figure></li>`)}</ul>`,
  )}`;
  const some = shown.length < groups.length ? ` The first ${shown.length} groups are shown.` : '';
  const lead = `${photos} of ${about.count.toLocaleString('en-US')} photos in ${basename(about.dir)} have a neighbour at a cosine of ${about.threshold} or more: ${groups.length} groups.${some}`;
  await replaceFile(path, page('Near-duplicates', lead, body), SHEET);
}

function page(title: string, lead: string, body: Html): string {
  const all = html`<p class="eyebrow"><b>synclr</b> ${VERSION}</p>
<h1>${title}</h1>
<p class="lead">${lead}</p>
${body}`;
  return pageOf({ title: `${title} · synclr`, style: STYLE, generator: '; photos', body: all });
}

/** Small pictures, in order; of one that cannot be decoded, the reason. */
async function thumbnailsOf(images: readonly (string | Uint8Array | Pixels)[]): Promise<Html[]> {
  const out: Html[] = new Array(images.length);
  let next = 0;
  const worker = async () => {
    while (next < images.length) {
      const i = next++;
      out[i] = await thumbnail(images[i]).then(
        (uri) => html`<img src="${uri}" alt="">`,
        () => html`<div class="none">cannot be shown: not there, or no picture any more</div>`,
      );
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return out;
}

async function thumbnail(image: string | Uint8Array | Pixels): Promise<string> {
  let rgb: Rgb | Pixels;
  if (typeof image === 'string') rgb = await decodeFile(image, { enough: SIDE });
  else rgb = image instanceof Uint8Array ? await decode(image, { enough: SIDE }) : image;
  const { width, height, data } = rgb;
  const jpeg = await sharp(data, { raw: { width, height, channels: 3 } })
    .resize(SIDE, SIDE, { fit: 'inside', withoutEnlargement: true })
    .jpeg({ quality: 82 })
    .toBuffer();
  return dataUri(jpeg, 'image/jpeg');
}
