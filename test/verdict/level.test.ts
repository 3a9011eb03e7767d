import { expect, test } from 'vitest';
import { atLeast, type Level, levelled, requirementOf } from '../../harness/verdict/level.ts';
import { type Explored, type Strength, sampled } from '../../harness/verdict/strength.ts';
import { colliding, verdict } from '../support/verdict.ts';

test.each<[Level, Level, string]>([
  ['all', 'all', 'SAFE'],
  ['all', 'sampled', 'SAFE'],
  ['bounded', 'all', 'INCONCLUSIVE'],
  ['bounded', 'bounded', 'SAFE'],
  ['sampled', 'bounded', 'INCONCLUSIVE'],
  ['sampled', 'sampled', 'SAFE'],
])('of stored results, SAFE that is %s, where %s is required, is %s', (level, required, status) => {
  const [is] = atLeast([verdict({ level })], required);
  expect(is).toMatchObject({ status, asExpected: status === 'SAFE' });
  expect('level' in is!).toBe(status === 'SAFE');
});

test('what is no SAFE stays what it is', () => {
  const all = [colliding({ TORN_STATE: 1 }), verdict({ status: 'NOT_PROVOKED' })];
  expect(atLeast(all, 'all')).toEqual(all);
});

test('a sample is enough where nobody says otherwise, below 5 %', () => {
  expect(requirementOf({})).toEqual({ level: 'sampled', maxRate: 0.05 });
  expect(requirementOf({ require: 'all', maxRate: 0.01 })).toEqual({ level: 'all', maxRate: 0.01 });
});

const search = (kind: Explored['kind'], preemptions?: number): Strength => ({
  explored: {
    kind,
    ...(preemptions === undefined ? {} : { preemptions }),
    sessions: 2,
    operations: 1,
    executions: 13,
    traces: 13,
    reordered: 4,
    steps: 9,
  },
});

test.each<[string, Strength, Level | undefined]>([
  ['all interleavings', search('exhaustive'), 'all'],
  ['two preemptions', search('bounded', 2), 'bounded'],
  ['no preemption', search('bounded', 0), undefined],
  ['one preemption and 5 rounds', { ...search('bounded', 1), stormed: sampled(5, 0, 0) }, undefined],
  ['59 rounds', { stormed: sampled(59, 0, 3) }, 'sampled'],
  ['59 rounds, one of which failed', { stormed: sampled(58, 0, 0, 1) }, undefined],
  ['nothing', {}, undefined],
])('of results of before there were levels, SAFE rests on its strength: %s', (_, strength, level) => {
  const [is] = levelled([verdict({ strength })], 0.05);
  if (level !== undefined) expect(is).toEqual(verdict({ strength, level }));
  else
    expect(is).toMatchObject({ status: 'INCONCLUSIVE', asExpected: false, reason: expect.stringContaining('older') });
});
