/**
 * Locks without blocking. The lock of flock(2) belongs to the open file description, so the supervisor can take it for the
 * session, on a duplicate of its descriptor: the session's call, still waiting at the gate, is then answered.
 */

import { closeSync, openSync } from 'node:fs';
import { closeFd, duplicate, fcntlLock, flock } from './kernel.ts';
import type { LockRequest, Request } from './request.ts';

const LOCK_NB = 4;
const F_UNLCK = 2;
const F_GETLK = 5;

/** Would the call wait, if it were made now? Asked of the kernel, with a file description of one's own. */
export function wouldWait(tid: number, { fd, lock }: Request): boolean {
  if (lock === undefined || fd === undefined) return false;
  return lock.kind === 'flock' ? flockTaken(tid, fd, lock.operation) : rangeTaken(tid, fd, lock);
}

function flockTaken(tid: number, fd: number, operation: number): boolean {
  const own = openSync(`/proc/${tid}/fd/${fd}`, 'r');
  try {
    return flock(own, operation | LOCK_NB) !== 0;
  } finally {
    closeSync(own);
  }
}

/** F_GETLK tells who is in the way; a lock that the process holds itself is not. */
function rangeTaken(tid: number, fd: number, { description }: Extract<LockRequest, { kind: 'fcntl' }>): boolean {
  const own = duplicate(tid, fd);
  try {
    const found = Buffer.from(description);
    fcntlLock(own, F_GETLK, found);
    const PID_AT = 24; // struct flock { short type, whence; off_t start, len; pid_t pid; }
    return found.readInt16LE(0) !== F_UNLCK && found.readInt32LE(PID_AT) !== tid;
  } finally {
    closeFd(own);
  }
}

/** Takes the lock of flock(2) in the session's place. Returns what to answer: 0, or a negative errno. */
export function takeFor(tid: number, fd: number, operation: number): number {
  const copy = duplicate(tid, fd);
  try {
    return -flock(copy, operation | LOCK_NB);
  } finally {
    closeFd(copy);
  }
}
