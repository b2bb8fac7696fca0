import { existsSync } from 'node:fs';
import type { Concept } from '../concepts/concept.js';
import { UserError } from '../errors.js';
import type { UnderstoodConcept } from '../images/embedded/concept-warnings.js';
import { oneLine } from '../printable.js';
import { fitColumns } from './support/columns.js';
import type { Command } from './support/command.js';
import { count, shownPath } from './support/format.js';

export const command: Command = {
  name: 'concepts',
  about: 'Show what the names of a list of concepts are taken for, and what the embedded painter draws for them',
  details:
    'A name is looked up whole, then by its head (the last noun), then among what goods are called; the list around it and the file’s own hints choose between meanings. What is wrong is mended by columns of the file: kind (kitchenware, lamp, …; place), sense (a WordNet id, a name such as table.n.02, or a word of the gloss), draw as (a word that has a drawing, or a kind).',
  positional: { name: 'FILE', about: 'a list of concepts: lines, a table, JSON or JSON Lines', required: true },
  flags: [
    { name: 'warnings', about: 'only names with a warning' },
    {
      name: 'csv',
      value: 'OUT',
      about: 'write the list as a table with these columns, to be mended; a file that is there is refused',
    },
    {
      name: 'sheet',
      value: 'FILE',
      about: 'a contact sheet (PNG): every name as the embedded painter draws it, twice',
    },
    { name: 'drawings', about: 'list the words and kinds that draw as may name, too' },
  ],
  answers: true,
  examples: [
    { line: 'synclr concepts products.txt', about: 'every name with its meaning, kind and drawing' },
    { line: 'synclr concepts products.txt --sheet drawn.png', about: 'and a picture of how each would be painted' },
    { line: 'synclr concepts products.txt --csv mended.csv', about: 'the same as a table that a run takes' },
  ],
  async run(args, { terminal, signal, answer }) {
    const file = args.positional!;
    const out = args.values.csv;
    if (out !== undefined && existsSync(out))
      throw new UserError(
        `--csv ${out}: there is such a file already, and it may hold what you have mended; give another name`,
      );
    const { conceptsOf } = await import('../concepts/bank.js');
    const { understood } = await import('../images/embedded/concept-warnings.js');
    const concepts = await conceptsOf(file);
    const list = understood(concepts);
    const doubtful = list.filter((_, i) => concepts[i].reading?.doubt !== undefined).length;
    const generic = list.filter((u) => u.generic).length;
    const summary = { concepts: list.length, doubtful, generic };
    if (out !== undefined) {
      const { writeFileAtomic } = await import('../files/write.js');
      await writeFileAtomic(out, tableOf(concepts, list));
    }
    const { sheet } = args.values;
    if (sheet !== undefined)
      await (await import('./support/concepts-sheet.js')).writeConceptsSheet(concepts, sheet, signal);
    const drawings = args.switches.has('drawings')
      ? (await import('../images/embedded/intended.js')).drawAsChoices()
      : undefined;
    answer(
      {
        ...summary,
        list,
        ...(drawings ? { drawings } : {}),
        ...(out ? { csv: out } : {}),
        ...(sheet ? { sheet } : {}),
      },
      () => {
        const shown = args.switches.has('warnings') ? list.filter((u) => u.warnings.length > 0) : list;
        for (const u of shown) terminal.text(shownConcept(u, terminal.width));
        if (shown.length > 0) terminal.text('');
        terminal.text(sentence(summary));
        if (doubtful + generic > 0)
          terminal.text(
            'Mend them by columns of the file: kind, sense, draw as (synclr concepts --help; docs/concepts.md)',
          );
        if (drawings) terminal.text(`\ndraw as: ${drawings.join(', ')}`);
        if (sheet) terminal.text(`sheet: ${shownPath(sheet)}`);
        if (out) terminal.text(`${shownPath(out)}: the list with its kinds and senses`);
      },
    );
  },
};

/** Where a meaning is from, in words. */
const BY: Readonly<Record<string, string>> = {
  file: 'as the file says',
  name: '',
  bank: '',
  goods: 'not in WordNet',
  nothing: 'not known',
};

/** One name: its meaning and kind, what is drawn, and below it what may be wrong. */
function shownConcept(u: UnderstoodConcept, width: number): string {
  const how =
    u.by === 'head' ? (u.sense ? `by its head ${u.head}` : `not in WordNet: by its head ${u.head}`) : BY[u.by];
  const sense = u.sense ? `${u.sense}: ${u.gloss}` : u.by === 'goods' ? `by what goods are called: ${u.head}` : '';
  const first = `${u.name} · ${u.kind} · draws: ${u.draws}`;
  const second = [how, sense].filter((x) => x !== '' && x !== undefined).join(', ');
  const cut = (text: string, indent: string) => fitColumns(indent + oneLine(text), width);
  return [
    cut(first, ''),
    ...(second === '' ? [] : [cut(second, '    ')]),
    ...u.warnings.map((w) => cut(w, '  ! ')),
  ].join('\n');
}

function sentence({ concepts, doubtful, generic }: { concepts: number; doubtful: number; generic: number }): string {
  const said = [
    ...(doubtful > 0 ? [`${count(doubtful)} may mean something else`] : []),
    ...(generic > 0 ? [`${count(generic)} are drawn only as any thing of their kind`] : []),
  ];
  return `${count(concepts)} concepts${said.length > 0 ? `: ${said.join(', ')}` : ', all of them known and with a drawing'}`;
}

/** The list as a table that says all that was chosen. */
function tableOf(concepts: readonly Concept[], list: readonly UnderstoodConcept[]): string {
  const rows = concepts.map((c, i) => [
    c.name,
    String(c.frequency),
    c.kind === 'object' ? c.sort : c.kind,
    list[i].sense ?? '',
    c.drawAs ?? '',
    (c.backgrounds ?? []).join('|'),
  ]);
  const quoted = (cell: string) => (/[",;\r\n\t]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  return [['name', 'weight', 'kind', 'sense', 'draw as', 'backgrounds'], ...rows]
    .map((row) => `${row.map(quoted).join(',')}\n`)
    .join('');
}
