import type { Mode } from '../history/execution.ts';
import type { Contention } from './contention.ts';
import type { Exploration, Probing } from './exploration.ts';
import type { RecordedFinding, Status } from './verdict.ts';

/** What a number of rounds of the storm amounts to. Plain data, which adds up. */
export interface StormEvidence {
  /** Rounds that all sessions came through. */
  readonly whole: number;
  /** In which operations of different sessions overlapped, or something was found. */
  readonly overlapping: number;
  readonly serial: number;
  /** In which there was nobody to overlap with, as there should be nobody. */
  readonly alone: number;
  readonly collided: number;
  readonly acknowledged: number;
  readonly refused: number;
  readonly unknown: number;
  readonly reads: number;
  /** How long all rounds took. */
  readonly ms: number;
  /** Why an operation failed, where one did. */
  readonly unknownError?: string;
  /** Of each round that sessions did not come through, who and why. */
  readonly failures: readonly string[];
  /** Of each round, how far apart its sessions began. */
  readonly skewsUs: readonly number[];
  /** What the scenario counts besides. */
  readonly others: Readonly<Record<string, number>>;
  readonly findings: readonly RecordedFinding[];
  readonly contention?: Contention;
}

export const noStorm: StormEvidence = {
  whole: 0,
  overlapping: 0,
  serial: 0,
  alone: 0,
  collided: 0,
  acknowledged: 0,
  refused: 0,
  unknown: 0,
  reads: 0,
  ms: 0,
  failures: [],
  skewsUs: [],
  others: {},
  findings: [],
};

/** All that the verdict on one strategy can rest on. */
export interface Gathered {
  readonly exploration?: Exploration;
  readonly probing?: Probing;
  readonly storm?: StormEvidence;
}

/** The same with the row that it is about: what a shard hands over to be merged, and what a run that is resumed need not do again. */
export interface RowEvidence extends Gathered {
  readonly target: string;
  readonly strategy: string;
  readonly mode: Mode;
  readonly writers: number;
  readonly readers: number;
  /** There is nothing left to do. */
  readonly concluded: boolean;
  /** Decided by something else than findings. */
  readonly settled?: {
    readonly status: Extract<Status, 'SKIPPED' | 'BROKEN_ALONE' | 'VACUOUS' | 'INCONCLUSIVE'>;
    readonly reason: string;
    /** Sessions share something outside of the resource. */
    readonly sharesOutside?: true;
  };
  /** Files outside of the resource that sessions change, where that was looked at apart from an exploration. */
  readonly outside?: readonly string[];
  /** Why what should have been explored was not. */
  readonly unexplored?: string;
  readonly product?: string;
  readonly uncompared?: readonly string[];
}
