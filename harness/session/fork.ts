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
 * Returns 0 in the copy, and its number in this process. V8 keeps its heap from copies (MADV_DONTFORK), which is undone first; where
 * it has mapped more meanwhile, a copy would lack that, and die sooner or later: it is given up, and another one is made.
 */
export function fork(): number {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    while (waitpid(-1, [0], WNOHANG) > 0); // copies that have ended
    const known = letMemoryBeCopied();
    const pid = forkCall();
    if (pid < 0) throw new Error(`fork() failed with errno ${koffi.errno()}`);
    if (pid === 0) knowOneself();
    if (pid === 0 || isWhole(known)) return pid;
    process.kill(pid, 'SIGKILL');
  }
  throw new Error('no copy of the process is whole');
}

/** One copy in a hundred is not whole. */
const ATTEMPTS = 20;

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
  const known = letMemoryBeCopied();
  const pid = forkCall();
  if (pid === 0) {
    knowOneself();
    return;
  }
  // A namespace whose first process has ended takes no others: whoever asked has to ask again.
  if (pid > 0 && !isWhole(known)) process.kill(pid, 'SIGKILL');
  if (pid > 0) waitpid(pid, [0], 0);
  exitNow(pid > 0 ? 0 : 1);
}

/** Has nothing been mapped since that a copy would lack? */
const isWhole = (known: readonly MemoryMap[]): boolean => privateMaps().every((map) => isWithin(map, known));

interface MemoryMap {
  readonly start: number;
  readonly end: number;
}

/** Memory that is this process's own and has no file behind it; not the heap of malloc(3) and the stack, which are copied always. proc_pid_maps(5) */
function privateMaps(): readonly MemoryMap[] {
  const maps = readFileSync('/proc/self/maps', 'latin1').matchAll(
    /^([0-9a-f]+)-([0-9a-f]+) \S{3}p \S+ 00:00 0 *(?!.*\[(?:heap|stack)\])/gm,
  );
  return Array.from(maps, ([, start, end]) => ({
    start: Number.parseInt(start!, 16),
    end: Number.parseInt(end!, 16),
  }));
}

/** Returns where the memory is that copies will have. */
function letMemoryBeCopied(): readonly MemoryMap[] {
  const maps = privateMaps();
  for (const { start, end } of maps) madvise(start, end - start, MADV_DOFORK);
  return maps;
}

/** Does the memory lie within what was known before? Neighbours may have become one map meanwhile, or one map two. */
function isWithin({ start, end }: MemoryMap, known: readonly MemoryMap[]): boolean {
  let at = start;
  for (const map of known) if (map.start <= at && at < map.end) at = map.end; // maps come in order
  return at >= end;
}

/** Node looks its number up once, when it starts. */
function knowOneself(): void {
  Object.defineProperty(process, 'pid', { value: getpid(), configurable: true });
}
