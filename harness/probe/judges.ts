/** What the rounds of a contest say of a guarantee. A round is what each of its processes reported. */

import type { Guarantee, Tally } from './result.ts';

/** From right before a call to right after it, on the clock of `nowUs`. */
export interface Span {
  readonly fromUs: number;
  readonly untilUs: number;
}

/** A process wanted what only one can have. */
export interface Claim extends Span {
  readonly process: number;
  readonly won: boolean;
}

/** A process had what only one can have at a time, and asked for it before. */
export interface Hold extends Span {
  readonly process: number;
  readonly askedUs: number;
}

/** A process put a file in the place of another, or read what is there. */
export interface Look {
  readonly process: number;
  readonly kind: 'replace' | 'read';
  readonly tries: readonly (Span & {
    /** What was read: `whole`, or what was wrong with it. */
    readonly saw?: string;
  })[];
}

/** At the same time, and not one right behind the other. */
export const overlap = (a: Span, b: Span): boolean => Math.max(a.fromUs, b.fromUs) < Math.min(a.untilUs, b.untilUs);

/** Exactly one process of each round wins. */
export const judgeClaims = (rounds: readonly (readonly Claim[])[]): Tally =>
  tallied(rounds, {
    met: (claims) => pairs(claims).some(([a, b]) => overlap(a, b)),
    fault: (claims) => {
      const winners = claims.filter(({ won }) => won).map(({ process }) => process);
      if (winners.length === 1) return undefined;
      return winners.length === 0 ? 'nobody won' : `processes ${winners.join(' and ')} won`;
    },
  });

/** No two processes have it at the same time. */
export const judgeHolds = (rounds: readonly (readonly Hold[])[]): Tally =>
  tallied(rounds, {
    met: (holds) => pairs(holds.map(wanting)).some(([a, b]) => overlap(a, b)),
    fault: (holds) => {
      const both = pairs(holds).find(([a, b]) => overlap(a, b));
      if (both === undefined) return undefined;
      const us = Math.min(...both.map((span) => span.untilUs)) - Math.max(...both.map((span) => span.fromUs));
      return `processes ${both.map(({ process }) => process).join(' and ')} had it at once, for ${Math.ceil(us)} µs`;
    },
  });

const wanting = ({ askedUs, untilUs }: Hold): Span => ({ fromUs: askedUs, untilUs });

/** Whoever reads finds one of the files, and all of it. */
export const judgeLooks = (rounds: readonly (readonly Look[])[]): Tally =>
  tallied(rounds, {
    met: (looks) => {
      const triesOf = (wanted: Look['kind']) =>
        looks.filter(({ kind }) => kind === wanted).flatMap(({ tries }) => tries);
      const replaced = triesOf('replace');
      return triesOf('read').some((read) => replaced.some((other) => overlap(read, other)));
    },
    fault: (looks) => {
      for (const { process, tries } of looks) {
        const wrong = tries.find(({ saw = 'whole' }) => saw !== 'whole');
        if (wrong !== undefined) return `process ${process} found ${wrong.saw}`;
      }
      return undefined;
    },
  });

interface Rules<Report> {
  readonly met: (round: readonly Report[]) => boolean;
  readonly fault: (round: readonly Report[]) => string | undefined;
}

function tallied<Report>(rounds: readonly (readonly Report[])[], { met, fault }: Rules<Report>): Tally {
  const faults = rounds.flatMap((round, at) => {
    const found = fault(round);
    return found === undefined ? [] : [`round ${at + 1}: ${found}`];
  });
  const [example] = faults;
  return {
    rounds: rounds.length,
    overlapping: rounds.filter(met).length,
    violations: faults.length,
    ...(example === undefined ? {} : { example }),
  };
}

const pairs = <T>(all: readonly T[]): readonly (readonly [T, T])[] =>
  all.flatMap((a, at) => all.slice(at + 1).map((b) => [a, b] as const));

/** Of fewer rounds that overlapped, it would be luck that nothing was seen: 20 leave p < 14 %. */
export const OVERLAPPING_MIN = 20;

/** A guarantee that was seen broken is broken, however little was seen; one holds only where it was put to the test. */
export function answerOf({ rounds, overlapping, violations }: Tally): Pick<Guarantee, 'answer' | 'reason'> {
  if (violations > 0) return { answer: 'broken' };
  if (overlapping >= OVERLAPPING_MIN) return { answer: 'holds' };
  return {
    answer: 'not measured',
    reason: `the processes met in ${overlapping} of ${rounds} rounds, and must in ${OVERLAPPING_MIN}: try a quieter machine, or more --budget`,
  };
}
