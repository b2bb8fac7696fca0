import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type HubSettings, hubSettings } from '../src/hub/settings.js';
import { Rng } from '../src/rng.js';

/** What goes wrong with the next `times` requests whose path holds `match`. */
export interface Fault {
  match: string;
  times: number;
  on?: 'hub' | 'storage';
  /** Answers this status … */
  status?: number;
  headers?: Record<string, string>;
  /** … sends something else; … never answers; … closes the connection. */
  garbage?: boolean;
  silent?: boolean;
  drop?: boolean;
  /** Sends so many bytes of the content and breaks off; … and says no more. */
  cut?: number;
  hang?: number;
  /** Sends the content in pieces of so many bytes, with pauses. */
  slow?: number;
  /** Sends wrong bytes; … bytes too many; … all of it whatever range was asked for. */
  corrupt?: boolean;
  longer?: boolean;
  ignoreRange?: boolean;
}

export interface Request {
  on: 'hub' | 'storage';
  url: string;
  range?: string;
  authorization?: string;
  encoding?: string;
  status: number;
}

export interface RepoPlan {
  commit: string;
  refs: Record<string, string>;
  /** Contents; LFS where they are bytes, and with a false size where one is given. */
  files: Record<string, string | Uint8Array | { content: Uint8Array; size: number }>;
  private?: boolean;
  gated?: boolean;
  token?: string;
  movedTo?: string;
}

/** A hub in a process of its own, with folders for caches that are removed at the end. */
export class FakeHub {
  readonly requests: Request[] = [];
  readonly dir: string;
  readonly child: ChildProcess;
  hub = '';
  storage = '';
  private caches = 0;

  private constructor(dir: string, child: ChildProcess) {
    this.dir = dir;
    this.child = child;
  }

  static async start(
    repos: Record<string, RepoPlan>,
    more: { pageSize?: number; plain?: boolean; prefix?: string } = {},
  ): Promise<FakeHub> {
    const dir = mkdtempSync(join(tmpdir(), 'synclr-hub-'));
    const content = join(dir, 'content');
    mkdirSync(content);
    let written = 0;
    const plan = Object.fromEntries(
      Object.entries(repos).map(([name, repo]) => {
        const files = Object.entries(repo.files).map(([path, value]) => {
          const file = String(written++);
          const { content: bytes, size } =
            typeof value === 'string' || value instanceof Uint8Array ? { content: value, size: undefined } : value;
          writeFileSync(join(content, file), bytes);
          return [path, { file, lfs: typeof bytes !== 'string', size }];
        });
        return [name, { ...repo, files: Object.fromEntries(files) }];
      }),
    );
    const planFile = join(dir, 'plan.json');
    writeFileSync(planFile, JSON.stringify({ dir: content, pageSize: 1000, ...more, repos: plan }));
    const script = fileURLToPath(new URL('./hub-server.js', import.meta.url));
    const child = spawn(process.execPath, [script, planFile], { stdio: ['pipe', 'pipe', 'inherit'] });
    const fake = new FakeHub(dir, child);
    await new Promise<void>((done, fail) => {
      child.once('error', fail);
      child.once('exit', (code) => fail(new Error(`the server ended with ${code}`)));
      createInterface({ input: child.stdout! }).on('line', (line) => {
        if (fake.hub) return fake.requests.push(JSON.parse(line));
        Object.assign(fake, JSON.parse(line));
        done();
      });
    });
    return fake;
  }

  async stop(): Promise<void> {
    const ended = new Promise((done) => this.child.once('exit', done));
    this.child.stdin!.end();
    await ended;
    rmSync(this.dir, { recursive: true, force: true });
  }

  async faults(...faults: Fault[]): Promise<void> {
    await fetch(`${this.hub}/_faults`, { method: 'PUT', body: JSON.stringify(faults) });
  }

  /** What was asked since the last call. A request's line may come a little after its answer. */
  async asked(): Promise<Request[]> {
    await new Promise((done) => setTimeout(done, 50));
    return this.requests.splice(0);
  }

  newCache(): string {
    return join(this.dir, `cache-${this.caches++}`);
  }

  settings(cache: string, env: NodeJS.ProcessEnv = {}): HubSettings {
    return { ...hubSettings(this.env(cache, env)), retryMs: 5 };
  }

  env(cache: string, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    return { HF_ENDPOINT: this.hub, HF_HUB_CACHE: cache, HF_HOME: join(this.dir, 'home'), ...more };
  }
}

export interface ClientLine {
  progress?: { reference: string; done: number; total: number };
  warning?: string;
  model?: { path: string; files: { path: string }[]; commit: string };
  error?: string;
  peakMb?: number;
}

/** Runs test/hub-client.js; `onLine` may kill it. */
export function client(
  reference: string,
  env: NodeJS.ProcessEnv,
  onLine: (line: ClientLine, child: ChildProcess) => void = () => {},
): Promise<{ signal: NodeJS.Signals | null; lines: ClientLine[] }> {
  return new Promise((done, fail) => {
    const script = fileURLToPath(new URL('./hub-client.js', import.meta.url));
    const child = spawn(process.execPath, [script, reference], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    const lines: ClientLine[] = [];
    createInterface({ input: child.stdout! }).on('line', (text) => {
      const line = JSON.parse(text) as ClientLine;
      lines.push(line);
      onLine(line, child);
    });
    child.on('error', fail);
    child.on('close', (_, signal) => done({ signal, lines }));
  });
}

/** Bytes that no two seeds share. */
export function bytes(seed: number, length: number): Uint8Array {
  const rng = Rng.of(seed, 'hub');
  const out = new Uint8Array(length);
  for (let i = 0; i < length; i++) out[i] = rng.u32() & 255;
  return out;
}

export const sha256 = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');
export const gitSha1 = (text: string): string =>
  createHash('sha1')
    .update(`blob ${Buffer.byteLength(text)}\0`)
    .update(text)
    .digest('hex');
