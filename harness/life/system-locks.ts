/** What the system knows of locks and of their holders. */

import { readFileSync } from 'node:fs';

/** Inodes that some process has locked, by flock(2) or fcntl(2): proc_locks(5). None, where the system does not tell. */
export function heldInodes(): ReadonlySet<number> {
  try {
    const lines = readFileSync('/proc/locks', 'utf8').split('\n');
    return new Set(lines.map((line) => Number(/ [0-9a-f]+:[0-9a-f]+:(\d+) /.exec(line)?.[1])));
  } catch {
    return new Set();
  }
}

/** Is there a process with that id? Signal 0 reaches nobody: kill(2). */
export function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
