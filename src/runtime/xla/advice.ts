import { existsSync, readFileSync } from 'node:fs';
import { kindOf } from './site.js';

/** NVIDIA's oldest Linux drivers for each CUDA (release notes of CUDA, table of minimum driver versions). */
const DRIVERS = { 12: '525.60.13', 13: '580.65.06' } as const;
export type CudaMajor = keyof typeof DRIVERS;

/** The NVIDIA driver that runs on this machine, as `580.65.06`; undefined where there is none. */
export function nvidiaDriver(file = '/proc/driver/nvidia/version'): string | undefined {
  try {
    return /Kernel Module\s+(?:for \S+\s+)?(\d+(?:\.\d+)+)/.exec(readFileSync(file, 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}

/** Whether a driver is new enough for a CUDA. */
export const driverServes = (driver: string, cuda: CudaMajor): boolean => compare(driver, DRIVERS[cuda]) >= 0;

/** The newest CUDA that this machine's driver serves; 13 where none runs (it may come later). @returns undefined for one too old for any */
export function cudaFor(driver: string | undefined): CudaMajor | undefined {
  if (driver === undefined) return 13;
  return [13, 12].find((cuda): cuda is CudaMajor => driverServes(driver, cuda as CudaMajor));
}

/** Which driver a CUDA needs, and which is here. */
export function driverLine(cuda: CudaMajor, driver: string | undefined): string {
  const has = driver === undefined ? 'none runs here' : `this one is ${driver}`;
  return `CUDA ${cuda} needs an NVIDIA driver ${DRIVERS[cuda]} or newer, ${has}`;
}

function compare(a: string, b: string): number {
  const [x, y] = [a, b].map((version) => version.split('.').map(Number));
  for (let i = 0; i < Math.max(x.length, y.length); i++)
    if ((x[i] ?? 0) !== (y[i] ?? 0)) return (x[i] ?? 0) - (y[i] ?? 0);
  return 0;
}

/** What may help a plugin that does not start. @param error what it said @returns undefined where nothing is known */
export function adviceFor(path: string, error: string, driver = nvidiaDriver()): string | undefined {
  const kind = kindOf(path);
  const [before, after] = error.split(': cannot open shared object', 2);
  const missing = after === undefined ? undefined : before.slice(before.lastIndexOf(' ') + 1);
  if (/GLIBC(?:XX)?_[\d.]+/.test(error)) return 'it needs a newer Linux (glibc): update the system, or use a container';
  if (/wrong ELF class|invalid ELF header|mach-o, but wrong architecture|not a valid Win32/i.test(error))
    return 'it is for another platform: install the one for this machine';
  if (kind === 'cuda') return cudaAdvice(path, driver, missing);
  if (kind === 'rocm') return rocmAdvice(missing);
  if (kind === 'oneapi') {
    const isDrivers = missing === undefined || missing.startsWith('libze_');
    return isDrivers
      ? "it needs an Intel GPU with Intel's compute driver and Level Zero loader (packages libze1, intel-opencl-icd or as your system names them)"
      : `${missing} is missing: synclr backend install oneapi fetches Intel's libraries, too`;
  }
  if (kind === 'tpu') return 'it needs a machine with a TPU that no other process holds';
  return undefined;
}

function cudaAdvice(path: string, driver: string | undefined, missing: string | undefined): string {
  const cuda: CudaMajor = /cuda12|cu12/.test(path) ? 12 : 13;
  if (driver === undefined || !driverServes(driver, cuda)) return driverLine(cuda, driver);
  if (missing)
    return `${missing} is missing: synclr backend install cuda --cuda ${cuda} fetches NVIDIA's libraries, too`;
  return 'see nvidia-smi: another process may hold the card, or CUDA_VISIBLE_DEVICES hide it';
}

function rocmAdvice(missing: string | undefined): string {
  if (missing && !existsSync('/opt/rocm')) return 'it needs ROCm 7 in /opt/rocm, from AMD’s packages for this Linux';
  if (missing) return `${missing} is missing: the ROCm in /opt/rocm is of another version; it needs ROCm 7`;
  return 'it needs an AMD GPU with the amdgpu driver, and the right to open /dev/kfd (group render)';
}
