import { expect, test } from 'vitest';
import { atLeast, type Level, requirementOf } from '../../harness/verdict/level.ts';
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
