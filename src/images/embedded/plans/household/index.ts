import { wordsOf } from '../sketch.js';
import type { Words } from '../words.js';
import * as air from './air.js';
import * as cleaning from './cleaning.js';

const artefact = { category: 'artefact' } as const;

/** Appliances of the household outside of kitchen and bathroom, by name. */
export const HOUSEHOLD: Words = wordsOf([
  ['vacuum cleaner, vacuum, hoover, cordless vacuum', cleaning.vacuum, { as: 'vacuum cleaner', ...artefact }],
  ['robot vacuum, robotic vacuum, robot vacuum cleaner', cleaning.robotVacuum, { as: 'robot vacuum' }],
  ['iron, flatiron, steam iron, clothes iron, electric iron', cleaning.iron, { as: 'iron', ...artefact }],
  ['ironing board', cleaning.ironingBoard, { as: 'ironing board' }],
  ['sewing machine', cleaning.sewingMachine, { as: 'sewing machine' }],
  ['fan, electric fan, desk fan, table fan, pedestal fan, floor fan', air.fan, { as: 'fan', ...artefact }],
  ['ceiling fan', air.ceilingFan, { as: 'ceiling fan' }],
  [
    'heater, radiator, space heater, electric heater, oil heater, convector',
    air.heater,
    { as: 'radiator', ...artefact },
  ],
  ['air purifier, purifier, air cleaner', air.airPurifier, { as: 'air purifier' }],
  [
    'humidifier, diffuser, vaporizer, essential oil diffuser, dehumidifier',
    air.humidifier,
    { as: 'humidifier', ...artefact },
  ],
  ['air conditioner, air conditioning', air.airConditioner, { as: 'air conditioner' }],
  ['hair dryer, hairdryer, hand blower, blow dryer, blow drier, hair drier', air.hairDryer, { as: 'hair dryer' }],
]);
