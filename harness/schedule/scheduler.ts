import type { Step } from '../history/step.ts';

/** A session that is held before a step. */
export interface Candidate {
  readonly session: number;
  /** What it will do when it is let go, judged in the present state. */
  readonly step: Step;
  /**
   * It is looping without effect (a retry loop in which nothing that it looks at has changed), and would go on until it gives
   * up. Fairness says to wait; a loop with a bound says that others may be slower than that. Such a candidate stands for all
   * of its rounds at once, and comes beside the same session's place among the blocked.
   */
  readonly outwait?: true;
}

/** A moment at which somebody must go on. */
export interface Choice {
  /** Never empty. Who ran last comes first if it can go on, the others by index; so the first means "no preemption". */
  readonly enabled: readonly Candidate[];
  /** Held before a lock that is taken, or looping without effect: someone else must step before they can. */
  readonly blocked: readonly Candidate[];
}

export interface Decision extends Choice {
  readonly chosen: Candidate;
  /** Did the session that ran last have to wait, though it could have gone on? */
  readonly preemption: boolean;
}

/** The decisions of one execution, in order. */
export interface Trace {
  readonly decisions: readonly Decision[];
  /** Sessions that could not go on in the end: a deadlock, or a livelock. */
  readonly stuck: readonly Candidate[];
}

/**
 * Picks one of the enabled candidates. `undefined`: whatever comes now has been seen already; the execution is then brought
 * to its end in any order, and the decisions made so far are its trace.
 */
export type Choose = (choice: Choice) => Candidate | undefined;

/**
 * Decides which interleavings to try. Each `yield` is one execution: out goes the function that makes its choices, back comes
 * the trace of what ran. Returning means that nothing is left to explore. Budgets are the caller's.
 */
export interface Scheduler {
  readonly name: string;
  explore(): Generator<Choose, void, Trace>;
}
