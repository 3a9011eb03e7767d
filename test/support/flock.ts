import { closeSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';

export const LOCK_SH = 1;
export const LOCK_EX = 2;
export const LOCK_NB = 4;

let flock: ((fd: number, operation: number) => number) | undefined;

/** flock(2) as it is; whoever calls it may forget to look at the answer, which is 0 where the lock was granted. */
export function lockFd(fd: number, operation: number): number {
  if (flock === undefined) {
    const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi').default;
    flock = koffi.load(null).func('int flock(int fd, int operation)') as (fd: number, operation: number) => number;
  }
  return flock(fd, operation);
}

/** Opens a file, works on its descriptor, and closes it whatever happens. */
export function withFile<Result>(file: string, flags: string, work: (fd: number) => Result): Result {
  const fd = openSync(file, flags);
  try {
    return work(fd);
  } finally {
    closeSync(fd);
  }
}
