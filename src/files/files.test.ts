import { spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { leftBehind } from '../../test/process.js';
import { sha256 } from './digest.js';
import { makeFolder } from './folders.js';
import { refuseExportInto, refuseOverlap } from './overlap.js';
import { removeFile, removeFileOrLink } from './remove.js';
import { FILE_LIST, replaceFile, replaceFolder, settleFolder } from './replace.js';
import { isTemporary, removeTemporaries, removeTemporariesOf, temporaryName } from './temporary.js';
import { writeFileAtomic } from './write.js';

let dir: string;
beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'synclr-files-')));
});
afterEach(() => rmSync(dir, { recursive: true }));

const at = (...names: string[]): string => join(dir, ...names);
function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** What an ended process of the first versions left, which named no start. */
const leftByFirstVersions = (path: string): string =>
  join(dirname(path), `.${basename(path)}.${sha256(hostname()).slice(0, 6)}-4194305-0123abcd.tmp`);

describe('temporaries', () => {
  test('of a process of this machine that has ended go, of either form; all else stays', async () => {
    const mine = [leftBehind(at('a.json')), leftByFirstVersions(at('b.json'))];
    for (const path of mine) put(path, 'half');
    const folder = leftBehind(at('encoder'));
    put(join(folder, 'onnx', 'model.onnx'), 'half');
    const strangers = ['.notes.tmp', '.x.0123abcd.tmp', '.a.json.ffffff-4194305-0123abcd.tmp', '.a.json.tmp', 'a.tmp'];
    for (const name of strangers) put(at(name), 'kept');
    put(at('.folder.tmp', 'inside.txt'), 'kept');
    const alive = temporaryName(at('c.json'));
    put(alive, 'half');
    // A link of our own pattern leads to somebody's folder.
    put(at('precious', 'thesis.txt'), 'kept');
    const link = leftBehind(at('d'));
    symlinkSync(at('precious'), link);
    await removeTemporaries(dir);
    expect(readdirSync(dir).sort()).toEqual(
      [...strangers, '.folder.tmp', basename(alive), 'precious', basename(link)].sort(),
    );
    expect(readFileSync(at('precious', 'thesis.txt'), 'utf8')).toBe('kept');
    expect(readFileSync(at('.folder.tmp', 'inside.txt'), 'utf8')).toBe('kept');
  });

  test('of a process number that was given out again are known by its start', async () => {
    if (!existsSync('/proc/self/stat')) return;
    const again = temporaryName(at('a')).replace(/-(\d+)-(\d+)-/, (_, pid) => `-${pid}-1-`);
    put(again, 'half');
    await removeTemporaries(dir);
    expect(readdirSync(dir)).toEqual([]);
  });

  test('of one path go alone, and of a folder that is not there none do', async () => {
    const [one, other] = [leftBehind(at('a.jsonl')), leftBehind(at('a.jsonl.jsonl'))];
    for (const path of [one, other]) put(path, 'half');
    await removeTemporariesOf(at('a.jsonl'));
    expect(readdirSync(dir)).toEqual([basename(other)]);
    await removeTemporaries(at('absent'));
  });

  test.each(['a'.repeat(240), 'ü'.repeat(120), '漢'.repeat(80), '🦊'.repeat(60), 'x'.repeat(255)])(
    'names as long as a file’s may be stay within what file systems take (%#)',
    async (name) => {
      expect(Buffer.byteLength(basename(temporaryName(at(name))))).toBeLessThanOrEqual(255);
      expect(isTemporary(basename(temporaryName(at(name))))).toBe(true);
      await writeFileAtomic(at(name), 'whole');
      put(leftBehind(at(name)), 'half');
      put(leftBehind(at(`${name.slice(0, -2)}z`)), 'another’s half');
      await removeTemporariesOf(at(name));
      const left = readdirSync(dir);
      expect(left).toContain(name);
      expect(left).toHaveLength(2);
    },
  );
});

describe('a file', () => {
  const kind = { what: 'a note of ours', isOurs: (head: Buffer) => head.toString().startsWith('ours') };

  test('is put in place of nothing, of an empty one and of one of its kind', async () => {
    await replaceFile(at('sub', 'a'), 'ours 1', kind);
    await replaceFile(at('sub', 'a'), 'ours 2', kind);
    put(at('b'), '');
    await replaceFile(at('b'), 'ours', kind);
    expect(readFileSync(at('sub', 'a'), 'utf8')).toBe('ours 2');
    expect(readdirSync(at('sub'))).toEqual(['a']);
  });

  test('of somebody else’s, a folder, a link or a pipe in its place is refused by name and stays', async () => {
    put(at('theirs'), 'theirs');
    mkdirSync(at('folder'));
    symlinkSync('theirs', at('link'));
    symlinkSync('nowhere', at('dangling'));
    const said: Record<string, string> = {
      theirs: `${at('theirs')} is there already and is not a note of ours: move it away, or choose another name`,
      folder: `${at('folder')} is a folder: choose another name`,
      link: `${at('link')} is a link to theirs: name what it leads to, or remove the link`,
      dangling: `${at('dangling')} is a link to nowhere: name what it leads to, or remove the link`,
    };
    if (spawnSync('mkfifo', [at('pipe')]).status === 0)
      said.pipe = `${at('pipe')} is no ordinary file: choose another name`;
    for (const [name, message] of Object.entries(said))
      await expect(replaceFile(at(name), 'ours', kind), name).rejects.toMatchObject({ name: 'UserError', message });
    expect(readFileSync(at('theirs'), 'utf8')).toBe('theirs');
    expect(readdirSync(dir).sort()).toEqual(Object.keys(said).sort());
  });

  test('is removed as a file alone: what links lead to stays, and so do links where they are not ours', async () => {
    put(at('file'), 'x');
    symlinkSync('file', at('link'));
    mkdirSync(at('folder'));
    expect(await removeFile(at('link'))).toBe(false);
    expect(await removeFile(at('folder'))).toBe(false);
    expect(readdirSync(dir).sort()).toEqual(['file', 'folder', 'link']);
    await removeFileOrLink(at('link'));
    expect(readdirSync(dir).sort()).toEqual(['file', 'folder']);
    expect(await removeFile(at('file'))).toBe(true);
    expect(await removeFile(at('file'))).toBe(true);
  });

  test('below a file or a link to nowhere is refused, naming which', async () => {
    put(at('file'), 'x');
    symlinkSync('nowhere', at('dangling'));
    await expect(makeFolder(at('file', 'a', 'b'))).rejects.toThrow(
      `${at('file')} is a file, not a folder: choose another path`,
    );
    await expect(writeFileAtomic(at('dangling', 'a'), '')).rejects.toThrow(
      `${at('dangling')} is a link to nowhere, which is no folder: mend or remove the link`,
    );
    expect(readdirSync(dir).sort()).toEqual(['dangling', 'file']);
  });
});

describe('a folder', () => {
  test('is made with those above it, and the topmost that was made is told', async () => {
    expect(await makeFolder(at('one', 'two', 'three'))).toBe(at('one'));
    expect(await makeFolder(at('one', 'two', 'four'))).toBe(at('one', 'two', 'four'));
    expect(await makeFolder(at('one'))).toBeUndefined();
  });

  // There the parent of every new folder is said to be missing, for ever.
  test.runIf(process.platform === 'linux')('is refused at once where the system has no room for one', async () => {
    await expect(makeFolder('/proc/nowhere/below')).rejects.toThrow('ENOENT');
  });

  const out = () => at('made');
  const make = (text: string, path = out()) =>
    replaceFolder(path, {
      what: 'a folder of ours',
      fill: async (folder) => {
        await writeFileAtomic(join(folder, 'a.txt'), text);
        await writeFileAtomic(join(folder, 'sub', 'b.txt'), `${text} too`);
      },
    });
  const content = (path = out()) => readFileSync(join(path, 'a.txt'), 'utf8');

  test('takes the place of nothing, of an empty one, and of itself', async () => {
    await make('1');
    await make('2');
    expect(content()).toBe('2');
    mkdirSync(at('empty'));
    await make('3', at('empty'));
    expect(content(at('empty'))).toBe('3');
    expect(readdirSync(dir).sort()).toEqual(['empty', 'made']);
    expect(readdirSync(out()).sort()).toEqual([FILE_LIST, 'a.txt', 'sub']);
  });

  const changes: Record<string, [change: () => void, says: string]> = {
    'a file more': [() => put(at('made', 'README.md'), 'mine'), 'made holds README.md and is not a folder of ours'],
    'a file more further below': [() => put(at('made', 'sub', 'c.txt'), 'x'), "made: sub/c.txt is not synclr's"],
    'another content': [() => put(at('made', 'a.txt'), 'mine'), 'a.txt was changed since synclr wrote it'],
    'a content as long': [() => put(at('made', 'a.txt'), '2'), 'a.txt was changed since synclr wrote it'],
    'a folder more': [() => mkdirSync(at('made', 'sub', 'd')), "made: sub/d/ is not synclr's"],
    'a link for a file': [
      () => {
        rmSync(at('made', 'a.txt'));
        put(at('elsewhere.txt'), '1');
        symlinkSync(at('elsewhere.txt'), at('made', 'a.txt'));
      },
      "made: a.txt is not synclr's",
    ],
    'no list': [() => rmSync(at('made', FILE_LIST)), 'and is not a folder of ours, or was changed since'],
    'a list of somebody else’s': [
      () => put(at('made', FILE_LIST), '{"files":{}}'),
      'and is not a folder of ours, or was changed since',
    ],
  };
  for (const [what, [change, says]] of Object.entries(changes))
    test(`with ${what} is refused, and nothing in it or beside it changes`, async () => {
      await make('1');
      change();
      const before = tree(dir);
      await expect(make('2')).rejects.toMatchObject({ name: 'UserError', message: expect.stringContaining(says) });
      expect(tree(dir)).toEqual(before);
    });

  test('of a name that no UTF-8 is is refused, and stays', async () => {
    await make('1');
    const odd = Buffer.concat([Buffer.from(`${out()}/`), Buffer.from([0x66, 0xff, 0xfe])]);
    try {
      writeFileSync(odd, 'mine');
    } catch {
      console.log('this file system takes no such name');
      return;
    }
    await expect(make('2')).rejects.toThrow(/made holds f\ufffd\ufffd/);
    expect(readFileSync(odd, 'utf8')).toBe('mine');
    expect(content()).toBe('1');
  });

  test('of a link is refused, wherever it leads', async () => {
    await make('1');
    symlinkSync('made', at('link'));
    symlinkSync('nowhere', at('dangling'));
    await expect(make('2', at('link'))).rejects.toThrow('is a link to made: name what it leads to');
    await expect(make('2', at('dangling'))).rejects.toThrow('is a link to nowhere: name what it leads to');
    expect(lstatSync(at('link')).isSymbolicLink()).toBe(true);
    expect(content()).toBe('1');
  });

  test('that is missing parts of what it was is replaced all the same', async () => {
    await make('1');
    rmSync(at('made', 'sub'), { recursive: true });
    await make('2');
    expect(content()).toBe('2');
  });

  test('keeps what was there when the new one cannot be made', async () => {
    await make('1');
    const failing = replaceFolder(out(), {
      what: 'a folder of ours',
      fill: async (folder) => {
        put(join(folder, 'a.txt'), 'half');
        throw new Error('broken off');
      },
    });
    await expect(failing).rejects.toThrow('broken off');
    expect(content()).toBe('1');
    expect(readdirSync(dir)).toEqual(['made']);
  });

  describe('after a kill', () => {
    const aside = () => leftBehind(out()).replace(/tmp$/, 'aside');

    test('between the moves is there again', async () => {
      await make('1');
      await make('2', at('other'));
      renameSync(out(), aside());
      renameSync(at('other'), leftBehind(out()));
      await settleFolder(out());
      expect(content()).toBe('1');
      expect(readdirSync(dir)).toEqual(['made']);
      await make('3');
      expect(content()).toBe('3');
    });

    test('after them is the new one, and the old goes, but for what was put into it since', async () => {
      await make('1');
      renameSync(out(), aside());
      await make('2');
      expect(readdirSync(dir)).toEqual(['made']);
      renameSync(out(), aside());
      put(join(dir, readdirSync(dir)[0], 'mine.txt'), 'mine');
      await make('3', at('made2'));
      renameSync(at('made2'), out());
      await make('4');
      const [left] = readdirSync(dir).filter((name) => name !== 'made');
      expect(readdirSync(at(left)).sort()).toEqual([FILE_LIST, 'mine.txt']);
      expect(content()).toBe('4');
    });
  });
});

describe('overlap', () => {
  test('of a run with what it reads is refused, through links too', async () => {
    mkdirSync(at('run', 'eval', 'mine'), { recursive: true });
    mkdirSync(at('data', 'runs'), { recursive: true });
    mkdirSync(at('linked'));
    mkdirSync(at('far', 'mine'), { recursive: true });
    symlinkSync(at('run', 'eval'), at('alias'));
    symlinkSync(at('far'), at('linked', 'eval'));
    const set = (path: string) => [{ what: 'data set x:', path }];
    const cases: [run: string, data: string, says: RegExp][] = [
      [at('run'), at('run', 'eval', 'mine'), /lies in the run's own folder/],
      [at('run'), at('run'), /is the run's own folder/],
      [at('run'), at('run', 'eval', '..', '..', 'run', 'x'), /lies in the run's own folder/],
      [at('run'), at('alias', 'mine'), /lies in the run's own folder/],
      [at('data', 'runs', 'new'), at('data'), /the run's folder .* lies in data set x:/],
      [at('linked'), at('far', 'mine'), /linked\/eval, which leads to .*far, overlap/],
      [at('linked'), at('far'), /overlap/],
    ];
    for (const [run, data, says] of cases)
      await expect(refuseOverlap(run, set(data)), data).rejects.toMatchObject({
        name: 'UserError',
        message: expect.stringMatching(says),
      });
    await refuseOverlap(at('run'), set(at('data')));
    await refuseOverlap(at('run'), set(at('running')));
    await refuseOverlap(at('run'), set(at('run..', 'x')));
    await refuseOverlap(at('data', 'new'), [{ what: 'weights', path: at('data'), mayHoldRuns: true }]);
  });

  test('of an export with what it is made from, or with a run, is refused', async () => {
    put(at('run', 'config.json'), '{"synclr":"0","settings":{}}');
    put(at('run', 'checkpoints', 'step.safetensors'), '');
    symlinkSync(at('run'), at('alias'));
    for (const out of [dir, '/', at('run'), at('alias'), at('run', 'checkpoints'), at('run', 'images', 'a', 'b')])
      for (const from of [at('run'), at('run', 'checkpoints', 'step.safetensors')])
        await expect(refuseExportInto(out, from), out).rejects.toMatchObject({ name: 'UserError' });
    await expect(refuseExportInto(process.cwd(), at('run'))).rejects.toThrow('is the folder you are in');
    for (const out of [at('run', 'encoder'), at('run', 'mine'), at('new'), at('alias', 'encoder')])
      await refuseExportInto(out, at('run'));
  });
});

/** Every path below a folder with what is there. */
function tree(path: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const e of readdirSync(path, { withFileTypes: true, recursive: true })) {
    const file = join(e.parentPath, e.name);
    found[file] = e.isFile() ? readFileSync(file, 'utf8') : e.isSymbolicLink() ? 'link' : 'folder';
  }
  return found;
}
