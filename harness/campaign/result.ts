import type { Verdict } from '../verdict/verdict.ts';

export interface CampaignResult {
  /** In the catalogue's order. */
  readonly verdicts: readonly Verdict[];
  /** Stopped before its end; the verdicts are those of the rows that were done. */
  readonly interrupted: boolean;
  /** Why the machine could not carry the run to its end. */
  readonly broken?: string;
  /** Why nothing was explored, where it should have been. */
  readonly noGate?: string;
  readonly durationMs: number;
  /** Of the storm. */
  readonly rounds: number;
  /** Of the exploration. */
  readonly executions: number;
  readonly sessionsReplaced: number;
  /** Peak resident memory of the largest session process. */
  readonly sessionPeakKiB: number;
}
