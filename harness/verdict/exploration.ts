import type { Explored, Probed } from './strength.ts';
import type { Counts, RecordedFinding } from './verdict.ts';

/** What a search of interleavings amounts to. Plain data. */
interface Searched {
  /** Each with its shortest witness. */
  readonly findings: readonly RecordedFinding[];
  readonly counts: Pick<Counts, 'acknowledged' | 'refused' | 'unknown' | 'reads'>;
  readonly effort: Effort;
  /** Why nothing that was found is no reason to say SAFE. */
  readonly doubt?: string;
}

/** The exploration of one strategy with two writers. */
export interface Exploration extends Searched {
  readonly explored: Explored;
  /** What one session does wrong already, with nobody else there. Nothing else was explored then. */
  readonly brokenAlone?: string;
  /** Files that commands wrote to, and that are not part of the resource. */
  readonly outside?: readonly string[];
}

/** Schedules of more writers, drawn at random. */
export interface Probing extends Searched {
  readonly probed: Probed;
}

/** How much it took: executions and milliseconds, in all and until the first finding. */
export interface Effort {
  readonly executions: number;
  readonly ms: number;
  readonly firstFinding?: { readonly executions: number; readonly ms: number };
}
