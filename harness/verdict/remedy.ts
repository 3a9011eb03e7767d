/** What a run has to be given so that a row of which too little was shown gets its verdict: estimated from how the last one went. */

import { limits } from '../limits.ts';
import type { Evidence } from './decide.ts';
import { nothingLeftOut, type Requirement, roundsFor, type StressEvidence } from './level.ts';
import { upperBound } from './strength.ts';

/** What a run was given. Plain data. */
export interface Given {
  /** Rounds of each row, where they were asked for. */
  readonly rounds?: number;
  readonly steps?: number;
  /** Of the whole run, and of each of its shards. */
  readonly budgetMs: number;
  /** Nobody has asked for that budget. */
  readonly usualBudget: boolean;
  /** As a part of what `--budget` says, where something else has the rest. */
  readonly budgetPart?: number;
  readonly rows: number;
  readonly shards: number;
}

/** Flags with other values than before. Those that it does not name stay as they were. */
export interface Remedy {
  readonly engine?: 'both';
  readonly rounds?: number;
  readonly steps?: number;
  readonly budgetMs?: number;
}

/** Parts of a budget: for free running, where there is exploration too; of the rest, for drawn schedules; and for those with few preemptions. */
const STRESS_PART = 0.5;
const DRAWN_PART = 0.25;
const BOUNDED_PART = 0.2;

/** Of the time for free running, what rows without a verdict share equally. */
const EQUAL_PART = 0.5;

/** Rounds differ in how long they take. */
const TIME_MARGIN = 1.25;

/** Until sessions have started, and the serial orders of commands are known. */
const START_MS = 5_000;

/** How many rounds overlap where none was run. */
const USUAL_SHARE = 0.75;

/** More are not proposed: something else is wrong. */
const ROUNDS_MAX = 1_000_000;

/** Each would be enough, if the next run goes as this one did. None: no flag helps. */
export function remedies(evidence: Evidence, required: Requirement, given?: Given): readonly Remedy[] {
  const { budgetPart = 1 } = given ?? {};
  return estimates(evidence, required, given).map((remedy) =>
    remedy.budgetMs === undefined ? remedy : { ...remedy, budgetMs: roundedTime(remedy.budgetMs / budgetPart) },
  );
}

function estimates(evidence: Evidence, required: Requirement, given?: Given): readonly Remedy[] {
  if (required.level !== 'sampled') return further(evidence, required, given);
  const { stress, speed } = evidence;
  if (speed.without !== 'stress' && stress.whole + stress.failed > 0) return running(evidence, required, given);
  return [...drawing(evidence, required, given), unrun(evidence, required, given)];
}

/** More rounds, or more time for them: whichever ended them. */
function running(evidence: Evidence, { maxRate }: Requirement, given?: Given): readonly Remedy[] {
  const { stress, speed } = evidence;
  const done = stress.whole + stress.failed;
  const before = given?.rounds ?? 0;
  const rounds = roundsNeeded(stress, maxRate, Math.min(done, given?.rounds ?? done));
  if (rounds === undefined) return [];
  if (given === undefined || speed.roundMs === undefined) return [{ rounds: Math.max(rounds, above(before)) }];
  const ranOut = given.rounds === undefined || done < given.rounds;
  const budgetMs = budgetFor(rounds, { ...given, evidence, roundMs: speed.roundMs, ranOut });
  const more = ranOut || budgetMs > given.budgetMs ? { budgetMs: larger(budgetMs, given) } : {};
  if (given.rounds !== undefined) return [{ ...(rounds > before ? { rounds } : {}), ...more }];
  // With rounds, and no budget, a run of several targets takes the time that it needs.
  return given.usualBudget && given.rows > 1 ? [{ rounds }, more] : [more];
}

/** The least number of rounds, above this one, that are enough, with as many of them overlapping, or failing, as before. */
export function roundsNeeded(stress: StressEvidence, maxRate: number, before: number): number | undefined {
  const { alone, overlapping, failed } = stress;
  const done = stress.whole + failed;
  const counted = alone > 0 ? alone : overlapping + failed;
  if (counted === 0) return undefined;
  const share = alone > 0 ? alone / done : surelyAbove(counted, done);
  const enough = (rounds: number): boolean => {
    const evident = Math.floor(rounds * share);
    if (alone > 0) return evident >= limits.aloneRoundsMin;
    return upperBound(Math.ceil((rounds * failed) / done), evident) < maxRate;
  };
  const least = alone > 0 ? limits.aloneRoundsMin : roundsFor(maxRate);
  let rounds = rounded(Math.max(before + 1, least / share));
  while (!enough(rounds)) {
    if (rounds > ROUNDS_MAX) return undefined;
    rounds = above(rounds);
  }
  return rounds;
}

/** At least this share overlaps, with 95 % confidence; of few rounds, half of what was seen. */
const surelyAbove = (hits: number, trials: number): number =>
  Math.max(1 - upperBound(trials - hits, trials), hits / trials / 2);

interface Timed extends Given {
  readonly evidence: Evidence;
  readonly roundMs: number;
  /** It was the budget that ended the rounds. */
  readonly ranOut: boolean;
}

/** The budget in which so many rounds can be made. */
function budgetFor(rounds: number, timed: Timed): number {
  const { evidence, roundMs, ranOut, rows, shards, budgetMs, usualBudget } = timed;
  const { stress, speed } = evidence;
  const done = stress.whole + stress.failed;
  const neededMs = (rounds * roundMs * TIME_MARGIN * rows) / shards;
  const explored = speed.without !== 'exploration';
  const part = explored ? STRESS_PART : 1;
  if (timed.rounds === undefined && rows > 1 && done > 0) {
    // As large a part of the budget as before; or equal parts for all, of what is more than before.
    const tookMs = budgetMs * (1 + limits.overtime[usualBudget ? 'usual' : 'asked']);
    return Math.min((tookMs * TIME_MARGIN * rounds) / done, tookMs + neededMs / EQUAL_PART / part);
  }
  const wholeMs = neededMs + START_MS;
  const bothMs =
    explored && timed.rounds !== undefined
      ? Math.min(wholeMs / part, wholeMs + limits.explorationMs * STRESS_PART)
      : wholeMs / part;
  const leftMs = Math.max(0, neededMs - (done * roundMs) / shards);
  return Math.max(bothMs, ranOut ? budgetMs + leftMs / part : 0);
}

/** Rounds, where there were none. */
function unrun(evidence: Evidence, { maxRate }: Requirement, given?: Given): Remedy {
  const { executionMs: roundMs } = evidence.speed;
  const rounds = Math.max(rounded(roundsFor(maxRate) / USUAL_SHARE), above(given?.rounds ?? 0));
  if (given === undefined || roundMs === undefined) return { engine: 'both', rounds };
  const speed = { roundMs };
  const budgetMs = budgetFor(rounds, { ...given, evidence: { ...evidence, speed }, roundMs, rounds, ranOut: false });
  // A run of several targets without a budget takes the time that its rounds need.
  const fits = budgetMs <= given.budgetMs || (given.usualBudget && given.rows > 1);
  return { engine: 'both', rounds, ...(fits ? {} : { budgetMs: larger(budgetMs, given) }) };
}

/** Enough schedules that are drawn: where nothing is left out, and shards do not each draw their own. */
function drawing(
  { explored, drawn = { executions: 0 }, speed }: Evidence,
  { maxRate }: Requirement,
  given?: Given,
): readonly Remedy[] {
  if (explored === undefined || !nothingLeftOut(explored) || !nothingLeftOut(drawn)) return [];
  if ((given?.shards ?? 1) > 1) return [];
  const { executionMs, stepCost = 1 } = speed;
  const needed = roundsFor(maxRate);
  if (given?.steps !== undefined || executionMs === undefined) {
    const steps = (needed + explored.executions) * explored.steps * stepCost;
    return [{ steps: rounded(Math.max(steps, above(given?.steps ?? 0))) }];
  }
  const budgetMs = (needed * executionMs * TIME_MARGIN * (given?.rows ?? 1)) / DRAWN_PART + START_MS;
  return [{ budgetMs: larger(budgetMs, given) }];
}

/** Exploration that goes further, unless what was left out can't be explored. */
function further({ explored, speed }: Evidence, { level }: Requirement, given?: Given): readonly Remedy[] {
  if (explored === undefined || !nothingLeftOut(explored)) return [];
  const { executionMs, stepCost = 1 } = speed;
  const { executions, steps, kind, preemptions = -1 } = explored;
  const bound = kind === 'bounded' ? preemptions : -1;
  const needed = level === 'bounded' ? preempting(executions, steps, bound, limits.preemptionsMin) : executions * 10;
  const enough = rounded(Math.max((needed * steps * stepCost) / BOUNDED_PART, above(given?.steps ?? 0)));
  // Where a number of rounds was asked for, the exploration ends without using up the budget.
  const counted = given?.steps !== undefined || given?.rounds !== undefined || executionMs === undefined;
  if (counted) return [{ steps: enough }];
  const part = BOUNDED_PART * (speed.without === 'stress' ? 1 : STRESS_PART);
  const longer = { budgetMs: larger((needed * executionMs * (given?.rows ?? 1)) / part, given) };
  return [longer, { steps: enough }];
}

/** Each further preemption may come before any of the steps. */
function preempting(executions: number, steps: number, from: number, to: number): number {
  let needed = Math.max(1, executions);
  for (let preemptions = Math.max(1, from + 1); preemptions <= to; preemptions++)
    needed *= Math.max(1, steps / preemptions);
  return needed;
}

/** Never what was given already. */
const larger = (budgetMs: number, given?: Given): number =>
  given === undefined ? budgetMs : Math.max(budgetMs, given.budgetMs * TIME_MARGIN);

const above = (value: number): number => rounded(value * 1.1 + 1);

/** Upwards to two significant digits, and from ten to a hundred to a multiple of five. */
function rounded(value: number): number {
  const unit = value < 10 ? 1 : Math.max(5, 10 ** (Math.floor(Math.log10(value)) - 1));
  return Math.max(1, Math.ceil(value / unit)) * unit;
}

/** Seconds, and from two minutes on minutes. */
function roundedTime(ms: number): number {
  const seconds = rounded(ms / 1000);
  return 1000 * (seconds < 120 ? seconds : 60 * rounded(seconds / 60));
}
