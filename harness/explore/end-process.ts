import { hasEnded, processOf, threadsOf } from '../gate/process.ts';

/** SIGKILL; 0 and negative numbers would mean groups of processes, one's own among them. */
export function endProcess(pid: number): void {
  if (pid <= 0) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // gone already
  }
}

/** Ends processes, named by any of their threads, and waits until nothing of them is left: no lock, no connection. */
export function endAll(tids: Iterable<number>, waiting: () => void): void {
  const pids = new Set(Array.from(tids, processOf));
  for (const pid of pids) endProcess(pid);
  for (const pid of pids) while (!threadsOf(pid).every(hasEnded)) waiting();
}
