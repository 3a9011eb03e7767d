/**
 * Locks without blocking. The lock of flock(2) belongs to the open file description, so the supervisor can take it for the
 * session, on a duplicate of its descriptor: the session's call, still waiting at the gate, is then answered.
 */

import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import type { Holder } from './holdings.ts';
import { closeFd, duplicate, fcntlLock, flock } from './kernel.ts';
import { infoOf, processOf } from './process.ts';
import type { LockRequest, Request } from './request.ts';

const LOCK_EX = 2;
const LOCK_NB = 4;
const LOCK_UN = 8;
const F_UNLCK = 2;
const F_GETLK = 5;
const F_SETLKW = 7;
const F_OFD_GETLK = 36;

/**
 * Would the call wait, if it were made now? Asked of the kernel.
 *
 * @param holds the session has a lock on this inode already, and may be about to exchange it for another kind.
 */
export function wouldWait(tid: number, { fd, lock }: Request, holds: boolean): boolean {
  if (lock === undefined || fd === undefined) return false;
  if (lock.kind === 'fcntl') return rangeTaken(tid, fd, lock);
  return holds && flockHeld(tid, fd) !== undefined
    ? othersHoldFlock(tid, fd, lock.operation)
    : flockTaken(tid, fd, lock.operation);
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

/** Which lock does this very file description hold? proc_pid_fdinfo(5) */
const flockHeld = (tid: number, fd: number): string | undefined =>
  FLOCK.exec(readFileSync(`/proc/${tid}/fdinfo/${fd}`, 'latin1'))?.[1];

const FLOCK = /^lock:.*FLOCK +\S+ +(READ|WRITE)/m;

/** Whose the lock is that a call asks for or gives back. One of fcntl(2) belongs to the process, with F_OFD_SETLK to the file description. */
export function holderOf(tid: number, { fd, lock }: Request): Holder {
  if (lock?.kind !== 'fcntl') return { owner: '', has: FLOCK.test(infoOf(tid, fd!) ?? '') };
  const process = processOf(tid);
  return { owner: lock.command >= F_OFD_GETLK ? `${process} by ${fd}` : `${process}`, has: false };
}

/**
 * Does the file description hold a lock of the other kind? flock(2) gives that up first, whether the new one can be had or not
 * (flock_lock_inode of fs/locks.c): who comes to wait holds nothing any more. fcntl(2) keeps what it has.
 */
export function exchanges(tid: number, { fd, lock }: Request): boolean {
  if (lock?.kind !== 'flock' || fd === undefined) return false;
  const held = flockHeld(tid, fd);
  return held !== undefined && (held === 'WRITE') !== ((lock.operation & LOCK_EX) !== 0);
}

/** Gives the lock of flock(2) up in the session's place. */
export function giveUpFor(tid: number, fd: number): void {
  const copy = duplicate(tid, fd);
  flock(copy, LOCK_UN);
  closeFd(copy);
}

/** The processes whose locks a call of fcntl(2) that waits would wait for, where the kernel looks for deadlocks: F_SETLKW, not F_OFD_SETLKW. */
export function awaitedBy(tid: number, { fd, lock }: Request): readonly number[] {
  if (fd === undefined || lock?.kind !== 'fcntl' || lock.command !== F_SETLKW) return [];
  return holdersOfRange(processOf(tid), statSync(`/proc/${tid}/fd/${fd}`).ino, lock);
}

/** It can't be tried: exchanging a lock gives the old one up, even where the new one is refused (flock(2)). proc_locks(5) */
function othersHoldFlock(tid: number, fd: number, operation: number): boolean {
  // `00:1b:123`, the device as well: inodes of two file systems may have one number.
  const [, inode] = /^lock:.*FLOCK.* (\S+:\S+:\d+) /m.exec(readFileSync(`/proc/${tid}/fdinfo/${fd}`, 'latin1')) ?? [];
  const held = readFileSync('/proc/locks', 'latin1')
    .split('\n')
    .filter((line) => / FLOCK /.test(line) && !/->/.test(line) && line.includes(` ${inode} `));
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
    return (
      found.readInt32LE(PID_AT) !== pid ||
      holdersOfRange(pid, statSync(`/proc/${tid}/fd/${fd}`).ino, request).length > 0
    );
  } finally {
    closeFd(own);
  }
}

/** `7: POSIX  ADVISORY  WRITE 4711 00:1b:123 0 EOF`: who has it, on which inode, from which byte to which, that one included. */
function holdersOfRange(
  pid: number,
  inode: number,
  { range: { from, to = Number.POSITIVE_INFINITY }, shared }: Extract<LockRequest, { kind: 'fcntl' }>,
): readonly number[] {
  const held = readFileSync('/proc/locks', 'latin1').matchAll(
    /^\d+: (?:POSIX|OFDLCK) +\S+ +(READ|WRITE) +(-?\d+) +([^:]+:[^:]+):(\d+) +(\d+) +(\S+)/gm,
  );
  const locks = [...held].filter(([, , , , ino]) => Number(ino) === inode);
  // Inodes of two file systems may have one number: where the process has a lock itself, its device is known.
  const device = locks.find(([, , holder]) => Number(holder) === pid)?.[3];
  return locks.flatMap(([, kind, holder, on, , first, last]) => {
    const overlaps = Number(first) < to && (last === 'EOF' || Number(last) >= from);
    const isThere = device === undefined || on === device;
    const isInTheWay = isThere && Number(holder) !== pid && overlaps && !(shared && kind === 'READ');
    return isInTheWay ? [Number(holder)] : [];
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
