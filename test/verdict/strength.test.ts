import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sampled, upperBound } from '../../harness/verdict/strength.ts';

const TRIALS_MAX = 3000;

/** ln(n!), summed up. */
const logFactorial = [0];
for (let n = 1; n <= TRIALS_MAX; n++) logFactorial.push(logFactorial[n - 1]! + Math.log(n));

/** P(X <= hits) of a binomial variable, term by term. */
function tail(hits: number, trials: number, p: number): number {
  let sum = 0;
  for (let k = 0; k <= hits; k++) {
    const choose = logFactorial[trials]! - logFactorial[k]! - logFactorial[trials - k]!;
    sum += Math.exp(choose + k * Math.log(p) + (trials - k) * Math.log1p(-p));
  }
  return sum;
}

const anyTrials = fc.integer({ min: 1, max: TRIALS_MAX });
const anySample = anyTrials.chain((trials) => fc.record({ trials: fc.constant(trials), hits: fc.nat(trials - 1) }));

describe('upperBound', () => {
  test('is the probability under which so few hits have a chance of 5 %', () => {
    fc.assert(
      fc.property(anySample, ({ hits, trials }) => {
        expect(Math.abs(tail(hits, trials, upperBound(hits, trials)) - 0.05)).toBeLessThan(1e-6);
      }),
    );
  });

  test('is 1 - 0.05^(1/n) without a hit', () => {
    fc.assert(
      fc.property(anyTrials, (trials) => {
        expect(upperBound(0, trials)).toBeCloseTo(1 - 0.05 ** (1 / trials), 9);
      }),
    );
    expect(upperBound(0, 400)).toBeCloseTo(0.00746, 5);
  });

  test('is 1 where every trial was a hit, and where there was none', () => {
    expect(upperBound(0, 0)).toBe(1);
    expect(upperBound(1, 1)).toBe(1);
    expect(upperBound(400, 400)).toBe(1);
  });

  test('falls with every trial and rises with every hit', () => {
    fc.assert(
      fc.property(anySample, ({ hits, trials }) => {
        const bound = upperBound(hits, trials);
        expect(bound).toBeGreaterThan(hits / trials);
        expect(upperBound(hits, trials + 1)).toBeLessThan(bound);
        expect(upperBound(hits + 1, trials)).toBeGreaterThan(bound);
      }),
    );
  });
});

test('a sample says how many rounds could have collided, how many did, and how far that goes', () => {
  expect(sampled(400, 3, 7)).toEqual({
    rounds: 400,
    collided: 3,
    failed: 0,
    serial: 7,
    upperBound: upperBound(3, 400),
  });
});
