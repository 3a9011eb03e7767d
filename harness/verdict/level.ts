/** How much of what could happen a SAFE was shown for. */

import type { Omission } from '../history/omission.ts';
import { limits } from '../limits.ts';
import { upperBound } from './strength.ts';
import type { Verdict } from './verdict.ts';

/**
 * What SAFE may rest on, from the least to the most. `sampled`: so many overlapping rounds or drawn schedules that the 95 %
 * bound of the rate of collisions is below `--max-rate`. `bounded`: every schedule with at most two preemptions, or more.
 * `all`: every interleaving.
 */
export const levels = ['sampled', 'bounded', 'all'] as const;

export type Level = (typeof levels)[number];

/** What is enough for SAFE. */
export interface Requirement {
  readonly level: Level;
  /** Of overlapping rounds, or of drawn schedules. */
  readonly maxRate: number;
}

export const defaultRequirement: Requirement = { level: 'sampled', maxRate: limits.maxRate };

/** As a run was asked. Those of before this was asked say nothing. */
export const requirementOf = ({
  require = defaultRequirement.level,
  maxRate = defaultRequirement.maxRate,
}: {
  readonly require?: Level;
  readonly maxRate?: number;
}): Requirement => ({ level: require, maxRate });

export const isEnough = (level: Level | undefined, required: Level): level is Level =>
  level !== undefined && levels.indexOf(level) >= levels.indexOf(required);

/** An exploration of chosen interleavings that came to its end, or to that of its budget. */
export interface ExploredEvidence {
  readonly kind: 'exhaustive' | 'bounded' | 'partial';
  readonly preemptions?: number;
  readonly executions: number;
  /** How many of these are different interleavings. */
  readonly traces: number;
  /** Of the longest execution. */
  readonly steps: number;
  readonly omitted?: readonly Omission[];
}

/** Schedules drawn at random, in which nothing was found. */
export interface DrawnEvidence {
  readonly executions: number;
  readonly omitted?: readonly Omission[];
}

/** Free running. */
export interface StressEvidence {
  /** Rounds that all sessions came through. */
  readonly whole: number;
  readonly overlapping: number;
  /** Rounds of the one session that there is, with nobody who looks. */
  readonly alone: number;
  /** Rounds that sessions did not come through. */
  readonly failed: number;
}

/** The most that was shown, if it is enough for any SAFE. */
export function levelOf(
  {
    explored,
    drawn,
    stress,
  }: {
    readonly explored?: ExploredEvidence;
    readonly drawn?: DrawnEvidence;
    readonly stress: StressEvidence;
  },
  maxRate: number,
): Level | undefined {
  if (stress.alone >= limits.aloneRoundsMin) return 'all'; // nobody to interleave with
  if (explored !== undefined && nothingLeftOut(explored)) {
    if (explored.kind === 'exhaustive') return 'all';
    if (explored.kind === 'bounded' && (explored.preemptions ?? 0) >= limits.preemptionsMin) return 'bounded';
  }
  if (upperBound(stress.failed, stress.overlapping + stress.failed) < maxRate) return 'sampled';
  if (drawn !== undefined && nothingLeftOut(drawn) && upperBound(0, drawn.executions) < maxRate) return 'sampled';
  return undefined;
}

/** What the gate leaves out happens in no schedule that is drawn either: a timeout does not fire there, nor does a loop go on for longer. */
export const nothingLeftOut = ({ omitted = [] }: { readonly omitted?: readonly Omission[] }): boolean =>
  omitted.length === 0;

/** How many rounds it takes for a bound below this rate, where so many have failed: 59 for 5 %, where none has. */
export function roundsFor(maxRate: number, failed = 0): number {
  // For 0 of n exact, and never more than what is needed.
  let rounds = Math.max(1, Math.floor(Math.log(0.05) / Math.log(1 - maxRate)));
  while (upperBound(failed, rounds) >= maxRate) rounds++;
  return rounds;
}

/** Of stored results of before there were levels: SAFE says what it rests on, and where that is too little, it is none. */
export function levelled(verdicts: readonly Verdict[], maxRate: number): readonly Verdict[] {
  return verdicts.map((verdict) => {
    if (verdict.status !== 'SAFE' || verdict.level !== undefined) return verdict;
    const { explored, probed: drawn, stormed, alone = 0 } = verdict.strength ?? {};
    const { rounds = 0, failed = 0 } = stormed ?? {};
    const stress = { whole: rounds - failed, overlapping: rounds - failed, alone, failed };
    const shown = {
      ...(explored === undefined ? {} : { explored }),
      ...(drawn === undefined ? {} : { drawn }),
      stress,
    };
    const level = levelOf(shown, maxRate);
    if (level !== undefined) return { ...verdict, level };
    const reason = 'an older version called it SAFE, and it rests on too little for that: run it again';
    return { ...verdict, status: 'INCONCLUSIVE', asExpected: false, reason };
  });
}

/** SAFE that rests on less than is required is none. */
export function atLeast(verdicts: readonly Verdict[], required: Level): readonly Verdict[] {
  return verdicts.map((verdict) => {
    const { level, ...rest } = verdict;
    if (verdict.status !== 'SAFE' || level === undefined || isEnough(level, required)) return verdict;
    const reason = `what was shown is ${level}, but ${required} is required: a run with --require ${required} says what would be enough`;
    return { ...rest, status: 'INCONCLUSIVE', asExpected: false, reason };
  });
}
