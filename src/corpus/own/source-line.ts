import { FORM_NAMES, ORIGIN_WORDS, type SourceRecord } from '../../run/sources.js';

/** What a source is, in a line: `photos: a folder a class, 1,200 captions with 1,200 images, 12 classes; photographed`. */
export function sourceLine({ path, form, origin, share, captions, images, classes }: SourceRecord): string {
  const what = form === undefined ? 'a run of synclr' : FORM_NAMES[form];
  const labels = classes ? `, ${classes} classes` : '';
  return `${path}: ${what}, ${captions} captions with ${images} images${labels}; ${ORIGIN_WORDS[origin]}; ${percent(share)} of the draws`;
}

const percent = (share: number): string => `${Math.round(1000 * share) / 10} %`;
