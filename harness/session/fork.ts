/**
 * A copy of a warm session process, made in milliseconds where a start takes a quarter of a second: a session that is to be killed
 * is such a copy. Only the calling thread is copied, fork(2), so the process must be one that needs no other: `--single-threaded`.
 */

import { readFileSync } from 'node:fs';
import koffi from 'koffi';

const libc = koffi.load(null);
const forkCall = libc.func('int fork()');
const getpid = libc.func('int getpid()');
const madvise = libc.func('int madvise(unsigned long address, unsigned long length, int advice)');
const waitpid = libc.func('int waitpid(int pid, _Out_ int *status, int options)');
const unshare = libc.func('int unshare(int flags)');
const exitNow = libc.func('void _exit(int status)');

// sys/mman.h, sys/wait.h, sched.h
const MADV_DOFORK = 11;
const WNOHANG = 1;
const CLONE_NEWUSER = 0x10000000;
const CLONE_NEWPID = 0x20000000;

/**
 * Returns 0 in the copy, and its number in this process. V8 keeps its heap from copies (MADV_DONTFORK), which is undone first;
 * memory that it maps in the meantime would be missing, and the copy die at once: whoever asked has to look, and to ask again.
 */
export function fork(): number {
  while (waitpid(-1, [0], WNOHANG) > 0); // copies that have ended
  letMemoryBeCopied();
  const pid = forkCall();
  if (pid < 0) throw new Error(`fork() failed with errno ${koffi.errno()}`);
  if (pid === 0) knowOneself();
  return pid;
}

/**
 * The same, in a PID namespace of its own, as in a container: it is process 1 there, and what it starts gets the same numbers as
 * what other such copies start. pid_namespaces(7)
 *
 * @throws {Error} where that is not allowed here.
 */
export function forkApart(): void {
  const isRoot = process.getuid?.() === 0;
  if (unshare(isRoot ? CLONE_NEWPID : CLONE_NEWUSER | CLONE_NEWPID) !== 0) {
    throw new Error(`a PID namespace of its own is refused here (unshare, errno ${koffi.errno()})`);
  }
  letMemoryBeCopied();
  const pid = forkCall();
  if (pid < 0) throw new Error(`fork() failed with errno ${koffi.errno()}`);
  if (pid > 0) {
    waitpid(pid, [0], 0);
    exitNow(0);
  }
  knowOneself();
}

function letMemoryBeCopied(): void {
  const maps = readFileSync('/proc/self/maps', 'latin1').matchAll(/^([0-9a-f]+)-([0-9a-f]+) \S{3}p \S+ 00:00 0/gm);
  for (const [, from, to] of maps) {
    const [start, end] = [Number.parseInt(from!, 16), Number.parseInt(to!, 16)];
    madvise(start, end - start, MADV_DOFORK);
  }
}

/** Node looks its number up once, when it starts. */
function knowOneself(): void {
  Object.defineProperty(process, 'pid', { value: getpid(), configurable: true });
}
