import { MICRO } from './micro.js';

/** A grid of two cells and two seeds that takes seconds. */
export function smallGrid(more: object = {}): object {
  const settings: Record<string, Record<string, unknown>> = {};
  for (const [path, value] of Object.entries(MICRO)) {
    const [group, name, inner] = path.split('.');
    settings[group] ??= {};
    settings[group][name] = inner === undefined ? value : { [inner]: value };
  }
  const { learn, ...rest } = settings;
  return {
    preset: 'tiny',
    seeds: 2,
    steps: 4,
    settings: {
      ...rest,
      train: { captionsPerBatch: 4, checkpointEvery: 2, healthEvery: 2 },
      probe: { ownClasses: 3, ownTrain: 6, ownTest: 6, heldOutClasses: 0, linear: { epochs: 2 }, size: 16 },
    },
    cells: [
      { name: 'synclr', settings: { learn }, rows: ['4/SynCLR: all three'] },
      {
        name: 'simclr',
        settings: { learn: { method: 'simclr', projectionHidden: 32, projectionWidth: 16 }, views: { localCount: 0 } },
        rows: ['5/SimCLR: image'],
      },
    ],
    ...more,
  };
}
