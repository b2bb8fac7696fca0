import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TarWriter } from '../formats/tar.js';
import { lastNote, partName, ShardFile, samplesOnTheWay } from './shard-file.js';

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'shard-file-'));
  path = join(dir, 'captions-000000.jsonl');
});
afterEach(() => rmSync(dir, { recursive: true }));

const bytes = (text: string) => Buffer.from(text);
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('a shard on its way', () => {
  test('leaves nothing when dropped, and appears whole', () => {
    const dropped = new ShardFile(path);
    dropped.write(bytes('half'));
    dropped.drop();
    expect(readdirSync(dir)).toEqual([]);
    const whole = new ShardFile(path);
    whole.write(bytes('one\n'));
    whole.write(bytes('two\n'));
    expect(existsSync(path)).toBe(false);
    expect(whole.commit()).toEqual({ bytes: 8, sha256: sha256('one\ntwo\n') });
    expect(readdirSync(dir)).toEqual(['captions-000000.jsonl']);
  });
});

describe('a shard that is kept on its way', () => {
  const begin = () => {
    const first = new ShardFile(path, { keep: true });
    first.write(bytes('one\n'));
    first.note(1, {});
    first.write(bytes('two\n'));
    first.note(2, { empty: 3 });
    first.write(bytes('thr'));
    first.drop();
  };

  test('goes on after the last sample that was noted, with the same bytes and checksum as in one go', () => {
    begin();
    const second = new ShardFile(path, { keep: true });
    const note = { samples: 2, bytes: 8, rejected: { empty: 3 }, sha256: sha256('one\ntwo\n') };
    expect(second.resumed).toEqual({ ...note, check: expect.stringMatching(/^[0-9a-f]{16}$/) });
    expect(second.length).toBe(8);
    expect(samplesOnTheWay(dir)).toBe(2);
    second.write(bytes('three\n'));
    expect(second.commit()).toEqual({ bytes: 14, sha256: sha256('one\ntwo\nthree\n') });
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\nthree\n');
    expect(readdirSync(dir)).toEqual(['captions-000000.jsonl']);
    expect(samplesOnTheWay(dir)).toBe(0);
    expect(samplesOnTheWay(join(dir, 'nowhere'))).toBe(0);
  });

  test('begins anew where nothing was noted', () => {
    const first = new ShardFile(path, { keep: true });
    first.write(bytes('one\n'));
    first.drop();
    expect(readdirSync(dir)).toEqual([]);
  });

  test('takes the note before a torn one', () => {
    begin();
    appendFileSync(`${partName(path)}.journal`, '{"samples":3,"byt');
    expect(lastNote(path)).toMatchObject({ samples: 2 });
    appendFileSync(`${partName(path)}.journal`, '\n');
    expect(lastNote(path)).toMatchObject({ samples: 2 });
  });

  test('what is noted after a torn line is not lost with it', () => {
    begin();
    appendFileSync(`${partName(path)}.journal`, '{"samples":3,"byt');
    const second = new ShardFile(path, { keep: true });
    second.write(bytes('three\n'));
    second.note(3, { empty: 3 });
    second.drop();
    expect(lastNote(path)).toMatchObject({ samples: 3, bytes: 14, rejected: { empty: 3 } });
  });

  test('goes back to the last note that is true of the file', () => {
    const spoil: Record<string, [() => void, number]> = {
      'lost its end': [() => truncateSync(partName(path), 5), 1],
      'lost all': [() => truncateSync(partName(path), 3), 0],
      'another byte at the end': [() => writeFileSync(partName(path), 'one\ntwO\nthr'), 1],
      'another byte at the beginning': [() => writeFileSync(partName(path), 'One\ntwo\nthr'), 0],
      'a note of another file': [
        () =>
          appendFileSync(
            `${partName(path)}.journal`,
            `${JSON.stringify({ samples: 3, bytes: 11, rejected: {}, sha256: sha256('one\ntwo\nsix') })}\n`,
          ),
        2,
      ],
      'a note of half a sample': [
        () => appendFileSync(`${partName(path)}.journal`, '{"samples":1.5,"bytes":6,"rejected":{},"sha256":""}\n'),
        2,
      ],
    };
    for (const [what, [act, samples]] of Object.entries(spoil)) {
      begin();
      act();
      const second = new ShardFile(path, { keep: true });
      expect(second.resumed?.samples ?? 0, what).toBe(samples);
      expect(second.length, what).toBe(4 * samples);
      second.write(bytes('x\n'));
      // Killed here, or once more.
      second.note(samples + 1, {});
      second.drop();
      const third = new ShardFile(path, { keep: true });
      expect(third.resumed?.samples, what).toBe(samples + 1);
      const text = `${'one\ntwo\n'.slice(0, 4 * samples)}x\n`;
      expect(third.commit(), what).toEqual({ bytes: text.length, sha256: sha256(text) });
      rmSync(path);
    }
  });

  test('does not trust a note whose numbers were changed: the samples are not those that it speaks of', () => {
    const journal = `${partName(path)}.journal`;
    const changes: [string, string, number][] = [
      ['"samples":2', '"samples":3', 1],
      ['"empty":3', '"empty":7', 1],
      ['"check"', '"chfck"', 2],
      ['"samples":1', '"samples":2', 2],
      ['"bytes":8', '"bytes":9', 1],
    ];
    for (const [from, to, samples] of changes) {
      begin();
      const text = readFileSync(journal, 'utf8');
      expect(text).toContain(from);
      writeFileSync(journal, text.replace(from, to));
      const second = new ShardFile(path, { keep: true });
      expect(second.resumed?.samples, to).toBe(samples);
      expect(second.length, to).toBe(4 * samples);
      second.commit();
      rmSync(path);
    }
  });

  test('takes notes of before they were covered where the samples, counted, are as many', () => {
    const old = (samples: number, text: string) =>
      `${JSON.stringify({ samples, bytes: text.length, rejected: {}, sha256: sha256(text) })}\n`;
    for (const [claimed, expected] of [
      [2, 2],
      [3, 1],
    ]) {
      writeFileSync(partName(path), 'one\ntwo\nthr');
      writeFileSync(`${partName(path)}.journal`, old(1, 'one\n') + old(claimed, 'one\ntwo\n'));
      const file = new ShardFile(path, { keep: true });
      expect(file.resumed?.samples).toBe(expected);
      file.commit();
      rmSync(path);
    }
    // The same of an archive: what it has of JSON files is what it has of samples.
    const tar = join(dir, 'images-000000.tar');
    const pieces: Uint8Array[] = [];
    const writer = new TarWriter((b) => pieces.push(b));
    for (const key of ['0', '1'])
      for (const end of ['0.jpg', 'txt', 'json']) writer.add(`${key}.${end}`, bytes('content'));
    const whole = Buffer.concat(pieces);
    for (const [claimed, expected] of [
      [2, 2],
      [1, undefined],
    ] as const) {
      writeFileSync(partName(tar), Buffer.concat([whole, bytes('torn')]));
      const sum = createHash('sha256').update(whole).digest('hex');
      writeFileSync(
        `${partName(tar)}.journal`,
        `${JSON.stringify({ samples: claimed, bytes: whole.length, rejected: {}, sha256: sum })}\n`,
      );
      const file = new ShardFile(tar, { keep: true });
      expect(file.resumed?.samples).toBe(expected);
      file.commit();
      rmSync(tar);
    }
  });

  test('does not trust a journal without its file', () => {
    writeFileSync(`${partName(path)}.journal`, '{"samples":3,"bytes":30,"rejected":{}}\n');
    const file = new ShardFile(path, { keep: true });
    expect(file.resumed).toBeUndefined();
    file.drop();
    expect(readdirSync(dir)).toEqual([]);
  });
});
