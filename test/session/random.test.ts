import fc from 'fast-check';
import { expect, test } from 'vitest';
import { draws } from '../../harness/session/random.ts';

const some = (seed: string): readonly number[] => {
  const draw = draws(seed);
  return Array.from({ length: 8 }, () => draw(0, 1_000_000));
};

test('the same seed draws the same numbers', () => {
  fc.assert(
    fc.property(fc.string(), (seed) => {
      expect(some(seed)).toEqual(some(seed));
    }),
  );
});

test('other seeds draw other numbers, as little as they may differ', () => {
  const seeds = Array.from({ length: 200 }, (_, at) => `1/ledger/rewrite/shared/${at >> 2}/s${at & 3}`);
  const sequences = new Set(['', ...seeds].map((seed) => some(seed).join()));
  expect(sequences.size).toBe(201);
});

test('draws are whole numbers within their bounds, both of which come up', () => {
  const anyRange = fc.record({ seed: fc.string(), from: fc.integer({ min: -1000, max: 1000 }), width: fc.nat(1000) });
  fc.assert(
    fc.property(anyRange, ({ seed, from, width }) => {
      const draw = draws(seed);
      for (let n = 0; n < 20; n++) {
        const number = draw(from, from + width);
        expect(Number.isInteger(number)).toBe(true);
        expect(number).toBeGreaterThanOrEqual(from);
        expect(number).toBeLessThanOrEqual(from + width);
      }
      expect(draw(from, from)).toBe(from);
    }),
  );
  const draw = draws('coin');
  expect(new Set(Array.from({ length: 50 }, () => draw(0, 1)))).toEqual(new Set([0, 1]));
});
