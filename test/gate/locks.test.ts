/** Locks of real processes, as the kernel tells of them. */

import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { awaitedBy, exchanges, giveUpFor, takeFor, wouldWait } from '../../harness/gate/locks.ts';
import type { Request } from '../../harness/gate/request.ts';
import { onLinux } from '../support/explore-stage.ts';
import { LOCK_EX, LOCK_SH, lockFd } from '../support/flock.ts';

const [F_RDLCK, F_WRLCK, F_SETLKW, F_OFD_SETLKW] = [0, 1, 7, 38];

describe.skipIf(!onLinux)('a lock', () => {
  let dir: string;
  let fds: number[];

  const opened = (): number => {
    const fd = openSync(join(dir, 'lock'), 'r+');
    fds.push(fd);
    return fd;
  };

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'collide-test-'));
    writeFileSync(join(dir, 'lock'), 'text');
    fds = [];
  });
  afterEach(() => {
    for (const fd of fds) closeSync(fd);
    rmSync(dir, { recursive: true });
  });

  const flocking = (fd: number, operation: number): Request =>
    ({ call: 'lock', fd, lock: { kind: 'flock', operation } }) as unknown as Request;

  test('of flock(2) is exchanged only for one of the other kind', () => {
    const fd = opened();
    expect(exchanges(process.pid, flocking(fd, LOCK_EX))).toBe(false);
    lockFd(fd, LOCK_SH);
    expect([LOCK_SH, LOCK_EX].map((operation) => exchanges(process.pid, flocking(fd, operation)))).toEqual([
      false,
      true,
    ]);
    lockFd(fd, LOCK_EX);
    expect([LOCK_SH, LOCK_EX].map((operation) => exchanges(process.pid, flocking(fd, operation)))).toEqual([
      true,
      false,
    ]);
  });

  test('of flock(2) that is given up for somebody is free, and one that he fails to exchange is lost, too', () => {
    const [one, other] = [opened(), opened()];
    lockFd(one, LOCK_EX);
    expect(wouldWait(process.pid, flocking(other, LOCK_SH), false)).toBe(true);
    giveUpFor(process.pid, one);
    expect(wouldWait(process.pid, flocking(other, LOCK_SH), false)).toBe(false);
    lockFd(one, LOCK_SH);
    lockFd(other, LOCK_SH);
    expect(takeFor(process.pid, one, LOCK_EX)).toBeLessThan(0);
    expect(takeFor(process.pid, other, LOCK_EX)).toBeCloseTo(0);
  });

  /** Of bytes 10 to 19, by this process; asked for by another one. */
  const ranged = (from: number, to: number | undefined, command = F_SETLKW, shared = false): Request => {
    const description = Buffer.alloc(32); // struct flock { short type, whence; off_t start, length; … }
    description.writeInt16LE(shared ? F_RDLCK : F_WRLCK, 0);
    description.writeBigInt64LE(BigInt(from), 8);
    description.writeBigInt64LE(BigInt(to === undefined ? 0 : to - from), 16);
    const range = to === undefined ? { from } : { from, to };
    return {
      call: 'lock',
      fd: opened(),
      lock: { kind: 'fcntl', command, description, shared, range },
    } as unknown as Request;
  };

  test('of fcntl(2) by the file description is in the way where ranges overlap, and not where they touch', async () => {
    const { createRequire } = await import('node:module');
    const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi').default;
    const fcntl = koffi.load(null).func('int fcntl(int fd, int command, void *lock)');
    const description = Buffer.alloc(32);
    description.writeInt16LE(F_RDLCK, 0);
    description.writeBigInt64LE(10n, 8);
    description.writeBigInt64LE(10n, 16);
    expect(fcntl(opened(), F_OFD_SETLKW, description)).toBe(0);
    const rows = [
      [0, 10],
      [0, 11],
      [19, 20],
      [20, 30],
      [0, undefined],
      [20, undefined],
    ] as const;
    for (const command of [F_SETLKW, F_OFD_SETLKW]) {
      expect(rows.map(([from, to]) => wouldWait(process.pid, ranged(from, to, command), false))).toEqual([
        false,
        true,
        true,
        false,
        true,
        false,
      ]);
    }
    expect(wouldWait(process.pid, ranged(10, 20, F_SETLKW, true), false)).toBe(false);
    // The kernel looks for deadlocks among the locks of processes only.
    const holders = (request: Request): readonly number[] => awaitedBy(process.pid, request);
    expect(rows.map(([from, to]) => holders(ranged(from, to)).length)).toEqual([0, 1, 1, 0, 1, 0]);
    expect(holders(ranged(0, undefined, F_OFD_SETLKW))).toEqual([]);
    expect(holders(flocking(opened(), LOCK_EX))).toEqual([]);
  });
});
