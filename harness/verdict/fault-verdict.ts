import type { FaultKind } from '../scenario/faults.ts';
import type { CollisionClass } from '../oracle/finding.ts';
import type { RecordedFinding } from './verdict.ts';

/** What a search with one kind of fault amounts to, for one strategy. Plain data. */
export interface FaultSearch {
  readonly kind: FaultKind;
  /** Each with its shortest witness. */
  readonly findings: readonly RecordedFinding[];
  /** Different faults that were tried: kinds of failure at steps, or crash states of the disk. */
  readonly points: number;
  readonly executions: number;
  /** For every fault, all schedules with at most so many preemptions were tried. -1: there was no time for that. */
  readonly preemptions: number;
  /** Why there is nothing to try. */
  readonly inapplicable?: string;
  /** Why nothing that was found is no reason to say SAFE. */
  readonly doubt?: string;
}

export interface FaultExploration {
  readonly searches: readonly FaultSearch[];
  /** What is wrong without any fault already: nothing was injected then. */
  readonly broken?: string;
}

/** - `NONE`: there is no place for such a fault. - `INCONCLUSIVE`: there was no time for even one schedule of each. */
export type FaultStatus = 'SAFE' | 'COLLIDES' | 'NONE' | 'NOT_PROVOKED' | 'INCONCLUSIVE' | 'SKIPPED';

/** One cell of the matrix: a strategy under one kind of fault. */
export interface FaultVerdict {
  readonly target: string;
  readonly strategy: string;
  readonly kind: FaultKind;
  readonly status: FaultStatus;
  readonly classes: readonly CollisionClass[];
  /** What was known beforehand. */
  readonly truth: readonly CollisionClass[];
  readonly asExpected: boolean;
  /** In one line: why it is so, or why there is no verdict. */
  readonly why: string;
  readonly points: number;
  readonly executions: number;
  readonly preemptions: number;
  readonly findings: readonly RecordedFinding[];
}
