import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  answerOf,
  type Claim,
  type Hold,
  judgeClaims,
  judgeHolds,
  judgeLooks,
  type Look,
  OVERLAPPING_MIN,
  overlap,
} from '../../harness/probe/judges.ts';

const span = fc.record({ from: fc.nat(50), length: fc.integer({ min: 1, max: 20 }) });

const claims: fc.Arbitrary<readonly Claim[]> = fc
  .array(fc.tuple(span, fc.boolean()), { minLength: 2, maxLength: 5 })
  .map((all) =>
    all.map(([{ from, length }, won], process) => ({ process, won, fromUs: from, untilUs: from + length })),
  );

const holds: fc.Arbitrary<readonly Hold[]> = fc
  .array(fc.tuple(span, fc.nat(30)), { minLength: 2, maxLength: 5 })
  .map((all) =>
    all.map(([{ from, length }, waited], process) => ({
      process,
      askedUs: from - waited,
      fromUs: from,
      untilUs: from + length,
    })),
  );

/** The definition, instant by instant: spans are closed at their beginning and open at their end. */
const atOnce = (spans: readonly (readonly [number, number])[]): number =>
  Math.max(
    ...Array.from({ length: 120 }, (_, at) => at - 30).map(
      (instant) => spans.filter(([from, until]) => from <= instant && instant < until).length,
    ),
  );

describe('a claim', () => {
  test('has exactly one winner in each round, or the rounds without are counted', () => {
    fc.assert(
      fc.property(fc.array(claims), (rounds) => {
        const { violations, overlapping, example } = judgeClaims(rounds);
        expect(violations).toBe(rounds.filter((round) => round.filter(({ won }) => won).length !== 1).length);
        expect(overlapping).toBe(
          rounds.filter((round) => atOnce(round.map(({ fromUs, untilUs }) => [fromUs, untilUs])) > 1).length,
        );
        expect(example === undefined).toBe(violations === 0);
      }),
    );
  });

  test('that two won, and one that nobody won, are named', () => {
    const claim = (process: number, won: boolean): Claim => ({ process, won, fromUs: 0, untilUs: 1 });
    const good = [claim(0, true), claim(1, false), claim(2, false)];
    const two = [claim(0, true), claim(1, false), claim(2, true)];
    const none = [claim(0, false), claim(1, false)];
    expect(judgeClaims([good, two]).example).toBe('round 2: processes 0 and 2 won');
    expect(judgeClaims([none]).example).toBe('round 1: nobody won');
    expect(judgeClaims([good])).toEqual({ rounds: 1, overlapping: 1, violations: 0 });
  });
});

describe('a lock', () => {
  test('is broken where two have it at the same instant, and was wanted by two where one had to wait', () => {
    fc.assert(
      fc.property(fc.array(holds), (rounds) => {
        const { violations, overlapping } = judgeHolds(rounds);
        const had = (round: readonly Hold[]) => atOnce(round.map(({ fromUs, untilUs }) => [fromUs, untilUs]));
        const wanted = (round: readonly Hold[]) => atOnce(round.map(({ askedUs, untilUs }) => [askedUs, untilUs]));
        expect(violations).toBe(rounds.filter((round) => had(round) > 1).length);
        expect(overlapping).toBe(rounds.filter((round) => wanted(round) > 1).length);
      }),
    );
  });

  test('says who had it at once, and for how long', () => {
    const hold = (process: number, fromUs: number): Hold => ({ process, askedUs: 0, fromUs, untilUs: fromUs + 10 });
    expect(judgeHolds([[hold(0, 0), hold(1, 10), hold(2, 17)]]).example).toBe(
      'round 1: processes 1 and 2 had it at once, for 3 µs',
    );
  });
});

describe('a file that is replaced', () => {
  const look = (process: number, kind: Look['kind'], from: number, saw?: string): Look => ({
    process,
    kind,
    tries: [{ fromUs: from, untilUs: from + 5, ...(saw === undefined ? {} : { saw }) }],
  });

  test('was put to the test where a read overlapped a replacement, and no other read or replacement', () => {
    const round = (read: number): readonly Look[] => [
      look(0, 'replace', 0),
      look(1, 'read', read, 'whole'),
      look(2, 'replace', 1),
      look(3, 'read', read + 1, 'whole'),
    ];
    expect(judgeLooks([round(4), round(20)])).toEqual({ rounds: 2, overlapping: 1, violations: 0 });
  });

  test('is broken where somebody found anything else, overlap or not', () => {
    const tally = judgeLooks([[look(0, 'replace', 0), look(1, 'read', 100, 'no file (ENOENT)')]]);
    expect(tally).toEqual({
      rounds: 1,
      overlapping: 0,
      violations: 1,
      example: 'round 1: process 1 found no file (ENOENT)',
    });
  });
});

describe('the answer', () => {
  test('is broken after one violation, and claims nothing where processes hardly met', () => {
    fc.assert(
      fc.property(fc.nat(1_000), fc.nat(1_000), fc.nat(3), (rounds, overlapping, violations) => {
        const { answer, reason } = answerOf({ rounds, overlapping, violations });
        if (violations > 0) expect(answer).toBe('broken');
        else expect(answer).toBe(overlapping < OVERLAPPING_MIN ? 'not measured' : 'holds');
        expect(reason === undefined).toBe(answer !== 'not measured');
      }),
    );
  });

  test('of rounds that only touched is none', () => {
    expect(overlap({ fromUs: 0, untilUs: 1 }, { fromUs: 1, untilUs: 2 })).toBe(false);
    expect(overlap({ fromUs: 0, untilUs: 2 }, { fromUs: 1, untilUs: 3 })).toBe(true);
  });
});
