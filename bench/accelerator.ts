/**
 * Our training step on this machine's accelerator beside the peers', in turns, as one table. Started by
 * bench/accelerator.sh, which installs and builds; what each option means stands there.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { lastJson, type Measured, measuresOf, reason, table } from './accelerator-table.js';

const { values: given } = parseArgs({
  options: {
    cpu: { type: 'boolean', default: false },
    peers: { type: 'string', default: '' },
    reference: { type: 'string', default: '' },
    torch: { type: 'string', default: 'python3' },
    jax: { type: 'string', default: 'python3' },
    steps: { type: 'string', default: '' },
    repeats: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '' },
    out: { type: 'string', default: 'build/accelerator' },
  },
});
const began = performance.now();
const minutes = given.minutes === '' ? Number.POSITIVE_INFINITY : Number(given.minutes);
const secondsLeft = () => minutes * 60 - (performance.now() - began) / 1000;
/** A run that takes longer hangs. */
const LONGEST = given.cpu ? 1800 : 600;

interface Model {
  preset: string;
  /** What the peers call it. */
  peer: string;
  captions: number;
  title: string;
}
const TINY: Model = { preset: 'bench-tiny', peer: 'tiny', captions: 16, title: 'ViT-Ti/8, 16 × 4' };
const MODELS: readonly Model[] = given.cpu
  ? [TINY]
  : [
      { preset: 'bench-b16', peer: 'b16', captions: 64, title: 'ViT-B/16, 64 × 4' },
      { preset: 'bench-s16', peer: 's16', captions: 64, title: 'ViT-S/16, 64 × 4' },
      TINY,
    ];
const STEPS = given.steps || (given.cpu ? '3' : '20');

interface Ended {
  code: number | null;
  said: string;
  late: boolean;
}

/** Runs a command with all that it says in a log, and with all that it starts ended when its time is up. */
function run(name: string, command: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const patience = Math.min(LONGEST, secondsLeft());
  return new Promise((done) => {
    let said = '';
    let late = false;
    const child = spawn(command, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const timer = setTimeout(() => {
      late = true;
      try {
        process.kill(-child.pid!, 'SIGKILL');
      } catch {
        // It has just ended by itself.
      }
    }, patience * 1000);
    const hear = (d: Buffer) => (said += d);
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    const end = (code: number | null) => {
      clearTimeout(timer);
      writeFileSync(join(given.out, `${name}.log`), said);
      done({ code, said, late });
    };
    child.on('error', (e) => {
      said += e.message;
      end(null);
    });
    child.on('close', end);
  });
}

const runs: Measured[] = [];
/** No programs that were compiled before: the table tells how long compiling takes. */
const caches = mkdtempSync(join(tmpdir(), 'synclr-programs-'));
const FRESH = { XDG_CACHE_HOME: caches };

/** Runs a bench and notes what it measured. */
async function measure(
  what: Pick<Measured, 'who' | 'model' | 'precision' | 'note'>,
  name: string,
  command: string,
  args: string[],
  env?: NodeJS.ProcessEnv,
): Promise<void> {
  let found: Measured;
  if (secondsLeft() < 10) found = { ...what, failed: 'not run: --minutes were up' };
  else {
    const { code, said, late } = await run(name, command, args, env);
    const line = lastJson(said);
    if (late) found = { ...what, failed: 'stopped: took too long' };
    else if (line) found = { ...what, ...measuresOf(line) };
    else found = { ...what, failed: code === 0 ? 'printed no numbers' : reason(said) };
  }
  runs.push(found);
  writeFileSync(join(given.out, 'results.jsonl'), `${JSON.stringify(found)}\n`, { flag: 'a' });
  const result = found.failed ?? `${found.imagesPerSecond} images/s`;
  console.error(`${what.model}, ${what.precision}, ${what.who}: ${result}`);
}

const ours = (m: Model, precision: Measured['precision'], turn: number, provider = 'xla') => {
  const args = ['build/bench/step.js', '--preset', m.preset, '--provider', provider, '--precision', precision];
  const who = provider === 'xla' ? 'synclr' : 'synclr, ONNX Runtime';
  const name = `synclr-${provider}-${m.peer}-${precision}-${turn}`;
  return measure({ who, model: m.title, precision }, name, process.execPath, [...args, '--steps', STEPS], FRESH);
};

const fromPictures = (m: Model, precision: Measured['precision']) => {
  const args = ['build/bench/step.js', '--preset', m.preset, '--provider', 'xla', '--precision', precision];
  const what = { who: 'synclr, from JPEGs', model: m.title, precision };
  return measure(
    what,
    `synclr-jpegs-${m.peer}`,
    process.execPath,
    [...args, '--data', 'loader', '--steps', STEPS],
    FRESH,
  );
};

/**
 * A peer's file, and the changes of its text and environment that make it compute in float32, without TF32, as ours
 * does.
 */
interface Peer {
  who: string;
  file: string;
  python: string;
  /** Modules that it needs, and what must be true of them. */
  needs: string;
  args: string[];
  float32: readonly (readonly [from: string, to: string])[];
  note?: string;
  env?: NodeJS.ProcessEnv;
  float32Env?: NodeJS.ProcessEnv;
}
const PEERS: readonly Peer[] = [
  given.cpu
    ? {
        who: 'PyTorch eager',
        file: 'torch_step_cpu.py',
        python: given.torch,
        needs: 'import torch',
        args: ['--modes', 'eager'],
        float32: [],
      }
    : {
        who: 'PyTorch compiled',
        file: 'torch_step.py',
        python: given.torch,
        needs: 'import torch; torch.zeros(1).cuda()',
        args: ['--modes', 'compile'],
        float32: [
          ["torch.autocast('cuda', torch.bfloat16)", "torch.autocast('cuda', enabled=False)"],
          ['allow_tf32 = True', 'allow_tf32 = False'],
        ],
      },
  {
    who: 'JAX',
    file: 'jax_step.py',
    python: given.jax,
    needs: `import jax; jax.devices('${given.cpu ? 'cpu' : 'cuda'}')`,
    args: [],
    float32: [['bf = jnp.bfloat16', 'bf = jnp.float32']],
    note: 'memory: the program’s temporaries alone',
    env: { JAX_PLATFORMS: given.cpu ? 'cpu' : 'cuda' },
    float32Env: { JAX_DEFAULT_MATMUL_PRECISION: 'highest' },
  },
];

/** Why a peer cannot be run here; undefined where it can. */
function missing(p: Peer): string | undefined {
  if (given.peers === '') return 'no folder of peers (--peers DIR)';
  if (!existsSync(join(given.peers, p.file))) return `no ${p.file} in ${given.peers}`;
  const { status, stderr, error } = spawnSync(p.python, ['-c', p.needs], {
    env: { ...process.env, ...p.env },
    encoding: 'utf8',
  });
  return status === 0 ? undefined : `${p.python}: ${error?.message ?? reason(stderr)}`;
}

function peer(p: Peer, m: Model, precision: Measured['precision'], turn: number): Promise<void> {
  let file = join(given.peers, p.file);
  if (precision === 'float32' && p.float32.length > 0) {
    let text = readFileSync(file, 'utf8');
    for (const [from, to] of p.float32) {
      if (!text.includes(from)) throw new Error(`${file}: no ${JSON.stringify(from)}, so float32 cannot be asked for`);
      text = text.replaceAll(from, to);
    }
    file = join(given.out, `float32-${p.file}`);
    writeFileSync(file, text);
  }
  const size = ['--model', m.peer, '--captions', String(m.captions), '--images', '4', '--steps', STEPS];
  const what = { who: p.who, model: m.title, precision, note: p.note };
  const name = `${p.who.replaceAll(' ', '-')}-${m.peer}-${precision}-${turn}`;
  const env = { ...p.env, ...(precision === 'float32' ? p.float32Env : {}) };
  return measure(what, name, p.python, [file, ...size, ...p.args], env);
}

/** Replays the reference steps on the accelerator. @returns whether all bars were met */
async function verify(): Promise<boolean> {
  const files = existsSync(given.reference)
    ? readdirSync(given.reference)
        .filter((name) => name.endsWith('.safetensors'))
        .map((name) => join(given.reference, name))
    : [];
  if (files.length === 0) {
    console.log('verify:step: not run, no folder of reference steps (--reference DIR)\n');
    return true;
  }
  const args = ['dist/cli/verify-step.js', '--provider', 'xla', ...files];
  const { code, said } = await run('verify-step', process.execPath, args);
  console.log(`verify:step --provider xla, ${files.length} files:`);
  console.log(code === 0 || /bar \d/.test(said) ? said.trimEnd() : `  failed: ${reason(said)}`);
  console.log(code === 0 ? 'all within the bars of the CPU\n' : 'NOT within the bars of the CPU\n');
  return code === 0;
}

/** The machine in a line. */
function machine(): string {
  const { stdout } = spawnSync(
    'nvidia-smi',
    ['--query-gpu=name,memory.total,driver_version', '--format=csv,noheader'],
    { encoding: 'utf8' },
  );
  const cards = given.cpu ? [] : (stdout ?? '').trim().split('\n').filter(Boolean);
  const { length } = cpus();
  return [...cards, `${length} × ${cpus()[0]?.model}`, `${Math.round(totalmem() / 2 ** 30)} GiB`, process.version].join(
    ', ',
  );
}

mkdirSync(given.out, { recursive: true });
console.log(`${machine()}\n`);
let well = await verify();
const here = PEERS.filter((p) => {
  const why = missing(p);
  if (why) console.log(`${p.who}: skipped, ${why}\n`);
  return why === undefined;
});
// The most wanted first, since time may run out. CPU plugins imitate bfloat16, which takes a dozen times as long.
const precisions: Measured['precision'][] = given.cpu ? ['float32'] : ['bfloat16', 'float32'];
for (let turn = 1; turn <= Number(given.repeats); turn++)
  for (const precision of precisions)
    for (const m of precision === 'bfloat16' ? MODELS : [...MODELS].reverse()) {
      await ours(m, precision, turn);
      if (given.cpu) await ours(m, precision, turn, 'cpu');
      for (const p of here) await peer(p, m, precision, turn);
      if (turn === 1 && m === MODELS[0] && precision === precisions[0]) await fromPictures(m, precision);
    }
rmSync(caches, { recursive: true, force: true });
console.log(table(runs));
well &&= runs.every((r) => !(r.who === 'synclr' && r.failed));
process.exitCode = well ? 0 : 1;
