/**
 * What the paper reports (arXiv 2312.17742, tables 6 to 9), in percent, to stand beside one's own figures. All rows are its authors'
 * measurements at its protocol, with the class token of the last block alone (also of DINO v2).
 */
export interface PaperTable {
  /** Its number in the paper. */
  table: number;
  /** What its figures are. */
  scale: string;
  columns: readonly { protocol: string; set: string }[];
  /** By encoder, in the order of the columns; null where the paper has no figure. */
  rows: Readonly<Record<string, readonly (number | null)[]>>;
}

const logistic = (...sets: string[]) => sets.map((set) => ({ protocol: 'logistic', set }));

export const PAPER_TABLES: readonly PaperTable[] = [
  {
    table: 6,
    scale: 'ImageNet: a linear layer by SGD; the others: logistic regression, each set’s own metric',
    columns: [
      { protocol: 'linear', set: 'imagenet' },
      ...logistic('aircraft', 'cars', 'dtd', 'flowers', 'pets', 'sun397', 'caltech101', 'food101', 'voc2007'),
    ],
    rows: {
      'StableRep B/16': [75.7, 59.2, 83.5, 80.1, 97.3, 88.3, 74.3, 94.7, 85.1, 87.9],
      'CLIP B/16': [80.2, 59.5, 86.7, 79.2, 98.1, 93.1, 78.4, 94.7, 92.8, 89.2],
      'CLIP L/14': [83.9, 69.4, 90.9, 82.1, 99.2, 95.1, 81.8, 96.5, 95.2, 89.6],
      'OpenCLIP 400M B/16': [78.9, 61.1, 92.3, 81.9, 98.2, 91.5, 77.9, 95.2, 90.9, 88.0],
      'OpenCLIP 400M L/14': [82.3, 67.1, 94.0, 83.6, 98.8, 92.5, 81.0, 96.4, 93.4, 88.8],
      'OpenCLIP 2B L/14': [83.4, 71.7, 95.3, 85.3, 99.0, 94.2, 82.2, 97.5, 94.1, 88.9],
      'DINO v2 B/14': [83.9, 79.4, 88.2, 83.3, 99.6, 96.2, 77.3, 96.1, 92.8, 88.2],
      'DINO v2 L/14': [85.7, 81.5, 90.1, 84.0, 99.7, 96.6, 78.7, 97.5, 94.3, 88.3],
      'SynCLR B/16': [80.7, 81.7, 93.8, 79.9, 99.1, 93.6, 76.2, 95.3, 91.6, 89.4],
      'SynCLR L/14': [83.0, 85.6, 94.2, 82.1, 99.2, 94.1, 78.4, 96.1, 93.4, 90.3],
    },
  },
  {
    table: 7,
    scale: 'UperNet on ADE20K, mIoU, one scale, 512 px (518 px with patches of 14)',
    columns: [{ protocol: 'upernet', set: 'ade20k' }],
    rows: {
      'StableRep B': [49.4],
      'MoCo v3 B': [47.3],
      'MoCo v3 L': [49.1],
      'BEiT B': [47.1],
      'BEiT L': [53.3],
      'MAE B': [48.1],
      'MAE L': [53.6],
      'iBOT B': [50.0],
      'CLIP B': [52.6],
      'BEiT v2 B': [53.1],
      'BEiT v2 L': [56.7],
      'DINO v2 B': [54.4],
      'DINO v2 L': [57.5],
      'SynCLR B': [54.3],
      'SynCLR L': [57.7],
    },
  },
  {
    table: 8,
    scale: 'all weights trained on on ImageNet at 224 px, top-1',
    columns: [{ protocol: 'finetune', set: 'imagenet' }],
    rows: {
      'MoCo v3 B': [83.2],
      'MoCo v3 L': [84.1],
      'SimMIM B': [83.8],
      'MAE B': [83.6],
      'MAE L': [85.9],
      'PeCo B': [83.6],
      'PeCo L': [85.9],
      'data2vec B': [84.2],
      'data2vec L': [86.6],
      'iBOT B': [84.4],
      'iBOT L': [86.6],
      'BEiT v2 B': [85.5],
      'BEiT v2 L': [87.3],
      'CLIP B': [85.2],
      'CLIP L': [87.5],
      'OpenCLIP 400M B': [85.0],
      'OpenCLIP 400M L': [86.6],
      'OpenCLIP 2B L': [87.1],
      'SynCLR B': [85.8],
      'SynCLR L': [87.9],
    },
  },
  {
    table: 9,
    scale: 'logistic regression on sets whose concepts no caption named, top-1',
    columns: logistic('eurosat', 'gtsrb', 'country211', 'mnist', 'resisc45', 'kitti_distance'),
    rows: {
      'CLIP B/16': [97.1, 86.6, 33.3, 99.0, 92.7, 64.7],
      'CLIP L/14': [98.2, 92.5, 42.9, 99.2, 94.1, 69.2],
      'DINO v2 B/14': [96.0, 72.8, 21.6, 98.6, 92.5, 75.3],
      'DINO v2 L/14': [96.7, 74.1, 24.1, 98.2, 93.8, 76.9],
      'SynCLR B/16': [96.6, 78.6, 21.0, 98.4, 93.7, 77.3],
      'SynCLR L/14': [96.7, 79.2, 24.3, 98.5, 93.8, 78.0],
    },
  },
];
