import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CollisionClass } from '../../harness/oracle/finding.ts';
import { durationWords, lossWords, percent, strengthWords, verdictWords } from '../../harness/report/words.ts';
import { sampled } from '../../harness/verdict/strength.ts';
import { colliding, counts, unstormed, verdict } from '../support/verdict.ts';

describe('percent', () => {
  test.each([
    [0.007461, '0.75 %'],
    [0.0741, '7.5 %'],
    [0.07, '7 %'],
    [0.55, '55 %'], // 55.00000000000001 in doubles
    [0.070001, '7.1 %'],
    [0.5, '50 %'],
    [0.501, '51 %'],
    [0.994, '100 %'],
    [1, '100 %'],
    [0.00001, '0.001 %'],
  ])('of %f is %s', (share, words) => {
    expect(percent(share)).toBe(words);
  });

  test('is never below the value, less than a unit of its second digit above it, and no longer than two digits', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 1, noNaN: true }), (share) => {
        const value = share * 100;
        const shown = Number(/^(\S+) %$/.exec(percent(share))?.[1]);
        expect(shown).toBeGreaterThanOrEqual(value * (1 - 1e-9)); // as exact as a double is after some arithmetic
        expect(shown).toBeLessThanOrEqual(value * (1 + 0.1));
        expect(Number(shown.toPrecision(2))).toBe(shown);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('verdictWords', () => {
  test('are the classes of a collision', () => {
    expect(verdictWords(colliding({ LAST_WRITER_WINS: 3 }))).toBe('LAST_WRITER_WINS');
    expect(verdictWords(colliding({ LAST_WRITER_WINS: 3, TORN_STATE: 1 }))).toBe('LAST_WRITER_WINS + TORN_STATE');
  });

  test('never let "not provoked" pass for SAFE', () => {
    const notProvoked = verdict({ status: 'NOT_PROVOKED', notProvoked: ['DOUBLE_CONSUME', 'TORN_STATE'] });
    expect(verdictWords(notProvoked)).toBe('not provoked (DOUBLE_CONSUME + TORN_STATE)');
  });

  test('are the status otherwise', () => {
    expect(verdictWords(verdict())).toBe('SAFE');
    expect(verdictWords(verdict({ status: 'VACUOUS' }))).toBe('VACUOUS');
    expect(verdictWords(unstormed('SKIPPED', 'no jq'))).toBe('SKIPPED');
  });
});

describe('strengthWords', () => {
  test('give the bound of what was not found', () => {
    expect(strengthWords(sampled(400, 0, 0))).toBe('0 of 400 rounds, p < 0.75 %');
    expect(strengthWords(sampled(1, 0, 0))).toBe('0 of 1 rounds, p < 95 %');
  });

  test('give the rate of what was found, which needs no bound', () => {
    expect(strengthWords(sampled(400, 1, 0))).toBe('1 of 400 rounds');
    expect(strengthWords(sampled(400, 400, 9))).toBe('400 of 400 rounds');
  });

  test('are none where nothing was sampled', () => {
    expect(strengthWords(undefined)).toBe('');
  });
});

describe('lossWords', () => {
  test.each<[CollisionClass, string, string]>([
    ['LAST_WRITER_WINS', '1 of 1000 updates lost', '7 of 1000 updates lost'],
    ['TORN_LINES', '1 torn lines', '7 torn lines'],
    ['TORN_STATE', 'seen or left torn once', 'seen or left torn 7 times'],
    ['DOUBLE_CONSUME', 'granted to several once', 'granted to several 7 times'],
    ['EXCLUSION_BROKEN', 'too many holders once', 'too many holders 7 times'],
    ['DUPLICATE_KEY', '1 keys taken twice', '7 keys taken twice'],
    ['DUPLICATE_ENTRY', '1 entries doubled', '7 entries doubled'],
    ['FOREIGN_DELETE', '1 deleted by others', '7 deleted by others'],
    ['CONTAMINATED', 'foreign state used once', 'foreign state used 7 times'],
    ['FORKED_CHAIN', '1 links broken', '7 links broken'],
    ['NOT_SERIALIZABLE', '1 outcomes unexplained', '7 outcomes unexplained'],
    ['STUCK', 'stuck once', 'stuck 7 times'],
    ['LOST_ON_CRASH', '1 lost in a crash', '7 lost in a crash'],
    ['CORRUPT_ON_CRASH', 'unreadable after 1 crashes', 'unreadable after 7 crashes'],
  ])('of %s say how many were concerned', (kind, one, seven) => {
    expect(lossWords(colliding({ [kind]: 1 }))).toBe(one);
    expect(lossWords(colliding({ [kind]: 7 }))).toBe(seven);
  });

  test('name every class, then what was refused, failed or counted', () => {
    const busy = counts({
      acknowledged: 50,
      refused: 4,
      unknown: 3,
      failedRounds: 2,
      others: { warnings: 6, resets: 0 },
    });
    expect(lossWords(colliding({ LAST_WRITER_WINS: 12, TORN_STATE: 1 }, { counts: busy }))).toBe(
      '12 of 50 updates lost; seen or left torn once; 4 refused; 3 failed; 6 warnings',
    );
  });

  test('are none where nothing was lost, refused or counted', () => {
    expect(lossWords(verdict())).toBe('');
  });
});

test.each([
  [0, '0.0 s'],
  [12_345, '12.3 s'],
  [60_000, '1 min 0 s'],
  [65_400, '1 min 5 s'],
  [118_700, '1 min 59 s'],
  [3_725_000, '62 min 5 s'],
])('%i ms are %s', (ms, words) => {
  expect(durationWords(ms)).toBe(words);
});

test('no duration has 60 seconds', () => {
  expect(durationWords(119_600)).toBe('2 min 0 s');
  expect(durationWords(59_960)).toBe('1 min 0 s');
});
