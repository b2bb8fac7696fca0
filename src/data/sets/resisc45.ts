import type { SetKind } from '../kind.js';
import { withLists } from './listed-splits.js';

export const RESISC45: SetKind = {
  name: 'resisc45',
  alias: ['nwpu-resisc45'],
  title: 'NWPU-RESISC45',
  task: 'single',
  metric: 'top-1',
  splits:
    'none official; by resisc45-train.txt, -val.txt and -test.txt where they lie beside, else a fifth of each class is test; 45 classes',
  layout: 'NWPU-RESISC45/<class>/<class>_001.jpg …',
  home: 'https://gcheng-nwpu.github.io/',
  citation: 'Cheng et al., Remote sensing image scene classification: benchmark and state of the art, 2017',
  marks: [
    ['thermal_power_station/', 'wetland/'],
    ['resisc45-train.txt', 'resisc45-test.txt'],
  ],
  roots: ['NWPU-RESISC45'],
  anywhere: true,
  open: (place) => withLists(place, '.', 'resisc45'),
};
