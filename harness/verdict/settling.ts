/** What would settle a row of which too little was shown, and about how long that would take. */

import { omissionWords } from '../history/omission.ts';
import { limits } from '../limits.ts';
import type { Evidence } from './decide.ts';
import { type Level, nothingLeftOut, type Requirement, roundsFor } from './level.ts';
import { percent, upperBound } from './strength.ts';

/** Part of a budget that goes to free running, where there is exploration too; and to schedules with few preemptions. */
const STRESS_PART = 0.5;
const BOUNDED_PART = 0.2;

/** In words: what was shown, and what more would be enough. */
export function settling(evidence: Evidence, required: Requirement, level: Level | undefined): string {
  const omitted = evidence.explored?.omitted ?? [];
  if (required.level !== 'sampled' && omitted.length > 0) {
    const leftOut = omissionWords(omitted).join(', ');
    return `${words(required)} is required, but this can't be explored: ${leftOut}; --require sampled is the most that can be reached`;
  }
  const remedies = required.level === 'sampled' ? sampling(evidence, required) : exploring(evidence, required);
  return `${shown(evidence, level)}, but ${words(required)} is required: ${remedies}`;
}

const words = ({ level, maxRate }: Requirement): string =>
  level === 'all'
    ? 'every interleaving'
    : level === 'bounded'
      ? `every schedule with ≤ ${limits.preemptionsMin} preemptions`
      : `a rate of collisions below ${+(maxRate * 100).toPrecision(3)} %`;

function shown({ explored, stress, drawn }: Evidence, level: Level | undefined): string {
  if (level === 'bounded') return `only schedules with ≤ ${explored!.preemptions} preemptions were tried`;
  const rounds = stress.overlapping + stress.failed;
  const some = [
    ...(explored === undefined ? [] : [amount(explored.traces, 'interleaving')]),
    ...(drawn === undefined ? [] : [amount(drawn.executions, 'drawn schedule')]),
    ...(stress.alone > 0
      ? [amount(stress.alone, 'round')]
      : rounds > 0
        ? [`${amount(rounds, 'overlapping round')} (p < ${percent(upperBound(stress.failed, rounds))})`]
        : []),
  ];
  const verb = some.length === 1 && some[0]!.startsWith('1 ') ? 'was' : 'were';
  return `only ${some.join(' and ') || 'rounds that did not overlap'} ${verb} tried`;
}

/** Enough rounds; or, where nothing runs free, enough drawn schedules. */
function sampling({ explored, stress, speed }: Evidence, { maxRate }: Requirement): string {
  const rounds = stress.alone > 0 ? limits.aloneRoundsMin : roundsFor(maxRate, stress.failed);
  if (speed.without === 'stress') {
    const flag = `--rounds ${rounds} with --engine both`;
    if (explored === undefined || !nothingLeftOut(explored)) return `${flag} may be enough`;
    const { executionMs, stepCost = 1 } = speed;
    const steps = `--steps ${rounded(rounds * explored.steps * stepCost + used(explored.executions, explored.steps, stepCost))}`;
    const budget = executionMs === undefined ? [] : [`--budget ${time((rounds + explored.executions) * executionMs)}`];
    return `${[...budget, steps].join(' or ')} may be enough, or ${flag}`;
  }
  const { roundMs } = speed;
  if (roundMs === undefined) return `--rounds ${rounds} may be enough`;
  const ms = rounds * roundMs * (speed.without === 'exploration' ? 1 : 1 / STRESS_PART);
  return `--rounds ${rounds}, or --budget ${time(ms)} for this row alone, may be enough`;
}

/** Exploration that goes further. */
function exploring({ explored, speed }: Evidence, { level }: Requirement): string {
  if (explored === undefined) {
    return speed.without === 'exploration'
      ? 'nothing was explored; --require sampled may be enough, or --engine both'
      : 'it was not explored, so that only --require sampled can be enough';
  }
  const { executionMs, stepCost = 1 } = speed;
  const { executions, steps, kind, preemptions = -1 } = explored;
  const bound = kind === 'bounded' ? preemptions : -1;
  const needed = level === 'bounded' ? preempting(executions, steps, bound, limits.preemptionsMin) : executions * 10;
  const budget = executionMs === undefined ? [] : [`--budget ${time((needed * executionMs) / BOUNDED_PART)}`];
  const more = [...budget, `--steps ${rounded((needed * steps * stepCost) / BOUNDED_PART)}`].join(' or ');
  return level === 'bounded' ? `about ${more} would be enough` : `at least ${more} is needed`;
}

/** Each further preemption may come before any of the steps. */
function preempting(executions: number, steps: number, from: number, to: number): number {
  let needed = Math.max(1, executions);
  for (let preemptions = Math.max(1, from + 1); preemptions <= to; preemptions++)
    needed *= Math.max(1, steps / preemptions);
  return needed;
}

const used = (executions: number, steps: number, cost: number): number => executions * steps * cost;

const amount = (value: number, noun: string): string => `${value} ${noun}${value === 1 ? '' : 's'}`;

/** Two significant digits, upwards. */
function rounded(value: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, value))) - 1);
  return Math.ceil(value / unit) * unit;
}

/** `40s`, `12m`: as `--budget` takes it. */
function time(ms: number): string {
  const seconds = rounded(Math.max(1, Math.ceil(ms / 1000)));
  return seconds < 120 ? `${seconds}s` : `${rounded(Math.ceil(seconds / 60))}m`;
}
