import { closeSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isPromise } from 'node:util/types';

const LOCK_EX = 2;

interface Libc {
  /** flock(2). A lock belongs to the open file description, so closing it lets go. */
  flock(fd: number, operation: number): number;
  errno(): number;
}

let loaded: Libc | undefined;

/** Loaded when it is first needed, so that a machine without it can still run everything else. */
function libc(): Libc {
  if (loaded === undefined) {
    const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi').default;
    loaded = { flock: koffi.load(null).func('int flock(int fd, int operation)'), errno: () => koffi.errno() };
  }
  return loaded;
}

/**
 * Runs `work` while this process alone holds the advisory lock on `lockFile`, waiting for it as long as it takes.
 *
 * Works because the kernel grants LOCK_EX to one open file description at a time and takes it back when the holder dies.
 * Holds only among those who ask for it: a reader without the lock sees whatever is there. The lock file is a sidecar and
 * is never removed: two processes that lock a name, one before and one after a removal, lock different files.
 *
 * @throws {TypeError} where `work` returns a promise: the lock is given back when it returns, not when that is settled.
 */
export function withFlock<Result>(lockFile: string, work: () => Result): Result {
  const fd = openSync(lockFile, 'a');
  try {
    const { flock, errno } = libc();
    if (flock(fd, LOCK_EX) !== 0) throw new Error(`flock(${lockFile}) failed with errno ${errno()}`);
    const result = work();
    if (isPromise(result)) throw new TypeError('work must be done when it returns');
    return result;
  } finally {
    closeSync(fd);
  }
}
