/**
 * What the paper reports (arXiv 2312.17742, tables 2, 3, 4, 5 and 10), to be printed beside one's own figures: top-1 of a linear probe on
 * ImageNet and the average of the fine-grained data sets, in percent. Its scale is not ours: only orders and signs can be compared.
 */

export interface PaperTable {
  title: string;
  /** Model, captions and schedule of the figures. */
  scale: string;
  columns: readonly string[];
  /** By the row's name; null where the paper has no figure. */
  rows: Readonly<Record<string, readonly (number | null)[]>>;
}

const ABLATION = 'ViT-B/16, 10 M captions × 4 images, 85,000 steps of 2,048 captions';

export const PAPER = {
  2: {
    title: 'Where captions come from',
    scale: `${ABLATION}; CC12M: the web’s own captions`,
    columns: ['StableRep: ImageNet', 'StableRep: fine-grained', 'SynCLR: ImageNet', 'SynCLR: fine-grained'],
    rows: {
      'web captions (CC12M)': [73.0, 81.6, 77.1, 85.3],
      'concepts with hypernyms and places': [75.4, 80.0, 78.7, 83.0],
      'concepts and places, language model': [73.7, 76.9, 77.6, 81.8],
      'concepts and backgrounds, language model': [75.3, 78.5, 78.2, 81.9],
      'all concepts, language model': [75.8, 85.7, 78.8, 88.1],
    },
  },
  3: {
    title: 'Guidance of the painter',
    scale: ABLATION,
    columns: ['ImageNet'],
    rows: { 'guidance 2': [72.8], 'guidance 3': [72.6], 'guidance 4': [72.6] },
  },
  4: {
    title: 'What SynCLR adds to StableRep',
    scale: ABLATION,
    columns: ['ImageNet', 'fine-grained', 'ADE20K mIoU'],
    rows: {
      StableRep: [75.8, 85.7, null],
      '+ EMA': [76.7, 86.7, 48.0],
      '+ EMA, iBOT': [77.6, 87.1, 50.5],
      '+ EMA, multi-crop': [78.6, 87.8, 49.5],
      'SynCLR: all three': [78.8, 88.1, 50.8],
    },
  },
  5: {
    title: 'What counts as alike',
    scale: `${ABLATION}; 1,000 balanced classes; SynCLR and SimCLR without EMA, iBOT and multi-crop`,
    columns: ['ImageNet', 'fine-grained'],
    rows: { 'supervised: class': [71.9, 75.0], 'SimCLR: image': [63.6, 67.9], 'SynCLR: caption': [75.3, 78.5] },
  },
  10: {
    title: 'SynCLR and CLIP on the same captions and images',
    scale: 'ViT-B/16, 150 M captions × 4 images; CLIP: 32 epochs, batches of 32,768, one of the four images each',
    columns: ['ImageNet', 'fine-grained'],
    rows: { SynCLR: [80.7, 89.0], CLIP: [78.3, 87.7] },
  },
} as const satisfies Record<string, PaperTable>;

/** A table of the paper by its number, where it is one of those. */
export const paperTable = (name: string): PaperTable | undefined =>
  Object.hasOwn(PAPER, name) ? (PAPER as Readonly<Record<string, PaperTable>>)[name] : undefined;
