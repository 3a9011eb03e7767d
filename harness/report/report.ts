import type { Comparison } from '../baseline/change.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { FaultResults } from './fault-results.ts';
import type { Results } from './results.ts';

/** All that a reporter can tell of. */
export interface Report {
  readonly results: Results;
  /** Of the targets of the run, at least. */
  readonly scenarios: readonly Scenario[];
  /** What becomes of it when something goes wrong, where that was tried. */
  readonly faults?: FaultResults;
  /** How it differs from the baseline, where there is one. Then that decides what is an error, and not the truths. */
  readonly comparison?: Comparison;
}

/** A report as text: one format, one function. */
export type Reporter = (report: Report) => string;
