import { readdirSync, readlinkSync } from 'node:fs';
import { archOf, auditArch, namesByNumber, type TrappedCall } from './calls.ts';
import { closeFd, duplicate, errno, errnoName, ioctl, ioctlWithNumber, KernelError, waitReadable } from './kernel.ts';
import { type OtherCall, otherNamesByNumber } from './other-calls.ts';

/** A system call that waits at the gate: seccomp_unotify(2). */
export interface Notification {
  /** Of the thread, as the supervisor's PID namespace numbers it. */
  readonly tid: number;
  readonly call: TrappedCall;
  /** Arguments that are addresses, lengths or offsets: exact up to 2^53. */
  readonly args: readonly number[];
  /** Arguments that are ints, such as descriptors: the low half of each, signed. */
  readonly ints: readonly number[];
  /** The kernel's cookie, as the eight bytes it came in. */
  readonly cookie: readonly [number, number];
}

/** One of which the gate does not know what it does: it is to be let through, and looked at. */
export interface Unmodelled extends Omit<Notification, 'call'> {
  readonly call?: undefined;
  /** Undefined: of another architecture, or of a kernel that is newer than the lists. */
  readonly other?: OtherCall;
  /** The same in words. */
  readonly name: string;
}

/** The bit that numbers of x32 have, asm/unistd.h. */
const X32 = 0x40000000;

// linux/seccomp.h: _IOWR('!', 0..4, …)
const RECEIVE = 0xc0502100;
const SEND = 0xc0182101;
const SET_FLAGS = 0x40082104;
const CONTINUE = 1;

/** Where the low halves of the six arguments are in struct seccomp_notif, in words of four bytes. */
const LOW_HALVES = [8, 10, 12, 14, 16, 18] as const;

/** What the sessions of one filter do, one call at a time. */
export interface Listener {
  /** The next call that waits; `nothing` after the time, `gone` when the last process with this filter has ended. */
  receive(timeoutMs: number): Notification | Unmodelled | 'nothing' | 'gone';
  /** Lets the call run. False where its thread has died meanwhile. */
  proceed(notification: Pick<Notification, 'cookie'>): boolean;
  /** Answers in the kernel's place: a result, or a negative errno. False where its thread has died meanwhile. */
  answer(notification: Notification, result: number): boolean;
  close(): void;
}

/** Takes over the listener of a process that has installed the filter; undefined where it has not done so yet. */
export function attach(pid: number): Listener | undefined {
  for (const fd of readdirSync(`/proc/${pid}/fd`)) {
    if (linkOf(pid, fd) === 'anon_inode:seccomp notify') return listenerOn(duplicate(pid, Number(fd)));
  }
  return undefined;
}

function linkOf(pid: number, fd: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/fd/${fd}`);
  } catch {
    return undefined; // closed meanwhile
  }
}

function listenerOn(fd: number): Listener {
  const arch = archOf(process.arch)!;
  const names = namesByNumber(arch);
  const others = otherNamesByNumber(arch);
  const received = Buffer.alloc(80); // struct seccomp_notif
  const response = Buffer.alloc(24); // struct seccomp_notif_resp
  const words = new Uint32Array(received.buffer, received.byteOffset, received.length / 4);
  const reply = new Int32Array(response.buffer, response.byteOffset, response.length / 4);
  handOverAtOnce(fd);

  function send({ cookie }: Pick<Notification, 'cookie'>, result: number, flags: number): boolean {
    reply[0] = cookie[0];
    reply[1] = cookie[1];
    reply[2] = result < 0 ? 0 : result;
    reply[3] = 0;
    reply[4] = result < 0 ? result : 0;
    reply[5] = flags;
    if (ioctl(fd, SEND, response) === 0) return true;
    if (errnoName(errno()) === 'ENOENT') return false;
    throw new KernelError('SECCOMP_IOCTL_NOTIF_SEND');
  }

  return {
    receive(timeoutMs) {
      const state = waitReadable(fd, timeoutMs);
      if (state !== 'readable') return state;
      received.fill(0); // the kernel insists
      if (ioctl(fd, RECEIVE, received) !== 0) {
        const code = errnoName(errno());
        if (code === 'ENOENT' || code === 'EINTR') return 'nothing'; // its thread was killed before it could be told
        throw new KernelError('SECCOMP_IOCTL_NOTIF_RECV');
      }
      const args = LOW_HALVES.map((at) => words[at + 1]! * 2 ** 32 + words[at]!);
      const ints = LOW_HALVES.map((at) => words[at]! | 0);
      const arrival: Omit<Notification, 'call'> = { tid: words[2]!, args, ints, cookie: [words[0]!, words[1]!] };
      const number = words[4]!;
      if (words[5] !== auditArch[arch]) return { ...arrival, name: 'those of another architecture' };
      if (arch === 'x64' && number >= X32) return { ...arrival, name: 'those of x32' };
      const call = names[number];
      if (call !== undefined) return { ...arrival, call };
      const other = others.get(number);
      return other === undefined ? { ...arrival, name: `number ${number}` } : { ...arrival, other, name: other };
    },
    proceed: (notification) => send(notification, 0, CONTINUE),
    answer: (notification, result) => send(notification, result, 0),
    close: () => closeFd(fd),
  };
}

/**
 * The waker and the woken take turns, so the kernel may hand the core over at once instead of waking another: three to four
 * times as fast (SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP, Linux 6.6). Older kernels refuse, and are slower.
 */
function handOverAtOnce(fd: number): void {
  const SYNC_WAKE_UP = 1;
  ioctlWithNumber(fd, SET_FLAGS, SYNC_WAKE_UP);
}
