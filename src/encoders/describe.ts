import { preprocessingText } from '../model/preprocessing.js';
import type { VitConfig } from '../model/vit.js';
import { gridOf, poolOf } from '../model/vit-config.js';
import type { EncoderRecord } from './record.js';

/** An architecture in words: sizes, then what it has beside a plain ViT. */
export function architectureText(c: VitConfig): string {
  const [rows, columns] = gridOf(c);
  const sizes = `ViT of width ${c.dim}, ${c.depth} blocks, ${c.heads} heads, patches of ${c.patch} px, ${rows} × ${columns} of them at ${c.imageSize} px`;
  return [sizes, ...optionsOf(c)].join('; ');
}

/** What an architecture has beside, or in place of, a plain ViT's parts. */
function optionsOf(c: VitConfig): string[] {
  const pool = poolOf(c);
  const relative = { shared: 'of all blocks in one', layers: 'of each block', both: 'shared and of each block' };
  const resampled = { offset: '', plain: 'positions resampled plainly', antialias: 'positions resampled antialiased' };
  const said: (string | false | undefined)[] = [
    c.cls === false && 'no CLS token',
    c.dist && 'distillation token',
    c.registers !== undefined && `${c.registers} register tokens`,
    c.positions === false && 'no learned positions',
    c.rotary && `rotary positions (base ${c.rotary.base})`,
    c.relative && `relative positions (${relative[c.relative]})`,
    c.positions !== false && c.resampling && resampled[c.resampling],
    c.normBefore && 'a norm before the blocks',
    c.norm === false && 'no norm after them',
    c.activation === 'swiglu' && 'SwiGLU',
    c.activation === 'quick_gelu' && 'quick GELU',
    c.activation === 'gelu_tanh' && 'GELU by tanh',
    c.layerScale && 'layer scale',
    c.eps !== undefined && `norms’ epsilon ${c.eps}`,
    pool === 'mean' && `feature: mean of the patches${c.poolNorm ? ', normed' : ''}`,
    pool === 'attention' && 'feature: attention pooling',
  ];
  return said.filter((s): s is string => typeof s === 'string' && s !== '');
}

/** Names of a record as they are written: those of block 0 stand for all. */
function renamedLines(r: EncoderRecord, all: boolean): string[] {
  const shown = r.renamed.filter(({ to }) => all || !/\.blocks\.[1-9]/.test(to));
  const star = (name: string) => (all ? name : name.replace(/((?:blocks|layers?)\.)0\./, '$1*.'));
  const lines = shown.map(({ to, from }) => `  ${star(to)} ← ${from.map(star).join(' + ')}`);
  return [...new Set(lines)];
}

/**
 * A record as lines to read: what was found, assumed, renamed and left aside.
 * @param o.names also which tensor became which parameter; `all` of every block
 */
export function recordLines(r: EncoderRecord, o: { names?: boolean; all?: boolean } = {}): string[] {
  const where = [r.group && `in ${r.group}`, r.prefix && `names begin with ${r.prefix}`].filter(Boolean).join(', ');
  const others = r.others.length > 0 ? ` (the file holds ${r.others.join(', ')} too: --weights)` : '';
  return [
    `file         ${r.file} (${r.format})`,
    `family       ${r.family}${where ? `; ${where}` : ''}`,
    `weights      ${r.weights}${others}`,
    `architecture ${architectureText(r.vit)}`,
    `heads        ${r.heads}`,
    `pictures     ${preprocessingText(r.preprocessing)}`,
    `             ${r.preprocessingFrom}`,
    ...(r.text ? [`text         ${r.text}`] : []),
    ...r.aside.map((a, i) => `${i === 0 ? 'left aside  ' : '            '} ${a.name} (${a.tensors})`),
    ...r.notes.map((note, i) => `${i === 0 ? 'notes       ' : '            '} ${note}`),
    ...(o.names ? ['names', ...renamedLines(r, o.all ?? false)] : []),
  ];
}
