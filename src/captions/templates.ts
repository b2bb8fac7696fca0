import type { Draw } from './record.js';

/**
 * The three templates of the paper (section 3.1): concept → caption (also for places and textures), concept and background → caption,
 * concept and relation → caption.
 */
export const TEMPLATES = ['concept', 'background', 'relation'] as const satisfies readonly Draw['template'][];
export type Template = (typeof TEMPLATES)[number];

/** What a template is filled with. */
export interface TemplateSlots {
  concept: string;
  background?: string;
  relation?: string;
  related?: string;
}

/** The left side of a demonstration and of the draw to complete, e.g. `hammock, balcony =>`. */
export function slotsLine(template: Template, slots: TemplateSlots): string {
  switch (template) {
    case 'concept':
      return `${slots.concept} =>`;
    case 'background':
      return `${slots.concept}, ${slots.background} =>`;
    case 'relation':
      return slots.related
        ? `${slots.concept}, ${slots.relation}, ${slots.related} =>`
        : `${slots.concept}, ${slots.relation} =>`;
  }
}

/** What a language model is asked for, by template. */
export const INSTRUCTIONS: Readonly<Record<Template, string>> = {
  concept:
    'Each line gives a visual concept and, after the arrow, one short caption of a picture in which it can be seen.',
  background:
    'Each line gives a visual concept and a background and, after the arrow, one short caption of a picture that shows the concept there.',
  relation:
    'Each line gives a visual concept, a spatial relation and a second thing and, after the arrow, one short caption of a picture in which the concept stands in that relation to the second thing.',
};
