import type { Comparison } from '../baseline/change.ts';
import type { Place } from '../config/places.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { FaultResults } from './fault-results.ts';
import type { Results } from './results.ts';
import type { Look } from './table.ts';

/** All that a reporter can tell of. */
export interface Report {
  readonly results: Results;
  /** Of the targets of the run, as far as they are known: stored results may be of others. */
  readonly scenarios: readonly Scenario[];
  /** What becomes of it when something goes wrong, where that was tried. */
  readonly faults?: FaultResults;
  /** How it differs from the baseline, where there is one. Then that decides what is an error, and not the truths. */
  readonly comparison?: Comparison;
  /** Where targets are written down, by their ids: those of the user's own. */
  readonly places?: Readonly<Record<string, Place>>;
  /** The command that makes an execution again from its witness; without it, `collide replay`. */
  readonly replayWith?: (witness: string) => string;
  /** Of the terminal that it is for; without it, as a pipe has it. */
  readonly look?: Look;
}

/** A report as text: one format, one function. */
export type Reporter = (report: Report) => string;
