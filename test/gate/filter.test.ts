/** The filter as the kernel would run it, by an interpreter of the few instructions of classic BPF that it is made of. */

import { describe, expect, test } from 'vitest';
import {
  type Arch,
  auditArch,
  namesByNumber,
  numberOf,
  type TrappedCall,
  trappedCalls,
} from '../../harness/gate/calls.ts';
import { filterProgram } from '../../harness/gate/filter.ts';

const ALLOW = 'allow';
const NOTIFY = 'notify';

/** SECCOMP_RET_… of linux/seccomp.h: the action is the high half, data such as an errno the low one. */
const actions: Readonly<Record<number, string>> = { 32767: ALLOW, 32704: NOTIFY, 5: 'errno' };

interface Instruction {
  readonly code: number;
  readonly ifTrue: number;
  readonly ifFalse: number;
  readonly operand: number;
}

const LOAD_WORD = 0x20;
const JUMP_IF_EQUAL = 0x15;
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
    else if (code === JUMP_IF_EQUAL) at += word === operand ? ifTrue : ifFalse;
    else if (code === RETURN) {
      const action = actions[operand >>> 16] ?? `unknown action ${operand}`;
      return action === 'errno' ? `errno ${operand & 0xffff}` : action;
    } else throw new Error(`no such instruction: ${code}`);
  }
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
    const problems = instructions.flatMap(({ code, ifTrue, ifFalse, operand }, at) => {
      if (code === RETURN) return [];
      const targets = code === JUMP_IF_EQUAL ? [at + 1 + ifTrue, at + 1 + ifFalse] : [at + 1];
      const known = code === JUMP_IF_EQUAL || (code === LOAD_WORD && operand % 4 === 0 && operand < 64);
      return known && targets.every((target) => target < instructions.length) ? [] : [at];
    });
    expect(problems).toEqual([]);
    expect(instructions.at(-1)!.code).toBe(RETURN);
  });

  test('every instruction can be reached', () => {
    const reached = new Set([0]);
    for (const [at, { code, ifTrue, ifFalse }] of instructions.entries()) {
      if (!reached.has(at) || code === RETURN) continue;
      for (const jump of code === JUMP_IF_EQUAL ? [ifTrue, ifFalse] : [0]) reached.add(at + 1 + jump);
    }
    expect(reached.size).toBe(instructions.length);
  });

  test('all calls that can reach the resource are told, and nothing else', () => {
    const names = namesByNumber(arch);
    for (let number = 0; number < 600; number++) {
      const name = names[number];
      if (
        ['fcntl', 'lseek', 'ioctl', 'mmap', 'rt_sigaction'].includes(name ?? '') ||
        number === numberOf('io_uring_setup', arch)
      )
        continue;
      expect([number, answerTo(number)]).toEqual([number, name === undefined ? ALLOW : NOTIFY]);
    }
    expect(trappedCalls.length).toBeGreaterThan(60);
  });

  test('of fcntl, only what locks is told', () => {
    // F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_SETOWN, F_DUPFD_CLOEXEC; then F_GETLK … F_OFD_SETLKW
    for (const command of [0, 1, 2, 3, 4, 8, 1030])
      expect([command, of('fcntl', 3, command)]).toEqual([command, ALLOW]);
    for (const command of [5, 6, 7, 36, 37, 38]) expect([command, of('fcntl', 3, command)]).toEqual([command, NOTIFY]);
  });

  test('of signals, only the end of a child is told', () => {
    const [SIGALRM, SIGCHLD] = [14, 17];
    expect([of('rt_sigaction', SIGCHLD), of('rt_sigaction', SIGALRM)]).toEqual([NOTIFY, ALLOW]);
  });

  test('of ioctl, only what makes a file share the blocks of another is told', () => {
    const FICLONE = 0x40049409;
    expect([of('ioctl', 3, FICLONE), of('ioctl', 3, 0x5401)]).toEqual([NOTIFY, ALLOW]);
  });

  test('of mmap, only what others see is told', () => {
    // sys/mman.h: MAP_SHARED, MAP_PRIVATE, MAP_SHARED_VALIDATE; MAP_FIXED, MAP_ANONYMOUS, MAP_POPULATE
    expect([1, 3, 0x8001].map((flags) => of('mmap', 0, 4096, 3, flags))).toEqual(['notify', 'notify', 'notify']);
    expect([2, 0x12, 0x22].map((flags) => of('mmap', 0, 4096, 3, flags))).toEqual(['allow', 'allow', 'allow']);
  });

  test('of lseek, only what looks at the size is told', () => {
    const SEEK = { SET: 0, CUR: 1, END: 2, DATA: 3, HOLE: 4 };
    const answers = Object.entries(SEEK).map(([whence, number]) => [whence, of('lseek', 3, 0, number)]);
    expect(Object.fromEntries(answers)).toEqual({ SET: ALLOW, CUR: ALLOW, END: NOTIFY, DATA: NOTIFY, HOLE: NOTIFY });
  });

  test('there is no ring that would carry calls past the gate', () => {
    expect(answerTo(numberOf('io_uring_setup', arch)!)).toBe('errno 38'); // ENOSYS
  });

  test('of another architecture, nothing is told: its numbers mean other calls', () => {
    const others = [0x40000003, 0x40000028, arch === 'x64' ? auditArch.arm64 : auditArch.x64];
    for (const other of others) {
      for (let number = 0; number < 600; number++) expect(answerTo(number, [3, 6, 2], other)).toBe(ALLOW);
    }
  });
});
