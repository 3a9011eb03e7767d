/** What would settle a row of which too little was shown, in words. */

import { omissionWords } from '../history/omission.ts';
import { limits } from '../limits.ts';
import type { Evidence } from './decide.ts';
import type { Level, Requirement } from './level.ts';
import { type Given, type Remedy, remedies } from './remedy.ts';
import { percent, upperBound } from './strength.ts';

/** What was shown, and what more would be enough. */
export function settling(
  evidence: Evidence,
  required: Requirement,
  { level, given }: { readonly level?: Level | undefined; readonly given?: Given | undefined } = {},
): string {
  const omitted = evidence.explored?.omitted ?? [];
  if (required.level !== 'sampled' && omitted.length > 0) {
    const leftOut = omissionWords(omitted).join(', ');
    return `${words(required)} is required, but this can't be explored: ${leftOut}; --require sampled is the most that can be reached`;
  }
  const ways = remedies(evidence, required, given);
  const more = required.level === 'sampled' ? sampling(evidence, ways) : exploring(evidence, required, ways);
  return `${shown(evidence, level)}, but ${words(required)} is required: ${more}`;
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
function sampling({ stress }: Evidence, ways: readonly Remedy[]): string {
  const rounds = stress.whole + stress.failed;
  if (ways.length > 0) {
    const serial = stress.alone === 0 && stress.overlapping < stress.whole;
    const seen = serial ? `${stress.overlapping + stress.failed} of ${rounds} rounds overlapped: ` : '';
    return `${seen}${flagsOf(ways)} may be enough`;
  }
  return stress.failed > 0
    ? `sessions did not come through ${stress.failed} of ${rounds} rounds, and as long as they do not, no number of rounds is enough`
    : `none of ${amount(rounds, 'round')} overlapped, so that it takes more sessions at once, or what they do to take longer`;
}

/** Exploration that goes further. */
function exploring({ explored, speed }: Evidence, { level }: Requirement, ways: readonly Remedy[]): string {
  if (explored === undefined) {
    return speed.without === 'exploration'
      ? 'nothing was explored; --require sampled may be enough, or --engine both'
      : 'it was not explored, so that only --require sampled can be enough';
  }
  return level === 'bounded' ? `about ${flagsOf(ways)} would be enough` : `at least ${flagsOf(ways)} is needed`;
}

const flagsOf = (ways: readonly Remedy[]): string => ways.map(flags).join(' or ');

/** As they are said to `run` and `exec`. */
export const flags = ({ engine, rounds, steps, budgetMs }: Remedy): string =>
  [
    ...(engine === undefined ? [] : [`--engine ${engine}`]),
    ...(rounds === undefined ? [] : [`--rounds ${rounds}`]),
    ...(steps === undefined ? [] : [`--steps ${steps}`]),
    ...(budgetMs === undefined ? [] : [`--budget ${time(budgetMs)}`]),
  ].join(' ');

const amount = (value: number, noun: string): string => `${value} ${noun}${value === 1 ? '' : 's'}`;

/** `40s`, `12m`: as `--budget` takes it. */
const time = (ms: number): string => (ms % 60_000 === 0 && ms >= 120_000 ? `${ms / 60_000}m` : `${ms / 1000}s`);
