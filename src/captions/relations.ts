import type { Side } from '../concepts/companions.js';
import type { Company } from '../concepts/kinds.js';

/** Verbs that carry a relation (`sitting under`, `flying over`), in the notation of behaviour.ts; '' = none (`a cup on a table`). */
type Verbs = Readonly<Record<Side, readonly string[]>>;

const verbs = (beside: string, inside: string, on: string, under: string, over: string): Verbs => ({
  beside: beside.split(', '),
  inside: inside.split(', '),
  on: on.split(', '),
  under: under.split(', '),
  over: over.split(', '),
});

export const RELATION_VERBS: Readonly<Record<Company, Verbs>> = {
  aquatic: verbs('rest, drift, float', 'rest, hide, float', 'rest, lie', 'rest, drift, hide', 'drift, float, glide'),
  flyer: verbs(
    'stand, rest, sit',
    'sit, rest, hide',
    '=perched, sit, land, rest, stand',
    'rest, hide, sit',
    'fly, hover, circle, glide, soar',
  ),
  'small animal': verbs(
    'sit, stand, sleep, hide, rest',
    'sit, hide, sleep, peek out',
    'sit, rest, sleep, stand',
    'hide, sleep, sit, rest',
    'leap, jump',
  ),
  'large animal': verbs(
    'stand, sit, rest, walk, lie',
    'stand, rest, lie',
    'stand, rest, lie',
    'stand, rest, lie, walk',
    'leap, jump',
  ),
  insect: verbs('rest, crawl, sit', 'sit, crawl, hide', 'rest, crawl, land, sit', 'hide, crawl, rest', 'crawl, hover'),
  plant: verbs(
    'grow, stand, bloom',
    'grow, stand, =arranged',
    'stand, grow',
    'grow, stand, bloom',
    'grow, lean, bloom',
  ),
  tree: verbs('grow, stand, tower', 'grow, stand', 'grow, stand', 'grow, stand', 'tower, lean, grow'),
  food: verbs(
    '=served, lie, =placed',
    'lie, =piled up, =arranged',
    '=served, lie, =arranged',
    'lie, =placed',
    '=held, =lifted',
  ),
  road: verbs(
    '=parked, stand, =stopped, drive',
    '=parked, stand',
    '=parked, drive, stand, =stopped',
    '=parked, drive, pass',
    'drive on a bridge, =stopped on a bridge',
  ),
  rail: verbs(
    'stand, wait, pass, =stopped',
    'stand, wait, pass',
    'pass, stand, wait',
    'pass, wait',
    'pass, cross a bridge',
  ),
  aircraft: verbs(
    '=parked, stand, wait',
    '=parked, wait',
    '=parked, stand, land',
    '=parked, wait',
    'fly, hover, circle, pass',
  ),
  boat: verbs(
    '=anchored, =moored, float, drift, wait',
    'float, =moored, =anchored, lie',
    'lie, rest, float',
    'float, pass, drift, =moored',
    'float, drift, =anchored',
  ),
  'small thing': verbs(
    'stand, lie, =placed',
    'lie, =placed, =packed',
    'lie, rest, stand, =placed',
    'lie, =hidden, =placed',
    '=mounted, hang, =placed on a shelf',
  ),
  'large thing': verbs(
    'stand, =placed, =set up',
    'stand, =placed, =stored',
    'stand, =placed, =set up',
    'stand, =placed',
    '=placed on a platform, =mounted',
  ),
  worn: verbs(
    'lie, =placed, =folded',
    'lie, =packed, =folded, hang',
    'lie, hang, =draped, =folded, =placed',
    'lie, =hidden, =placed',
    'hang, =draped',
  ),
  'soft thing': verbs(
    'lie, =placed, =folded, =rolled up',
    'lie, =packed, =folded',
    'lie, =draped, =folded, =placed, =spread out',
    'lie, =placed, =folded',
    'hang, =draped, =spread out',
  ),
  building: verbs(
    'stand, rise, =built',
    'stand, =built, =nestled',
    'stand, =built, rise',
    'stand, =built',
    'tower, rise, =perched',
  ),
  person: verbs(
    'stand, sit, wait, walk',
    'sit, stand, wait',
    'sit, stand, rest',
    'stand, sit, wait',
    'jump, leap, lean',
  ),
};
