import { UserError } from '../../errors.js';
import type { SetKind } from '../kind.js';
import { hadAt } from '../place.js';
import { FOLDER } from './folder.js';

export const COUNTRY211: SetKind = {
  name: 'country211',
  title: 'Country211',
  task: 'single',
  metric: 'top-1',
  splits: 'official train, valid and test; 211 countries by their codes',
  layout: 'train/<code>/*.jpg, valid/<code>/*.jpg, test/<code>/*.jpg',
  home: 'https://github.com/openai/CLIP/blob/main/data/country211.md',
  citation: 'Radford et al., Learning transferable visual models from natural language supervision, 2021',
  marks: [['train/AD/', 'valid/AD/', 'test/AD/']],
  roots: ['country211'],
  anywhere: true,
  open: (place) =>
    FOLDER.open(place).catch((e: unknown) => {
      throw e instanceof UserError ? new UserError(`${e.message}; ${hadAt(place.kind)}`) : e;
    }),
};
