import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { testSeed } from '../../test/numbers.js';
import { leftBehind } from '../../test/process.js';
import { loadConceptBank, usualBackgrounds } from '../concepts/bank.js';
import { settingsSchema } from '../config/schema.js';
import { Rng } from '../rng.js';
import { parseBackgrounds } from './background-answers.js';
import { backgroundPrompt } from './background-prompt.js';
import { askBackgrounds, type BackgroundsOptions, conceptsToAsk } from './backgrounds.js';
import type { Completion, CompletionOptions, CompletionRequest, LanguageModel } from './language-model.js';

const seed = testSeed('backgrounds.test.ts');

const dir = mkdtempSync(join(tmpdir(), 'synclr-backgrounds-'));
afterAll(() => rmSync(dir, { recursive: true }));

const parse = (text: string, concept = 'newt', cut = false) => parseBackgrounds({ text, cut }, concept);

describe('answers', () => {
  it.each([
    [' garden pond, muddy ditch, forest stream\ndog => sofa', ['garden pond', 'muddy ditch', 'forest stream']],
    ['newt => Garden pond, A muddy ditch', ['garden pond', 'muddy ditch']],
    ['1. Garden ponds\n2) The muddy ditch\n3. In a forest stream', ['garden ponds', 'muddy ditch', 'forest stream']],
    ['- **Pond** - where it swims\n- Ditch (muddy)\n* Stream: clear water', ['pond', 'ditch', 'stream']],
    ['Sure, here are 3 places:\n\npond, ditch, and stream.', ['pond', 'ditch', 'stream']],
    ['Here are some places: pond, ditch', ['pond', 'ditch']],
    ['["pond", "ditch", "pond"]', ['pond', 'ditch']],
    ['pond; ditch | stream / brook', ['pond', 'ditch', 'stream', 'brook']],
    ['newt, newts, pond, on top of a mossy log, next to the water', ['pond', 'mossy log', 'water']],
    ['pond, etc., and more, various places, 12, --, x, ponds of seven or more words each here', ['pond']],
    ["I'm sorry, I cannot help with that.", []],
    ['lily pad, gardener’s bucket, lily\u00a0pad</s>', ['lily pad', "gardener's bucket"]],
    ['', []],
  ])('%j', (text, found) => {
    expect(parse(text)).toEqual(found);
  });

  it('lose the last one where the token limit cut it', () => {
    expect(parse('pond, ditch, forest stre', 'newt', true)).toEqual(['pond', 'ditch']);
    expect(parse('pond\nditch\nfor', 'newt', true)).toEqual(['pond', 'ditch']);
    expect(parse('pond', 'newt', true)).toEqual([]);
  });

  it('of our own demonstrations are all usable', () => {
    for (let i = 0; i < 40; i++)
      for (const { left, right } of backgroundPrompt('newt', 12, i).demonstrations)
        expect(parse(right, left.replace(' =>', '')), left).toEqual(right.split(', '));
  });
});

describe('prompt', () => {
  it('has three demonstrations, none of the concept itself, with as many backgrounds as are asked for', () => {
    for (let i = 0; i < 60; i++) {
      const { instruction, demonstrations, left } = backgroundPrompt('Otter', 5, i);
      expect(left).toBe('Otter =>');
      expect(instruction).toContain(' 5 different');
      expect(new Set(demonstrations.map((d) => d.left)).size).toBe(3);
      for (const d of demonstrations) {
        expect(d.left).not.toBe('otter =>');
        expect(d.right.split(', ').length).toBe(5);
      }
    }
  });
});

/** Answers from a table, e.g. the second attempt's after a `|`; remembers what it was asked. */
class Scripted implements LanguageModel {
  readonly name = 'scripted';
  readonly model = 'm';
  readonly inFlight = 2;
  readonly usage = { promptTokens: 0, completionTokens: 0 };
  readonly asked: { left: string; line: boolean; seed: number }[] = [];
  private readonly answers: Readonly<Record<string, readonly string[]>>;
  constructor(answers: Readonly<Record<string, readonly string[]>>) {
    this.answers = answers;
  }
  async complete(requests: readonly CompletionRequest[], { line }: CompletionOptions): Promise<Completion[]> {
    return requests.map(({ prompt: { left }, seed: s }) => {
      const before = this.asked.filter((a) => a.left === left).length;
      this.asked.push({ left, line, seed: s });
      const list = this.answers[left.replace(' =>', '')] ?? ['pond, ditch, stream, moor'];
      return { text: list[Math.min(before, list.length - 1)], cut: false };
    });
  }
  async close(): Promise<void> {}
}

async function bankOf(names: readonly string[], heldOut = 0) {
  const source = join(dir, 'names.txt');
  writeFileSync(source, names.join('\n'));
  return loadConceptBank(settingsSchema.parse({ concepts: { source, heldOut } }));
}

async function ask(names: readonly string[], model: LanguageModel, more: Partial<BackgroundsOptions> = {}) {
  const concepts = conceptsToAsk(await bankOf(names));
  const hooks = { signal: new AbortController().signal, progress: () => {}, warn: () => {} };
  const o = {
    concepts,
    model,
    file: join(dir, 'out.json'),
    each: 3,
    seed: 1,
    temperature: 0.8,
    topP: 0.9,
    hooks,
    ...more,
  };
  const done = await askBackgrounds(o);
  return { done, written: JSON.parse(readFileSync(o.file, 'utf8')) as Record<string, string[]> };
}

describe('askBackgrounds', () => {
  it('asks again, as a list and with another prompt, where there were too few; then fills up and says so', async () => {
    const model = new Scripted({ cat: ['sofa', '1. sofa\n2. barn\n3. roof'], dog: ['dog'] });
    const { done, written } = await ask(['newt', 'cat', 'dog', 'beach'], model);
    expect(Object.keys(written)).toEqual(['newt', 'cat', 'dog']);
    expect(written.newt).toEqual(['pond', 'ditch', 'stream']);
    expect(written.cat).toEqual(['sofa', 'barn', 'roof']);
    expect(written.dog.length).toBe(3);
    const usual = usualBackgrounds('dog').map((b) => b.name);
    for (const name of written.dog) expect(usual).toContain(name);
    expect(done).toEqual({ asked: 3, kept: 0, filled: 1, backgrounds: 9 });
    const cats = model.asked.filter((a) => a.left === 'cat =>');
    expect(cats.map((a) => a.line)).toEqual([true, false]);
    expect(cats[0].seed).not.toBe(cats[1].seed);
    expect(model.asked.filter((a) => a.left === 'dog =>').length).toBe(3);
    rmSync(join(dir, 'out.json'));
  });

  it('asks for objects of training and held out alike, and writes what the bank reads', async () => {
    const names = ['dog', 'cat', 'newt', 'beach'];
    const bank = await bankOf(names, 0.99);
    expect(
      conceptsToAsk(bank)
        .map((c) => c.name)
        .sort(),
    ).toEqual(['cat', 'dog', 'newt']);
    await ask(names, new Scripted({}));
    const backgrounds = join(dir, 'out.json');
    const read = await loadConceptBank(
      settingsSchema.parse({ concepts: { source: join(dir, 'names.txt'), heldOut: 0, backgrounds } }),
    );
    expect(read.backgrounds).toMatchObject({ concepts: 3, unknown: 0, empty: 0 });
    expect(read.concepts.find((c) => c.name === 'dog')?.backgrounds).toEqual(['pond', 'ditch', 'stream']);
  });

  it('keeps what the file has, and asks for the rest', async () => {
    writeFileSync(join(dir, 'out.json'), '{"Zorblax": ["planet"], "Cat": ["roof"], "newt": []}');
    const model = new Scripted({});
    const { done, written } = await ask(['newt', 'cat'], model);
    expect(written).toEqual({ newt: ['pond', 'ditch', 'stream'], Cat: ['roof'], Zorblax: ['planet'] });
    expect(done).toMatchObject({ asked: 1, kept: 1 });
    const again = new Scripted({});
    expect((await ask(['newt', 'cat'], again)).done).toMatchObject({ asked: 0, kept: 2 });
    expect(again.asked).toEqual([]);
    rmSync(join(dir, 'out.json'));
  });

  it('knows a name with underscores or in capitals again, and loses no list of a name that is there twice', async () => {
    writeFileSync(join(dir, 'out.json'), '{"great_white_shark": ["reef"], "cat": ["roof"], "Cat": ["roof", "wall"]}');
    const model = new Scripted({});
    const { done, written } = await ask(['great white shark', 'cat', 'newt'], model);
    expect(model.asked.map((a) => a.left)).toEqual(['newt =>']);
    expect(done).toMatchObject({ asked: 1, kept: 2 });
    expect(written).toEqual({
      great_white_shark: ['reef'],
      cat: ['roof', 'wall'],
      newt: ['pond', 'ditch', 'stream'],
    });
    rmSync(join(dir, 'out.json'));
  });

  it('refuses a journal of other settings and a file of something else', async () => {
    const aborted = AbortSignal.abort();
    const hooks = { signal: aborted, progress: () => {}, warn: () => {} };
    await expect(ask(['newt', 'cat'], new Scripted({}), { hooks })).rejects.toThrow(/0 of 2 concepts have backgrounds/);
    await expect(ask(['newt', 'cat'], new Scripted({}), { each: 4 })).rejects.toThrow(
      /out\.json\.journal was begun with other settings: each \(3 there, 4 now\); go back/,
    );
    rmSync(join(dir, 'out.json.journal'));
    writeFileSync(join(dir, 'out.json'), '["newt"]');
    await expect(ask(['newt'], new Scripted({}))).rejects.toThrow(/expected a JSON object concept/);
    rmSync(join(dir, 'out.json'));
  });
});

/** `synclr backgrounds` as a process of its own, with a model that is slow, fickle and, by its seeds, always the same. */
const PROCESS = `
  const [url, ...argv] = process.argv.slice(1);
  const at = (name) => import(new URL(name, url).href);
  const { backgroundsCommand } = await at('cli/backgrounds.js');
  const { parseArguments } = await at('cli/support/args.js');
  const { Terminal } = await at('cli/support/terminal.js');
  const { Rng } = await at('rng.js');
  const model = {
    name: 'fickle', model: 'm1', inFlight: 2, usage: { promptTokens: 0, completionTokens: 0 },
    async complete(requests, { line }) {
      await new Promise((done) => setTimeout(done, 8));
      return requests.map(({ prompt, seed }) => {
        const rng = Rng.of('answer', prompt.left, seed);
        const n = rng.chance(0.3) ? rng.int(3) : 3 + rng.int(8);
        const places = Array.from({ length: n }, () => rng.pick(['red', 'old', 'wet']) + ' ' + rng.pick(['barn', 'pond', 'moor', 'hall', 'dune']));
        return { text: line ? places.join(', ') : places.map((p, i) => (i + 1) + '. ' + p).join('\\n'), cut: rng.chance(0.2) };
      });
    },
    async close() {},
  };
  const command = backgroundsCommand(async () => model);
  await command.run(parseArguments(command, argv), { terminal: new Terminal(), signal: new AbortController().signal, line: '', answer: (_, show) => show() });
`;

function start(args: readonly string[]): { child: ChildProcess; ended: Promise<{ code: number | null; out: string }> } {
  const dist = new URL('../../dist/', import.meta.url).href;
  const child = spawn(process.execPath, ['--input-type=module', '-e', PROCESS, dist, ...args], { cwd: dir });
  let out = '';
  child.stdout?.on('data', (d) => (out += d));
  child.stderr?.on('data', (d) => (out += d));
  return { child, ended: new Promise((done) => child.on('close', (code) => done({ code, out }))) };
}

describe('synclr backgrounds', () => {
  it('killed again and again, ends with the same bytes as undisturbed', async () => {
    const bank = await loadConceptBank(settingsSchema.parse({ concepts: { limit: 400 } }));
    const names = conceptsToAsk(bank)
      .slice(0, 240)
      .map((c) => c.name);
    writeFileSync(join(dir, 'many.json'), JSON.stringify(names.map((name) => ({ name, kind: 'object' }))));
    const args = (out: string) => ['--concepts', 'many.json', '--out', out, '--each', '6', '--seed', String(seed)];
    const whole = await start(args('whole')).ended;
    expect(whole.code, whole.out).toBe(0);
    expect(whole.out).toMatch(/backgrounds: whole\/backgrounds\.json \([\d,]+ backgrounds of 240 concepts;/);
    expect(whole.out).toMatch(/concepts had fewer than 3 usable answers, asked 3 times/);
    expect(readdirSync(join(dir, 'whole'))).toEqual(['backgrounds.json']);

    const rng = Rng.of(seed, 'kills');
    const journal = join(dir, 'killed/backgrounds.json.journal');
    let kills = 0;
    let rows = 0;
    for (;;) {
      const { child, ended } = start(args('killed'));
      let over = false;
      void ended.then(() => {
        over = true;
      });
      // Until it has got on: a kill while it is loading teaches nothing.
      const enough = rows + 10 + rng.int(40);
      const lines = () => (existsSync(journal) ? readFileSync(journal, 'utf8').split('\n').length : 0);
      while (!over && lines() < enough) await wait(2);
      if (!over && child.kill('SIGKILL')) {
        await ended;
        // As a kill in the last moment leaves it.
        writeFileSync(leftBehind(join(dir, 'killed/backgrounds.json')), '{');
        rows = lines();
        kills++;
        continue;
      }
      const { code, out } = await ended;
      expect(code, out).toBe(0);
      break;
    }
    expect(kills).toBeGreaterThanOrEqual(2);
    expect(readFileSync(join(dir, 'killed/backgrounds.json'), 'utf8')).toBe(
      readFileSync(join(dir, 'whole/backgrounds.json'), 'utf8'),
    );
    expect(readdirSync(join(dir, 'killed'))).toEqual(['backgrounds.json']);
    const again = await start(args('killed')).ended;
    expect(again.out).toMatch(/all 240 concepts are in killed\/backgrounds\.json already/);
  });
});
