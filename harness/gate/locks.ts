/**
 * Locks without blocking. The lock of flock(2) belongs to the open file description, so the supervisor can take it for the
 * session, on a duplicate of its descriptor: the session's call, still waiting at the gate, is then answered.
 */

import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { closeFd, duplicate, fcntlLock, flock } from './kernel.ts';
import { processOf } from './process.ts';
import type { LockRequest, Request } from './request.ts';

const LOCK_EX = 2;
const LOCK_NB = 4;
const F_UNLCK = 2;
const F_GETLK = 5;
const F_OFD_GETLK = 36;

/**
 * Would the call wait, if it were made now? Asked of the kernel.
 *
 * @param holds the session has a lock on this inode already, and may be about to exchange it for another kind.
 */
export function wouldWait(tid: number, { fd, lock }: Request, holds: boolean): boolean {
  if (lock === undefined || fd === undefined) return false;
  if (lock.kind === 'fcntl') return rangeTaken(tid, fd, lock);
  return holds && holdsFlock(tid, fd) ? othersHoldFlock(tid, fd, lock.operation) : flockTaken(tid, fd, lock.operation);
}

/** Tried with a file description of one's own, which gives the lock back at once. */
function flockTaken(tid: number, fd: number, operation: number): boolean {
  const copy = duplicate(tid, fd); // fails as a call of the kernel where the process has ended
  try {
    const own = openSync(`/proc/self/fd/${copy}`, 'r');
    try {
      return flock(own, operation | LOCK_NB) !== 0;
    } finally {
      closeSync(own);
    }
  } finally {
    closeFd(copy);
  }
}

/** Does this very file description hold the lock? proc_pid_fdinfo(5) */
const holdsFlock = (tid: number, fd: number): boolean =>
  /^lock:.*FLOCK/m.test(readFileSync(`/proc/${tid}/fdinfo/${fd}`, 'latin1'));

/** It can't be tried: exchanging a lock gives the old one up, even where the new one is refused (flock(2)). proc_locks(5) */
function othersHoldFlock(tid: number, fd: number, operation: number): boolean {
  const { ino } = statSync(`/proc/${tid}/fd/${fd}`);
  const held = readFileSync('/proc/locks', 'latin1')
    .split('\n')
    .filter((line) => / FLOCK /.test(line) && !/->/.test(line) && line.includes(`:${ino} `));
  // Where others have the lock as well, all share it; a share in it is not in the way of another.
  return held.length > 1 && (operation & LOCK_EX) !== 0;
}

/** F_GETLK tells who is in the way; a lock that the process, or with F_OFD_GETLK the file description, holds itself is not. */
function rangeTaken(tid: number, fd: number, request: Extract<LockRequest, { kind: 'fcntl' }>): boolean {
  const own = duplicate(tid, fd);
  try {
    const found = Buffer.from(request.description);
    fcntlLock(own, request.command >= F_OFD_GETLK ? F_OFD_GETLK : F_GETLK, found);
    const PID_AT = 24; // struct flock { short type, whence; off_t start, len; pid_t pid; }
    if (found.readInt16LE(0) === F_UNLCK) return false;
    const pid = processOf(tid);
    // It names the first one only, so others may be behind its own.
    return found.readInt32LE(PID_AT) !== pid || othersHoldRange(pid, statSync(`/proc/${tid}/fd/${fd}`).ino, request);
  } finally {
    closeFd(own);
  }
}

/** `7: POSIX  ADVISORY  WRITE 4711 00:1b:123 0 EOF`: who has it, on which inode, from which byte to which, that one included. */
function othersHoldRange(
  pid: number,
  inode: number,
  { range: { from, to = Number.POSITIVE_INFINITY }, shared }: Extract<LockRequest, { kind: 'fcntl' }>,
): boolean {
  const held = readFileSync('/proc/locks', 'latin1').matchAll(
    /^\d+: (?:POSIX|OFDLCK) +\S+ +(READ|WRITE) +(-?\d+) +[^:]+:[^:]+:(\d+) +(\d+) +(\S+)/gm,
  );
  return [...held].some(([, kind, holder, ino, first, last]) => {
    const overlaps = Number(first) < to && (last === 'EOF' || Number(last) >= from);
    return Number(ino) === inode && Number(holder) !== pid && overlaps && !(shared && kind === 'READ');
  });
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
