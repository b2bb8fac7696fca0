import { findPlugins } from '../src/runtime/xla/plugins.js';
import type { Argument, Result, XlaProgram } from '../src/runtime/xla/program.js';

// Tests compile much and run little: LLVM's optimisations would be most of their time. Read when a plugin is loaded, by child processes too.
process.env.XLA_FLAGS ??= '--xla_backend_optimization_level=0';

/**
 * A CPU plugin to test with: the path in SYNCLR_XLA_PLUGIN, else the one that `synclr backend install cpu` put into our
 * own folder. Undefined where there is none: the test says that it ran nothing.
 * @throws where the variable names no file
 */
export function xlaPlugin(): string | undefined {
  return findPlugins().find(
    ({ source, kind }) => source === 'SYNCLR_XLA_PLUGIN' || (source === 'own' && kind === 'cpu'),
  )?.path;
}

/** Of tests that need a plugin. */
export function sayNotRun(what: string): void {
  console.log(
    `not run: ${what} (no XLA plugin: synclr backend install cpu fetches one, or SYNCLR_XLA_PLUGIN names it)`,
  );
}

const VALUES = { f32: 'f32', bf16: 'bf16', u8: 'ui8', i64: 'i64', i32: 'i32' };

type Type = Pick<Argument, 'shape' | 'dtype' | 'split'>;
export const typeText = ({ shape, dtype }: Type): string => `tensor<${[...shape, VALUES[dtype]].join('x')}>`;

/** A small program: `body` is the function's, in StableHLO, with arguments `%name` and a `return` of all results. */
export function smallProgram(args: Argument[], results: Result[], body: string, devices = 1): XlaProgram {
  const shard = ({ shape, split }: Type): string => {
    const axes = shape.map((_, i) => (i === split ? '{"data"}' : '{}')).join(', ');
    return devices === 1 ? '' : `sdy.sharding = #sdy.sharding<@mesh, [${axes}]>`;
  };
  const braced = (...attributes: string[]): string => {
    const all = attributes.filter(Boolean);
    return all.length === 0 ? '' : ` {${all.join(', ')}}`;
  };
  const given = args.map((a) => {
    const to = a.kept === undefined ? -1 : results.findIndex((r) => r.kept === a.kept);
    return `%${a.name}: ${typeText(a)}${braced(to < 0 ? '' : `tf.aliasing_output = ${to} : i32`, shard(a))}`;
  });
  const back = results.map((r) => `${typeText(r)}${braced(shard(r))}`);
  const mesh = devices === 1 ? '' : `  sdy.mesh @mesh = <["data"=${devices}]>\n`;
  return {
    text: `module @m attributes {mhlo.num_partitions = ${devices} : i32, mhlo.num_replicas = 1 : i32} {
${mesh}  func.func public @main(${given.join(', ')}) -> (${back.join(', ')}) {
${body}
  }
}
`,
    arguments: args,
    results,
    devices,
  };
}

/** Loops in a row that keep a compiler busy: 900 for a second or two. */
export function manySorts(loops: number): XlaProgram {
  const body = Array.from({ length: loops }, (_, i) => {
    const [a, b] = [`%v${i}`, `%v${i + 1}`];
    return `    ${b} = "stablehlo.sort"(${a}) <{dimension = 0 : i64, is_stable = true}> ({
    ^bb0(%l${i}: tensor<f32>, %r${i}: tensor<f32>):
      %c${i} = stablehlo.compare ${i % 2 ? 'LT' : 'GT'}, %l${i}, %r${i} : (tensor<f32>, tensor<f32>) -> tensor<i1>
      stablehlo.return %c${i} : tensor<i1>
    }) : (tensor<64xf32>) -> tensor<64xf32>`;
  });
  return smallProgram(
    [{ name: 'v0', shape: [64], dtype: 'f32' }],
    [{ name: 'y', shape: [64], dtype: 'f32' }],
    `${body.join('\n')}\n    return %v${loops} : tensor<64xf32>`,
  );
}
