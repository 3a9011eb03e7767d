/** The filter that a session puts on itself: from then on, its system calls that could reach the resource wait for the gate. */

import { closeSync } from 'node:fs';
import { type Arch, archOf, auditArch, numberOf, type TrappedCall, trappedCalls } from './calls.ts';
import { setFilter, setNoNewPrivileges } from './kernel.ts';

// linux/bpf_common.h and linux/seccomp.h
const LOAD = 0x20;
const JUMP_IF_EQUAL = 0x15;
const RETURN = 0x06;
const ALLOW = 0x7fff0000;
const NOTIFY = 0x7fc00000;
const ERRNO = 0x00050000;
const ENOSYS = 38;

/** Offsets in struct seccomp_data: the call's number, the architecture, the low half of an argument. */
const NUMBER = 0;
const ARCH = 4;
const argument = (index: number): number => 16 + 8 * index;

/** Trapped only with one of these values of one argument: the others neither lock, copy, share, nor look at a size; or are other signals. */
const conditional: Partial<
  Readonly<Record<TrappedCall, { readonly argument: number; readonly values: readonly number[] }>>
> = {
  // F_GETLK, F_SETLK, F_SETLKW and their F_OFD_ namesakes
  fcntl: { argument: 1, values: [5, 6, 7, 36, 37, 38] },
  // FICLONE: cp makes a copy share its blocks, where the file system can
  ioctl: { argument: 1, values: [0x40049409] },
  // MAP_SHARED, MAP_SHARED_VALIDATE, and the first with MAP_POPULATE: what is written there, others see
  mmap: { argument: 3, values: [1, 3, 0x8001] },
  // SIGCHLD, see `signals`
  rt_sigaction: { argument: 0, values: [17] },
  // SEEK_END, SEEK_DATA, SEEK_HOLE
  lseek: { argument: 2, values: [2, 3, 4] },
  // of no descriptor at all: a sleep, see `sleeps`
  poll: { argument: 1, values: [0] },
  ppoll: { argument: 1, values: [0] },
  select: { argument: 0, values: [0] },
  pselect6: { argument: 0, values: [0] },
};

interface Instruction {
  readonly code: number;
  readonly ifTrue?: number;
  readonly ifFalse?: number;
  readonly operand: number;
}

/** Classic BPF (linux/filter.h): jumps are relative, forward, and at most 255 long. */
export function filterProgram(arch: Arch): Buffer {
  const plain = trappedCalls
    .filter((call) => conditional[call] === undefined)
    .flatMap((call) => numberOf(call, arch) ?? []);
  const blocks = trappedCalls.flatMap((call) => {
    const number = numberOf(call, arch);
    const condition = conditional[call];
    if (number === undefined || condition === undefined) return [];
    const { values } = condition;
    return [
      { code: JUMP_IF_EQUAL, ifFalse: values.length * 2 + 2, operand: number },
      { code: LOAD, operand: argument(condition.argument) },
      ...values.flatMap((value) => [
        { code: JUMP_IF_EQUAL, ifFalse: 1, operand: value },
        { code: RETURN, operand: NOTIFY },
      ]),
      { code: RETURN, operand: ALLOW },
    ];
  });
  const program: readonly Instruction[] = [
    { code: LOAD, operand: ARCH },
    { code: JUMP_IF_EQUAL, ifTrue: 1, operand: auditArch[arch] },
    { code: RETURN, operand: ALLOW },
    { code: LOAD, operand: NUMBER },
    // Its ring would carry system calls past the filter; libuv does without.
    { code: JUMP_IF_EQUAL, ifFalse: 1, operand: numberOf('io_uring_setup', arch)! },
    { code: RETURN, operand: ERRNO | ENOSYS },
    ...blocks,
    ...plain.map((number, at) => ({ code: JUMP_IF_EQUAL, ifTrue: plain.length - at, operand: number })),
    { code: RETURN, operand: ALLOW },
    { code: RETURN, operand: NOTIFY },
  ];
  return Buffer.concat(program.map(encoded));
}

/** struct sock_filter { __u16 code; __u8 jt; __u8 jf; __u32 k; } */
function encoded({ code, ifTrue = 0, ifFalse = 0, operand }: Instruction): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(ifTrue, 2);
  bytes.writeUInt8(ifFalse, 3);
  bytes.writeUInt32LE(operand, 4);
  return bytes;
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
