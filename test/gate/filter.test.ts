/** The filter as the kernel would run it, by an interpreter of the few instructions of classic BPF that it is made of. */

import { describe, expect, test } from 'vitest';
import { type Arch, auditArch, namesByNumber, numberIn, numberOf, type TrappedCall } from '../../harness/gate/calls.ts';
import { filterProgram } from '../../harness/gate/filter.ts';
import { harmlessNumbers } from '../../harness/gate/harmless-calls.ts';
import {
  type OtherCall,
  otherCalls,
  otherNamesByNumber,
  otherNumberOf,
  refused,
} from '../../harness/gate/other-calls.ts';

const ALLOW = 'allow';
const NOTIFY = 'notify';
const REFUSE = 'errno 38'; // ENOSYS

/** SECCOMP_RET_… of linux/seccomp.h: the action is the high half, data such as an errno the low one. */
const actions: Readonly<Record<number, string>> = { 32767: ALLOW, 32704: NOTIFY, 5: 'errno' };

interface Instruction {
  readonly code: number;
  readonly ifTrue: number;
  readonly ifFalse: number;
  readonly operand: number;
}

const LOAD_WORD = 0x20;
const AND = 0x54;
const JUMP = 0x05;
const JUMP_IF_EQUAL = 0x15;
const JUMP_IF_AT_LEAST = 0x35;
const RETURN = 0x06;

function instructionsOf(program: Buffer): readonly Instruction[] {
  return Array.from({ length: program.length / 8 }, (_, at) => ({
    code: program.readUInt16LE(at * 8),
    ifTrue: program.readUInt8(at * 8 + 2),
    ifFalse: program.readUInt8(at * 8 + 3),
    operand: program.readUInt32LE(at * 8 + 4),
  }));
}

/** What a thread asks of the kernel: struct seccomp_data. */
function asked(number: number, arch: number, args: readonly number[]): Buffer {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(number, 0);
  data.writeUInt32LE(arch, 4);
  for (const [at, value] of args.entries()) data.writeBigInt64LE(BigInt(value), 16 + 8 * at);
  return data;
}

function run(program: readonly Instruction[], data: Buffer): string {
  let word = 0;
  for (let at = 0; ; at++) {
    const { code, ifTrue, ifFalse, operand } = program[at]!;
    if (code === LOAD_WORD) word = data.readUInt32LE(operand);
    else if (code === AND) word = (word & operand) >>> 0;
    else if (code === JUMP) at += operand;
    else if (code === JUMP_IF_EQUAL) at += word === operand ? ifTrue : ifFalse;
    else if (code === JUMP_IF_AT_LEAST) at += word >= operand ? ifTrue : ifFalse;
    else if (code === RETURN) {
      const action = actions[operand >>> 16] ?? `unknown action ${operand}`;
      return action === 'errno' ? `errno ${operand & 0xffff}` : action;
    } else throw new Error(`no such instruction: ${code}`);
  }
}

/** How far an instruction may go on from the next one. */
function jumpsOf({ code, ifTrue, ifFalse, operand }: Instruction): readonly number[] {
  if (code === RETURN) return [];
  if (code === JUMP) return [operand];
  return code === JUMP_IF_EQUAL || code === JUMP_IF_AT_LEAST ? [ifTrue, ifFalse] : [0];
}

describe.each(['x64', 'arm64'] as const)('the filter for %s', (arch: Arch) => {
  const program = filterProgram(arch);
  const instructions = instructionsOf(program);
  const answerTo = (number: number, args: readonly number[] = [], from = auditArch[arch]): string =>
    run(instructions, asked(number, from, args));
  const of = (call: TrappedCall, ...args: readonly number[]): string => answerTo(numberOf(call, arch)!, args);

  test('is well-formed: known instructions, jumps that stay inside, and no way past the end', () => {
    expect(program.length % 8).toBe(0);
    expect(instructions.length).toBeLessThanOrEqual(4096); // BPF_MAXINSNS
    const problems = instructions.flatMap((instruction, at) => {
      const { code, operand } = instruction;
      const known = [AND, JUMP, JUMP_IF_EQUAL, JUMP_IF_AT_LEAST, RETURN].includes(code);
      const loads = code === LOAD_WORD && operand % 4 === 0 && operand < 64;
      const inside = jumpsOf(instruction).every((jump) => at + 1 + jump < instructions.length);
      return (known || loads) && inside ? [] : [at];
    });
    expect(problems).toEqual([]);
    expect(instructions.at(-1)!.code).toBe(RETURN);
  });

  test('every instruction can be reached', () => {
    const reached = new Set([0]);
    for (const [at, instruction] of instructions.entries()) {
      if (reached.has(at)) for (const jump of jumpsOf(instruction)) reached.add(at + 1 + jump);
    }
    expect(reached.size).toBe(instructions.length);
  });

  test('few comparisons are made for a call: it is looked up in a tree', () => {
    const depth = (at: number): number =>
      1 + Math.max(0, ...jumpsOf(instructions[at]!).map((jump) => depth(at + 1 + jump)));
    expect(depth(0)).toBeLessThan(40);
    expect(instructions.length).toBeGreaterThan(200);
  });

  test('what is harmless is not told, what would carry calls past the gate is refused, all the rest is told', () => {
    const names = namesByNumber(arch);
    const others = otherNamesByNumber(arch);
    const untold = new Set(harmlessNumbers(arch));
    const refusals = new Set(Object.values(refused).map((numbers) => numberIn(numbers, arch)));
    const answers = Array.from({ length: 1024 }, (_, number) => answerTo(number));
    const expected = answers.map((answer, number) => {
      const name = names[number] ?? others.get(number);
      if (name !== undefined && CONDITIONAL.has(name)) return answer;
      return refusals.has(number) ? REFUSE : untold.has(number) ? ALLOW : NOTIFY;
    });
    expect(answers).toEqual(expected);
    expect(untold.size).toBeGreaterThan(140);
  });

  test('what no list knows is told: of newer kernels, and no call at all', () => {
    for (const number of [471, 600, 0x3fffffff, 0x80000000, 0xffffffff]) {
      expect([number, answerTo(number)]).toEqual([number, NOTIFY]);
    }
  });

  test('only the low half of an argument counts, as for the kernel', () => {
    expect([of('fcntl', 3, 2 ** 33 + 6), of('fcntl', 3, 2 ** 33)]).toEqual([NOTIFY, ALLOW]);
  });

  test('of fcntl, only what locks or watches is told', () => {
    // F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_SETOWN, F_DUPFD_CLOEXEC; then F_GETLK … F_OFD_SETLKW
    for (const command of [0, 1, 2, 3, 4, 8, 1030])
      expect([command, of('fcntl', 3, command)]).toEqual([command, ALLOW]);
    // … F_SETLEASE, F_NOTIFY
    for (const command of [5, 6, 7, 36, 37, 38, 1024, 1026])
      expect([command, of('fcntl', 3, command)]).toEqual([command, NOTIFY]);
  });

  test('of signals, only the end of a child is told', () => {
    const [SIGALRM, SIGCHLD] = [14, 17];
    expect([of('rt_sigaction', SIGCHLD), of('rt_sigaction', SIGALRM)]).toEqual([NOTIFY, ALLOW]);
  });

  test('of how a process is scheduled, only that of a process by its number is told', () => {
    const PID = 4711;
    const answer = (call: OtherCall, ...args: readonly number[]): string => answerTo(otherNumberOf(call, arch)!, args);
    for (const call of ['sched_getaffinity', 'sched_setscheduler', 'sched_getattr', 'prlimit64'] as const)
      expect([call, answer(call, PID), answer(call, 0)]).toEqual([call, NOTIFY, ALLOW]);
    for (const call of ['getpriority', 'ioprio_set'] as const)
      expect([call, answer(call, 1, PID), answer(call, 1, 0)]).toEqual([call, NOTIFY, ALLOW]);
  });

  test('of sockets, only those to the kernel are told', () => {
    const [AF_UNIX, AF_INET, AF_NETLINK] = [1, 2, 16];
    expect([AF_UNIX, AF_INET, AF_NETLINK].map((family) => of('socket', family))).toEqual([ALLOW, ALLOW, NOTIFY]);
  });

  test('of ioctl, only what terminals, sockets and all descriptors know is not told', () => {
    const [FICLONE, FICLONERANGE, FIDEDUPERANGE, FS_IOC_SETFLAGS] = [0x40049409, 0x4020940d, 0xc0189436, 0x40086602];
    for (const request of [FICLONE, FICLONERANGE, FIDEDUPERANGE, FS_IOC_SETFLAGS]) {
      expect(of('ioctl', 3, request)).toBe(NOTIFY);
    }
    // They tell the size of a file.
    const [FIONREAD, FIOQSIZE] = [0x541b, 0x5460];
    for (const request of [FIONREAD, FIOQSIZE]) expect(of('ioctl', 3, request)).toBe(NOTIFY);
    const [TCGETS, FIONBIO, FIOCLEX, SIOCGIFCONF] = [0x5401, 0x5421, 0x5451, 0x8912];
    for (const request of [TCGETS, FIONBIO, FIOCLEX, SIOCGIFCONF]) expect(of('ioctl', 3, request)).toBe(ALLOW);
  });

  test('of mmap, what is mapped of files is told, whatever else is asked for', () => {
    const SHARED = 1;
    const PRIVATE = 2;
    const SHARED_VALIDATE = 3;
    const FIXED = 0x10;
    const ANONYMOUS = 0x20;
    const DENYWRITE = 0x800;
    const POPULATE = 0x8000;
    const SYNC = 0x80000;
    const answers = (types: readonly number[], flags: readonly number[]): readonly string[] =>
      types.flatMap((type) => flags.map((flag) => of('mmap', 0, 4096, 3, type | flag)));
    const all = (answer: string, count: number): readonly string[] => Array.from({ length: count }, () => answer);
    const others = [0, FIXED, POPULATE, SYNC, FIXED | POPULATE | SYNC];
    expect(answers([SHARED, SHARED_VALIDATE, PRIVATE], others)).toEqual(all(NOTIFY, 15));
    expect(answers([SHARED, SHARED_VALIDATE], [DENYWRITE])).toEqual(all(NOTIFY, 2));
    expect(answers([SHARED, PRIVATE], [ANONYMOUS, ANONYMOUS | FIXED | POPULATE])).toEqual(all(ALLOW, 4));
    expect(answers([PRIVATE], [DENYWRITE, DENYWRITE | FIXED])).toEqual(all(ALLOW, 2));
  });

  test('of lseek, only what looks at the size is told', () => {
    const SEEK = { SET: 0, CUR: 1, END: 2, DATA: 3, HOLE: 4 };
    const answers = Object.entries(SEEK).map(([whence, number]) => [whence, of('lseek', 3, 0, number)]);
    expect(Object.fromEntries(answers)).toEqual({ SET: ALLOW, CUR: ALLOW, END: NOTIFY, DATA: NOTIFY, HOLE: NOTIFY });
  });

  test('there is no ring that would carry calls past the gate', () => {
    expect(Object.keys(refused)).toEqual(['io_uring_setup']);
    expect(answerTo(numberIn(refused.io_uring_setup, arch)!)).toBe(REFUSE);
  });

  test('of another architecture, all is told, since its numbers mean other calls', () => {
    const others = [0x40000003, 0x40000028, arch === 'x64' ? auditArch.arm64 : auditArch.x64];
    for (const other of others) {
      for (let number = 0; number < 600; number++) expect(answerTo(number, [3, 6, 2], other)).toBe(NOTIFY);
    }
  });

  test('so is all of x32, which has the architecture of x86-64, and numbers of its own', () => {
    const X32 = 0x40000000;
    for (let number = 0; number < 600; number++) expect(answerTo(X32 + number)).toBe(NOTIFY);
  });
});

const CONDITIONAL: ReadonlySet<TrappedCall | OtherCall> = new Set<TrappedCall | OtherCall>([
  ...otherCalls.filter((call) => /^(sched_|prlimit|[gs]etpriority|ioprio_)/.test(call)),
  ...(['fcntl', 'lseek', 'ioctl', 'mmap', 'rt_sigaction', 'socket'] as const),
  ...(['poll', 'ppoll', 'select', 'pselect6'] as const),
]);
