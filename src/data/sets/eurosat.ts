import type { SetKind } from '../kind.js';
import { withLists } from './listed-splits.js';

export const EUROSAT: SetKind = {
  name: 'eurosat',
  title: 'EuroSAT',
  task: 'single',
  metric: 'top-1',
  splits:
    'none official; by eurosat-train.txt, -val.txt and -test.txt or train.csv, validation.csv and test.csv where they lie beside, else a fifth of each class is test; 10 classes',
  layout: '2750/<class>/*.jpg (or the class folders themselves)',
  home: 'https://zenodo.org/records/7711810',
  citation: 'Helber et al., EuroSAT: a novel dataset and deep learning benchmark for land use and land cover, 2019',
  marks: [['2750/SeaLake/'], ['SeaLake/', 'AnnualCrop/'], ['2750/']],
  anywhere: true,
  roots: ['EuroSAT', 'eurosat', 'EuroSAT_RGB'],
  open: (place) => withLists(place, place.has('2750') ? '2750' : '.', 'eurosat'),
};
