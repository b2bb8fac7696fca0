import { readFileSync } from 'node:fs';
import { compileOptions } from './compile-options.js';
import { oneLine, PjrtError } from './errors.js';
import { summarize } from './hlo-module.js';
import { leaveNow } from './leave.js';
import { addressOf, Plugin, struct, textAt } from './library.js';
import { executableMemory, explain, namedValues, programStruct } from './pjrt.js';
import { STRUCTS } from './pjrt-api.js';
import { MARK, type PlanAnswer, type PlanRequest } from './topology.js';

/** Run by `compileFor` in a process of its own: compiles the program that it is given for cards that are not here. */
function plan({ plugin: path, card, count, text, flags }: PlanRequest): NonNullable<PlanAnswer['plan']> {
  const plugin = Plugin.open(path);
  // A machine with so many cards.
  const options = namedValues({ target_config: card, topology: `1x1x${count}` });
  const topology = plugin
    .call(
      'TopologyDescription_Create',
      { name: new Uint8Array(1), nameSize: 0, options: options.cells, optionCount: 2 },
      options.alive,
    )
    .get('topology');
  const program = programStruct(text);
  const compile = compileOptions({ devices: count, flags });
  const began = performance.now();
  const executable = plugin
    .call('Compile', { topology, program: program.cells, options: compile, optionsSize: compile.length }, program.alive)
    .get('executable');
  const seconds = (performance.now() - began) / 1e3;
  const memory = executableMemory(plugin, executable);
  if (!memory) throw new Error('the plugin does not say how much memory a program needs');
  return { seconds, memory, ...summarize(...optimized(plugin, executable)) };
}

/** The optimised program: the first call says how long it is. */
function optimized(plugin: Plugin, executable: bigint): [bytes: Uint8Array, format: string] {
  const program = struct('Program', {});
  const place = (field: (typeof STRUCTS.Program)[number]) => 2 + STRUCTS.Program.indexOf(field);
  plugin.call('Executable_OptimizedProgram', { executable, program });
  const format = textAt(program[place('format')], program[place('formatSize')]);
  const code = new Uint8Array(Number(program[place('codeSize')]));
  program[place('code')] = addressOf(code);
  plugin.call('Executable_OptimizedProgram', { executable, program }, code);
  return [code, format];
}

function answer(): PlanAnswer {
  try {
    return { plan: plan(JSON.parse(readFileSync(0, 'utf8')) as PlanRequest) };
  } catch (e) {
    const told = explain(e, 'the compiler') as Error;
    return { error: e instanceof PjrtError ? told.message : oneLine(told.message) };
  }
}

const said = answer();
process.stdout.write(`\n${MARK}${JSON.stringify(said)}\n`, () => leaveNow(said.plan ? 0 : 1));
