/** The filter that a session puts on itself: from then on, its system calls that could reach the resource wait for the gate. */

import { closeSync } from 'node:fs';
import { and, answer, type Branch, encoded, type Instruction, jumpIfEqual, load, search } from './bpf.ts';
import { type Arch, archOf, auditArch, numberIn, numberOf, type TrappedCall, trappedCalls } from './calls.ts';
import { harmlessNumbers } from './harmless-calls.ts';
import { setFilter, setNoNewPrivileges } from './kernel.ts';
import { type OtherCall, otherCalls, otherNumberOf, refused } from './other-calls.ts';

// linux/seccomp.h
const ALLOW = answer(0x7fff0000);
const NOTIFY = answer(0x7fc00000);
const ENOSYS = 38;
const REFUSE = answer(0x00050000 | ENOSYS);

/** Offsets in struct seccomp_data: the call's number, the architecture, the low half of an argument. */
const NUMBER = 0;
const ARCH = 4;
const argument = (index: number): number => 16 + 8 * index;

interface Condition {
  readonly argument: number;
  /** Of which bits of it, if not all. */
  readonly mask?: number;
  readonly values: readonly number[];
  /** Told with all other values, and not with these. */
  readonly unless?: true;
  /** Told with these, all of their bits counted, whatever the rest says. */
  readonly always?: readonly number[];
}

/** 0 is who asks. */
const ofAnother = (argument: number): Condition => ({ argument, values: [0], unless: true });

/**
 * Told only with some values of one argument: the others neither lock, copy, share, nor look at a size; or are other signals; or are
 * about the process itself.
 */
const conditional: Partial<Readonly<Record<TrappedCall | OtherCall, Condition>>> = {
  // F_GETLK, F_SETLK, F_SETLKW and their F_OFD_ namesakes; F_SETLEASE and F_NOTIFY, which tell of others
  fcntl: { argument: 1, values: [5, 6, 7, 36, 37, 38, 1024, 1026] },
  // Those of terminals and of all descriptors (0x54, asm-generic/ioctls.h) and of sockets (0x89, linux/sockios.h) do nothing to
  // files, but FIONREAD and FIOQSIZE tell their size.
  ioctl: { argument: 1, mask: 0xff00, values: [0x5400, 0x8900], unless: true, always: [0x541b, 0x5460] },
  // MAP_TYPE with MAP_ANONYMOUS and MAP_DENYWRITE: MAP_SHARED and MAP_SHARED_VALIDATE, which others see; MAP_PRIVATE of a file, unless
  // the dynamic linker maps a library, as it alone still says that nobody is to write there.
  mmap: { argument: 3, mask: 0xf | 0x20 | 0x800, values: [1, 3, 0x801, 0x803, 2] },
  // SIGCHLD, see `signals`
  rt_sigaction: { argument: 0, values: [17] },
  // SEEK_END, SEEK_DATA, SEEK_HOLE
  lseek: { argument: 2, values: [2, 3, 4] },
  // AF_NETLINK, which needs no address to reach the kernel
  socket: { argument: 0, values: [16] },
  // of no descriptor at all: a sleep, see `sleeps`
  poll: { argument: 1, values: [0] },
  ppoll: { argument: 1, values: [0] },
  select: { argument: 0, values: [0] },
  pselect6: { argument: 0, values: [0] },
  sched_setparam: ofAnother(0),
  sched_getparam: ofAnother(0),
  sched_setscheduler: ofAnother(0),
  sched_getscheduler: ofAnother(0),
  sched_rr_get_interval: ofAnother(0),
  sched_setaffinity: ofAnother(0),
  sched_getaffinity: ofAnother(0),
  sched_setattr: ofAnother(0),
  sched_getattr: ofAnother(0),
  prlimit64: ofAnother(0),
  getpriority: ofAnother(1),
  setpriority: ofAnother(1),
  ioprio_get: ofAnother(1),
  ioprio_set: ofAnother(1),
};

function toldIf(condition: Condition): readonly Instruction[] {
  const { mask, values, unless, always = [] } = condition;
  const [these, rest] = unless ? [ALLOW, NOTIFY] : [NOTIFY, ALLOW];
  return [
    load(argument(condition.argument)),
    ...always.flatMap((value) => [jumpIfEqual(value, 0, 1), NOTIFY]),
    ...(mask === undefined ? [] : [and(mask)]),
    ...values.flatMap((value) => [jumpIfEqual(value, 0, 1), these]),
    rest,
  ];
}

/** What is done with each number. One that is in no list belongs to a kernel that is newer than these: it is told. */
function branches(arch: Arch): readonly Branch[] {
  const bodies = new Map<number, readonly Instruction[]>();
  const put = (number: number | undefined, body: readonly Instruction[]): void => {
    if (number !== undefined) bodies.set(number, body);
  };
  for (const number of harmlessNumbers(arch)) put(number, LET_THROUGH);
  const told = (call: TrappedCall | OtherCall): readonly Instruction[] => {
    const condition = conditional[call];
    return condition === undefined ? TOLD : toldIf(condition);
  };
  for (const call of otherCalls) put(otherNumberOf(call, arch), told(call));
  for (const numbers of Object.values(refused)) put(numberIn(numbers, arch), REFUSED);
  for (const call of trappedCalls) put(numberOf(call, arch), told(call));
  const last = Math.max(...bodies.keys());
  const all = Array.from({ length: last + 2 }, (_, from) => ({ from, body: bodies.get(from) ?? TOLD }));
  return all.filter(({ body }, at) => body !== all[at - 1]?.body);
}

const LET_THROUGH = [ALLOW];
const TOLD = [NOTIFY];
const REFUSED = [REFUSE];

/**
 * Calls of other architectures are told, too: `int 0x80` on x86-64, 32-bit programs; and those of x32, which has the architecture
 * of x86-64, and numbers from 2^30 on. They mean other calls, and are let through and named.
 */
export function filterProgram(arch: Arch): Buffer {
  return encoded([load(ARCH), jumpIfEqual(auditArch[arch], 1, 0), NOTIFY, load(NUMBER), ...search(branches(arch))]);
}

const TSYNC = 1;
const NEW_LISTENER = 1 << 3;
const TSYNC_ESRCH = 1 << 4;
const WAIT_KILLABLE_RECV = 1 << 5;

/**
 * Puts the filter on all threads of this process, and so on everything that it will start. Each trapped call waits from now
 * on until whoever holds the listener answers. The listener is a descriptor of this process, which the supervisor duplicates;
 * to be closed here after that, or the trapped calls would wait for ever once the supervisor is dead.
 *
 * @throws {KernelError} Linux 5.19 is needed, and a container may forbid it.
 */
export function installFilter(): { readonly close: () => void } {
  const arch = archOf(process.arch);
  if (process.platform !== 'linux' || arch === undefined) {
    throw new Error(
      `seccomp user notification is a Linux facility, here known on x64 and arm64: this is ${process.platform} ${process.arch}`,
    );
  }
  setNoNewPrivileges();
  const listener = setFilter(TSYNC | NEW_LISTENER | TSYNC_ESRCH | WAIT_KILLABLE_RECV, filterProgram(arch));
  return { close: () => closeSync(listener) };
}
