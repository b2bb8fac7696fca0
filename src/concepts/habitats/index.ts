import { NATURE } from './nature.js';
import { PLACES_OF_THINGS } from './places-of-things.js';

/** Where things plausibly are: backgrounds by habitat, the data of gazetteer.ts. */
export const HABITATS = { ...NATURE, ...PLACES_OF_THINGS } as const;
