/** What a probe found out about a file system. Plain data. */

import type { Machine } from '../session/machine.ts';
import type { FileSystem } from './file-system.ts';

export const FORMAT = 'collide-probe-1';

export interface Probed {
  readonly format: typeof FORMAT;
  /** As it was given. */
  readonly dir: string;
  readonly fileSystem: FileSystem;
  readonly machine: Machine;
  readonly guarantees: readonly Guarantee[];
  readonly facts: readonly Fact[];
  /** Lengths of lines in bytes, the newline included: the columns of `appends`. */
  readonly sizes: readonly number[];
  readonly appends: readonly AppendRow[];
  /** Why no calls of write(2) could be counted, where that is so. */
  readonly noGate?: string;
  readonly durationMs: number;
}

/** What the rounds of a contest came to. */
export interface Tally {
  readonly rounds: number;
  /** Rounds in which at least two processes were at it at the same time. */
  readonly overlapping: number;
  /** Rounds in which the guarantee did not hold. */
  readonly violations: number;
  /** One of them, in words. */
  readonly example?: string;
}

/** Something that processes may rely on when they are at it at the same time. */
export interface Guarantee extends Tally {
  readonly id: string;
  readonly operation: string;
  readonly purpose: string;
  /** What was so in each round: `1 winner`. */
  readonly held: string;
  readonly answer: 'holds' | 'broken' | 'not measured';
  readonly processes: number;
  /** Why it was not measured. */
  readonly reason?: string;
}

/** Something that is so or not, whoever else is there. */
export interface Fact {
  readonly id: string;
  readonly operation: string;
  readonly purpose: string;
  /** `yes`, `no`, or a value: `4 ms`. */
  readonly answer: string;
  readonly evidence: string;
}

/** How lines of one writer come out. */
export interface AppendRow {
  readonly writer: string;
  /** Why it could not be tried. */
  readonly skipped?: string;
  /** One for each size, in order; none where it was skipped. */
  readonly cells: readonly Cell[];
}

/** What became of the lines that several processes appended to one file. */
export interface LedgerTally {
  /** Lines that the processes said they had appended. */
  readonly lines: number;
  readonly torn: number;
  /** Bytes that were appended, and are not there: overwritten. */
  readonly missingBytes: number;
  /** How often a process had a line behind another's, and again before it: what can't be had from one after another. */
  readonly turns: number;
  /** A torn line, in words. */
  readonly example?: string;
}

export interface Cell extends LedgerTally {
  readonly bytes: number;
  /**
   * `whole`: one write(2) for a line, and no line was torn. `torn`: seen. `several writes`: others may come between them, though
   * none was seen there. `not seen torn`: nobody knows how many writes it takes. The others say nothing, for a reason.
   */
  readonly answer: 'whole' | 'torn' | 'several writes' | 'not seen torn' | 'not measured' | 'skipped';
  readonly processes: number;
  /** Calls of write(2) and the like for one line; left out where they could not be counted. */
  readonly writes?: number;
  readonly reason?: string;
}

/** Is something broken that POSIX promises? A line in several writes that is torn is not. */
export const brokenIn = ({ guarantees, appends }: Pick<Probed, 'guarantees' | 'appends'>): boolean =>
  guarantees.some(({ answer }) => answer === 'broken') || appends.some(({ cells }) => cells.some(isBroken));

/**
 * "The file offset shall be set to the end of the file prior to each write" (POSIX, write()): one write to an O_APPEND
 * descriptor neither lands on another's bytes nor is cut by them. Linux holds the lock of the inode meanwhile.
 */
export const isBroken = ({ answer, writes, missingBytes }: Cell): boolean =>
  answer === 'torn' && (writes === 1 || missingBytes > 0);
