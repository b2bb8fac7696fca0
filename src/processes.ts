import { readFileSync, readlinkSync } from 'node:fs';

/** A process of this machine; `started` in the kernel's ticks, or empty where unknown: a pid may be given out again. */
export interface ProcessId {
  pid: number;
  started: string;
}

/** When a process started: field 22 of /proc/<pid>/stat (proc(5)); empty where there is no such file. */
export function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is a name in brackets, which may hold anything.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

/** The number of the namespace that process numbers are of (pid_namespaces(7)); 0 where there are none. */
export function processNamespace(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))![0];
  } catch {
    return '0';
  }
}

/** Whether that very process still runs. */
export function isRunning({ pid, started }: ProcessId): boolean {
  try {
    process.kill(pid, 0);
  } catch (e) {
    // One of another user's.
    if ((e as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return started === '' || started === startOf(pid);
}
