import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CollisionClass } from '../../harness/oracle/finding.ts';
import { durationWords, effortWords, lossWords, strengthWords, verdictWords } from '../../harness/report/words.ts';
import { type Explored, percent, type Strength } from '../../harness/verdict/strength.ts';
import { colliding, counts, explored, foundByChoice, probed, stormed, unstormed, verdict } from '../support/verdict.ts';

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
    expect(verdictWords(verdict({ status: 'INCONCLUSIVE' }))).toBe('INCONCLUSIVE');
    expect(verdictWords(verdict({ status: 'VACUOUS' }))).toBe('VACUOUS');
    expect(verdictWords(unstormed('SKIPPED', 'no jq'))).toBe('SKIPPED');
  });
});

test.each([
  ['SAFE', 'all', {}],
  ['SAFE (≤ 2 preemptions)', 'bounded', { kind: 'bounded', preemptions: 2 }],
  ['SAFE (≤ 3 preemptions)', 'bounded', { kind: 'bounded', preemptions: 3 }],
  ['SAFE (sampled)', 'sampled', { kind: 'bounded', preemptions: 1 }],
] as const)('%s is what SAFE rests on: %s', (words, level, details) => {
  expect(verdictWords(verdict({ level, strength: { explored: explored(details) } }))).toBe(words);
});

describe('strengthWords', () => {
  test('give the bound of what was not found', () => {
    expect(strengthWords(stormed(400, 0, 0))).toBe('0 of 400 rounds, p < 0.75 %');
    expect(strengthWords(stormed(1, 0, 0))).toBe('0 of 1 rounds, p < 95 %');
  });

  test('give the rate of what was found, which needs no bound', () => {
    expect(strengthWords(stormed(400, 1, 0))).toBe('1 of 400 rounds');
    expect(strengthWords(stormed(400, 400, 9))).toBe('400 of 400 rounds');
  });

  test('give no bound where no round says anything, and count failed rounds as if they had collided', () => {
    expect(strengthWords(stormed(0, 0, 7))).toBe('no round overlapped');
    expect(strengthWords(stormed(3, 0, 0, 1))).toBe('0 of 4 rounds (1 failed), p < 76 %');
  });

  test('give no bound where rounds bound nothing', () => {
    const { stormed: rounds } = stormed(10, 0, 0);
    expect(strengthWords({ stormed: { ...rounds!, upperBound: 1 } })).toBe('0 of 10 rounds');
  });

  test.each<[string, Partial<Explored>]>([
    ['all 6 interleavings', {}],
    ['all 1,204 interleavings', { executions: 1300, traces: 1204 }],
    ['1 interleaving: nothing conflicts', { traces: 1, executions: 3 }],
    ['≤ 2 preemptions (1,500)', { kind: 'bounded', preemptions: 2, executions: 1700, traces: 1500 }],
    ['≤ 1 preemption (12)', { kind: 'bounded', preemptions: 1, traces: 12 }],
    ['2 interleavings', { kind: 'bounded', preemptions: 0, traces: 2 }],
    ['12,345 interleavings', { kind: 'partial', executions: 13_000, traces: 12_345 }],
    ['1 interleaving', { kind: 'partial', executions: 1, traces: 1 }],
  ])('give how far exploration went: %s', (words, details) => {
    expect(strengthWords({ explored: explored(details) })).toBe(words);
  });

  test.each<[string, Partial<Explored>, Parameters<typeof strengthWords>[1]]>([
    ['all 6 interleavings', {}, verdict({ writers: 2, readers: 1 })],
    ['all 6 interleavings of 3 sessions', {}, verdict()],
    ['1 interleaving of 3 sessions: nothing conflicts', { traces: 1 }, verdict()],
    ['≤ 2 preemptions of 3 sessions (6)', { kind: 'bounded', preemptions: 2 }, verdict()],
    ['6 interleavings', { kind: 'partial' }, verdict()],
    // Others met in more operations: what is claimed is that much less.
    [
      'all 6 interleavings of 3 sessions with 1 operation each',
      {},
      colliding({ TORN_STATE: 1 }, { writers: 2, readers: 1 }),
    ],
    [
      '6 interleavings; left out: signals between sessions (kill)',
      { kind: 'partial', omitted: [{ kind: 'signals', what: 'kill' }] },
      verdict(),
    ],
  ])('say of what, where that is less than was asked for: %s', (words, details, claimed) => {
    expect(strengthWords({ explored: explored(details) }, claimed)).toBe(words);
  });

  test.each([
    [0, '0 %'],
    [0.00123, '0.12 %'],
    [0.0435, '4.3 %'],
    [0.29, '29 %'], // 28.999999999999996 in doubles
    [0.999, '99 %'],
    [1, '100 %'],
  ])('give what a probe guarantees, %f, rounded down: %s', (guarantee, words) => {
    const strength = { probed: probed({ guarantee }) };
    expect(strengthWords(strength)).toBe(`PCT d=3, 200 schedules of 5 sessions, p ≥ ${words}`);
  });

  test('never guarantee more than there is, and hardly less', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1, noNaN: true }), (guarantee) => {
        const shown = Number(/p ≥ (\S+) %$/.exec(strengthWords({ probed: probed({ guarantee }) }))?.[1]);
        expect(shown).toBeLessThanOrEqual(guarantee * 100 * (1 + 1e-9));
        expect(shown).toBeGreaterThanOrEqual(guarantee * 100 * (1 - 0.1));
      }),
      { numRuns: 1000 },
    );
  });

  test('give exploration first, then what was drawn, then the storm', () => {
    expect(strengthWords({ ...stormed(400, 0, 0), probed: probed(), explored: explored() })).toBe(
      'all 6 interleavings; PCT d=3, 200 schedules of 5 sessions, p ≥ 4.3 %; 0 of 400 rounds, p < 0.75 %',
    );
  });

  test('say what the sample was where drawn schedules are what SAFE rests on', () => {
    const drawn = { ...stormed(10, 0, 0), probed: probed({ executions: 59 }) };
    const sampledBy = (strength: Strength): string => strengthWords(strength, verdict({ level: 'sampled' }));
    expect(sampledBy(drawn)).toBe('59 random schedules of 5 sessions, p < 5 %; 0 of 10 rounds, p < 26 %');
    expect(sampledBy({ ...drawn, ...stormed(400, 0, 0) })).toMatch(/^PCT d=3, 59 schedules/);
    const omitted = [{ kind: 'signals', what: 'kill' }] as const;
    expect(sampledBy({ ...drawn, probed: probed({ executions: 59, omitted }) })).toMatch(/^PCT d=3, 59 schedules/);
    expect(strengthWords(drawn, verdict({ level: 'all' }))).toMatch(/^PCT d=3, 59 schedules/);
  });

  test('of one session do not pretend that anything could have interleaved', () => {
    expect(strengthWords({ alone: 11 })).toBe('11 rounds of one session: nothing to interleave');
    expect(strengthWords({ alone: 1 })).toBe('1 round of one session: nothing to interleave');
  });

  test('are none where nothing was explored or stormed', () => {
    expect(strengthWords(undefined)).toBe('');
    expect(strengthWords({})).toBe('');
  });
});

test.each([
  [402, 1800, '402 executions explored and 1,800 rounds stormed'],
  [1, 0, '1 execution explored'],
  [0, 1, '1 round stormed'],
  [0, 0, ''],
])('%i executions and %i rounds are "%s"', (executions, rounds, words) => {
  expect(effortWords({ executions, rounds })).toBe(words);
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

  test('are what one execution shows where nothing was stormed', () => {
    const refused = { counts: counts({ acknowledged: 4, refused: 1 }) };
    expect(lossWords(foundByChoice('LAST_WRITER_WINS', refused))).toBe('LAST_WRITER_WINS of s0.1; 1 refused');
  });

  test('say so where the storm did not show what a chosen schedule does', () => {
    const missed = colliding({ LAST_WRITER_WINS: 12, TORN_STATE: 0 });
    expect(lossWords(missed)).toBe('12 of 1000 updates lost; TORN_STATE under a chosen schedule only');
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
