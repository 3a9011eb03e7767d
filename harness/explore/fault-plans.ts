/** What is tried of a kind of fault, as plain data: the faults, and among whom. */

import { type FaultPlan, isStep } from '../faults/plan.ts';
import { faultsAt } from '../faults/points.ts';
import type { Step } from '../history/step.ts';
import type { FaultKind, PowerKind } from '../scenario/faults.ts';
import type { StepName } from '../schedule/schedule.ts';
import type { FaultSearch } from '../verdict/fault-verdict.ts';
import { byCommands, type Cast, recovers } from './cast.ts';

/** A step of the session that something happens to. */
export interface Point {
  readonly name: StepName;
  readonly step: Step;
  /** The last that it makes. */
  readonly last: boolean;
}

/** What was found out without any fault. */
export interface Undisturbed {
  readonly points: readonly Point[];
  readonly asksClock: boolean;
  readonly hasServer: boolean;
  /** Those who come afterwards are never refused. */
  readonly freshAreGranted: boolean;
  /** There may be more steps than were seen. */
  readonly partial: boolean;
}

/** The session that something happens to. */
export const VICTIM = 0;

export interface Level {
  readonly extent: Exclude<FaultSearch['extent'], 'none'>;
  readonly participants: readonly number[];
  readonly preemptions: number;
}

/**
 * First the one that something happens to and who comes later; then with all others beside it. Where it only stands still, nothing
 * at all happens as long as nobody else is there.
 */
export function levelsOf(cast: Cast, kind: FaultKind, preemptions: number): readonly [Level, ...Level[]] {
  const { participants } = cast;
  const two = participants.filter((index) => isAlone(cast, index));
  const alone: Level = { extent: 'alone', participants: two, preemptions: 0 };
  const most = kind === 'stall' ? Math.max(preemptions, 0) : preemptions;
  const beside = Array.from(
    { length: most + 1 },
    (_, bound): Level => ({ extent: bound, participants, preemptions: bound }),
  );
  return kind === 'stall' ? (beside as [Level, ...Level[]]) : [alone, ...beside];
}

/** Who is there though nobody is beside: the one that something happens to, and who comes later. */
const isAlone = (cast: Cast, index: number): boolean => index === VICTIM || recovers(cast, index);

/** All plans with one fault of a kind; with two, pairs of it with any later one of the same kind. */
export function plansFor(
  kind: Exclude<FaultKind, PowerKind>,
  cast: Cast,
  { points, asksClock, hasServer }: Undisturbed,
  faults: number,
): { readonly plans: readonly FaultPlan[]; readonly inapplicable?: string; readonly untried?: string } {
  if (kind === 'pids') return { plans: [{ injections: [], surroundings: ['same-pids'] }] };
  if (kind === 'stall' && cast.participants.every((index) => isAlone(cast, index))) {
    return { plans: [], untried: 'nobody is beside it who could go on meanwhile' };
  }
  if (kind === 'clock' && byCommands(cast)) {
    return { plans: [], untried: 'the clock of commands can not be changed' };
  }
  if (kind === 'clock' && !asksClock) return { plans: [], inapplicable: 'it does not look at the clock' };
  if (kind === 'server' && !hasServer) return { plans: [], inapplicable: 'it talks to no server' };
  const single = points.flatMap(({ name, step, last }) =>
    faultsAt(step, kind, last).map((fault) => ({ session: VICTIM, step: name, fault })),
  );
  const plans = single.map((injection): FaultPlan => ({ injections: [injection], surroundings: [] }));
  // Who is dead, and a disk that is full, can't be so once more.
  const paired = faults >= 2 && kind !== 'crash' && kind !== 'full' ? single : [];
  const pairs = paired.flatMap((one, at) =>
    paired.slice(at + 1).flatMap((other) => (isStep(one.step, other.step) ? [] : [[one, other] as const])),
  );
  const around: readonly FaultPlan[] = kind === 'clock' ? [{ injections: [], surroundings: ['same-time'] }] : [];
  return {
    plans: [...around, ...plans, ...pairs.map((injections): FaultPlan => ({ injections, surroundings: [] }))],
  };
}
