import { type Execution, type Mode, splitBySession } from '../history/execution.ts';
import type { CollisionClass, Finding, Oracle } from '../oracle/finding.ts';
import { Undecided } from '../oracle/linearizable.ts';
import { isUnreadable } from '../oracle/torn-state.ts';
import { type Priority, type Scenario, type Strategy, type Truth, truthClasses } from '../scenario/scenario.ts';
import type { Contention } from './contention.ts';
import type { Level } from './level.ts';
import type { Strength } from './strength.ts';

/**
 * What is said of one strategy of one target in the end. Only SAFE and COLLIDES are verdicts; the others are statuses with a
 * reason, and never count as passing.
 *
 * - `NOT_PROVOKED`: known to collide, but nothing that was tried shows it. Not SAFE.
 * - `VACUOUS`: nothing was tested: the resource, or what counts of it, was never touched, or the sessions never overlapped.
 * - `BROKEN_ALONE`: fails with one session already; not a race.
 * - `INCONCLUSIVE`: too little was shown, or the search broke off, or sessions or operations failed on the way.
 * - `SKIPPED`: can't be run on this machine.
 */
export type Status = 'SAFE' | 'COLLIDES' | 'NOT_PROVOKED' | 'VACUOUS' | 'BROKEN_ALONE' | 'INCONCLUSIVE' | 'SKIPPED';

export interface Verdict {
  readonly target: string;
  readonly priority: Priority;
  readonly strategy: string;
  readonly mode: Mode;
  readonly writers: number;
  readonly readers: number;
  readonly status: Status;
  /** Of SAFE: what it rests on. */
  readonly level?: Level;
  /** The classes that were found, worst first. */
  readonly classes: readonly CollisionClass[];
  readonly truth: Truth;
  /** Classes of the truth that were not found. */
  readonly notProvoked: readonly CollisionClass[];
  /** Is this what the truth says, as far as the strength goes? */
  readonly asExpected: boolean;
  /** Why there is no verdict; what differs from the truth; what was not found. */
  readonly reason?: string;
  readonly strength?: Strength;
  /** What its server is, where it is not the one that it is named after. */
  readonly product?: string;
  /** What of the outcome differs each time, so that it can't be compared. */
  readonly uncompared?: readonly string[];
  /** Files that commands wrote to, and that are not part of the resource: nobody looked at them. */
  readonly outside?: readonly string[];
  readonly counts: Counts;
  readonly findings: readonly RecordedFinding[];
  /** Sessions that fail because of each other, beside the verdict. */
  readonly contention?: Contention;
  readonly startSkew?: { readonly medianUs: number; readonly p95Us: number };
}

/** Summed over all rounds of the storm; where there was none, over all executions. */
export interface Counts {
  readonly acknowledged: number;
  readonly refused: number;
  /** Operations that ended with neither an acknowledgement nor a refusal. */
  readonly unknown: number;
  readonly reads: number;
  /** Rounds that a session did not come through. */
  readonly failedRounds: number;
  /** What the scenario counts besides. */
  readonly others: Readonly<Record<string, number>>;
}

/** All findings of one class, with the first execution that shows it. */
export interface RecordedFinding {
  readonly class: CollisionClass;
  /** Rounds of the storm in which it was found. */
  readonly rounds: number;
  /** How many operations, lines or tokens were concerned, over all rounds of the storm. */
  readonly count: number;
  /** Of the execution that is the witness. */
  readonly message: string;
  /** The shortest execution that exploration found, with its steps; else the first round of the storm that showed it. */
  readonly witness: Execution;
  /** What `collide replay` makes that execution again from. */
  readonly replay?: string;
  readonly critical?: CriticalPair;
  /** Index of the step after which acknowledged data are gone for good, where the data show it. */
  readonly destructive?: number;
  /** What the same operations are told and leave one after another, with nothing going wrong: one outcome that is right. */
  readonly serial?: Pick<Execution, 'operations' | 'final'>;
}

/** The order of two steps that decides: with the second before the first, the finding is gone. Indexes of steps. */
export interface CriticalPair {
  readonly first: number;
  readonly second: number;
  /** A later step of the first one's session that conflicts with the second: the second came in between. */
  readonly last?: number;
}

/**
 * Judges one execution. Sessions with private copies are judged apart, unless the resource exists to coordinate them.
 */
export function judge(scenario: Scenario, execution: Execution): readonly Finding[] {
  const apart = execution.mode === 'per-session' && scenario.isolated === undefined;
  const executions = apart ? splitBySession(execution) : [execution];
  return executions.flatMap((each) => {
    const findings = scenario.oracles.map((oracle) => opinion(oracle, each));
    const judged = findings.flatMap((found) => (Array.isArray(found) ? found : []));
    // An oracle that gave up matters only where no other found anything.
    const undecided = findings.find((found) => found instanceof Error);
    if (undecided !== undefined && judged.length === 0) throw undecided;
    // Several oracles stumble over one unreadable state, and `neverTorn` may have said so already.
    const unreadable = findings.includes('unreadable');
    const known = !unreadable || judged.some((finding) => finding.class === 'TORN_STATE');
    return known
      ? judged
      : [...judged, { class: 'TORN_STATE', count: 1, message: 'the state that was left can not be read' }];
  });
}

/** An oracle that can't read what it is to judge has found just that. */
function opinion(oracle: Oracle, execution: Execution): readonly Finding[] | 'unreadable' | Undecided {
  try {
    return oracle(execution);
  } catch (error) {
    if (isUnreadable(error)) return 'unreadable';
    if (error instanceof Undecided) return error;
    throw error;
  }
}

/** What must be found, and what may be found besides. */
export interface Expectation {
  readonly truth: Truth;
  readonly may: readonly CollisionClass[];
}

export function expectationOf(scenario: Scenario, strategy: Strategy, mode: Mode): Expectation {
  const { truth, may = [] } = strategy;
  if (mode === 'shared') return { truth, may };
  // A copy of one's own, or being the only one, keeps other writers out, not one's own readers.
  const remaining = truthClasses(truth).filter((kind) => kind === 'TORN_STATE');
  if (mode === 'per-session' && scenario.isolated !== undefined)
    return { truth: [...scenario.isolated, ...remaining], may: [...truthClasses(truth), ...may] };
  return { truth: remaining.length > 0 ? remaining : 'SAFE', may };
}
