import type { Files, Operation } from '../history/execution.ts';

/** What came of some of the commands: files and answers, without what differs by itself. */
export interface Outcome {
  readonly files: Files;
  readonly answers: readonly Answer[];
}

export interface Answer {
  readonly session: number;
  /** Sessions with the same command are interchangeable: nobody can tell which of them went first. */
  readonly command: string;
  readonly operation: Operation;
  /** How it ended and what it printed. */
  readonly text: string;
}

/** What some serial order has led to. */
export interface Legal extends Outcome {
  /** The commands that had run, sorted. */
  readonly commands: readonly string[];
  readonly key: string;
}
