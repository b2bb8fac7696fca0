import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Something that the server does wrong. */
export interface Fault {
  kind:
    | 'die' // the process ends before answering
    | 'drop' // the connection is closed without an answer
    | 'status' // `status` with `retryAfter`
    | 'echo' // 500 that repeats the Authorization header
    | 'garbage' // 200 that is no JSON
    | 'truncate' // the body ends early
    | 'hang' // no answer
    | 'slow' // an answer after `ms`
    | 'base64' // base64 with something else in it
    | 'half' // half of a JPEG
    | 'empty' // no image
    | 'size' // an image of `side`
    | 'blank' // a black image
    | 'link' // OpenAI: an address in place of the image
    | 'seed' // A1111: another seed was used
    | 'model' // A1111: another model was used
    | 'stuck' // sdcpp, ComfyUI: the job is never done
    | 'lose' // sdcpp, ComfyUI: the job is forgotten
    | 'fail' // sdcpp, ComfyUI: the job fails; ComfyUI with `type`
    | 'seedless' // the seed is ignored; `again`: in another file each time
    | 'told' // A1111: what its answer tells beside, in `info`
    | 'gone'; // ComfyUI: the image's file was deleted
  /** Numbers of the paintings that it strikes, from 1, repetitions included; each process and API counts for itself. */
  at?: number[];
  /** It strikes all paintings from this one on. */
  from?: number;
  /** It strikes paintings whose seed this divides: the same ones whatever comes before. */
  ofSeed?: number;
  /** It strikes every so many paintings; default 1. */
  every?: number;
  /** Times that it strikes; of `die`: lives of the server in which it does. Default: always; of `die`: 1. */
  times?: number;
  status?: number;
  /** Seconds, or a date one second from now. */
  retryAfter?: number | 'date';
  ms?: number;
  side?: number;
  text?: string;
  type?: string;
  url?: string;
  again?: 'png' | 'jpeg';
  info?: Record<string, unknown>;
  /** ComfyUI: the job is the one that runs. */
  running?: boolean;
}

export interface ImageServerOptions {
  /** Duration of a painting, ms. */
  delay?: number;
  /** Paintings in hand of an API beyond which it answers 429. */
  capacity?: number;
  /** Value that the Authorization header must have. */
  authorization?: string;
  models?: string[];
  samplers?: string[];
  /** Paths that it has not. */
  without?: string[];
  /** OpenAI: refuses seeds as hosted models do. */
  hosted?: boolean;
  /** OpenAI: whom its models belong to, by which vLLM and SGLang are known. */
  owner?: string;
  /** OpenAI: answers name the model. */
  tellsModel?: boolean;
  /** A1111: what its answers tell beside, as fields or as it stands there; SEED is the seed. */
  info?: unknown;
  /** ComfyUI: its history holds NaN. */
  nan?: boolean;
  /** Paths at which it answers with this text, whatever is asked. */
  odd?: Record<string, string>;
  /** sdcpp: the queue's size that it tells. */
  queue?: number;
  /** Starts the process again whenever it has ended by itself. */
  supervise?: boolean;
}

/** A painting that the server was asked for, or a cancellation. */
export interface LogEntry {
  api: string;
  prompt: string;
  seed: number;
  width: number;
  height: number;
  /** Number of the painting in this process and API. */
  n: number;
  /** Paintings in hand of this API, this one included. */
  busy: number;
  body: Record<string, unknown>;
  /** Whether there was an Authorization header. */
  authorization: boolean;
  /** What went wrong with it; `full`: beyond the capacity. */
  fault?: Fault['kind'] | 'full';
  cancel?: string;
  interrupt?: string;
  crashed?: string;
}

export interface ImageServer {
  /** `http://127.0.0.1:…`; OpenAI's API is under `/v1`. */
  readonly url: string;
  log(): LogEntry[];
  /** Replaces the faults, and counts paintings from 1 again. */
  setFaults(faults: Fault[]): Promise<void>;
  /** Changes what it was started with, as somebody does who loads another model. */
  change(options: Pick<ImageServerOptions, 'models' | 'odd'>): Promise<void>;
  /** SIGKILL; with `restart`, the same address lives again. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  /** Ends it for good and removes its log. */
  stop(): Promise<void>;
}

const SCRIPT = fileURLToPath(new URL('image-server/main.mjs', import.meta.url));
const SKETCHES = join(process.env.SYNCLR_DATA ?? '../shared/data', 'weights/cvae-quickdraw');
let told = false;

/** Starts a server process that speaks the four image APIs and does what `faults` say. */
export async function startImageServer(faults: Fault[] = [], given: ImageServerOptions = {}): Promise<ImageServer> {
  const options = { ...given };
  const dir = mkdtempSync(join(tmpdir(), 'image-server-'));
  const log = join(dir, 'log.jsonl');
  const data = existsSync(SKETCHES) ? SKETCHES : undefined;
  if (!data && !told)
    console.log(`image-server: ${SKETCHES} is absent; a pattern takes the place of the sketch network`);
  told = true;
  let child: ChildProcess | undefined;
  let port = 0;
  let starts = 0;
  let wanted = true;

  const start = async (): Promise<void> => {
    starts++;
    const env = { ...process.env, OPTIONS: JSON.stringify({ ...options, faults, log, data, port, starts }) };
    const started = spawn(process.execPath, [SCRIPT], { env, stdio: ['pipe', 'pipe', 'inherit'] });
    child = started;
    port = await new Promise<number>((resolve, reject) => {
      started.stdout!.once('data', (line) => resolve(JSON.parse(String(line)).port));
      started.once('exit', (code) => reject(new Error(`the image server ended with code ${code}`)));
    });
    started.once('exit', () => {
      if (child !== started) return;
      child = undefined;
      if (options.supervise && wanted) start().catch((e) => console.error(e));
    });
  };
  const kill = async (): Promise<void> => {
    const running = child;
    child = undefined;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const ended = new Promise((done) => running.once('exit', done));
    running.kill('SIGKILL');
    await ended;
  };

  await start();
  return {
    get url() {
      return `http://127.0.0.1:${port}`;
    },
    log: () =>
      existsSync(log)
        ? readFileSync(log, 'utf8')
            .split('\n')
            // The last may be half written.
            .slice(0, -1)
            .map((line) => JSON.parse(line))
        : [],
    async setFaults(next) {
      faults = next;
      const response = await fetch(`http://127.0.0.1:${port}/faults`, { method: 'POST', body: JSON.stringify(next) });
      await response.arrayBuffer();
    },
    async change(next) {
      Object.assign(options, next);
      const response = await fetch(`http://127.0.0.1:${port}/options`, { method: 'POST', body: JSON.stringify(next) });
      await response.arrayBuffer();
    },
    kill,
    async restart() {
      await kill();
      await start();
    },
    async stop() {
      wanted = false;
      await kill();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
