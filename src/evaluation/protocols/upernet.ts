import { clearCell } from '../../segmentation/cell.js';
import { uperPlan, uperSaid, uperSettings } from '../../segmentation/settings.js';
import { uperCell } from '../../segmentation/uper-cell.js';
import { intervalOf } from '../metrics/bootstrap.js';
import type { Protocol } from '../protocol.js';

/** Key of its settings among the options. */
const NAME = 'upernet';

export const upernet: Protocol = {
  name: NAME,
  title: 'UperNet',
  source: 'paper, table 15',
  tasks: ['segmentation'],
  needs: 'network',
  settings: (o) => uperSaid(o[NAME]),
  refuses: ({ set }) => (set.train.readMask && set.test.readMask ? undefined : 'it has no label maps'),
  clear: clearCell,
  async run(cell) {
    const { encoder } = cell;
    const plan = uperPlan(uperSettings(cell.options[NAME]), encoder.backbone.vit, encoder.ownSize);
    const found = await uperCell(cell, encoder, plan, cell.executors);
    return { ...found, main: 'mIoU', interval: intervalOf(found.perImage, { seed: cell.seed }) };
  },
};
