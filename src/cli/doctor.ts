import { UserError } from '../errors.js';
import { oneLine } from '../printable.js';
import { type Check, checkMachine } from './support/checks.js';
import type { Command } from './support/command.js';

export const command: Command = {
  name: 'doctor',
  about:
    'Check this machine: Node, cores, memory, disk, ONNX Runtime and its execution providers, XLA plugins, libraries',
  details: 'Exit code 0 if training on the CPU works here, 2 if something that it needs is missing.',
  flags: [],
  answers: true,
  examples: [{ line: 'synclr doctor', about: 'one line a check, and what to do' }],
  async run(args, { terminal, answer }) {
    const checks: Check[] = [];
    const json = args.switches.has('json');
    // A check may take seconds: a person sees each as it is done.
    for await (const check of checkMachine()) {
      checks.push(check);
      if (!json) terminal.answering(() => terminal.text(show(check)));
    }
    const failed = checks.filter((c) => c.state === 'problem');
    answer({ ok: failed.length === 0, checks }, () => {
      if (failed.length === 0) terminal.text('\nReady: synclr run');
    });
    if (failed.length > 0) throw new UserError(`not ready: ${failed.map((c) => c.name).join(', ')}`);
  },
};

function show(c: Check): string {
  const mark = { ok: 'ok     ', absent: '–      ', problem: 'PROBLEM' }[c.state];
  return `${mark}  ${c.name.padEnd(12)} ${oneLine(c.found)}${c.todo ? `\n${' '.repeat(22)}→ ${oneLine(c.todo)}` : ''}`;
}
