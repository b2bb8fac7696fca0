import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { LLAMA_DIR } from './data.js';
import type { Fault } from './faults.js';
import type { LoggedRequest, ServerOptions } from './server.js';

const ROOT = resolve(import.meta.dirname, '../..');

/** The server as JavaScript in `folder`: Node 20 runs no TypeScript. */
function compile(folder: string): string {
  const args = ['--ignoreConfig', '--noCheck', '--module', 'nodenext', '--target', 'es2023', '--rootDir', ROOT];
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, ...args, '--outDir', folder, join(ROOT, 'test/llama/server.ts')]);
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  return join(folder, 'test/llama/server.js');
}

/** The test server's process, on a port of 127.0.0.1. */
export class LlamaServer {
  /** Base URL as clients take it, ending in /v1. */
  readonly url: string;
  readonly port: number;
  /** Times that it died and came back. */
  restarts = 0;
  private child: ChildProcess;
  private revive: boolean;
  private readonly folder: string;
  private readonly options: ServerOptions;
  private readonly script: string;

  private constructor(folder: string, script: string, options: ServerOptions, child: ChildProcess, revive: boolean) {
    this.folder = folder;
    this.script = script;
    this.options = options;
    this.port = options.port;
    this.url = `http://127.0.0.1:${options.port}/v1`;
    this.revive = revive;
    this.child = this.watched(child);
  }

  /**
   * Starts it and waits until it listens.
   * @param o.revive start it again, on the same port and without faults, whenever it dies
   */
  static async start(o: Partial<Omit<ServerOptions, 'log'>> & { revive?: boolean } = {}): Promise<LlamaServer> {
    const { revive = false, ...given } = o;
    const folder = mkdtempSync(join(tmpdir(), 'llama-server-'));
    const script = compile(folder);
    const options: ServerOptions = { dir: LLAMA_DIR, port: 0, faults: [], ...given, log: join(folder, 'log.jsonl') };
    const child = run(script, options);
    const port = await listening(child);
    return new LlamaServer(folder, script, { ...options, port }, child, revive);
  }

  /** Sets what goes wrong from now on; requests are counted from 0 again. */
  async setFaults(faults: readonly Fault[]): Promise<void> {
    await fetch(`http://127.0.0.1:${this.port}/faults`, { method: 'POST', body: JSON.stringify({ faults }) });
  }

  /** Requests so far that have ended, in the order of their end, over all lives. */
  log(): LoggedRequest[] {
    if (!existsSync(this.options.log)) return [];
    const lines = readFileSync(this.options.log, 'utf8').split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line) as LoggedRequest);
  }

  /** Kills it at once. @returns when it is gone */
  async kill(): Promise<void> {
    const { child } = this;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((done) => child.once('close', done));
    child.kill('SIGKILL');
    await gone;
  }

  /** Starts it again on its port, without faults; one that revives needs no such help. */
  async restart(): Promise<void> {
    await this.kill();
    if (!this.revive) this.again();
    await listening(this.child);
  }

  async close(): Promise<void> {
    this.revive = false;
    await this.kill();
    rmSync(this.folder, { recursive: true });
  }

  private again(): void {
    this.child = this.watched(run(this.script, { ...this.options, faults: [] }));
    this.restarts++;
  }

  private watched(child: ChildProcess): ChildProcess {
    child.once('close', () => {
      if (this.revive) this.again();
    });
    return child;
  }
}

function run(script: string, options: ServerOptions): ChildProcess {
  const env = { ...process.env, LLAMA_SERVER: JSON.stringify(options) };
  return spawn(process.execPath, [script], { env, stdio: ['pipe', 'pipe', 'inherit'] });
}

/** The port that it prints. */
function listening(child: ChildProcess): Promise<number> {
  return new Promise((done, fail) => {
    child.stdout?.once('data', (line) => done(Number(line)));
    child.once('error', fail);
    child.once('exit', (code) => fail(new Error(`the server exited with code ${code} before it listened`)));
  });
}
