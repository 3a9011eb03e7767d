import { expect, test } from 'vitest';
import { rateIn } from '../../harness/config/rate.ts';

test.each([
  ['5%', 0.05],
  ['5 %', 0.05],
  ['0.5%', 0.005],
  ['0.05', 0.05],
  ['0', undefined],
  ['0%', undefined],
  ['1', undefined],
  ['100%', undefined],
  ['5', undefined],
  ['-1%', undefined],
  ['a lot', undefined],
])('%s is a rate of %s', (text, rate) => {
  expect(rateIn(text)).toBe(rate);
});
