import { UserError } from '../../errors.js';
import { OutOfDeviceMemory, oneLine, PjrtError } from './errors.js';
import { Plugin } from './library.js';
import { Client, explain } from './pjrt.js';
import type { OptionValue } from './pjrt-api.js';
import { kindOf } from './site.js';

/** Which devices of which plugin are used. */
export interface ClientOptions {
  /** Path of the plugin's shared library. */
  plugin: string;
  /** How many of its devices; default all, on a CPU one. A CPU shows as many as are asked for. */
  devices?: number;
  /** Options of the plugin's client, which it knows by name. Default on CUDA and ROCm: `CARD`. */
  options?: Readonly<Record<string, OptionValue>>;
  /** Hears of the plugin when it is loaded, before it looks for devices. */
  onLoaded?(plugin: Plugin): void;
}

/**
 * Of a card's memory, what may be had, when it is needed: the plugins' default is three quarters, all taken at once.
 * Names are those of XLA's GPU client.
 */
const CARD: Readonly<Record<string, OptionValue>> = { preallocate: false, memory_fraction: 0.94 };

/**
 * A client of a plugin with the devices that are asked for.
 * @throws UserError saying what is missing: driver, device, or as many devices
 */
export function openClient({ plugin: path, devices, options, onLoaded }: ClientOptions): Client {
  if (devices !== undefined && !(Number.isInteger(devices) && devices >= 1))
    throw new UserError(`the number of devices is ${devices}: it is a whole number from 1`);
  const plugin = Plugin.open(path);
  onLoaded?.(plugin);
  const isCard = ['cuda', 'rocm'].includes(kindOf(path));
  let client = create(plugin, options ?? (isCard ? CARD : {}));
  if (client.platform === 'cpu' && client.devices.length !== (devices ?? 1)) {
    client.destroy();
    client = create(plugin, { ...options, cpu_device_count: devices ?? 1 });
  }
  const here = client.devices.length;
  if (here === 0) throw new UserError(`${path}: the plugin sees no device`);
  if (devices !== undefined && devices > here)
    throw new UserError(`${devices} devices are asked for; ${path} sees ${here}: ask for at most ${here}`);
  return client;
}

function create(plugin: Plugin, options: Readonly<Record<string, OptionValue>>): Client {
  try {
    return new Client(plugin, options);
  } catch (e) {
    if (!(e instanceof PjrtError)) throw e;
    const explained = explain(e, `starting ${plugin.path}`);
    if (explained instanceof OutOfDeviceMemory)
      throw new UserError(`${explained.message}; another process may be using the device (nvidia-smi lists them)`);
    throw new UserError(
      `${plugin.path} finds nothing to run on: ${oneLine(e.message).replace(/\.$/, '')}${hint(plugin.path)}`,
    );
  }
}

/** What stands behind a client that cannot be made: mostly a driver. */
function hint(path: string): string {
  if (process.platform !== 'linux') return '';
  if (kindOf(path) === 'cuda' && !Plugin.isLoadable('libcuda.so.1'))
    return '; no NVIDIA driver is here (libcuda.so.1): install it, or, in a container, start it with the GPU';
  if (kindOf(path) === 'cuda') return '; see what nvidia-smi says, and CUDA_VISIBLE_DEVICES';
  if (kindOf(path) === 'rocm') return '; see what rocm-smi says, and whether you may open /dev/kfd';
  return '';
}
