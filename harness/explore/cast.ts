import type { FaultPlan } from '../faults/plan.ts';
import type { Step } from '../history/step.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Endpoint } from '../scenario/server.ts';
import type { Trace } from '../schedule/scheduler.ts';

/** Who takes part, and in what. */
export interface Cast {
  readonly scenario: Scenario;
  readonly strategy: string;
  /** How many writers the sessions are told that there are. The reader, if any, has the index after theirs. */
  readonly writers: number;
  /** Indexes of the sessions that take part: fewer than there are, where a witness does without the others. */
  readonly participants: readonly number[];
  /** Of each writer; a reader reads once. */
  readonly operations: number;
  /** What the strategy shares beside files. */
  readonly server?: Endpoint;
  /** So many of the writers, the last ones, begin when all others have ended or can't go on: can they? */
  readonly recoverers?: number;
  readonly faults?: FaultPlan;
  /** While all goes well, those are never refused. */
  readonly freshAreGranted?: boolean;
}

/** Does this session begin only when the others are at their end? */
export const recovers = ({ writers, recoverers = 0 }: Cast, index: number): boolean =>
  index < writers && index >= writers - recoverers;

/** Are the writers commands, and not functions? */
export const byCommands = ({ scenario, strategy }: Cast): boolean =>
  typeof scenario.strategies[strategy]!.perform !== 'function';

/** What came of the choices. */
export interface Ran {
  readonly trace: Trace;
  /** Only where they are recorded. */
  readonly steps: readonly Step[];
  /** Of each decision, the index of its first step: outwaiting others takes many steps. */
  readonly begins: readonly number[];
  /** The choices ended early, because what was left had been seen. */
  readonly redundant: boolean;
}
