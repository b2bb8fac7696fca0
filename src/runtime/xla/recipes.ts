import { UserError } from '../../errors.js';
import { plainName } from '../../formats/wheel.js';
import { type CudaMajor, cudaFor, driverLine, nvidiaDriver } from './advice.js';
import type { BackendName } from './backends.js';

/**
 * Which wheels make up each backend. Versions of the plugins are bounded to those that this version of synclr was tried with or comes near;
 * a constraint in pip's or uv's own configuration narrows them further.
 */
const TRIED = '>=0.10,<0.13';

/** A requirement as pip and uv take it, with the hashes of the wheels that may serve it where they are pinned. */
export interface Requirement {
  text: string;
  sha256?: readonly string[];
}

export interface Recipe {
  name: BackendName;
  /** What is asked of pip or uv. */
  requirements: readonly Requirement[];
  /** Whether what these depend on is wanted, too. */
  withDependencies: boolean;
  /** Of what they give, packages that are left out: they are for Python. */
  isLeftOut(name: string): boolean;
  /** What is asked for instead where no release of the first fits: the same by our own list. */
  fallback?: readonly Requirement[];
  /** Versions of Python whose wheels are asked for, first that has them; the plugin's companion is made for each, and no Python runs it. */
  pythons?: readonly string[];
  /** Packages that ought to be among wheels brought by hand, where it is not the plugin alone. */
  parts: readonly string[];
  /** Measured on Linux x64, MB. */
  size: { download: number; unpacked: number };
}

const named = (...names: string[]): Requirement[] => names.map((text) => ({ text }));

/** As the metadata of jax-cuda12-plugin 0.10.2 and jax-cuda13-plugin 0.12.0.1 list them under `with-cuda`. */
const NVIDIA: Readonly<Record<CudaMajor, readonly string[]>> = {
  12: [
    'nvidia-cublas-cu12>=12.1.3.1',
    'nvidia-cuda-cupti-cu12>=12.1.105',
    'nvidia-cuda-nvcc-cu12>=12.6.85',
    'nvidia-cuda-runtime-cu12>=12.1.105',
    'nvidia-cudnn-cu12>=9.8,<10.0',
    'nvidia-cufft-cu12>=11.0.2.54',
    'nvidia-cusolver-cu12>=11.4.5.107',
    'nvidia-cusparse-cu12>=12.1.0.106',
    'nvidia-nccl-cu12>=2.18.1',
    'nvidia-nvjitlink-cu12>=12.1.105',
    'nvidia-cuda-nvrtc-cu12>=12.1.55',
    'nvidia-nvshmem-cu12>=3.2.5',
  ],
  13: [
    'nvidia-cublas>=13.0.0.19',
    'nvidia-cuda-cupti>=13.0.48',
    'nvidia-cuda-nvcc>=13.0.48',
    'nvidia-cuda-runtime>=13.0.48',
    'nvidia-cudnn-cu13>=9.12.0.46,<10.0',
    'nvidia-cufft>=12.0.0.15',
    'nvidia-cusolver>=12.0.3.29',
    'nvidia-cusparse>=12.6.2.49',
    'nvidia-nccl-cu13>=2.27.7',
    'nvidia-nvjitlink>=13.0.39',
    'nvidia-cuda-nvrtc>=13.0.48',
    'nvidia-nvshmem-cu13>=3.3.20',
    'nvidia-nvvm',
  ],
};

const PYTHONS = ['3.13', '3.14', '3.12'];
const isCompanion = (name: string): boolean => /^jax-\w+-plugin$/.test(name);

/** Which wheels a backend needs on this machine. @param cuda of CUDA, which */
export function recipeOf(name: BackendName, cuda: CudaMajor): Recipe {
  const base = { name, withDependencies: false, isLeftOut: isCompanion };
  switch (name) {
    case 'cuda': {
      const plugin = `jax-cuda${cuda}-pjrt`;
      return {
        ...base,
        requirements: named(`jax-cuda${cuda}-plugin[with-cuda]${TRIED}`),
        withDependencies: true,
        fallback: named(`${plugin}${TRIED}`, ...NVIDIA[cuda]),
        pythons: PYTHONS,
        parts: [plugin, ...NVIDIA[cuda].map(nameIn)],
        size: cuda === 12 ? { download: 3230, unpacked: 5210 } : { download: 2500, unpacked: 4060 },
      };
    }
    case 'oneapi':
      return {
        ...base,
        requirements: named(`jax-oneapi-plugin[with-oneapi]${TRIED}`),
        withDependencies: true,
        pythons: PYTHONS,
        parts: ['jax-oneapi-pjrt', 'intel-sycl-rt', 'mkl'],
        size: { download: 850, unpacked: 2890 },
      };
    case 'rocm':
      return {
        ...base,
        requirements: named(`jax-rocm7-pjrt${TRIED}`),
        parts: [],
        size: { download: 134, unpacked: 460 },
      };
    case 'tpu':
      return {
        ...base,
        requirements: named('libtpu>=0.0.40,<0.1'),
        parts: [],
        size: { download: 138, unpacked: 507 },
      };
    case 'cpu':
      return {
        ...base,
        requirements: [{ text: `${CPU.name}==${CPU.version}`, sha256: [CPU.sha256] }],
        parts: [],
        size: { download: 63, unpacked: 202 },
      };
  }
}

const nameIn = (requirement: string): string => /^[\w-]+/.exec(requirement)![0];

/** The CPU plugin that the tests run on. */
const CPU = {
  name: 'lammps-jax-pjrt-cpu',
  version: '0.11.2',
  sha256: '1319390d948b39f69f7dade496b7c385149d9ca6097a6b62114da113216d9ad1',
};

/** @throws UserError for a wheel of a pinned version whose bytes are others */
export function checkPin(
  path: string,
  { name, version, sha256 }: { name: string; version: string; sha256: string },
): void {
  if (plainName(name) === CPU.name && version === CPU.version && sha256 !== CPU.sha256)
    throw new UserError(
      `${path} is not the ${CPU.name} ${CPU.version} that synclr was tried with: its SHA-256 is ${sha256}, not ${CPU.sha256}`,
    );
}

/** On which systems anybody publishes wheels of a backend. */
const SYSTEMS: Readonly<Record<BackendName, readonly string[]>> = {
  cuda: ['linux x64', 'linux arm64'],
  rocm: ['linux x64'],
  oneapi: ['linux x64'],
  tpu: ['linux x64'],
  cpu: ['linux x64'],
};

/** @throws UserError where a backend does not exist for this system */
export function requireSystem(name: BackendName, platform = process.platform, arch = process.arch): void {
  if (SYSTEMS[name].includes(`${platform} ${arch}`)) return;
  const wsl = platform === 'win32' && name !== 'tpu' ? '; Windows runs Linux programs by WSL 2' : '';
  throw new UserError(
    `backend ${name}: wheels are published for ${SYSTEMS[name].join(', ')} alone, this machine is ${platform} ${arch}${wsl}; --provider webgpu and cpu need no installation`,
  );
}

/**
 * Which CUDA to install: what is asked for, else the newest that this machine's driver serves.
 * @throws UserError for a driver that is too old
 */
export function chooseCuda(asked: CudaMajor | undefined, driver = nvidiaDriver()): CudaMajor {
  const cuda = cudaFor(driver);
  if (driver !== undefined && (cuda === undefined || (asked !== undefined && asked > cuda))) {
    const older = asked === 13 && cuda === 12 ? ', or install --cuda 12' : '';
    throw new UserError(`${driverLine(asked ?? 12, driver)}: update the driver${older}`);
  }
  return asked ?? cuda ?? 13;
}
