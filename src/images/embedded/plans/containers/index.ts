import { wordsOf } from '../sketch.js';
import type { Words } from '../words.js';
import * as bins from './bins.js';
import * as bottles from './bottles.js';
import * as boxes from './boxes.js';

const artefact = { category: 'artefact' } as const;

/** What things are kept in, by name. */
export const CONTAINERS: Words = wordsOf([
  ['bottle, glass bottle', bottles.bottle, { as: 'bottle', ...artefact }],
  ['wine bottle, champagne bottle, liquor bottle', bottles.wineBottle, { as: 'wine bottle' }],
  ['beer bottle', bottles.beerBottle, { as: 'beer bottle' }],
  [
    'soda bottle, pop bottle, plastic bottle, ketchup bottle, squeeze bottle',
    bottles.plasticBottle,
    { as: 'plastic bottle' },
  ],
  [
    'flask, vial, phial, medicine bottle, pill bottle, flagon, perfume bottle, ink bottle',
    bottles.vial,
    { as: 'flask', ...artefact },
  ],
  [
    'jar, mason jar, jam jar, cookie jar, storage jar, pickle jar, jelly jar, crock',
    bottles.jar,
    { as: 'jar', ...artefact },
  ],
  ['can, tin can, tin, soda can, beer can, aluminium can', bottles.can, { as: 'can', ...artefact }],
  ['canister, tea caddy, caddy, biscuit tin', bottles.canister, { as: 'canister', ...artefact }],
  ['vase, urn, amphora, flower vase', bottles.vase, { as: 'vase', ...artefact }],
  ['box, cardboard box, carton, parcel, package, moving box', boxes.box, { as: 'cardboard box', ...artefact }],
  ['crate, packing case, wooden crate, milk crate, packing box', boxes.crate, { as: 'crate', ...artefact }],
  ['chest, treasure chest, trunk, casket, strongbox, toy chest, coffer', boxes.chest, { as: 'chest', ...artefact }],
  [
    'storage box, storage bin, plastic box, storage container, food container, tupperware, storage tote',
    boxes.storageBox,
    { as: 'storage box' },
  ],
  ['gift box, present, gift, jewellery box, jewelry box, music box', boxes.giftBox, { as: 'gift box', ...artefact }],
  [
    'basket, handbasket, picnic basket, wicker basket, bread basket, hamper, fruit basket, shopping basket, storage basket',
    bins.basket,
    { as: 'basket', ...artefact },
  ],
  ['laundry basket, clothes basket, laundry hamper, clothes hamper', bins.laundryBasket, { as: 'laundry basket' }],
  ['bucket, pail, mop bucket, champagne bucket, ice bucket', bins.bucket, { as: 'bucket', ...artefact }],
  ['barrel, cask, keg, wine barrel, rain barrel', bins.barrel, { as: 'barrel', ...artefact }],
  [
    'trash can, garbage can, trash bin, waste bin, dustbin, rubbish bin, bin, ashcan, trashcan, recycling bin',
    bins.trashCan,
    { as: 'trash can', ...artefact },
  ],
  ['wastebasket, waste-paper basket, waste paper basket, umbrella stand', bins.wasteBasket, { as: 'wastebasket' }],
  ['wheelie bin, dumpster, wheeled bin', bins.wheelieBin, { as: 'wheelie bin' }],
  ['laundry bag, fabric bin, toy bin', bins.clothBin, { as: 'cloth bin' }],
  ['flower pot, flowerpot, plant pot, houseplant, potted plant', bins.flowerPot, { as: 'flower pot' }],
  ['planter, window box, jardiniere, trough, planter box', bins.planter, { as: 'planter', ...artefact }],
  ['watering can, watering pot', bins.wateringCan, { as: 'watering can' }],
]);
