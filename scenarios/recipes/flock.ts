import { closeSync, openSync } from 'node:fs';
import koffi from 'koffi';

const LOCK_EX = 2;

/** flock(2): int flock(int fd, int operation). A lock belongs to the open file description, so closing it lets go. */
const flock = koffi.load(null).func('int flock(int fd, int operation)');

/**
 * Runs `work` while this process alone holds the advisory lock on `lockFile`, waiting for it as long as it takes.
 *
 * Works because the kernel grants LOCK_EX to one open file description at a time and takes it back when the holder dies.
 * Holds only among those who ask for it: a reader without the lock sees whatever is there. The lock file is a sidecar and
 * is never removed: two processes that lock a name, one before and one after a removal, lock different files.
 */
export function withFlock<Result>(lockFile: string, work: () => Result): Result {
  const fd = openSync(lockFile, 'a');
  try {
    if (flock(fd, LOCK_EX) !== 0) throw new Error(`flock(${lockFile}) failed with errno ${koffi.errno()}`);
    return work();
  } finally {
    closeSync(fd);
  }
}
