import { clearCell } from '../../segmentation/cell.js';
import { linearCell } from '../../segmentation/linear-cell.js';
import { linearPlan, linearSaid, linearSettings } from '../../segmentation/settings.js';
import { intervalOf } from '../metrics/bootstrap.js';
import type { Protocol } from '../protocol.js';

/** Key of its settings among the options. */
const NAME = 'segmentation-linear';

export const segmentationLinear: Protocol = {
  name: NAME,
  title: 'linear segmentation',
  source: 'Oquab et al. 2023 (DINOv2), section 7.4',
  tasks: ['segmentation'],
  needs: 'network',
  settings: (o) => linearSaid(o[NAME]),
  refuses: ({ set }) => (set.train.readMask && set.test.readMask ? undefined : 'it has no label maps'),
  clear: clearCell,
  async run(cell) {
    const { encoder } = cell;
    const plan = linearPlan(linearSettings(cell.options[NAME]), encoder.backbone.vit, encoder.ownSize);
    const found = await linearCell(cell, encoder, plan, cell.executors);
    return { ...found, main: 'mIoU', interval: intervalOf(found.perImage, { seed: cell.seed }) };
  },
};
