import { existsSync, readdirSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { z } from 'zod';
import { runApart } from '../../apart.js';
import { Interrupted, UserError } from '../../errors.js';
import { parseJson } from '../../formats/json.js';
import { OutOfDeviceMemory } from './errors.js';
import type { HloSummary } from './hlo-module.js';
import type { ProgramMemory } from './pjrt.js';
import type { XlaProgram } from './program.js';
import { kindOf } from './site.js';
import { CARDS, type Software, type Target, targetConfig } from './targets/index.js';

/** What a program will need on cards that are not here. */
export interface Plan extends HloSummary {
  /** On each card, bytes. */
  memory: ProgramMemory;
  /** That the compiler took. */
  seconds: number;
}

export interface PlanOptions {
  /** Path of a CUDA plugin; its libraries lie where its wheels put them. */
  plugin: string;
  /** XLA's flags, as they stand in XLA_FLAGS. */
  flags?: string;
  /** Its abort ends the compiler. */
  signal?: AbortSignal;
  /** Hears every second how many have passed. */
  onProgress?: (seconds: number) => void;
}

/** What the process that compiles is asked, and what it answers. */
export interface PlanRequest {
  plugin: string;
  /** A card as `targetConfig` writes it, and how many. */
  card: string;
  count: number;
  text: string;
  flags: string;
}
const Answer = z.object({
  error: z.string().optional(),
  plan: z
    .object({
      seconds: z.number(),
      memory: z.object({
        ...{ arguments: z.number(), outputs: z.number(), alias: z.number() },
        ...{ temp: z.number(), code: z.number(), peak: z.number() },
      }),
      collectives: z.record(z.string(), z.object({ count: z.number(), bytes: z.number() })),
      calls: z.record(z.string(), z.number()),
    })
    .optional(),
});
export type PlanAnswer = z.output<typeof Answer>;

/** In front of the answer: plugins print, too. */
export const MARK = 'synclr-plan ';
/** Longest time for one program, milliseconds. */
const PATIENCE = 60 * 60 * 1000;
/** Of the software on the cards, where the plugin's wheels do not say. */
const SOFTWARE: Software = { cuda: '13.2.0', dnn: [9, 10, 0] };

/**
 * Compiles a program for cards that are not here, in a process of its own, and says what it will need there. It takes a
 * CUDA plugin with its libraries, and neither a card nor a driver.
 * @throws UserError for a plugin that is none for CUDA or cannot do it, and what the compiler refuses;
 * OutOfDeviceMemory where the compiler itself says that a card is too small
 */
export async function compileFor({ card, count }: Target, program: XlaProgram, o: PlanOptions): Promise<Plan> {
  const { plugin, flags = '', signal, onProgress } = o;
  if (kindOf(plugin) !== 'cuda')
    throw new UserError(`${plugin} is no CUDA plugin, which plans for ${card} need: synclr backend install cuda`);
  if (program.devices !== count)
    throw new Error(`internal: a program for ${program.devices} devices is to run on ${count}`);
  const site = siteOf(plugin);
  const toolkit = toolkitIn(site);
  const request: PlanRequest = {
    plugin,
    card: targetConfig(CARDS[card], { ...SOFTWARE, dnn: cudnnIn(site) ?? SOFTWARE.dnn }),
    count,
    text: program.text,
    flags: [toolkit && `--xla_gpu_cuda_data_dir=${toolkit}`, flags].filter(Boolean).join(' '),
  };
  const began = performance.now();
  const timer = onProgress && setInterval(() => onProgress((performance.now() - began) / 1e3), 1000);
  try {
    const env = toolkit ? { PATH: `${join(toolkit, 'bin')}${delimiter}${process.env.PATH ?? ''}` } : {};
    const ended = await runApart(script(), [], { patience: PATIENCE, signal, env, input: JSON.stringify(request) });
    if (signal?.aborted) throw new Interrupted('stopped while a program was compiled');
    const line = ended.out.split('\n').find((l) => l.startsWith(MARK));
    const answer =
      line === undefined ? undefined : Answer.parse(parseJson(line.slice(MARK.length), 'the compiler’s answer'));
    if (answer?.plan) return answer.plan;
    const why = answer?.error ?? crashed(ended);
    throw OutOfDeviceMemory.revive(new UserError(why));
  } finally {
    clearInterval(timer);
  }
}

function crashed({ code, signal, err, late }: Awaited<ReturnType<typeof runApart>>): string {
  if (late) return `the compiler did not end within ${PATIENCE / 60_000} minutes`;
  const lines = err.split('\n').map((l) => l.trim());
  const said =
    lines.find((l) => /^F\d{4} |check failed|not enough memory|bad_alloc/i.test(l)) ?? lines.find(Boolean) ?? '';
  return `the compiler ended before its work was done (${signal ?? `exit code ${code}`}): ${said.slice(0, 200)}`;
}

/**
 * From the TypeScript sources (tests) the script is the compiled one beside them, which the test command builds first.
 */
function script(): URL {
  const own = new URL('./compile-apart.js', import.meta.url);
  return existsSync(own) ? own : new URL('../../../dist/runtime/xla/compile-apart.js', import.meta.url);
}

/** The folder that wheels were unpacked into: of `SITE/jax_plugins/xla_cuda13/xla_cuda_plugin.so`. */
const siteOf = (plugin: string): string => dirname(dirname(dirname(plugin)));

/** Where ptxas and libdevice lie: in the wheels of CUDA 13 together, in those of CUDA 12 in folders of their own. */
function toolkitIn(site: string): string | undefined {
  return ['nvidia/cu13', 'nvidia/cuda_nvcc'].map((dir) => join(site, dir)).find((dir) => existsSync(dir));
}

/** cuDNN's version, by the folder that its wheel leaves. */
function cudnnIn(site: string): Software['dnn'] | undefined {
  for (const name of existsSync(site) ? readdirSync(site) : []) {
    const found = /^nvidia_cudnn_cu\d+-(\d+)\.(\d+)\.(\d+)/.exec(name);
    if (found) return [Number(found[1]), Number(found[2]), Number(found[3])];
  }
  return undefined;
}
