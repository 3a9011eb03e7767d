/** Which locks go with a process, as the kernel tells of them. */

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lostByEnd, lostByExec } from '../../harness/gate/lost-locks.ts';
import { onLinux } from '../support/explore-stage.ts';
import { LOCK_SH, lockFd } from '../support/flock.ts';

describe.skipIf(!onLinux)('a lock of flock(2)', () => {
  let dir: string;
  let fds: number[];
  let child: ChildProcess;

  /** Node opens everything so that it closes on exec, and passes on what a child is given. */
  const opened = (): number => {
    const fd = openSync(join(dir, 'lock'), 'a');
    fds.push(fd);
    return fd;
  };

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'collide-test-'));
    fds = [];
  });
  afterEach(() => {
    child.kill('SIGKILL');
    for (const fd of fds) closeSync(fd);
    rmSync(dir, { recursive: true });
  });

  const lostIn = (found: readonly { readonly pid: number; readonly fd: number }[]): readonly number[] =>
    found.filter(({ fd, pid }) => pid === process.pid && fds.includes(fd)).map(({ fd }) => fd);

  test('goes, unless another process has the same open file', () => {
    const [kept, own, free] = [opened(), opened(), opened()];
    lockFd(kept, LOCK_SH);
    lockFd(own, LOCK_SH);
    child = spawn('sleep', ['60'], { stdio: [kept, free, 'ignore'] });
    for (const lost of [
      lostByEnd,
      (pids: readonly number[], others: readonly number[]) => lostByExec(pids[0]!, others),
    ]) {
      expect(lostIn(lost([process.pid], []))).toEqual([kept, own]);
      expect(lostIn(lost([process.pid], [child.pid!]))).toEqual([own]);
    }
    expect(lostIn(lostByEnd([process.pid, child.pid!], []))).toEqual([kept, own]);
  });

  test('stays with who passes it on to his next program', () => {
    const kept = opened();
    lockFd(kept, LOCK_SH);
    child = spawn('sleep', ['60'], { stdio: [kept, 'ignore', 'ignore'] });
    closeSync(fds.pop()!);
    expect(lostByExec(child.pid!, [])).toEqual([]);
    expect(lostByEnd([child.pid!], [])).toMatchObject([{ pid: child.pid, fd: 0 }]);
  });
});
