import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadConceptBank } from '../concepts/bank.js';
import { resolveSettings } from '../config/resolve.js';
import { UserError } from '../errors.js';
import { ClassNames, classesOf } from './names.js';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'classify-names-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

async function classesIn(text: string, file = 'list.txt') {
  const source = join(dir, file);
  writeFileSync(source, text);
  const flags = { 'concepts.source': source, 'concepts.heldOut': 0, 'probe.heldOutClasses': 0 };
  const bank = await loadConceptBank(resolveSettings({ flags, training: false }));
  return { classes: classesOf(bank, source), source };
}

async function finder(text: string, file?: string) {
  const { classes, source } = await classesIn(text, file);
  const names = await ClassNames.of(classes, source);
  return (folder: string): string | undefined => {
    const found = names.find(folder);
    if (!found) return undefined;
    return 'label' in found ? classes[found.label].label : `? ${found.among.join(', ')}`;
  };
}

test('folders mean concepts whatever their case, number and what separates their words', async () => {
  const find = await finder('desk lamp\nt-shirt\npants\nknife\ncafé table\ngoose\n');
  expect(find('Desk_Lamp')).toBe('desk lamp');
  expect(find('desk-lamps')).toBe('desk lamp');
  expect(find('DeskLamp')).toBe('desk lamp');
  expect(find('012.desk lamp')).toBe('desk lamp');
  expect(find('T_Shirts')).toBe('t-shirt');
  expect(find('tshirt')).toBe('t-shirt');
  expect(find('pants')).toBe('pants');
  expect(find('knives')).toBe('knife');
  expect(find('cafe tables')).toBe('café table');
  expect(find('geese')).toBe('goose');
  expect(find('lamp')).toBeUndefined();
  expect(find('2024-07')).toBeUndefined();
});

test('a list in the plural is met by folders in the singular', async () => {
  const find = await finder('trucks\nbirds\n');
  expect(find('truck')).toBe('trucks');
  expect(find('Bird')).toBe('birds');
});

test('synonyms of the list, of the concept’s sense, and ids of WordNet', async () => {
  const find = await finder('airplane\ncar\nfrog\n');
  expect(find('aeroplane')).toBe('airplane');
  expect(find('automobiles')).toBe('car');
  // An ImageNet id, of WordNet 3.0.
  expect(find('n02958343')).toBe('car');
  expect(find('n02958343_car')).toBe('car');
  const listed = await finder(
    JSON.stringify({ 0: 'tench, Tinca tinca', 1: 'goldfish, Carassius auratus' }),
    'classes.json',
  );
  expect(listed('tinca_tinca')).toBe('tench');
  expect(listed('goldfish')).toBe('goldfish');
});

test('its own name goes before another’s synonym, and what two could mean is neither', async () => {
  const find = await finder('car\nautomobile\n');
  expect(find('automobile')).toBe('automobile');
  expect(find('car')).toBe('car');
  expect(find('motorcar')).toBe('? car, automobile');
});

test('one name in two senses becomes two labels', async () => {
  const { classes } = await classesIn('crane (bird)\ncrane (machine)\n');
  const labels = classes.map((c) => c.label);
  expect(new Set(labels).size).toBe(2);
  for (const label of labels) expect(label).toMatch(/^crane \(.+\)$/);
});

test('one concept is no choice, and there is an end to classes', async () => {
  await expect(classesIn('lamp\n')).rejects.toThrow(/one concept \(lamp\), and a classifier needs two/);
  await expect(classesIn('lamp\n')).rejects.toBeInstanceOf(UserError);
  const many = Array.from({ length: 1001 }, (_, i) => `part ${String.fromCharCode(97 + (i % 26))}${i}`).join('\n');
  await expect(classesIn(many)).rejects.toThrow(/1001 concepts, and a classifier takes 1000 at most/);
});
