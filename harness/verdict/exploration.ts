import type { Contention } from './contention.ts';
import type { Explored, Probed } from './strength.ts';
import type { Counts, RecordedFinding } from './verdict.ts';

/** What a search of interleavings amounts to. Plain data. */
interface Searched {
  /** Each with its shortest witness. */
  readonly findings: readonly RecordedFinding[];
  readonly counts: Pick<Counts, 'acknowledged' | 'refused' | 'unknown' | 'reads'>;
  readonly effort: Effort;
  /** Beside what was found: sessions that fail because of each other. */
  readonly contention?: Contention;
  /** Why nothing that was found is no reason to say SAFE. */
  readonly doubt?: string;
}

/** Names of what was seen, so that what several saw can be put together, and counted once. */
export interface Seen {
  readonly traces: readonly string[];
  /** Pairs of conflicting steps of two sessions, and the orders in which they were seen: 1, 2, or with 3 both. */
  readonly orders: readonly (readonly [string, number])[];
}

/** What a shard has searched of what is dealt out among all. */
export interface Searches extends Seen {
  /** All of its part of all interleavings; how they were divided. */
  readonly exhaustive?: { readonly division: string };
  /** Its part of those with at most so many preemptions; where it is complete, with any number. */
  readonly bounded?: { readonly division: string; readonly preemptions: number; readonly complete: boolean };
}

/** The exploration of one strategy with two writers. */
export interface Exploration extends Searched {
  readonly explored: Explored;
  /** The search came to its end, whatever it left out: another one would end in the same way. */
  readonly ended?: true;
  /** Of a shard. */
  readonly part?: Searches;
  /** What one session does wrong already, with nobody else there. Nothing else was explored then. */
  readonly brokenAlone?: string;
  /** Files that commands wrote to, and that are not part of the resource. */
  readonly outside?: readonly string[];
  /** Is `doubt` about something outside of the resource that several sessions share? */
  readonly sharesOutside?: true;
}

/** Schedules of more writers, drawn at random. */
export interface Probing extends Searched {
  readonly probed: Probed;
  /** Of a shard. */
  readonly part?: Seen;
}

/** How much it took: executions and milliseconds, in all and until the first finding. */
export interface Effort {
  readonly executions: number;
  readonly ms: number;
  readonly firstFinding?: { readonly executions: number; readonly ms: number };
}
