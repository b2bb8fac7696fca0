import { basename } from 'node:path';
import { UserError } from '../errors.js';

/** What a wheel's file name says (Binary distribution format, packaging.python.org). */
export interface WheelName {
  /** As packages are compared: lower case, with hyphens. */
  name: string;
  version: string;
  /** Such as `manylinux_2_27_x86_64`; `any`. */
  platforms: readonly string[];
}

/** @throws UserError for a file of another kind of name */
export function wheelName(path: string): WheelName {
  const found = /^([^-]+)-([^-]+)(?:-\d[^-]*)?-[^-]+-[^-]+-([^-]+)\.whl$/.exec(basename(path));
  if (!found)
    throw new UserError(`${path} is not named as wheels are (name-version-python-abi-platform.whl): keep its own name`);
  return { name: plainName(found[1]), version: found[2], platforms: found[3].split('.') };
}

/** A package's name as it is compared: `Jax_CUDA13.pjrt` → `jax-cuda13-pjrt`. */
export const plainName = (name: string): string => name.replace(/[-_.]+/g, '-').toLowerCase();

/** A machine as wheels name it. */
export interface Machine {
  platform: NodeJS.Platform;
  arch: string;
  /** Version of the C library, `2.36`; undefined where it is not GNU's. */
  glibc?: string;
}

/** This one. */
export function thisMachine(): Machine {
  const report = process.report?.getReport() as { header?: { glibcVersionRuntime?: string } } | undefined;
  return { platform: process.platform, arch: process.arch, glibc: report?.header?.glibcVersionRuntime };
}

const ARCH: Readonly<Record<string, readonly string[]>> = {
  x64: ['x86_64', 'amd64'],
  arm64: ['aarch64', 'arm64', 'universal2'],
};
/** Older names of manylinux_2_x (PEP 600). */
const OLD: Readonly<Record<string, string>> = {
  manylinux1: 'manylinux_2_5',
  manylinux2010: 'manylinux_2_12',
  manylinux2014: 'manylinux_2_17',
};

/** Why a wheel's libraries do not run on a machine; undefined where they do. */
export function misfit({ platforms }: Pick<WheelName, 'platforms'>, machine = thisMachine()): string | undefined {
  const reasons = platforms.map((tag) => misfitOf(tag, machine));
  if (reasons.includes(undefined)) return undefined;
  // The reason that comes nearest: an older library of the right platform rather than another one.
  return reasons.find((r) => r?.includes('glibc')) ?? reasons[0];
}

function misfitOf(tag: string, { platform, arch, glibc }: Machine): string | undefined {
  if (tag === 'any') return undefined;
  const plain = tag.replace(/^manylinux(?:1|2010|2014)(?=_)/, (old) => OLD[old]);
  const other = `is for ${tag}, this machine is ${platform} ${arch}`;
  if (!(ARCH[arch] ?? [arch]).some((name) => plain.endsWith(`_${name}`))) return other;
  const isOf = { linux: /^(many|musl)?linux_/, darwin: /^macosx_/, win32: /^win_/ }[platform as string];
  if (!isOf?.test(plain)) return other;
  if (plain.startsWith('musllinux')) return glibc === undefined ? undefined : `${other} with glibc ${glibc}`;
  const needed = /^manylinux_(\d+)_(\d+)_/.exec(plain);
  if (!needed) return undefined;
  if (glibc === undefined) return `needs glibc ${needed[1]}.${needed[2]} or newer, this machine has another C library`;
  const [major, minor] = glibc.split('.').map(Number);
  const isOld = major < Number(needed[1]) || (major === Number(needed[1]) && minor < Number(needed[2]));
  return isOld ? `needs glibc ${needed[1]}.${needed[2]} or newer, this machine has ${glibc}` : undefined;
}

/** What a wheel's RECORD says of one of its files. */
export interface Recorded {
  /** Hexadecimal; undefined of the record itself, its signatures, and what installers write. */
  sha256?: string;
  bytes?: number;
}

/**
 * The list of all files that a wheel brings (`*.dist-info/RECORD`: path, hash, size), by path.
 * @throws UserError for a line that is none, and for a hash of another kind than SHA-256
 */
export function parseRecord(text: string, name: string): Map<string, Recorded> {
  const files = new Map<string, Recorded>();
  for (const line of text.split(/\r?\n/)) {
    if (line === '') continue;
    const found = /^(?:"((?:[^"]|"")*)"|([^",]*)),([^,]*),(\d*)$/.exec(line);
    if (!found) throw new UserError(`${name}: ${JSON.stringify(line.slice(0, 80))} is no line of such a list`);
    const path = found[1]?.replaceAll('""', '"') ?? found[2];
    const hash = /^sha256=([\w-]{43})=?$/.exec(found[3]);
    if (found[3] !== '' && !hash)
      throw new UserError(`${name}: ${path} has a hash that is no SHA-256: ${found[3].slice(0, 40)}`);
    const sha256 = hash ? Buffer.from(hash[1], 'base64url').toString('hex') : undefined;
    files.set(path, { sha256, ...(found[4] === '' ? {} : { bytes: Number(found[4]) }) });
  }
  return files;
}
