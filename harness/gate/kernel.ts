/** The few functions of libc that the gate stands on, called through koffi: no C of our own, and no compiler needed. */

import { readFileSync } from 'node:fs';
import koffi from 'koffi';
import { archOf, numberOf } from './calls.ts';

const libc = koffi.load(null);

const ioctlCall = libc.func('int ioctl(int fd, unsigned long request, void *argument)');
const ioctlNumberCall = libc.func('int ioctl(int fd, unsigned long request, unsigned long value)');
const pollCall = libc.func('int poll(void *fds, unsigned long count, int timeoutMs)');
const prctlCall = libc.func(
  'int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)',
);
const flockCall = libc.func('int flock(int fd, int operation)');
const numbersCall = libc.func('long syscall(long number, long a, long b, long c)');
const programCall = libc.func('long syscall(long number, long operation, long flags, void *program)');
const memoryCall = libc.func(
  'long syscall(long number, long pid, void *local, long one, void *remote, long count, long flags)',
);

export const ioctl = (fd: number, request: number, argument: Buffer): number => ioctlCall(fd, request, argument);

/** For the few requests whose argument is a number and no address. */
export const ioctlWithNumber = (fd: number, request: number, value: number): number =>
  ioctlNumberCall(fd, request, value);

export const errno = (): number => koffi.errno();

export const errnoName = (number: number): string =>
  Object.entries(koffi.os.errno).find(([, value]) => value === number)?.[0] ?? `errno ${number}`;

/** A call of the kernel failed; `code` is its errno as a name. */
export class KernelError extends Error {
  override readonly name = 'KernelError';
  readonly code: string;
  constructor(what: string) {
    const code = errnoName(errno());
    super(`${what}: ${code}`);
    this.code = code;
  }
}

const numberHere = (call: Parameters<typeof numberOf>[0]): number => {
  const arch = archOf(process.arch);
  const number = arch === undefined ? undefined : numberOf(call, arch);
  if (number === undefined) throw new Error(`no number is known for ${call} on ${process.arch}`);
  return number;
};

const POLLIN = 1;
const pollFd = Buffer.alloc(8);

/** Waits for something to read on a descriptor: poll(2). `gone`: there never will be anything. */
export function waitReadable(fd: number, timeoutMs: number): 'readable' | 'nothing' | 'gone' {
  pollFd.writeInt32LE(fd, 0);
  pollFd.writeInt16LE(POLLIN, 4);
  pollFd.writeInt16LE(0, 6);
  const ready = pollCall(pollFd, 1, timeoutMs);
  if (ready <= 0) return 'nothing'; // a signal ends it too: whoever waits waits again
  return (pollFd.readInt16LE(6) & POLLIN) !== 0 ? 'readable' : 'gone';
}

const PR_SET_NO_NEW_PRIVS = 38;

/** prctl(2): a filter without privileges takes the promise never to gain any. */
export function setNoNewPrivileges(): void {
  if (prctlCall(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) !== 0) throw new KernelError('prctl(PR_SET_NO_NEW_PRIVS)');
}

const SECCOMP_SET_MODE_FILTER = 1;

/** seccomp(2) with SECCOMP_SET_MODE_FILTER. Returns the listener where the flags ask for one. */
export function setFilter(flags: number, program: Buffer): number {
  const header = Buffer.alloc(16); // struct sock_fprog { unsigned short len; struct sock_filter *filter; }
  header.writeUInt16LE(program.length / 8, 0);
  header.writeBigUInt64LE(koffi.address(program), 8);
  const answer = programCall(numberHere('seccomp'), SECCOMP_SET_MODE_FILTER, flags, header);
  if (answer < 0) throw new KernelError('seccomp(SECCOMP_SET_MODE_FILTER)');
  return answer;
}

const PIDFD_THREAD = 0x80; // O_EXCL
let threadsHavePidfds = true;

/**
 * A duplicate, in this process, of another process's descriptor: the same open file description. pidfd_getfd(2).
 *
 * @param tid any thread. Before Linux 6.9 the descriptors of its process's first thread count for all, as they are the same but
 * after unshare(CLONE_FILES).
 */
export function duplicate(tid: number, fd: number): number {
  const pidfd = pidfdOf(tid);
  try {
    const copy = numbersCall(numberHere('pidfd_getfd'), pidfd, fd, 0);
    if (copy < 0) throw new KernelError(`pidfd_getfd(${tid}, ${fd})`);
    return copy;
  } finally {
    closeFd(pidfd);
  }
}

/** pidfd_open(2) takes the first thread of a process only, where it does not know PIDFD_THREAD (Linux 6.9). */
function pidfdOf(tid: number): number {
  const open = (pid: number, flags: number): number => numbersCall(numberHere('pidfd_open'), pid, flags, 0);
  let pidfd = threadsHavePidfds ? open(tid, PIDFD_THREAD) : -1;
  if (pidfd < 0 && threadsHavePidfds && errnoName(errno()) === 'EINVAL') threadsHavePidfds = false;
  if (!threadsHavePidfds) pidfd = open(leaderOf(tid), 0);
  if (pidfd < 0) throw new KernelError(`pidfd_open(${tid})`);
  return pidfd;
}

function leaderOf(tid: number): number {
  try {
    return Number(/^Tgid:\t(\d+)$/m.exec(readFileSync(`/proc/${tid}/status`, 'latin1'))?.[1] ?? tid);
  } catch {
    return tid; // gone: the call says so
  }
}

const closeCall = libc.func('int close(int fd)');
export const closeFd = (fd: number): void => void closeCall(fd);

const shutdownCall = libc.func('int shutdown(int fd, int how)');
const SHUT_RDWR = 2;
/** Ends a connection of another process for both sides: shutdown(2) on its socket. */
export function endConnection(pid: number, fd: number): void {
  const copy = duplicate(pid, fd);
  shutdownCall(copy, SHUT_RDWR);
  closeFd(copy);
}

const recvCall = libc.func('long recv(int fd, void *buffer, unsigned long length, int flags)');
const MSG_PEEK = 2;
const MSG_DONTWAIT = 0x40;
/** What another process will read next from a connection, without taking it away: recv(2). Undefined where nothing has come. */
export function upcomingOn(pid: number, fd: number, length: number): Buffer | undefined {
  const copy = duplicate(pid, fd);
  const content = Buffer.alloc(length);
  const got = recvCall(copy, content, length, MSG_PEEK | MSG_DONTWAIT);
  closeFd(copy);
  return got < 0 ? undefined : content.subarray(0, got);
}

const compareCall = libc.func(
  'long syscall(long number, long pid, long other, long type, unsigned long a, unsigned long b)',
);
const KCMP_FILE = 0;

interface Place {
  readonly pid: number;
  readonly fd: number;
}

/** Are two descriptors of one open file description? kcmp(2). False where the kernel does not know that call. */
export const isSameFile = (a: Place, b: Place): boolean =>
  compareCall(numberHere('kcmp'), a.pid, b.pid, KCMP_FILE, a.fd, b.fd) === 0;

/** flock(2). Returns 0, or the errno. */
export const flock = (fd: number, operation: number): number => (flockCall(fd, operation) === 0 ? 0 : errno());

const fcntlCall = libc.func('int fcntl(int fd, int command, void *lock)');
/** fcntl(2) with a struct flock. */
export const fcntlLock = (fd: number, command: number, lock: Buffer): number => fcntlCall(fd, command, lock);

const localVector = Buffer.alloc(16);
const remoteVector = Buffer.alloc(16);

/** process_vm_readv(2): bytes of another process's memory. Returns how many there were. */
export const readMemory = (pid: number, address: number, into: Buffer, length: number): number =>
  transfer('process_vm_readv', pid, address, into, length);

/** process_vm_writev(2). */
export const writeMemory = (pid: number, address: number, from: Buffer, length: number): number =>
  transfer('process_vm_writev', pid, address, from, length);

function transfer(
  call: 'process_vm_readv' | 'process_vm_writev',
  pid: number,
  address: number,
  local: Buffer,
  length: number,
): number {
  localVector.writeBigUInt64LE(koffi.address(local), 0);
  localVector.writeBigUInt64LE(BigInt(length), 8);
  remoteVector.writeBigUInt64LE(BigInt(address), 0);
  remoteVector.writeBigUInt64LE(BigInt(length), 8);
  const moved = memoryCall(numberHere(call), pid, localVector, 1, remoteVector, 1, 0);
  if (moved < 0) throw new KernelError(`${call}(${pid})`);
  return moved;
}
