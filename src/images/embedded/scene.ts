import type { Scene as Place, RELATIONS, STYLES, TIMES, VIEWS, WEATHER } from '../../captions/lexicon.js';
import { backgroundsOf } from '../../concepts/gazetteer.js';
import { KINDS, type Kind } from '../../concepts/kinds.js';
import { Rng } from '../../rng.js';
import type { Subject } from './subject.js';

/** What a caption asks to be painted. The same for all images of a caption. */
export interface SceneSpec {
  subject: Subject;
  related?: Subject;
  relation?: (typeof RELATIONS)[string];
  /** Undefined: anywhere plausible, drawn anew for each image. */
  place?: Place;
  /** Plausible places when the caption names none. */
  places: readonly Place[];
  /** Keeps backgrounds of one caption alike beyond the kind of place. */
  background: string;
  caption: string;
  time?: (typeof TIMES)[string];
  weather?: (typeof WEATHER)[string];
  style?: (typeof STYLES)[string];
  view?: (typeof VIEWS)[string];
}

/** Where things of a kind plausibly are, each as often as its backgrounds. */
export function placesOf(kind: Kind | undefined): readonly Place[] {
  const habitats = KINDS[kind ?? 'thing'].habitats;
  const all = habitats.flatMap((h) => backgroundsOf(h).map((b) => b.scene));
  return all.length > 0 ? all : ['studio'];
}

/** A number of the background's own, 0…1: backgrounds of one name are alike. */
export function backgroundTrait(spec: SceneSpec, name: string): number {
  return Rng.of(0, 'background', spec.background, name).uniform();
}

/** A number of the caption's own, 0…1, for what it leaves open: chosen once, the same in all its images. */
export function captionTrait(spec: SceneSpec, name: string): number {
  return Rng.of(0, 'caption', spec.caption, name).uniform();
}
