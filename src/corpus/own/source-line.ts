import { FORM_NAMES, inPercent, ORIGIN_WORDS, type SourceRecord } from '../../run/sources.js';

/**
 * What a source is, in a line: `photos: a folder a class, 1,200 captions with 1,200 images, 12 classes; photographed; 25 % of the draws`.
 */
export function sourceLine({ path, form, origin, share, captions, images, classes }: SourceRecord): string {
  const what = form === undefined ? 'a run of synclr' : FORM_NAMES[form];
  const labels = classes ? `, ${classes} classes` : '';
  return `${path}: ${what}, ${grouped(captions)} captions with ${grouped(images)} images${labels}; ${ORIGIN_WORDS[origin]}; ${inPercent(share)} of the draws`;
}

const grouped = (n: number): string => n.toLocaleString('en-US');
