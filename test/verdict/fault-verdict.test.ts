/** Findings of a search with faults, held against what is known. */

import { describe, expect, test } from 'vitest';
import type { CollisionClass } from '../../harness/oracle/finding.ts';
import type { FaultKind } from '../../harness/scenario/faults.ts';
import type { UnderFault } from '../../harness/scenario/scenario.ts';
import {
  better,
  type FaultSearch,
  type FaultVerdict,
  faultVerdict,
  isSettled,
  withoutFaults,
} from '../../harness/verdict/fault-verdict.ts';
import { faultVerdictOf, finding, stuck } from '../support/fault-verdict.ts';
import { scenario, strategy } from '../support/scenario.ts';

const both: UnderFault = { truth: ['DOUBLE_CONSUME', 'STUCK'], may: ['TORN_LINES'], why: 'nobody has it any more.' };

const known = (kind: FaultKind, under: UnderFault) =>
  scenario({ strategies: { flock: strategy({ underFaults: { [kind]: under } }) } });

const searched = (classes: readonly CollisionClass[], details: Partial<FaultSearch> = {}): FaultSearch => ({
  kind: 'crash',
  findings: classes.map((kind) => finding(kind)),
  points: 5,
  executions: 50,
  extent: 2,
  ...details,
});

const verdictOf = (search: FaultSearch, under: UnderFault = both): FaultVerdict =>
  faultVerdict(known(search.kind, under), 'flock', search);

const asNothing = (search: FaultSearch): FaultVerdict => faultVerdict(scenario(), 'flock', search);

describe('what is not known of', () => {
  test('and was not found is SAFE, and says what that means', () => {
    expect(asNothing(searched([]))).toMatchObject({
      status: 'SAFE',
      asExpected: true,
      points: 5,
      extent: 2,
      why: expect.stringMatching(/^wherever a session is killed/),
    });
    expect(asNothing(searched([]))).not.toHaveProperty('partial');
    expect(asNothing(searched([], { partial: true }))).toMatchObject({ status: 'SAFE', partial: true });
  });

  test('is not expected where it is found, and its message says why', () => {
    const [first, second] = [finding('STUCK', { message: 'for ever' }), finding('TORN_LINES')];
    expect(asNothing(searched([], { findings: [first, second] }))).toMatchObject({
      status: 'COLLIDES',
      classes: ['TORN_LINES', 'STUCK'],
      asExpected: false,
      why: 'for ever',
    });
    expect(verdictOf(searched(['DOUBLE_CONSUME', 'STUCK', 'TORN_STATE']))).toMatchObject({
      asExpected: false,
      why: 'TORN_STATE of s0.0',
    });
  });

  test.each<[string, Partial<FaultSearch>, Partial<FaultVerdict>]>([
    ['has no verdict without the time', { extent: 'none' }, { status: 'INCONCLUSIVE', asExpected: false }],
    ['has none where there is a doubt', { doubt: 'it died' }, { status: 'INCONCLUSIVE', why: 'it died' }],
    ['can be impossible', { inapplicable: 'no clock', extent: 'none' }, { status: 'NONE', asExpected: true }],
    ['can be untried', { untried: 'no way', extent: 'none' }, { status: 'SKIPPED', asExpected: true, why: 'no way' }],
  ])('%s', (_, search, expected) => {
    expect(asNothing(searched([], search))).toMatchObject(expected);
  });
});

describe('what is known', () => {
  test('and was found is as expected, with what may be found beside', () => {
    const found = verdictOf(searched(['STUCK', 'DOUBLE_CONSUME', 'TORN_LINES']));
    expect(found).toMatchObject({ status: 'COLLIDES', asExpected: true, why: both.why });
  });

  test.each<[string, Partial<FaultSearch>, boolean]>([
    ['some not even once', { extent: 'none' }, true],
    ['each alone', { extent: 'alone' }, true],
    ['not with as many preemptions as there can be', { extent: 1 }, true],
    ['all', { extent: 2 }, false],
    ['more than all', { extent: 3 }, false],
    ['some states of the disk', { kind: 'power-ext4', extent: 0, partial: true }, true],
    ['no state of the disk', { kind: 'power-ext4', extent: 'none' }, true],
    ['all states of the disk', { kind: 'power-ext4', extent: 0 }, false],
  ])('is missed where it was not found, once all was tried: %s', (_, search, asExpected) => {
    expect(verdictOf(searched([], search))).toMatchObject({
      status: 'NOT_PROVOKED',
      asExpected,
      why: `not provoked: ${both.why}`,
    });
    expect(verdictOf(searched(['STUCK'], search))).toMatchObject({
      status: 'COLLIDES',
      classes: ['STUCK'],
      asExpected,
      why: `${both.why} DOUBLE_CONSUME was not provoked.`,
    });
    expect(verdictOf(searched(['TORN_LINES'], search))).toMatchObject({
      asExpected,
      why: `${both.why} DOUBLE_CONSUME + STUCK was not provoked.`,
    });
  });

  test('may all be luck: then nothing is missed', () => {
    const luck: UnderFault = { truth: [], may: ['STUCK'], why: 'sometimes' };
    expect(verdictOf(searched([]), luck)).toMatchObject({ status: 'SAFE', asExpected: true });
    expect(verdictOf(searched(['STUCK']), luck)).toMatchObject({
      status: 'COLLIDES',
      asExpected: true,
      why: 'sometimes',
    });
  });

  test('is kept where nothing was tried', () => {
    const of = known('crash', both);
    expect(withoutFaults(of, 'flock', 'crash', 'SKIPPED', 'no jq')).toMatchObject({
      asExpected: true,
      truth: both.truth,
    });
    expect(withoutFaults(of, 'flock', 'crash', 'INCONCLUSIVE', 'it died')).toMatchObject({ asExpected: false });
  });
});

describe('is settled', () => {
  test.each<[string, FaultVerdict, boolean]>([
    ['what can not happen', faultVerdictOf({ status: 'NONE' }), true],
    ['what can not be tried', faultVerdictOf({ status: 'SKIPPED' }), true],
    ['all that is known', stuck(), true],
    ['not a part of it', stuck({ truth: ['STUCK', 'TORN_LINES'] }), false],
    ['not what is not known', stuck({ truth: [], asExpected: false }), false],
    ['not what is SAFE, but for so many preemptions', faultVerdictOf({ extent: 'alone' }), false],
    ['not what was not provoked', faultVerdictOf({ status: 'NOT_PROVOKED', truth: ['STUCK'] }), false],
    ['what is SAFE where the power fails', faultVerdictOf({ kind: 'power-posix', extent: 0 }), true],
    ['not if there was no time', faultVerdictOf({ kind: 'power-posix', extent: 'none' }), false],
  ])('%s', (_, verdict, settled) => {
    expect(isSettled(verdict)).toBe(settled);
  });
});

describe('of two searches', () => {
  const of = known('crash', both);
  const once = faultVerdictOf({ extent: 'alone', points: 1 });
  const further = faultVerdictOf({ extent: 1, points: 2 });
  const none = faultVerdictOf({ extent: 'none', points: 3, status: 'INCONCLUSIVE' });

  test.each([
    ['went further, whether it came later', once, further, 2],
    ['or sooner', further, once, 2],
    ['went anywhere', none, once, 1],
    ['and not nowhere', once, none, 1],
    ['came later, where both went as far', further, { ...further, points: 7 }, 7],
  ])('the one counts that %s', (_, first, second, points) => {
    expect(better(of, first, second).points).toBe(points);
  });

  test('what either found counts', () => {
    const [first, second] = [
      verdictOf(searched(['STUCK'], { extent: 'alone' })),
      verdictOf(searched(['DOUBLE_CONSUME'])),
    ];
    for (const pair of [
      [first, second],
      [second, first],
    ] as const) {
      const found = better(of, ...pair);
      expect(found).toMatchObject({ classes: ['DOUBLE_CONSUME', 'STUCK'], extent: 2, asExpected: true, why: both.why });
      expect(found.findings).toHaveLength(2);
    }
  });

  test('nothing that was found is forgotten where more was tried', () => {
    const surprise = verdictOf(searched(['TORN_STATE'], { extent: 'alone' }));
    expect(better(of, surprise, verdictOf(searched([])))).toMatchObject({ status: 'COLLIDES', asExpected: false });
    expect(better(of, surprise, verdictOf(searched(['STUCK'])))).toMatchObject({
      classes: ['TORN_STATE', 'STUCK'],
      asExpected: false,
    });
  });

  test('the first witness of a class is kept: it takes the least', () => {
    const [short, long] = ['short', 'long'].map((replay) => stuck({ findings: [finding('STUCK', { replay })] }));
    expect(better(of, short!, long!).findings.map(({ replay }) => replay)).toEqual(['short']);
  });
});
