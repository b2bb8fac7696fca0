import { basename } from 'node:path';
import type { Backbone } from '../backbone.js';
import { preprocessingText } from '../preprocessing.js';
import { epsOf, gridOf, hiddenOf, poolOf, prefixOf } from '../vit-config.js';
import type { FormatOptions, Loading } from './formats.js';

/** What is known of how an encoder was trained; all may be missing: of somebody else's nothing is known here. */
export interface TrainingFacts {
  /** E.g. `synclr 0.1.0`. */
  by?: string;
  /** Of the images, a sentence each. */
  data: readonly string[];
  /** Settings that matter, by dotted path. */
  settings: readonly (readonly [path: string, value: string])[];
  /** Updates of the weights that it had. */
  steps?: number;
  /** Top-1 in 0…1 by data set, and what chance would give. */
  scores: readonly Score[];
}

export interface Score {
  dataset: string;
  /** E.g. `new captions of its own concepts`. */
  kind: string;
  test: number;
  chance: number;
  knn: number;
  linear: number;
  /** The same for the encoder before training. */
  untrained?: { knn: number; linear: number };
}

/** The model card of an exported encoder, Markdown. The same encoder gives the same bytes. */
export function cardOf(
  b: Backbone,
  { library, code, notes }: Loading,
  { precision = 'float32', facts }: FormatOptions,
): string {
  const { vit: c, preprocessing } = b;
  const head = [
    '---',
    ...(library ? [`library_name: ${library}`] : []),
    'pipeline_tag: image-feature-extraction',
    'tags:',
    ...['- vision', '- image-feature-extraction', '- synclr'],
    '---',
  ];
  const sizes = [
    ['width', `${c.dim}`],
    ['blocks, heads', `${c.depth}, ${c.heads}`],
    ['MLP', `${hiddenOf(c)}${c.activation === 'swiglu' ? ', gated (SwiGLU)' : ` (${c.activation ?? 'gelu'})`}`],
    ['patches', `${gridOf(c).join(' × ')} of ${c.patch} × ${c.patch} px`],
    ['tokens before the patches', tokensText(b)],
    ['feature', { cls: 'CLS', mean: 'mean of the patches', attention: 'attention pooling' }[poolOf(c)]],
    ['norm epsilon', epsOf(c).toExponential()],
    ['weights', precision],
    ['picture', preprocessingText(preprocessing)],
    ['exported from', basename(b.origin)],
  ];
  const parts = [
    head.join('\n'),
    `# A vision transformer of width ${c.dim} and ${c.depth} blocks`,
    table(['', ''], sizes),
    ...trained(facts),
    '## How to load it',
    '`FOLDER` is the folder that this file lies in.',
    `\`\`\`${code[0]}\n${code[1]}\n\`\`\``,
    notes.join('\n\n'),
  ];
  return `${parts.join('\n\n')}\n`;
}

function tokensText({ vit }: Backbone): string {
  const { cls, dist, registers } = prefixOf(vit);
  const parts = [cls > 0 && 'CLS', dist > 0 && 'distillation', registers > 0 && `${registers} registers`].filter(
    Boolean,
  );
  return parts.length === 0 ? 'none' : parts.join(', ');
}

function trained(facts: TrainingFacts | undefined): string[] {
  if (!facts) return ['## Training', 'Trained by others: what is known of it is with those who published it.'];
  const { by, data, settings, steps, scores } = facts;
  const how = [by && `Trained by ${by}`, steps !== undefined && `${steps.toLocaleString('en-US')} steps`].filter(
    Boolean,
  );
  return [
    '## Trained on',
    data.map((said) => said.replace(/[\p{Cc}]+/gu, ' ')).join('\n\n'),
    '## How',
    ...(how.length > 0 ? [`${how.join(', ')}.`] : []),
    table(
      ['setting', 'value'],
      settings.map(([path, value]) => [`\`${path}\``, value]),
    ),
    '## Scores',
    ...(scores.length === 0
      ? ['Not measured.']
      : [scoreTable(scores), 'Top-1 accuracy on frozen features, in percent.']),
  ];
}

function scoreTable(scores: readonly Score[]): string {
  const percent = (x: number) => (100 * x).toFixed(1);
  const both = (s: Score, probe: 'knn' | 'linear') =>
    s.untrained ? `${percent(s[probe])} (untrained ${percent(s.untrained[probe])})` : percent(s[probe]);
  return table(
    ['data set', 'what it is', 'test images', 'kNN', 'linear probe', 'chance'],
    scores.map((s) => [s.dataset, s.kind, `${s.test}`, both(s, 'knn'), both(s, 'linear'), percent(s.chance)]),
  );
}

/** A cell's text as Markdown has it: nothing of it ends the cell, or is markup. */
const cell = (text: string): string => text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').replace(/[\\|<>]/g, '\\$&');

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}
