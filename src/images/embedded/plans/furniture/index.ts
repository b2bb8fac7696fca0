import { wordsOf } from '../sketch.js';
import type { Words } from '../words.js';
import { bed, bunkBed, crib, mattress } from './beds.js';
import * as cabinets from './cabinets.js';
import * as chairs from './chairs.js';
import { bookcase, shelvingUnit, shoeRack, wallShelf } from './shelves.js';
import * as sofas from './sofas.js';
import { coatRack, easel, mirror, screen } from './stands.js';
import * as tables from './tables.js';

/** Furniture by name. */
export const FURNITURE: Words = wordsOf([
  [
    'office chair, desk chair, swivel chair, computer chair, task chair, gaming chair, ergonomic chair',
    chairs.officeChair,
    { as: 'office chair' },
  ],
  [
    'chair, dining chair, side chair, kitchen chair, straight chair, ladder-back, windsor chair, folding chair',
    chairs.chair,
    { as: 'chair' },
  ],
  [
    'camp chair, camping chair, beach chair, lawn chair, deck chair, garden chair',
    chairs.foldingChair,
    { as: 'camping chair' },
  ],
  ['rocking chair, rocker', chairs.rockingChair, { as: 'rocking chair', category: 'artefact' }],
  [
    'armchair, easy chair, lounge chair, accent chair, wing chair, club chair, reading chair',
    sofas.armchair,
    { as: 'armchair' },
  ],
  ['recliner, reclining chair, chaise longue, chaise', sofas.recliner, { as: 'recliner' }],
  ['stool, footstool, step stool, milking stool, piano stool', chairs.stool, { as: 'stool', category: 'artefact' }],
  ['bar stool, barstool, counter stool, high stool', chairs.barStool, { as: 'bar stool' }],
  ['bench, park bench, garden bench, settle', chairs.bench, { as: 'bench', category: 'artefact' }],
  [
    'sofa, couch, lounge, davenport, settee, divan, daybed, chesterfield',
    sofas.sofa,
    { as: 'sofa', category: 'artefact' },
  ],
  ['loveseat, love seat, two-seater', sofas.loveseat, { as: 'loveseat' }],
  ['sectional, sectional sofa, corner sofa', sofas.cornerSofa, { as: 'corner sofa' }],
  ['futon, sofa bed', sofas.futon, { as: 'futon' }],
  ['ottoman, pouf, pouffe, hassock, footrest', sofas.ottoman, { as: 'ottoman' }],
  ['beanbag, bean bag, bean bag chair, beanbag chair', sofas.beanbag, { as: 'beanbag' }],
  [
    'table, trestle table, folding table, card table, kitchen table, picnic table',
    tables.table,
    { as: 'table', category: 'artefact' },
  ],
  ['dining table, dining-room table, refectory table', tables.diningTable, { as: 'dining table' }],
  ['coffee table, cocktail table', tables.coffeeTable, { as: 'coffee table' }],
  ['side table, end table, bedside table, plant stand, pedestal table', tables.sideTable, { as: 'side table' }],
  ['console table', tables.consoleTable, { as: 'console table' }],
  [
    'desk, writing desk, secretary desk, escritoire, computer desk, workbench',
    tables.desk,
    { as: 'desk', category: 'artefact' },
  ],
  [
    'standing desk, sit-stand desk, adjustable desk, height-adjustable desk',
    tables.standingDesk,
    { as: 'standing desk' },
  ],
  ['nightstand, night stand, night table, bedside cabinet', cabinets.nightstand, { as: 'nightstand' }],
  ['dresser, bureau, vanity, dressing table', cabinets.dresser, { as: 'dresser', category: 'artefact' }],
  ['chest of drawers, chiffonier, commode, highboy, tallboy', cabinets.chestOfDrawers, { as: 'chest of drawers' }],
  ['wardrobe, armoire, closet, clothespress', cabinets.wardrobe, { as: 'wardrobe', category: 'artefact' }],
  [
    'sideboard, buffet, credenza, media console, tv stand, tv cabinet',
    cabinets.sideboard,
    { as: 'sideboard', category: 'artefact' },
  ],
  [
    'cabinet, cupboard, medicine chest, medicine cabinet, locker',
    cabinets.cupboard,
    { as: 'cupboard', category: 'artefact' },
  ],
  ['china cabinet, display cabinet, vitrine, display case', cabinets.displayCabinet, { as: 'display cabinet' }],
  ['filing cabinet, file cabinet, office furniture', cabinets.filingCabinet, { as: 'filing cabinet' }],
  ['bookcase, bookshelf', bookcase, { as: 'bookcase' }],
  [
    'shelving unit, shelving, shelves, etagere, storage shelf, rack',
    shelvingUnit,
    { as: 'shelving unit', category: 'artefact' },
  ],
  ['shelf, wall shelf, floating shelf, mantel, bracket shelf', wallShelf, { as: 'wall shelf', category: 'artefact' }],
  ['shoe rack, luggage rack', shoeRack, { as: 'shoe rack' }],
  [
    'bed, double bed, twin bed, platform bed, four-poster, bed frame, bedstead, bedroom furniture',
    bed,
    { as: 'bed', category: 'artefact' },
  ],
  ['bunk bed, bunk, loft bed', bunkBed, { as: 'bunk bed', category: 'artefact' }],
  ['crib, cot, baby bed, cradle, bassinet, playpen', crib, { as: 'crib', category: 'artefact' }],
  ['mattress, air mattress', mattress, { as: 'mattress' }],
  ['coat rack, coatrack, coat stand, hat rack, hatrack, hall tree, hallstand', coatRack, { as: 'coat rack' }],
  [
    'mirror, looking glass, hand glass, full-length mirror, wall mirror',
    mirror,
    { as: 'mirror', category: 'artefact' },
  ],
  ['folding screen, room divider', screen, { as: 'folding screen' }],
  ['easel, music stand', easel, { as: 'easel' }],
]);
