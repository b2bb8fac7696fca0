import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseJson } from '../../formats/json.js';
import { readSafetensors, writeSafetensors } from '../../formats/safetensors.js';
import type { Check } from './index.js';
import { KINDS } from './index.js';

const cases = join(
  import.meta.dirname,
  '../../..',
  process.env.SYNCLR_EVALUATION ?? '../shared/reference/evaluation',
  'finetune',
);
const names = existsSync(cases) ? readdirSync(cases).filter((n) => n.endsWith('.json')) : [];

async function checksOf(file: string): Promise<{ kind: string; all: Check[]; off: Check[] }> {
  const json = parseJson(readFileSync(file, 'utf8'), file);
  const kind = KINDS.find((k) => k.is(json))!;
  const all: Check[] = [];
  for await (const check of kind.verify(file)) all.push(check);
  return { kind: kind.kind, all, off: all.filter((c) => !(c.off <= c.bar)) };
}

describe('recorded cases of fine-tuning', () => {
  if (names.length === 0) {
    test('are not here', () => console.log(`no cases at ${cases} (SYNCLR_EVALUATION): not compared`));
    return;
  }
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'synclr-cases-'));
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  test.each(names)(
    '%s',
    async (name) => {
      const { kind, all, off } = await checksOf(join(cases, name));
      expect(off).toEqual([]);
      console.log(`${name} (${kind}): ${all.length} compared`);
      expect(all.length).toBeGreaterThan(10);
    },
    60_000,
  );

  /** A case with something changed, under a name that says nothing. */
  async function tampered(name: string, json: (text: string) => string, tensor?: string): Promise<Check[]> {
    const text = readFileSync(join(cases, `${name}.json`), 'utf8');
    const to = join(dir, 'case.json');
    writeFileSync(to, json(text));
    const { tensors } = await readSafetensors(join(cases, `${name}.safetensors`));
    if (tensor) (tensors.get(tensor)!.data as Float32Array | Uint8Array)[5] += 3;
    await writeSafetensors(join(dir, 'case.safetensors'), tensors);
    return (await checksOf(to)).off;
  }

  test('what differs is named: a picture, a rate, a weight', async () => {
    const same = (text: string) => text;
    expect((await tampered('randaugment', same, 'Equalize')).map((c) => c.name)).toEqual(['Equalize']);
    expect((await tampered('mixup', same, 'elem/targets')).map((c) => c.name)).toEqual(['elem targets']);
    const slow = (text: string) => text.replace(/"layer_decay": *0\.65/, '"layer_decay":0.66');
    const names = (await tampered('steps_plain', slow)).map((c) => c.name);
    expect(names).toContain('after3.blocks.0.mlp.fc1.weight');
    expect(names).not.toContain('loss 0');
  }, 60_000);
});
