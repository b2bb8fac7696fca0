import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Check, KINDS } from './index.js';

const CASES = process.env.SYNCLR_EVALUATION ?? '../shared/reference/evaluation';
const FILES = [
  ['accuracy', 'metrics/accuracy'],
  ['voc', 'metrics/voc'],
  ['cluster', 'metrics/cluster'],
  ['retrieval', 'metrics/retrieval'],
  ['k-nn', 'metrics/knn'],
  ['bootstrap', 'metrics/bootstrap'],
  ['linear', 'linear/probe'],
  ['multi-label', 'logistic/multilabel'],
] as const;
const there = existsSync(join(CASES, 'metrics'));
if (!there) console.log(`probes.test.ts: no recorded cases at ${CASES} (SYNCLR_EVALUATION): not compared`);

async function checked(file: string): Promise<{ kind: string; off: Check[]; all: number }> {
  const kind = KINDS.find((k) => k.is(JSON.parse(readFileSync(file, 'utf8'))))!;
  const all: Check[] = [];
  for await (const check of kind.verify(file)) all.push(check);
  return { kind: kind.kind, off: all.filter((c) => !(c.off <= c.bar)), all: all.length };
}

it.runIf(there).each(FILES)('recorded cases of %s agree', async (kind, file) => {
  const found = await checked(join(CASES, `${file}.json`));
  expect(found.off).toEqual([]);
  expect(found.kind).toBe(kind);
  expect(found.all).toBeGreaterThan(4);
});

it.runIf(there).each([
  ['metrics/accuracy', /"mean_per_class_present_only": 37/, '"mean_per_class_present_only": 36'],
  ['metrics/voc', /"ap11_devkit_difficult_dropped": 0\.\d/, '"ap11_devkit_difficult_dropped": 0.9'],
  ['metrics/retrieval', /"map_at_R": 0\.1/, '"map_at_R": 0.2'],
  ['linear/probe', /"momentum": 0\.9/, '"momentum": 0.8'],
])('%s that says something else does not', async (file, from, to) => {
  const dir = mkdtempSync(join(tmpdir(), 'synclr-verify-'));
  try {
    for (const end of ['json', 'safetensors']) cpSync(join(CASES, `${file}.${end}`), join(dir, `case.${end}`));
    const path = join(dir, 'case.json');
    const text = readFileSync(path, 'utf8');
    expect(text).toMatch(from);
    rmSync(path, { force: true });
    writeFileSync(path, text.replace(from, to));
    expect((await checked(path)).off.length).toBeGreaterThan(0);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
