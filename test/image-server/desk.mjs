import { appendFileSync } from 'node:fs';

/** Where paintings are ordered, whatever the API: counts them, writes them down, and does what is to go wrong. */
export class Desk {
  /** What the server was started with: `ImageServerOptions` of test/image-server.ts. */
  options;
  faults;
  /** A1111: the task that is painted first, and for ever where it hangs. */
  running;
  /** Of each API: paintings ordered so far, and in hand. */
  #ordered = {};
  #busy = {};

  constructor(options) {
    this.options = options;
    this.faults = options.faults ?? [];
  }

  note(entry) {
    appendFileSync(this.options.log, `${JSON.stringify(entry)}\n`);
  }

  setFaults(faults) {
    this.faults = faults;
    this.#ordered = {};
  }

  /**
   * Takes an order, unless something goes wrong with it already.
   * @returns what is to go wrong with the painting, and what to call when it is out of hand; undefined when nothing more is to be answered
   */
  async order(api, ask, body, request, response) {
    const { capacity = Infinity } = this.options;
    this.#ordered[api] = (this.#ordered[api] ?? 0) + 1;
    this.#busy[api] = (this.#busy[api] ?? 0) + 1;
    const n = this.#ordered[api];
    const busy = this.#busy[api];
    const fault = busy > capacity ? { kind: 'full' } : this.#faultOf(n, ask.seed);
    const authorization = request.headers.authorization !== undefined;
    this.note({ api, ...ask, n, busy, body, authorization, fault: fault?.kind });
    let inHand = true;
    const done = () => {
      if (inHand) this.#busy[api]--;
      inHand = false;
    };
    if (!(await spoil(fault, request, response))) return { fault, done };
    done();
    return undefined;
  }

  /** How long a painting takes. */
  paintingTime(fault) {
    return sleep(fault?.kind === 'slow' ? (fault.ms ?? 300) : (this.options.delay ?? 0));
  }

  #faultOf(n, seed) {
    return this.faults.find((f) => {
      if (f.kind === 'die' && this.options.starts > (f.times ?? 1)) return false;
      if (f.ofSeed) return seed % f.ofSeed === 0;
      if (f.at) return f.at.includes(n);
      if (f.from) return n >= f.from;
      if (f.kind !== 'die' && n > (f.times ?? Infinity) * (f.every ?? 1)) return false;
      return n % (f.every ?? 1) === 0;
    });
  }
}

/** Faults that have nothing to do with the API. @returns whether it has answered, or never will */
async function spoil(fault, request, response) {
  const { kind, status = 500, retryAfter, text } = fault ?? {};
  switch (kind) {
    case 'die':
      return process.exit(7);
    case 'drop':
      response.destroy();
      return true;
    case 'full':
      send(response, 429, { error: { message: 'too many requests' } }, { 'retry-after': 0 });
      return true;
    case 'status': {
      const after = retryAfter === 'date' ? new Date(Date.now() + 1000).toUTCString() : retryAfter;
      send(
        response,
        status,
        { error: { message: `trouble ${status}` } },
        after === undefined ? {} : { 'retry-after': after },
      );
      return true;
    }
    case 'echo':
      send(response, 500, { error: { message: `you sent ${request.headers.authorization}` } });
      return true;
    case 'garbage':
      response.end(text ?? '<html>upstream went away</html>');
      return true;
    case 'truncate':
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100_000 });
      response.write('{"data": [{"b64_json": "iVBOR');
      await sleep(5);
      response.destroy();
      return true;
    case 'hang':
      await new Promise((closed) => request.socket.once('close', closed));
      return true;
    default:
      return false;
  }
}

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

export function send(response, status, json, headers = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(json));
}

export async function bodyOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  const text = Buffer.concat(parts).toString('utf8');
  return text ? JSON.parse(text) : {};
}
