import { mkdirSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { command as runCommand } from '../../../src/cli/run.js';
import { parseArguments } from '../../../src/cli/support/args.js';
import { requestRun } from '../../../src/cli/support/run-request.js';
import type { PresetName } from '../../../src/config/presets.js';
import { resolveSettings } from '../../../src/config/resolve.js';
import { readRunConfig } from '../../../src/run/config.js';
import { FolderLock } from '../../../src/run/lock.js';
import { fixtureRun } from '../fixture.js';
import { json, Scratch, type Target, text } from '../target.js';

/** Settings, command lines, and what a run's folder says of itself. */

/** Throws where objects were given members by an input. */
function unpolluted(): void {
  for (const key in {}) throw new Error(`every object has a member ${key}`);
}

const settingsFile: Target = {
  name: 'settings file',
  open() {
    const scratch = new Scratch();
    return {
      seeds: [
        json({
          seed: 3,
          captions: { count: 100 },
          images: { size: 64, perCaption: 4 },
          views: { mean: [0.5, 0.5, 0.5] },
        }),
        json({ preset: 'tiny', runtime: { threads: 2, writer: { url: 'http://127.0.0.1:1/v1', key: 'k' } } }),
        json({ 'train.steps': 100, 'optim.lr': 1e-3 }),
      ],
      parse(bytes) {
        try {
          resolveSettings({ file: scratch.put('settings.json', bytes) });
        } finally {
          unpolluted();
        }
      },
    };
  },
};

const commandLine: Target = {
  name: 'command line',
  open() {
    const line = ['--preset', 'tiny', '--seed=7', '--captions', '2400', '--eval', 'a=b', '--views.mean', '0.5,0.5,0.5'];
    const more = [
      '--runtime.writer.key',
      'user:two words',
      '--out',
      'x',
      '--images.size=32',
      '--from',
      'y',
      '--threads',
      '2',
    ];
    return {
      seeds: [text(line.join('\n')), text(more.join('\n'))],
      parse(bytes) {
        try {
          const args = parseArguments(runCommand, bytes.toString('utf8').split('\n'));
          resolveSettings({ preset: args.values.preset as PresetName, flags: args.settings });
        } finally {
          unpolluted();
        }
      },
    };
  },
};

const runConfig: Target = {
  name: 'config.json of a run',
  open() {
    const scratch = new Scratch();
    const args = { values: { out: scratch.dir }, lists: {}, settings: {} } as unknown as Parameters<
      typeof requestRun
    >[0];
    return {
      seeds: [{ bytes: readFileSync(join(fixtureRun(), 'config.json')), json: 'whole' }],
      parse(bytes) {
        scratch.put('config.json', bytes);
        readRunConfig(scratch.dir);
        requestRun(args);
      },
    };
  },
};

const lock: Target = {
  name: 'lock',
  open() {
    const scratch = new Scratch();
    mkdirSync(join(scratch.dir, 'run'));
    return {
      seeds: [json({ pid: 4194305, host: hostname(), started: '1' }), json({ pid: 1, host: 'elsewhere', started: '' })],
      async parse(bytes) {
        scratch.put(join('run', '.lock'), bytes);
        (await FolderLock.take(join(scratch.dir, 'run'))).releaseSync();
      },
    };
  },
};

export const TARGETS: readonly Target[] = [settingsFile, commandLine, runConfig, lock];
