/** The two kinds of locks, and whether one stands in the way of the other. */

import { constants } from 'node:fs';
import type { Perform, Session } from '../scenario/scenario.ts';
import { CallFailed } from './attempts.ts';
import * as libc from './libc.ts';

// sys/file.h and bits/fcntl-linux.h
export const LOCK_EX = 2;
const LOCK_NB = 4;
export const LOCK_UN = 8;
const F_SETLK = 6;
export const F_SETLKW = 7;
export const F_WRLCK = 1;
export const F_UNLCK = 2;

export interface LockFile {
  readonly fd: number;
  flock(fd: number, operation: number): number;
  fcntlLock(fd: number, command: number, lock: Buffer): number;
}

let opened: libc.Opened | undefined;

/**
 * The file on which the processes of a contest take locks. Stays open until the next one is opened: closing it would give back
 * every lock of fcntl(2) that the process has there.
 */
export async function openLock(session: Session): Promise<LockFile> {
  // Only here, because the functions of libc that it names are not on every system.
  const { flock, fcntlLock } = await import('../gate/kernel.ts');
  opened?.close();
  const lock = libc.open(session.path('lock'), constants.O_RDWR | constants.O_CREAT);
  if (lock.error !== undefined) throw new CallFailed(lock.error);
  opened = lock;
  return { fd: lock.fd, flock, fcntlLock };
}

/** The whole file: struct flock { short type, whence; off_t start, len; pid_t pid; } */
export function record(type: number): Buffer {
  const lock = Buffer.alloc(32);
  lock.writeInt16LE(type, 0);
  return lock;
}

export const lockKinds = ['flock', 'fcntl'] as const;
export type LockKind = (typeof lockKinds)[number];

const takes: Readonly<Record<LockKind, (lock: LockFile) => number>> = {
  flock: ({ fd, flock }) => flock(fd, LOCK_EX | LOCK_NB),
  fcntl: ({ fd, fcntlLock }) => fcntlLock(fd, F_SETLK, record(F_WRLCK)),
};

/** Takes a lock if nothing is in the way, and has it until its process opens the file again. Returns whether it has it. */
export const take =
  (kind: LockKind): Perform =>
  (session) =>
    takes[kind](session.memory as LockFile) === 0;

/** Opened again, it has no lock any more. */
export const giveBack: Perform = () => true;
