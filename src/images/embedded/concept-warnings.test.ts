import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { command } from '../../cli/concepts.js';
import { conceptsOf, loadConceptBank } from '../../concepts/bank.js';
import { settingsSchema } from '../../config/schema.js';
import { UserError } from '../../errors.js';
import { conceptWarnings, understood } from './concept-warnings.js';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'synclr-warnings-'));
});
async function file(name: string, text: string): Promise<string> {
  await writeFile(join(dir, name), text);
  return join(dir, name);
}
const bank = async (source: string) => loadConceptBank(settingsSchema.parse({ concepts: { source } }));

it('says of each name its sense, kind and drawing', async () => {
  const list = understood(await conceptsOf(await file('a.txt', 'Mesh Office Chair\nfloor lamp\nZyxotron\nbeach\n')));
  expect(list.map((u) => [u.name, u.kind, u.draws, u.warnings.length > 0])).toEqual([
    ['Mesh Office Chair', 'furniture', 'office chair', false],
    ['floor lamp', 'lamp', 'floor lamp', false],
    ['Zyxotron', 'thing', 'thing', true],
    ['beach', 'place', 'the place', false],
  ]);
  expect(list[1]).toMatchObject({ sense: 'floor_lamp.n.01', gloss: expect.stringContaining('lamp') });
});

it('is a few lines before a run, and none for the built-in bank', async () => {
  const lines = conceptWarnings(await bank(await file('b.txt', 'office chair\nZyxotron\nBlorp\nmouse\n')));
  expect(lines.length).toBeGreaterThan(1);
  expect(lines.length).toBeLessThan(5);
  expect(lines[0]).toMatch(/^3 of 4 concepts may mean something else.*Zyxotron/);
  expect(lines.at(-1)).toContain('synclr concepts');
  expect(conceptWarnings(await bank('wordnet'))).toEqual([]);
});

it('refuses a drawing that there is not, with what may be meant', async () => {
  const wrong = await conceptsOf(await file('c.csv', 'name,draw as\ncup,desk lmap\n'));
  expect(() => understood(wrong)).toThrow(UserError);
  expect(() => understood(wrong)).toThrow(/"cup": draw as "desk lmap".*did you mean .*desk lamp/);
});

it('the command writes a table that gives the same again, and never over one that is there', async () => {
  const answers: { list: { kind: string }[]; doubtful: number }[] = [];
  const run = (source: string, csv: string) =>
    command.run(
      { positional: source, values: { csv }, switches: new Set(), lists: {}, settings: {} } as never,
      { answer: (value: unknown) => answers.push(value as never) } as never,
    );
  const list = await file('d.txt', 'Mesh Office Chair, Black\nWireless Mouse\nSalad Spinner\nbeach\n"Knife, bread"\n');
  const table = join(dir, 'd.csv');
  await run(list, table);
  await run(table, join(dir, 'e.csv'));
  expect(answers[1].list.map((u) => u.kind)).toEqual(answers[0].list.map((u) => u.kind));
  expect(answers[1].doubtful).toBe(0);
  await expect(run(list, table)).rejects.toThrow(/there is such a file already/);
});
