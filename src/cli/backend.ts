import { UserError } from '../errors.js';
import { BACKENDS, type BackendName } from '../runtime/xla/backends.js';
import type { Parsed } from './support/args.js';
import type { Command, Context } from './support/command.js';
import { shownPath } from './support/format.js';

const NAMES = BACKENDS.join(', ');

export const command: Command = {
  name: 'backend',
  about: 'What trains here: XLA plugins for accelerators and ONNX Runtime, each tried; install and remove plugins',
  details: `Without an argument: what is here and works, and where it was found. \`install NAME\` fetches the wheels of a plugin by pip or uv, from wherever these are set up to, into a folder of our own; no Python runs afterwards. \`remove NAME\` takes it away again. Names: ${NAMES}. More in docs/accelerators.md.`,
  positional: {
    name: 'install|remove NAME',
    about: `NAME is one of ${NAMES}; without an argument: the list`,
    required: false,
    most: 2,
    choices: [['install', 'remove'], BACKENDS],
  },
  flags: [
    {
      name: 'plugin',
      value: 'FILE',
      about: 'also try this library (.so, .dylib, .dll), as runtime.plugin would name it',
    },
    {
      name: 'wheel',
      value: 'FILE',
      repeat: true,
      about: 'install these wheels, brought by hand, and fetch nothing; may be repeated',
    },
    {
      name: 'cuda',
      value: '12|13',
      choices: ['12', '13'],
      about: 'which CUDA to install (default: the newest that the driver serves)',
    },
  ],
  answers: true,
  examples: [
    { line: 'synclr backend', about: 'what is here and works' },
    { line: 'synclr backend install cuda', about: 'NVIDIA GPUs: about 2.5 GB to fetch, 4 GB on disk' },
    { line: 'synclr backend install cpu --wheel FILE.whl', about: 'from a wheel that was brought by hand' },
    { line: 'synclr backend remove cuda', about: 'frees the space' },
  ],
  async run(args, context) {
    const [action = 'list', name, ...more] = args.positionals;
    if (more.length > 0) throw new UserError(`unexpected argument ${JSON.stringify(more[0])}`);
    if (action === 'list' && name === undefined) return list(args, context);
    if (action !== 'install' && action !== 'remove')
      throw new UserError(`synclr backend ${action}: expected install NAME or remove NAME (${NAMES}), or nothing`);
    if (name === undefined) throw new UserError(`synclr backend ${action} needs NAME: one of ${NAMES}`);
    const backend = BACKENDS.find((b) => b === name);
    if (!backend) throw new UserError(`unknown backend ${JSON.stringify(name)}; backends: ${NAMES}`);
    refuseFlags(action, args);
    return action === 'install' ? install(backend, args, context) : remove(backend, context);
  },
};

/** @throws UserError for a flag of another action */
function refuseFlags(action: string, args: Parsed): void {
  const of: Readonly<Record<string, readonly string[]>> = {
    list: ['plugin'],
    install: ['wheel', 'cuda'],
    remove: [],
  };
  const given = [...args.switches, ...Object.keys(args.values), ...Object.keys(args.lists)];
  const wrong = given.find((flag) => ![...of[action], 'json', 'quiet'].includes(flag));
  if (wrong === undefined) return;
  const goes = wrong === 'plugin' ? 'the list (synclr backend)' : 'synclr backend install NAME';
  throw new UserError(`--${wrong} goes with ${goes}`);
}

async function list(args: Parsed, { terminal, signal, answer }: Context): Promise<void> {
  refuseFlags('list', args);
  const { listBackends, shownBackends } = await import('./support/backend-list.js');
  const found = await listBackends(args.values.plugin ?? '', signal);
  answer(found, () => terminal.text(shownBackends(found)));
}

async function install(name: BackendName, args: Parsed, { terminal, signal, answer }: Context): Promise<void> {
  const { cuda } = args.values;
  if (cuda !== undefined && name !== 'cuda') throw new UserError(`--cuda goes with synclr backend install cuda`);
  if (cuda !== undefined && cuda !== '12' && cuda !== '13') throw new UserError(`--cuda ${cuda}: expected 12 or 13`);
  const { installBackend } = await import('../runtime/xla/install.js');
  const { describePlugin } = await import('./support/backend-list.js');
  const hooks = terminal.hooks(signal);
  const { dir, trial, ...made } = await installBackend({
    name,
    wheels: args.lists.wheel,
    cuda: cuda === undefined ? undefined : (Number(cuda) as 12 | 13),
    hooks,
  }).catch((e: unknown) => {
    terminal.drop();
    throw e;
  });
  terminal.finish();
  const described = describePlugin({ ...trial, kind: name, path: made.plugin, source: 'own', package: made.package });
  answer({ name, folder: dir, plugin: made.plugin, package: made.package, ...trial }, () => {
    terminal.line(`${name}: installed in ${shownPath(dir)}: ${described}`);
    if (trial.works) terminal.line(`train with it: --provider ${name === 'cpu' ? 'xla' : name}`);
    else terminal.line(`it can compile, but does not run here yet${trial.todo ? `: ${trial.todo}` : ''}`);
  });
}

async function remove(name: BackendName, { terminal, answer }: Context): Promise<void> {
  const { removeBackend } = await import('../runtime/xla/install.js');
  const removed = await removeBackend(name);
  answer({ name, removed }, () => terminal.line(`removed ${shownPath(removed)}`));
}
