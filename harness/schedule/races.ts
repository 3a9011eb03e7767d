import { dependent, type Step } from '../history/step.ts';
import { alternative, pendingAt } from './alternative.ts';
import type { Candidate, Choice } from './scheduler.ts';

/** A decision of an execution: what could be done, and what was. */
export interface Moment extends Choice {
  readonly chosen: Candidate;
}

/** A vector clock: for every session the index of its last decision that is among the causes. None: nothing is. */
export type Clock = readonly (number | undefined)[];

/** Two steps came in an order that could be the other one. */
export interface Reversal {
  /** Index of the decision for the earlier one. */
  readonly at: number;
  /** Alternatives there that begin a way to the later one. Any of them will do; never empty. */
  readonly starts: readonly string[];
}

/** Does the order of two candidates matter? Who outwaits the others depends on all that they do. */
export const depends = (a: Candidate, b: Candidate): boolean =>
  a.outwait === true || b.outwait === true || dependent(a.step, b.step);

/**
 * The races of an execution (Abdulla, Aronis, Jonsson and Sagonas, "Source Sets", JACM 2017, section 4), and how to reverse
 * them. Not only those between a step and its direct causes: a lock is freed before it is taken again, so that its taking by
 * one session and by another, which is what can be reversed, are never next to each other. Therefore a step is compared with
 * every earlier one that it depends on, unless what its session did before comes later anyway (as in Flanagan and Godefroid,
 * "Dynamic Partial-Order Reduction for Model Checking Software", POPL 2005).
 *
 * `pending` are the sessions that could not go on in the end: what they would have done races too.
 * `clocks` are those of the decisions whose races are known already; those of the others are added.
 */
export function* reversals(
  moments: readonly Moment[],
  pending: readonly Candidate[],
  clocks: Clock[],
): Generator<Reversal> {
  while (clocks.length < moments.length) {
    const at = clocks.length;
    const clock = yield* racesOf(moments[at]!.chosen, at);
    clock[moments[at]!.chosen.session] = at;
    clocks.push(clock);
  }
  for (const candidate of pending) yield* racesOf(candidate, moments.length);

  function* racesOf(later: Candidate, at: number): Generator<Reversal, (number | undefined)[]> {
    const previous = moments.findLastIndex(({ chosen }, index) => index < at && chosen.session === later.session);
    const own = clocks[previous] ?? [];
    const clock = [...own];
    for (let index = at - 1; index >= 0; index--) {
      if (knows(own, index)) continue;
      const { chosen } = moments[index]!;
      // What a step touches depends on the state it is made in: it counts as it is now, and as it was before the earlier one.
      const then = moments[Math.max(index, previous + 1)];
      const asItWas = (then && pendingAt(then, later.session)) ?? later;
      if (!depends(chosen, later) && !depends(chosen, asItWas)) continue;
      if (depends(chosen, later)) merge(clock, clocks[index]!);
      const reversal = isLockedOut(later, index) ? undefined : reversed(index, later, at, own);
      if (reversal) yield reversal;
    }
    return clock;
  }

  function knows(clock: Clock, index: number): boolean {
    return (clock[moments[index]!.chosen.session] ?? -1) >= index;
  }

  /** Leaves out the earlier step and all that it caused; what remains up to the later step could come first. */
  function reversed(index: number, later: Candidate, at: number, own: Clock): Reversal | undefined {
    const clock = [...own];
    const firsts = new Map<number, number>();
    for (let between = index + 1; between < at; between++) {
      if (knows(clocks[between]!, index)) continue;
      const { chosen } = moments[between]!;
      if (depends(chosen, later)) merge(clock, clocks[between]!);
      if (!firsts.has(chosen.session)) firsts.set(chosen.session, between);
    }
    const uncaused = (clock: Clock, self?: number): boolean =>
      [...firsts.values()].every((first) => first === self || !knows(clock, first));
    const starts = [...firsts.values()]
      .filter((first) => uncaused(clocks[first]!, first))
      .map((first) => alternative(moments[first]!.chosen));
    if (firsts.has(later.session) || !uncaused(clock)) return { at: index, starts };
    // Where nothing but the earlier step let the later one go on, it cannot come first.
    const isEnabled = moments[index]!.enabled.some((candidate) => alternative(candidate) === alternative(later));
    return isEnabled ? { at: index, starts: [...starts, alternative(later)] } : undefined;
  }

  /**
   * Does the earlier step's session hold an exclusive lock that the later step needs? Then the later one cannot come first.
   * Only spares redundant executions.
   */
  function isLockedOut(later: Candidate, index: number): boolean {
    if (later.step.call !== 'lock' || !isExclusive(later.step)) return false;
    const { session } = moments[index]!.chosen;
    return (later.step.accesses ?? []).some(({ object }) => {
      const isLast = ({ chosen }: Moment, other: number): boolean =>
        other < index && chosen.session === session && touches(chosen.step, object);
      const last = moments.findLast(isLast)?.chosen.step;
      return object.startsWith('lock ') && last !== undefined && isTaking(last) && isExclusive(last);
    });
  }
}

/** Of flock(2), which locks a file as a whole. Locks of fcntl(2) do not say so. */
const isExclusive = ({ flags }: Step): boolean => flags?.includes('EX') === true;

const isTaking = ({ call, error }: Step): boolean => (call === 'lock' || call === 'trylock') && error === undefined;

const touches = ({ accesses }: Step, object: string): boolean =>
  accesses === undefined || accesses.some((access) => access.object === object);

function merge(clock: (number | undefined)[], other: Clock): void {
  for (const [session, index] of other.entries()) {
    if (index !== undefined && index > (clock[session] ?? -1)) clock[session] = index;
  }
}
