/** Programs of classic BPF (linux/filter.h), as seccomp(2) takes them: all jumps are forward, and conditional ones at most 255 long. */

export interface Instruction {
  readonly code: number;
  readonly ifTrue?: number;
  readonly ifFalse?: number;
  readonly operand: number;
}

const LONGEST_JUMP = 255;

/** A word of struct seccomp_data. */
export const load = (offset: number): Instruction => ({ code: 0x20, operand: offset });
export const and = (mask: number): Instruction => ({ code: 0x54, operand: mask });
const jump = (operand: number): Instruction => ({ code: 0x05, operand });
export const jumpIfEqual = (operand: number, ifTrue: number, ifFalse: number): Instruction => ({
  ...{ code: 0x15, operand },
  ...{ ifTrue, ifFalse },
});
const jumpIfAtLeast = (operand: number, ifTrue: number, ifFalse: number): Instruction => ({
  ...{ code: 0x35, operand },
  ...{ ifTrue, ifFalse },
});
export const answer = (operand: number): Instruction => ({ code: 0x06, operand });

/** What is to be done with numbers from `from` on, up to where the next one begins. It must end with an answer. */
export interface Branch {
  readonly from: number;
  readonly body: readonly Instruction[];
}

/**
 * Looks the loaded word up in a tree, so that any is found after a few comparisons, however many there are.
 *
 * @param branches in ascending order, the first from 0.
 */
export function search(branches: readonly Branch[]): readonly Instruction[] {
  if (branches.length === 1) return branches[0]!.body;
  const middle = branches.length >> 1;
  const below = search(branches.slice(0, middle));
  const above = search(branches.slice(middle));
  const { from } = branches[middle]!;
  return below.length <= LONGEST_JUMP
    ? [jumpIfAtLeast(from, below.length, 0), ...below, ...above]
    : [jumpIfAtLeast(from, 0, 1), jump(below.length), ...below, ...above];
}

export const encoded = (program: readonly Instruction[]): Buffer => Buffer.concat(program.map(bytesOf));

/** struct sock_filter { __u16 code; __u8 jt; __u8 jf; __u32 k; } */
function bytesOf({ code, ifTrue = 0, ifFalse = 0, operand }: Instruction): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(ifTrue, 2);
  bytes.writeUInt8(ifFalse, 3);
  bytes.writeUInt32LE(operand, 4);
  return bytes;
}
