import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PAINTER_NAMES, PRESET_NAMES } from '../src/config/index.js';
import { command } from './command.js';

/** Each shell completes a command line by the script that it is given, as it does for a person. */

let dir: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'synclr-completion-'));
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { stdout, stderr } = await command(['completion', shell], dir);
    expect(stderr).toBe('');
    writeFileSync(join(dir, shell), stdout);
  }
  mkdirSync(join(dir, 'runs'));
  writeFileSync(join(dir, 'running.json'), '{}');
});
afterAll(() => rmSync(dir, { recursive: true }));

const has = (shell: string): boolean => spawnSync(shell, ['--version']).status === 0;
function ask(shell: string, args: readonly string[]): string {
  const { stdout, stderr, status } = spawnSync(shell, args, { cwd: dir, encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout;
}

/** What bash's function leaves in COMPREPLY for these words, the cursor in the last one. */
const bash = (...words: string[]): string[] =>
  ask('bash', [
    '--norc',
    '-c',
    `source ./bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _synclr; printf '%s\\n' "\${COMPREPLY[@]}"`,
    'bash',
    ...words,
  ])
    .split('\n')
    .filter(Boolean)
    .sort();

/** What fish offers behind this text. */
const fish = (line: string): string[] =>
  ask('fish', ['--no-config', '-c', `source ./fish; complete -C ${JSON.stringify(line)}`])
    .split('\n')
    .map((offer) => offer.split('\t')[0])
    .filter(Boolean)
    .sort();

/** What zsh makes of this text by a press on Tab, in a terminal of its own: a key that completes, then says what stands there. */
function zsh(line: string): string {
  const setUp = [
    `cd ${dir}`,
    'autoload -Uz compinit',
    `compinit -u -d ${dir}/dump`,
    'source ./zsh',
    "show() { zle complete-word; print -r -- GOT:'<'$BUFFER'>'; }",
    'zle -N show',
    "bindkey '^X' show",
    "echo REA''DY",
  ].join('; ');
  const until = (sign: string) =>
    `for i in {1..400}; do zpty -r -t shell part && out+=$part; [[ $out == *${sign}* ]] && break; sleep 0.05; done`;
  const script = [
    'zmodload zsh/zpty',
    'zpty -b shell zsh -f -i',
    'out=""',
    `zpty -w shell ${JSON.stringify(setUp).replaceAll('$', '\\$')}`,
    until('READY'),
    `zpty -w -n shell '${line}'$'\\x18'`,
    until("'GOT:<'"),
    'print -r -- "$out"',
  ].join('\n');
  const { stdout } = spawnSync('zsh', ['-f', '-c', script], { encoding: 'utf8' });
  return /GOT:<(.*)>/.exec(stdout)?.[1].trim() ?? stdout;
}

describe('bash', () => {
  it('completes commands, flags and settings', () => {
    expect(bash('synclr', 'tr')).toEqual(['train']);
    expect(bash('synclr', 'help', 'ca')).toEqual(['captions']);
    expect(bash('synclr', 'run', '--pre')).toEqual(['--preset']);
    expect(bash('synclr', 'doctor', '--')).toEqual(['--help', '--json', '--quiet', '--version']);
    expect(bash('synclr', 'run', '--vi')).toEqual(['--views.']);
    expect(bash('synclr', 'run', '--views.glob')).toEqual(['--views.globalScale', '--views.globalSize']);
  });

  it('completes values, behind a blank and behind =', () => {
    expect(bash('synclr', 'run', '--preset', '')).toEqual([...PRESET_NAMES].sort());
    expect(bash('synclr', 'run', '--preset', '=', 'paper-')).toEqual(['paper-b16', 'paper-l14']);
    expect(bash('synclr', 'run', '--images.painter', '')).toEqual([...PAINTER_NAMES].sort());
    expect(bash('synclr', 'run', '--painter', 'c')).toEqual(['comfyui']);
    expect(bash('synclr', 'run', '--steps', '')).toEqual([]);
  });

  it('completes files, folders and arguments', () => {
    expect(bash('synclr', 'run', '--config', 'run')).toEqual(['running.json', 'runs']);
    expect(bash('synclr', 'run', '--out', 'run')).toEqual(['runs']);
    expect(bash('synclr', 'report', 'run')).toEqual(['running.json', 'runs']);
    expect(bash('synclr', 'backend', '')).toEqual(['install', 'remove']);
    expect(bash('synclr', 'backend', 'install', 'c')).toEqual(['cpu', 'cuda']);
    expect(bash('synclr', 'completion', 'z')).toEqual(['zsh']);
  });
});

describe.skipIf(!has('fish'))('fish', () => {
  it('completes commands, flags, settings and values', () => {
    expect(fish('synclr tr')).toEqual(['train']);
    expect(fish('synclr run --pres')).toEqual(['--preset']);
    expect(fish('synclr run --views.glob')).toEqual(['--views.globalScale', '--views.globalSize']);
    expect(fish('synclr run --preset paper-')).toEqual(['paper-b16', 'paper-l14']);
    expect(fish('synclr run --config runn')).toEqual(['running.json']);
    expect(fish('synclr backend inst')).toEqual(['install']);
  });
});

describe.skipIf(!has('zsh'))('zsh', () => {
  it('completes commands, flags, settings and values', () => {
    expect(zsh('synclr trai')).toBe('synclr train');
    expect(zsh('synclr run --pres')).toMatch(/^synclr run --preset=?$/);
    expect(zsh('synclr run --views.globalSi')).toMatch(/^synclr run --views\.globalSize=?$/);
    expect(zsh('synclr run --preset paper-b')).toBe('synclr run --preset paper-b16');
    expect(zsh('synclr run --config runn')).toBe('synclr run --config running.json');
    expect(zsh('synclr backend inst')).toBe('synclr backend install');
    expect(zsh('synclr report runn')).toBe('synclr report running.json');
  });
});

// Whoever reads the tests' output should know.
for (const shell of ['fish', 'zsh']) if (!has(shell)) console.log(`not run: completion in ${shell}, which is not here`);
